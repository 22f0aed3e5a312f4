"""The pages before a step in the life of a licence or an authorisation: each says what will happen, and asks once."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import grants, licences, service_authorisations
from licensing.forms import EndForm, ReasonForm, SurrenderForm, SuspendForm
from licensing.models import Grant, Licence, ServiceAuthorisation
from licensing.permissions import check_may_decide
from licensing.policies import check_can_take, check_has_no_interest
from licensing.views.authorisations import AuthorisationList
from licensing.views.grants import address, facility_address, visible
from licensing.views.licences import LicenceList
from registry.ui import steps
from registry.ui.forms import PageForm


def _check(step: str) -> Callable[[Any, Any], None]:
    def check(user: Any, grant: Any) -> None:
        check_may_decide(user, grant)
        check_can_take(step, grant)
        check_has_no_interest(user, grant.facility, timezone.localdate())

    return check


def _approval(grant: Any) -> str:
    period = {"first": date_format(grant.valid_from), "last": date_format(grant.valid_until)}
    if isinstance(grant, ServiceAuthorisation):
        return _("The facility may offer “%(service)s” from %(first)s to %(last)s, both days included.") % (
            period | {"service": grant.service}
        )
    return _("The facility may work under this licence from %(first)s to %(last)s, both days included.") % period


def _suspension(grant: Any) -> str:
    if isinstance(grant, ServiceAuthorisation):
        return _(
            "From the day you name until it is reinstated the facility may not offer “%(service)s”."
            " Its licence and its other services stay as they are."
        ) % {"service": grant.service}
    return _(
        "From the day you name until it is reinstated the facility may not work."
        " The sweep of that night flags it if it still does."
    )


def _reinstatement(grant: Any) -> str:
    return _("It holds again from today until %(last)s.") % {"last": date_format(grant.valid_until)}


def _revocation(grant: Any) -> str:
    if isinstance(grant, ServiceAuthorisation):
        return _(
            "From the day you name the facility may no longer offer “%(service)s”. Its licence stays as it is."
            " This cannot be undone."
        ) % {"service": grant.service}
    return _(
        "From the day you name the facility may no longer work. The sweep of that night flags it if it still does."
        " This cannot be undone."
    )


def _return(grant: Any) -> str:
    if isinstance(grant, ServiceAuthorisation):
        return _("From the day you name the facility may no longer offer “%(service)s”. This cannot be undone.") % {
            "service": grant.service
        }
    return _("From the day you name the facility has no licence and may no longer work. This cannot be undone.")


def _approve(noun: str, act: Callable[..., Any]) -> steps.Step:
    return steps.Step(
        noun=noun,
        act=act,
        check=_check("approve"),
        form=PageForm,
        title=gettext_lazy("Approve"),
        question="",
        consequence=_approval,
        done=gettext_lazy("It is issued."),
        is_grave=False,
    )


TITLES = {"licence": LicenceList.title, "authorisation": AuthorisationList.title}
MODELS: dict[str, type[Grant]] = {"licence": Licence, "authorisation": ServiceAuthorisation}
APPROVE = {
    "licence": _approve("licence", licences.approve),
    "authorisation": _approve("authorisation", service_authorisations.approve),
}
STEPS = {
    "reject": steps.Step(
        noun="grant",
        act=grants.reject,
        check=_check("reject"),
        form=ReasonForm,
        title=gettext_lazy("Reject"),
        question=gettext_lazy("Reject it?"),
        consequence=lambda grant: _("It never comes into force. This cannot be undone; it can be recorded anew."),
        done=gettext_lazy("It is rejected."),
    ),
    "suspend": steps.Step(
        noun="grant",
        act=grants.suspend,
        check=_check("suspend"),
        form=SuspendForm,
        title=gettext_lazy("Suspend"),
        question=gettext_lazy("Suspend it?"),
        consequence=_suspension,
        done=gettext_lazy("It is suspended from the day that you named."),
    ),
    "reinstate": steps.Step(
        noun="grant",
        act=grants.reinstate,
        check=_check("reinstate"),
        form=ReasonForm,
        title=gettext_lazy("Reinstate"),
        question="",
        consequence=_reinstatement,
        done=gettext_lazy("It holds again."),
        is_grave=False,
    ),
    "revoke": steps.Step(
        noun="grant",
        act=grants.revoke,
        check=_check("revoke"),
        form=EndForm,
        title=gettext_lazy("Revoke"),
        question=gettext_lazy("Revoke it?"),
        consequence=_revocation,
        done=gettext_lazy("It is revoked."),
    ),
    "surrender": steps.Step(
        noun="grant",
        act=grants.surrender,
        check=_check("surrender"),
        form=SurrenderForm,
        title=gettext_lazy("Record that it was given back"),
        question=gettext_lazy("Was it given back?"),
        consequence=_return,
        done=gettext_lazy("It is recorded that it was given back."),
    ),
}


@login_required
def take(request: HttpRequest, number: str, noun: str, step: str) -> HttpResponse:
    grant = visible(request, MODELS[noun], number)
    taken = APPROVE[noun] if step == "approve" else STEPS[step]
    return steps.take(request, grant, taken, address=address(grant), facts=facts(grant), breadcrumbs=breadcrumbs(grant))


def facts(grant: Any) -> list[tuple[Any, Any]]:
    what = (_("Licence type"), grant.type) if isinstance(grant, Licence) else (_("Service"), grant.service)
    return [
        (_("Facility"), grant.facility),
        what,
        (_("First day"), grant.valid_from),
        (_("Last day"), grant.valid_until),
        (_("Recorded by"), grant.recorded_by or grant.source),
    ]


def breadcrumbs(grant: Any) -> list[tuple[Any, str]]:
    return [
        (TITLES[grant.noun], reverse(f"{grant.noun}-list")),
        (grant.facility, facility_address(grant)),
        (grant.number, address(grant)),
    ]
