"""What facilities have to put right: the list, one of them, and what staff do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import permissions, policies
from inspections.actions import corrective_actions
from inspections.filters import OpenActionFilter
from inspections.forms import ReasonForm
from inspections.forms.corrective_actions import EvidenceForm, ExtendForm
from inspections.models import CorrectiveAction
from inspections.reports import course_of_action
from registry.core.errors import Refused, passes
from registry.files.models import StoredFile
from registry.files.views import send
from registry.reports import calendar_reaches
from registry.ui import steps
from registry.ui.forms import PageForm
from registry.ui.html import link
from registry.ui.lists import Column, ListAction, ListPage


def address(action: CorrectiveAction) -> str:
    return reverse("corrective-action-detail", args=[action.pk])


def facility_address(action: CorrectiveAction) -> str:
    return reverse("facility-detail", args=[action.facility.number])


class CorrectiveActionList(ListPage):
    model = CorrectiveAction
    title = gettext_lazy("Corrective actions")
    lead = gettext_lazy("What facilities have to put right, and by which day; the longest overdue first.")
    template_name = "inspections/list_page.html"
    filterset_class = OpenActionFilter
    default_sort = "due_on"
    empty_state = gettext_lazy("No corrective action matches.")
    empty_advice = gettext_lazy("They are asked for when a visit with findings is approved.")
    columns = (
        Column("finding", gettext_lazy("What was found"), value="finding.text", link=address),
        Column("grid", gettext_lazy("Letter"), value="finding.grid"),
        Column("facility", gettext_lazy("Facility"), link=facility_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("due_on", gettext_lazy("Due on"), sort="due_on", kind="date"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column(
            "late",
            gettext_lazy("Days late"),
            value=lambda action: _days_late(action) or "",
            kind="number",
        ),
        Column("clause", gettext_lazy("Clause"), value="finding.clause", page=False),
        Column("decided_at", gettext_lazy("Decided at"), kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[CorrectiveAction]:
        return super().queryset_for(user).select_related("facility__province", "finding")

    def actions_for(self, user: Any) -> list[ListAction]:
        here = reverse("corrective-action-list")
        return [
            ListAction(f"{here}?which=waiting", _("Evidence that waits")),
            ListAction(reverse("finding-list"), _("All findings")),
        ]


def _days_late(action: CorrectiveAction) -> int:
    open_ = action.state in policies.OPEN_ACTIONS
    return max((timezone.localdate() - action.due_on).days, 0) if open_ else 0


def visible_action(request: HttpRequest, pk: int) -> CorrectiveAction:
    joined = CorrectiveAction.objects.visible_to(request.user).select_related(
        "facility__province", "finding__visit", "decided_by"
    )
    action: CorrectiveAction = get_object_or_404(joined, pk=pk)
    return action


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    action = visible_action(request, pk)
    late, finding = _days_late(action), action.finding
    open_steps = [(name, step) for name, step in STEPS.items() if passes(step.check, request.user, action)]
    reach = calendar_reaches()
    context = {
        "action": action,
        "finding": finding,
        "facts": [
            (_("Facility"), link("facility-detail", action.facility.number, text=action.facility)),
            (_("Finding"), link("finding-detail", finding.pk, text=f"{finding.grid} – {finding.clause}")),
            (_("Due on"), action.due_on),
            *([(_("Days late"), late)] if late else []),
            *([(_("Decided by"), action.decided_by)] if action.decided_by else []),
            *([(_("How it was verified"), action.get_verified_how_display())] if action.verified_how else []),
            *([(_("Reason"), action.reason)] if action.reason else []),
        ],
        "late": late,
        "beyond_calendar": action.state in policies.OPEN_ACTIONS and (reach is None or action.due_on > reach),
        "evidence": action.evidence.select_related("file", "entered_by").order_by("-given_at", "-pk"),
        "may_enter": passes(permissions.check_may_enter_evidence, request.user, action)
        and passes(policies.check_is_open, action),
        "steps": [
            (reverse(f"corrective-action-{name}", args=[action.pk]), step.title, BUTTONS[name])
            for name, step in open_steps
        ],
        "events": course_of_action(action),
        "breadcrumbs": [*breadcrumbs(action)[:-1], (_("Corrective action"), "")],
    }
    return render(request, "inspections/corrective_action_detail.html", context)


@login_required
def enter_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Evidence that came by letter or by hand."""
    action = visible_action(request, pk)
    permissions.check_may_enter_evidence(request.user, action)  # type: ignore[arg-type]
    policies.check_is_open(action)
    form, status = EvidenceForm(request.POST or None, request.FILES or None), 200
    if form.is_valid():
        try:
            corrective_actions.give_evidence(
                action=action,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The evidence is kept. Somebody else looks at it."))
            return redirect(address(action))
    context = {
        "form": form,
        "title": _("Enter evidence"),
        "caption": action.finding.text,
        "action": action,
        "cancel": address(action),
        "breadcrumbs": [*breadcrumbs(action), (_("Enter evidence"), "")],
    }
    return render(request, "inspections/evidence_enter.html", context, status=status)


@login_required
def file(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    of_this = StoredFile.objects.filter(pk__in=visible_action(request, pk).evidence.values("file"))
    return send(request, get_object_or_404(of_this, sha256=sha256))


def _check(may: Callable[..., None], can: Callable[[CorrectiveAction], None]) -> Callable[[Any, Any], None]:
    def check(user: Any, action: CorrectiveAction) -> None:
        may(user, action)
        can(action)

    return check


_judges = _check(permissions.check_may_judge_evidence, policies.check_can_judge_evidence)
_manages = _check(permissions.check_may_manage_actions, policies.check_is_open)

STEPS = {
    "verify": steps.Step(
        noun="action",
        act=corrective_actions.verify,
        check=_judges,
        form=PageForm,
        title=gettext_lazy("Verify"),
        question=gettext_lazy("Does the evidence show that it is put right?"),
        consequence=lambda action: _("The corrective action and its finding are closed. This cannot be undone."),
        done=gettext_lazy("The corrective action is verified."),
    ),
    "refuse": steps.Step(
        noun="action",
        act=corrective_actions.refuse_evidence,
        check=_judges,
        form=ReasonForm,
        title=gettext_lazy("Refuse the evidence"),
        question=gettext_lazy("Refuse this evidence?"),
        consequence=lambda action: _("It is still to be put right, by %(day)s.") % {"day": date_format(action.due_on)},
        done=gettext_lazy("The evidence is refused."),
    ),
    "extend": steps.Step(
        noun="action",
        act=corrective_actions.extend,
        check=_manages,
        form=ExtendForm,
        title=gettext_lazy("Give more time"),
        question=gettext_lazy("Give the facility more time?"),
        consequence=lambda action: (
            _("It was to be put right by %(day)s. The reason is kept.") % {"day": date_format(action.due_on)}
        ),
        done=gettext_lazy("The facility has more time."),
        is_grave=False,
    ),
    "withdraw": steps.Step(
        noun="action",
        act=corrective_actions.withdraw,
        check=_manages,
        form=ReasonForm,
        title=gettext_lazy("Withdraw"),
        question=gettext_lazy("Ask for this corrective action no longer?"),
        consequence=lambda action: _("Its finding stays open until a visit says that it is mended."),
        done=gettext_lazy("The corrective action is withdrawn."),
    ),
}
BUTTONS = {"verify": "", "refuse": "secondary", "extend": "secondary", "withdraw": "warning"}


@login_required
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    action = visible_action(request, pk)
    latest = action.evidence.order_by("-given_at", "-pk").first()
    facts = [
        (_("Facility"), action.facility),
        (_("What was found"), action.finding.text),
        (_("Due on"), action.due_on),
        *([(_("Latest evidence"), latest.text)] if latest else []),
    ]
    return steps.take(
        request, action, STEPS[step], address=address(action), facts=facts, breadcrumbs=breadcrumbs(action)
    )


def breadcrumbs(action: CorrectiveAction) -> list[tuple[Any, str | None]]:
    return [
        (CorrectiveActionList.title, reverse("corrective-action-list")),
        (action.facility, facility_address(action)),
        (_("Corrective action"), address(action)),
    ]
