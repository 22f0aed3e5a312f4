"""The pages before a step of a licence's life: each says what will happen, and asks once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import licences
from licensing.forms import EndForm, ReasonForm
from licensing.models import Licence
from licensing.permissions import check_may_decide, check_may_end
from licensing.policies import check_can_become
from licensing.states import LicenceState
from licensing.views.licences import LicenceList, address, facility_address, visible_licence
from registry.core.errors import Refused
from registry.ui.forms import PageForm


@dataclass(frozen=True)
class Step:
    """One verb: the state it leads to, who may take it, what it asks for, and what its page says."""

    act: Callable[..., Licence]
    to: LicenceState
    check_may: Callable[[Any, Licence], None]
    form: type[PageForm]
    title: Promise
    question: Promise
    consequence: Callable[[Licence], str]
    done: Promise

    @property
    def is_grave(self) -> bool:
        """Whether something is taken away that cannot be given back."""
        return self.to != LicenceState.ISSUED


def _approval(licence: Licence) -> str:
    return _("The facility may work under this licence from %(first)s to %(last)s, both days included.") % {
        "first": date_format(licence.valid_from),
        "last": date_format(licence.valid_until),
    }


APPROVE = Step(
    act=licences.approve,
    to=LicenceState.ISSUED,
    check_may=check_may_decide,
    form=PageForm,
    title=gettext_lazy("Approve the licence"),
    question=gettext_lazy("Approve this licence?"),
    consequence=_approval,
    done=gettext_lazy("The licence is issued."),
)
REJECT = Step(
    act=licences.reject,
    to=LicenceState.REJECTED,
    check_may=check_may_decide,
    form=ReasonForm,
    title=gettext_lazy("Reject the licence"),
    question=gettext_lazy("Reject this licence?"),
    consequence=lambda licence: _(
        "The licence never comes into force. This cannot be undone; it can be recorded anew."
    ),
    done=gettext_lazy("The licence is rejected."),
)
REVOKE = Step(
    act=licences.revoke,
    to=LicenceState.REVOKED,
    check_may=lambda user, licence: check_may_end(user),
    form=EndForm,
    title=gettext_lazy("Revoke the licence"),
    question=gettext_lazy("Revoke this licence?"),
    consequence=lambda licence: _(
        "From the day you name the facility may no longer work. The sweep of that night flags it if it still does."
        " This cannot be undone."
    ),
    done=gettext_lazy("The licence is revoked."),
)
SURRENDER = Step(
    act=licences.surrender,
    to=LicenceState.SURRENDERED,
    check_may=lambda user, licence: check_may_end(user),
    form=EndForm,
    title=gettext_lazy("Record that the licence was given back"),
    question=gettext_lazy("Was this licence given back?"),
    consequence=lambda licence: _(
        "From the day you name the facility has no licence and may no longer work. This cannot be undone."
    ),
    done=gettext_lazy("It is recorded that the licence was given back."),
)


@login_required
def take(request: HttpRequest, number: str, step: Step) -> HttpResponse:
    licence = visible_licence(request, number)
    step.check_may(request.user, licence)
    check_can_become(licence, step.to)
    form = step.form(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            step.act(licence=licence, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, str(step.done))
            return redirect(address(licence))
    context = {
        "licence": licence,
        "step": step,
        "consequence": step.consequence(licence),
        "form": form,
        "cancel": address(licence),
        "facts": [
            (_("Facility"), licence.facility),
            (_("Licence type"), licence.type),
            (_("First day"), licence.valid_from),
            (_("Last day"), licence.valid_until),
            (_("Recorded by"), licence.recorded_by or licence.source),
        ],
        "breadcrumbs": [
            (LicenceList.title, reverse("licence-list")),
            (licence.facility, facility_address(licence)),
            (licence.number, address(licence)),
            (step.title, ""),
        ],
    }
    return render(request, "licensing/licence_step.html", context, status=status)
