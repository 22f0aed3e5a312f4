from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.filters import SweepRunFilter
from enforcement.models import SweepRun
from enforcement.permissions import check_may_sweep, may_sweep
from enforcement.rules import RULES
from enforcement.states import SweepState
from enforcement.tasks import sweep_now
from registry.ui.lists import Column, ListAction, ListPage


def total(run: SweepRun, name: str) -> int:
    return sum(count[name] for count in run.counts.values())


class SweepRunList(ListPage):
    model = SweepRun
    title = gettext_lazy("Sweeps")
    lead = gettext_lazy("Each sweep asks every compliance rule of every facility that may have changed.")
    filterset_class = SweepRunFilter
    default_sort = "-started_at"
    empty_state = gettext_lazy("No sweep has run yet.")
    empty_advice = gettext_lazy("A sweep runs every night at 1 o'clock.")
    columns = (
        Column(
            "as_of",
            gettext_lazy("As of"),
            sort="as_of",
            kind="date",
            link=lambda run: reverse("sweep-run-detail", args=[run.pk]),
        ),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("started_at", gettext_lazy("Started at"), sort="started_at", kind="date"),
        Column("started_by", gettext_lazy("Started by")),
        Column("facilities_done", gettext_lazy("Facilities looked at"), kind="number"),
        Column("raised", gettext_lazy("Raised"), value=lambda run: total(run, "raised"), kind="number"),
        Column("cleared", gettext_lazy("Cleared"), value=lambda run: total(run, "cleared"), kind="number"),
        Column("escalated", gettext_lazy("Escalated"), value=lambda run: total(run, "escalated"), kind="number"),
    )

    def actions_for(self, user: Any) -> list[ListAction]:
        return [ListAction(reverse("sweep-start"), _("Start a sweep now"))] if may_sweep(user) else []


@login_required
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    run = get_object_or_404(SweepRun.objects.visible_to(request.user), pk=pk)
    counts = [(rule, run.counts[rule.code]) for rule in RULES if rule.code in run.counts]
    context = {
        "run": run,
        "running": run.state == SweepState.RUNNING,
        "course": [
            (_("As of"), run.as_of),
            (_("Started at"), timezone.localtime(run.started_at)),
            (_("Started by"), run.started_by),
            (_("Finished at"), run.finished_at and timezone.localtime(run.finished_at)),
            (_("Facilities looked at"), run.facilities_done),
        ],
        "headings": [_("Rule"), _("Raised"), _("Cleared"), _("Escalated"), _("Open")],
        "counts": [
            [rule.title, count["raised"], count["cleared"], count["escalated"], count["open"]] for rule, count in counts
        ],
        "bars": [(rule.title, count["open"]) for rule, count in counts],
        "most": max((count["open"] for _rule, count in counts), default=0),
        "breadcrumbs": [(SweepRunList.title, reverse("sweep-run-list")), (run.as_of, "")],
    }
    part = request.headers.get("HX-Target") == "sweep-progress" and context["running"]
    response = render(request, "enforcement/_sweep_progress.html" if part else "enforcement/sweep_detail.html", context)
    if request.headers.get("HX-Target") == "sweep-progress" and not part:
        response["HX-Refresh"] = "true"
    return response


@login_required
def start(request: HttpRequest) -> HttpResponse:
    check_may_sweep(request.user)
    if request.method == "POST":
        sweep_now.delay(as_of=timezone.localdate().isoformat(), started_by=request.user.get_username())
        messages.success(request, _("The sweep is starting. It appears in this list in a moment."))
        return redirect("sweep-run-list")
    breadcrumbs = [(SweepRunList.title, reverse("sweep-run-list")), (_("Start a sweep now"), "")]
    return render(request, "enforcement/sweep_start.html", {"breadcrumbs": breadcrumbs})
