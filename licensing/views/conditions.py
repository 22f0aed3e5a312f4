"""What licences and authorisations are tied to."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import conditions
from licensing.filters import ConditionFilter
from licensing.forms import ConditionForm, MeetForm, ReasonForm
from licensing.models import Condition
from licensing.permissions import check_may_find_met, check_may_impose
from licensing.policies import check_can_bear_conditions, check_is_open
from licensing.states import ConditionState
from licensing.views.grants import address, facility_address, visible
from licensing.views.steps import MODELS, breadcrumbs, facts
from registry.core.errors import passes
from registry.files.views import send
from registry.ui import steps
from registry.ui.lists import Column, ListPage


def own_address(condition: Condition) -> str:
    return reverse("condition-detail", args=[condition.pk])


class ConditionList(ListPage):
    model = Condition
    title = gettext_lazy("Conditions")
    lead = gettext_lazy("What facilities have to meet under their licences. The one that is due first comes first.")
    filterset_class = ConditionFilter
    default_sort = "due_on"
    empty_state = gettext_lazy("No condition matches.")
    empty_advice = gettext_lazy("An approver imposes conditions from the page of a licence or of an authorisation.")
    columns = (
        Column("text", gettext_lazy("Condition"), link=own_address),
        Column("grant", gettext_lazy("Number"), link=lambda condition: address(condition.grant)),
        Column(
            "facility",
            gettext_lazy("Facility"),
            value="grant.facility",
            link=lambda condition: facility_address(condition.grant),
        ),
        Column("facility_number", gettext_lazy("Facility number"), value="grant.facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="grant.facility.province"),
        Column("due_on", gettext_lazy("Due on"), sort="due_on", kind="date"),
        Column(
            "state", gettext_lazy("State"), value=lambda condition: condition.phase(timezone.localdate()), kind="tag"
        ),
        Column("evidence", gettext_lazy("How it was met, or why it was lifted"), page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Condition]:
        return super().queryset_for(user).select_related(*RELATED)


RELATED = ("licence__facility__province", "authorisation__facility__province")


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    condition = visible_condition(request, pk)
    grant, phase = condition.grant, condition.phase(timezone.localdate())
    context = {
        "condition": condition,
        "phase": phase,
        "facts": [*_facts(condition), *_closing(condition)],
        "file_href": reverse("condition-file", args=[condition.pk]) if condition.file else "",
        "steps": [
            (reverse(f"condition-{verb}", args=[condition.pk]), step.title, kind)
            for verb, step, kind in (("meet", MEET, ""), ("lift", LIFT, "secondary"))
            if passes(step.check, request.user, condition)
        ],
        "breadcrumbs": [*breadcrumbs(grant), (_("Condition"), "")],
    }
    return render(request, "licensing/condition_detail.html", context)


@login_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    condition = visible_condition(request, pk)
    if condition.file is None:
        raise Http404
    return send(request, condition.file)


@login_required
def impose(request: HttpRequest, number: str, noun: str) -> HttpResponse:
    grant = visible(request, MODELS[noun], number)
    return steps.take(
        request, grant, IMPOSE, address=address(grant), facts=facts(grant), breadcrumbs=breadcrumbs(grant)
    )


@login_required
def close(request: HttpRequest, pk: int, step: steps.Step) -> HttpResponse:
    condition = visible_condition(request, pk)
    crumbs = [*breadcrumbs(condition.grant), (_("Condition"), own_address(condition))]
    return steps.take(
        request, condition, step, address=own_address(condition), facts=_facts(condition), breadcrumbs=crumbs
    )


def visible_condition(request: HttpRequest, pk: int) -> Condition:
    conditions = Condition.objects.visible_to(request.user).select_related(
        *RELATED, "licence__type", "authorisation__service", "imposed_by", "closed_by", "file"
    )
    condition: Condition = get_object_or_404(conditions, pk=pk)
    return condition


def _facts(condition: Condition) -> list[tuple[Any, Any]]:
    grant: Any = condition.grant
    return [
        (_("Condition"), condition.text),
        (grant._meta.verbose_name.capitalize(), grant.number),
        (_("Facility"), grant.facility),
        (_("Due on"), condition.due_on or _("It holds for ever.")),
        (_("Imposed by"), condition.imposed_by or "–"),
    ]


def _closing(condition: Condition) -> list[tuple[Any, Any]]:
    if condition.state == ConditionState.OPEN or condition.closed_at is None:
        return []
    why = _("How it was met") if condition.state == ConditionState.MET else _("Why it was lifted")
    return [
        (why, condition.evidence),
        (_("Decided on"), timezone.localdate(condition.closed_at)),
        (_("Decided by"), condition.closed_by or "–"),
    ]


def _check_impose(user: Any, grant: Any) -> None:
    check_may_impose(user)
    check_can_bear_conditions(grant)


def _check_meet(user: Any, condition: Condition) -> None:
    check_may_find_met(user)
    check_is_open(condition)


def _check_lift(user: Any, condition: Condition) -> None:
    check_may_impose(user)
    check_is_open(condition)


IMPOSE = steps.Step(
    noun="grant",
    act=conditions.impose,
    check=_check_impose,
    form=ConditionForm,
    title=gettext_lazy("Impose a condition"),
    question="",
    consequence=lambda grant: _("The sweep flags the facility where the condition is not met by its day."),
    done=gettext_lazy("The condition is imposed."),
    is_grave=False,
)
MEET = steps.Step(
    noun="condition",
    act=conditions.meet,
    check=_check_meet,
    form=MeetForm,
    title=gettext_lazy("Record that it is met"),
    question="",
    consequence=lambda condition: _("The condition is closed; the evidence is kept with it."),
    done=gettext_lazy("The condition is met."),
    is_grave=False,
)
LIFT = steps.Step(
    noun="condition",
    act=conditions.lift,
    check=_check_lift,
    form=ReasonForm,
    title=gettext_lazy("Lift the condition"),
    question=gettext_lazy("Lift this condition?"),
    consequence=lambda condition: _("The facility need not meet it any more. This cannot be undone."),
    done=gettext_lazy("The condition is lifted."),
)
