"""Which parts of the portal each role finds in its navigation."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enforcement.querysets import COMPLAINT_READERS
from registry.accounts.models import User
from registry.accounts.states import STAFF_ROLES, Role
from registry.core.errors import NotPermitted
from registry.outbox.querysets import with_unread_messages

EVERYONE = frozenset(STAFF_ROLES)
PARTS: tuple[tuple[Promise, str, frozenset[Role]], ...] = (
    (_("Home"), "home", EVERYONE | {Role.OPERATOR}),
    (_("Facilities"), "facility-list", EVERYONE),
    (_("Visits"), "visit-list", EVERYONE),
    (_("Applications"), "application-list", EVERYONE | {Role.OPERATOR}),
    (_("Licences"), "licence-list", EVERYONE | {Role.OPERATOR}),
    (
        _("Invoices"),
        "invoice-list",
        EVERYONE - {Role.INSPECTOR, Role.ENFORCEMENT_OFFICER} | {Role.OPERATOR},
    ),
    (_("Practitioners"), "practitioner-list", EVERYONE),
    (_("Branch networks"), "network-list", EVERYONE - {Role.INSPECTOR}),
    (_("Flags"), "flag-list", EVERYONE),
    (_("Complaints"), "complaint-list", frozenset(COMPLAINT_READERS)),
    (
        _("Checklists"),
        "checklist-list",
        EVERYONE - {Role.ENFORCEMENT_OFFICER},
    ),
    (_("Catalogue"), "facility-type-list", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    (
        _("Imports"),
        "import-list",
        frozenset({Role.PROVINCIAL_MANAGER, Role.LICENSING_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR}),
    ),
    (_("People"), "user-list", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    (_("Letters"), "letter-list", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    (_("History"), "audit-list", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
    (_("API"), "api-docs", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
)

OPEN_TO_OPERATORS = frozenset(
    {
        *("home", "login", "logout", "password-change", "set_language", "healthz", "evidence"),
        *("complaint-new", "complaint-status"),
        *("verify-ask", "verify-offline", "verify-worker", "verify", "licence-status", "licence-keys"),
        *("message-list", "message-detail", "message-read", "message-read-all", "letter-preference"),
        *("application-list", "application-detail", "application-start", "application-begin", "application-tasks"),
        *(
            "application-proposal",
            "application-services",
            "application-wishes",
            "application-check",
            "application-handed-in",
        ),
        *("application-documents", "application-document", "application-document-remove", "application-file"),
        *("application-answer", "application-withdraw", "application-appeal"),
        *("licence-list", "licence-detail", "licence-certificate", "authorisation-list", "authorisation-detail"),
        *("condition-list", "condition-detail", "condition-file"),
        *("invoice-list", "invoice-detail", "invoice-pdf"),
    }
)
"""The pages that people of an operator may open, by the names of their addresses: a new page is closed to them until
it stands here. What they see on these is the question of `visible_to`."""


def opens(user: Any, href: str) -> bool:
    """Whether this person may open the page of that address, as far as the role alone says."""
    if getattr(user, "role", "") != Role.OPERATOR:
        return True
    return resolve(urlsplit(href).path).view_name in OPEN_TO_OPERATORS


def items(user: User) -> list[tuple[Promise, str]]:
    """The texts and URL names of the parts that this person's role works with, in order."""
    return [(text, name) for text, name, roles in PARTS if user.role in roles]


class PeopleBackend(ModelBackend):
    """Whoever asks comes with the number of unread messages that every page shows, in one query."""

    def get_user(self, user_id: Any) -> User | None:
        person: User | None = with_unread_messages(User.objects.filter(pk=user_id)).first()
        return person if person is not None and self.user_can_authenticate(person) else None


class OperatorsDoors:
    """Answers people of operators with the 403 page wherever the door is not one of theirs. The API answers for
    itself: without a scope of one's own it holds nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name in OPEN_TO_OPERATORS or request.path.startswith("/api/v1/"):
            return None
        if getattr(request.user, "role", "") != Role.OPERATOR:
            return None
        refusal = NotPermitted(
            gettext("This page is for the staff of the ministry and the provinces."), code="not_staff"
        )
        return render(request, "403.html", {"exception": refusal}, status=403)
