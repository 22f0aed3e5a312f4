"""Which parts of the portal each role finds in its navigation."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.outbox.querysets import with_unread_messages

EVERYONE = frozenset(Role)
PARTS: tuple[tuple[Promise, str, frozenset[Role]], ...] = (
    (_("Home"), "home", EVERYONE),
    (_("Facilities"), "facility-list", EVERYONE),
    (_("Visits"), "visit-list", EVERYONE),
    (_("Licences"), "licence-list", EVERYONE),
    (_("Flags"), "flag-list", EVERYONE),
    (
        _("Sweeps"),
        "sweep-run-list",
        frozenset({Role.ENFORCEMENT_OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR}),
    ),
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


def items(user: User) -> list[tuple[Promise, str]]:
    """The texts and URL names of the parts that this person's role works with, in order."""
    return [(text, name) for text, name, roles in PARTS if user.role in roles]


class PeopleBackend(ModelBackend):
    """Whoever asks comes with the number of unread messages that every page shows, in one query."""

    def get_user(self, user_id: Any) -> User | None:
        person: User | None = with_unread_messages(User.objects.filter(pk=user_id)).first()
        return person if person is not None and self.user_can_authenticate(person) else None
