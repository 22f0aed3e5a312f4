"""Accounts of an operator's people, on the operator's page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from registry.accounts.forms import CloseUserForm
from registry.actions import representatives
from registry.core.errors import Refused
from registry.forms.representatives import AccountForm
from registry.models import Operator, Representative
from registry.permissions import check_may_appoint
from registry.policies import check_is_in_force
from registry.ui import steps
from registry.views.operators import OperatorList, address_of, visible_operator


def _check_may_end(user: Any, representative: Representative) -> None:
    check_may_appoint(user)
    check_is_in_force(representative)


END = steps.Step(
    noun="representative",
    act=representatives.end,
    check=_check_may_end,
    form=CloseUserForm,
    title=gettext_lazy("End the account"),
    question=gettext_lazy("Does this person no longer act for the operator?"),
    consequence=lambda representative: _(
        "The person can no longer see or do anything for this operator. The history stays."
    ),
    done=gettext_lazy("The person no longer acts for the operator."),
)


@login_required
@never_cache
def open_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an account. Its first password is in this one answer, and nowhere else."""
    operator = visible_operator(request, pk)
    check_may_appoint(request.user)
    form, status = AccountForm(request.POST or None), 200
    if form.is_valid():
        try:
            made, password = representatives.open_account(
                operator=operator,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            return _show_password(request, made, password)
    context = {
        "form": form,
        "title": _("Open an account"),
        "caption": operator,
        "cancel": address_of(operator),
        "breadcrumbs": _breadcrumbs(operator, _("Open an account")),
    }
    return render(request, "registry/entry_form.html", context, status=status)


@login_required
def end(request: HttpRequest, pk: int, username: str) -> HttpResponse:
    operator = visible_operator(request, pk)
    representative = _representative(operator, username)
    facts = [
        (_("Operator"), operator),
        (_("Person"), representative.person),
        (_("User name"), representative.person.username),
    ]
    return steps.take(
        request,
        representative,
        END,
        address=address_of(operator),
        facts=facts,
        breadcrumbs=_breadcrumbs(operator),
    )


@login_required
@never_cache
@require_POST
def new_password(request: HttpRequest, pk: int, username: str) -> HttpResponse:
    """Give the person a new password. It is in this one answer, and nowhere else."""
    check_may_appoint(request.user)
    found = _representative(visible_operator(request, pk), username)
    password = representatives.renew_password(representative=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return _show_password(request, found, password)


def _representative(operator: Operator, username: str) -> Representative:
    """The one in force, else the last one."""
    found: Representative | None = (
        operator.representatives.filter(person__username=username).select_related("person").order_by("-pk").first()
    )
    if found is None:
        raise Http404
    return found


def _show_password(request: HttpRequest, representative: Representative, password: str) -> HttpResponse:
    operator = representative.operator
    context = {
        "person": representative.person,
        "password": password,
        "back": address_of(operator),
        "breadcrumbs": _breadcrumbs(operator, _("New password")),
    }
    return render(request, "accounts/user_password.html", context)


def _breadcrumbs(operator: Operator, here: Any = None) -> list[tuple[Any, str]]:
    above = [(OperatorList.title, reverse("operator-list")), (operator, address_of(operator))]
    return [*above, (here, "")] if here else above
