"""The pages before a step of a licence's life: each says what will happen, and asks once."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import licences
from licensing.forms import EndForm, ReasonForm
from licensing.models import Licence
from licensing.permissions import check_may_decide, check_may_end
from licensing.policies import check_can_become
from licensing.states import LicenceState
from licensing.views.licences import LicenceList, address, facility_address, visible_licence
from registry.ui import steps
from registry.ui.forms import PageForm


def _check(may: Callable[[Any, Licence], None], to: LicenceState) -> Callable[[Any, Licence], None]:
    def check(user: Any, licence: Licence) -> None:
        may(user, licence)
        check_can_become(licence, to)

    return check


def _check_may_end(user: Any, licence: Licence) -> None:
    check_may_end(user)


def _approval(licence: Licence) -> str:
    return _("The facility may work under this licence from %(first)s to %(last)s, both days included.") % {
        "first": date_format(licence.valid_from),
        "last": date_format(licence.valid_until),
    }


APPROVE = steps.Step(
    noun="licence",
    act=licences.approve,
    check=_check(check_may_decide, LicenceState.ISSUED),
    form=PageForm,
    title=gettext_lazy("Approve the licence"),
    question=gettext_lazy("Approve this licence?"),
    consequence=_approval,
    done=gettext_lazy("The licence is issued."),
    is_grave=False,
)
REJECT = steps.Step(
    noun="licence",
    act=licences.reject,
    check=_check(check_may_decide, LicenceState.REJECTED),
    form=ReasonForm,
    title=gettext_lazy("Reject the licence"),
    question=gettext_lazy("Reject this licence?"),
    consequence=lambda licence: _(
        "The licence never comes into force. This cannot be undone; it can be recorded anew."
    ),
    done=gettext_lazy("The licence is rejected."),
)
REVOKE = steps.Step(
    noun="licence",
    act=licences.revoke,
    check=_check(_check_may_end, LicenceState.REVOKED),
    form=EndForm,
    title=gettext_lazy("Revoke the licence"),
    question=gettext_lazy("Revoke this licence?"),
    consequence=lambda licence: _(
        "From the day you name the facility may no longer work. The sweep of that night flags it if it still does."
        " This cannot be undone."
    ),
    done=gettext_lazy("The licence is revoked."),
)
SURRENDER = steps.Step(
    noun="licence",
    act=licences.surrender,
    check=_check(_check_may_end, LicenceState.SURRENDERED),
    form=EndForm,
    title=gettext_lazy("Record that the licence was given back"),
    question=gettext_lazy("Was this licence given back?"),
    consequence=lambda licence: _(
        "From the day you name the facility has no licence and may no longer work. This cannot be undone."
    ),
    done=gettext_lazy("It is recorded that the licence was given back."),
)


@login_required
def take(request: HttpRequest, number: str, step: steps.Step) -> HttpResponse:
    licence = visible_licence(request, number)
    facts = [
        (_("Facility"), licence.facility),
        (_("Licence type"), licence.type),
        (_("First day"), licence.valid_from),
        (_("Last day"), licence.valid_until),
        (_("Recorded by"), licence.recorded_by or licence.source),
    ]
    breadcrumbs = [
        (LicenceList.title, reverse("licence-list")),
        (licence.facility, facility_address(licence)),
        (licence.number, address(licence)),
    ]
    return steps.take(request, licence, step, address=address(licence), facts=facts, breadcrumbs=breadcrumbs)
