"""The pages before a decision about a visit: each says what will happen, and asks once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inspections import rules
from inspections.actions import visits
from inspections.forms import ReasonForm
from inspections.models import Visit
from inspections.permissions import check_may_cancel, check_may_decide
from inspections.policies import check_can_move
from inspections.states import Answer, VisitOutcome, VisitState
from inspections.views.visits import address, breadcrumbs, outcome_of, visible_visit
from registry.core.errors import Refused
from registry.ui.forms import PageForm


@dataclass(frozen=True)
class Step:
    """One verb: the state it leads to, who may take it, what it asks for, and what its page says."""

    act: Callable[..., Visit]
    to: VisitState
    check_may: Callable[[Any, Visit], None]
    form: type[PageForm]
    title: Promise
    question: Promise
    consequence: Callable[[Visit, dict[str, Any]], str]
    done: Promise


def _approval(visit: Visit, outcome: dict[str, Any]) -> str:
    result: rules.Result | None = outcome["result"]
    if visit.outcome != VisitOutcome.COMPLETED or result is None:
        return _("The visit is closed as “%(outcome)s”. The standing of the facility does not change.") % {
            "outcome": visit.get_outcome_display()
        }
    failed = sum(answer.get("answer") in (Answer.NO, Answer.PARTIAL) for answer in visit.answers.values())
    findings = ngettext("%(count)s finding is written", "%(count)s findings are written", failed) % {"count": failed}
    return _(
        "The facility's standing becomes “%(band)s” with %(score)s per cent, its next visit is due by %(day)s, "
        "and %(findings)s. This cannot be undone."
    ) % {
        "band": result.band or _("no band"),
        "score": "–" if result.percent is None else result.percent,
        "day": date_format(result.next_due_on),
        "findings": findings,
    }


APPROVE = Step(
    act=visits.approve,
    to=VisitState.APPROVED,
    check_may=check_may_decide,
    form=PageForm,
    title=gettext_lazy("Approve the visit"),
    question=gettext_lazy("Approve this visit?"),
    consequence=_approval,
    done=gettext_lazy("The visit is approved."),
)
RETURN = Step(
    act=visits.return_for_correction,
    to=VisitState.RETURNED,
    check_may=check_may_decide,
    form=ReasonForm,
    title=gettext_lazy("Return the visit for correction"),
    question=gettext_lazy("Return this visit to its inspector?"),
    consequence=lambda visit, outcome: _(
        "The inspector reads your reason, corrects the answers and hands it in again."
    ),
    done=gettext_lazy("The visit is returned to its inspector."),
)
CANCEL = Step(
    act=visits.cancel,
    to=VisitState.CANCELLED,
    check_may=check_may_cancel,
    form=ReasonForm,
    title=gettext_lazy("Cancel the visit"),
    question=gettext_lazy("Cancel this visit?"),
    consequence=lambda visit, outcome: _("The visit does not take place. Another one can then be planned."),
    done=gettext_lazy("The visit is cancelled."),
)


@login_required
def take(request: HttpRequest, uuid: UUID, step: Step) -> HttpResponse:
    visit = visible_visit(request, uuid)
    step.check_may(request.user, visit)
    check_can_move(visit, step.to)
    form = step.form(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            step.act(visit=visit, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, str(step.done))
            return redirect(address(visit))
    outcome = outcome_of(visit, rules.structure(visit.checklist_version))
    context = {
        "visit": visit,
        "step": step,
        "consequence": step.consequence(visit, outcome),
        "explanation": outcome.get("explanation", ()),
        "form": form,
        "cancel": address(visit),
        "facts": [
            (_("Facility"), visit.facility),
            (_("Inspector"), visit.inspector),
            (_("Visited on"), visit.visited_on or visit.planned_on),
        ],
        "breadcrumbs": breadcrumbs(visit, step.title),
    }
    return render(request, "inspections/visit_step.html", context, status=status)
