"""The pages before a decision about a visit: each says what will happen, and asks once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
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
from registry.ui import steps
from registry.ui.forms import PageForm


def _check(may: Callable[[Any, Visit], None], to: VisitState) -> Callable[[Any, Visit], None]:
    def check(user: Any, visit: Visit) -> None:
        may(user, visit)
        check_can_move(visit, to)

    return check


def _outcome(visit: Visit) -> dict[str, Any]:
    return outcome_of(visit, rules.structure(visit.checklist_version))


def _approval(visit: Visit) -> str:
    result: rules.Result | None = _outcome(visit)["result"]
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


APPROVE = steps.Step(
    noun="visit",
    act=visits.approve,
    check=_check(check_may_decide, VisitState.APPROVED),
    form=PageForm,
    title=gettext_lazy("Approve the visit"),
    question=gettext_lazy("Approve this visit?"),
    consequence=_approval,
    done=gettext_lazy("The visit is approved."),
)
RETURN = steps.Step(
    noun="visit",
    act=visits.return_for_correction,
    check=_check(check_may_decide, VisitState.RETURNED),
    form=ReasonForm,
    title=gettext_lazy("Return the visit for correction"),
    question=gettext_lazy("Return this visit to its inspector?"),
    consequence=lambda visit: _("The inspector reads your reason, corrects the answers and hands it in again."),
    done=gettext_lazy("The visit is returned to its inspector."),
)
CANCEL = steps.Step(
    noun="visit",
    act=visits.cancel,
    check=_check(check_may_cancel, VisitState.CANCELLED),
    form=ReasonForm,
    title=gettext_lazy("Cancel the visit"),
    question=gettext_lazy("Cancel this visit?"),
    consequence=lambda visit: _("The visit does not take place. Another one can then be planned."),
    done=gettext_lazy("The visit is cancelled."),
)


@login_required
def take(request: HttpRequest, uuid: UUID, step: steps.Step) -> HttpResponse:
    visit = visible_visit(request, uuid)
    facts = [
        (_("Facility"), visit.facility),
        (_("Inspector"), visit.inspector),
        (_("Visited on"), visit.visited_on or visit.planned_on),
    ]
    return steps.take(
        request,
        visit,
        step,
        address=address(visit),
        facts=facts,
        breadcrumbs=breadcrumbs(visit, " ")[:-1],
        reasons=_outcome(visit).get("explanation", ()),
    )
