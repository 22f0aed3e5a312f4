"""Repeated visits: drawing them, giving them to somebody, and what the comparison says."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.actions import back_checks
from inspections.filters import BackCheckFilter
from inspections.forms.back_checks import DrawForm, RepeatForm
from inspections.models import BackCheck, BackCheckRound
from inspections.permissions.back_checks import check_may_assign_repeat, check_may_draw, check_may_read_back_checks
from inspections.reports.back_checks import Tally, differences, results
from inspections.rules.discrepancy import rate
from inspections.states import Answer, VisitState
from registry.core.errors import Refused, passes
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage

SHOWN = 20
"""So many items, those in which inspectors differ most, are on the page of the results."""


def address(check: BackCheck) -> str:
    return reverse("back-check-detail", args=[check.pk])


class BackCheckList(ListPage):
    model = BackCheck
    title = gettext_lazy("Back-checks")
    lead = gettext_lazy(
        "Visits drawn by lot to be repeated by another inspector, who does not see the first result. "
        "They tell about inspections and never count for the facility."
    )
    template_name = "inspections/list_page.html"
    filterset_class = BackCheckFilter
    default_sort = "-drawn_at"
    empty_state = gettext_lazy("No visit is drawn.")
    columns = (
        Column("facility", gettext_lazy("Facility"), value="original.facility", link=address),
        Column("number", gettext_lazy("Facility number"), value="original.facility.number"),
        Column("province", gettext_lazy("Province"), value="original.facility.province"),
        Column("visited_on", gettext_lazy("First visit"), value="original.visited_on", kind="date"),
        Column("inspector", gettext_lazy("First inspector"), value="original.inspector"),
        Column("repeat", gettext_lazy("Repeat"), value="repeat.state", kind="tag"),
        Column("repeated_by", gettext_lazy("Repeated by"), value="repeat.inspector"),
        Column("drawn_at", gettext_lazy("Drawn"), value="round.drawn_at", sort="round__drawn_at", kind="date"),
        Column("stratum", gettext_lazy("Stratum"), page=False),
        Column("seed", gettext_lazy("Seed"), value="round.seed", page=False),
    )

    def check_may_see(self, user: Any) -> None:
        if user.is_authenticated:
            check_may_read_back_checks(user)

    def queryset_for(self, user: Any) -> QuerySet[BackCheck]:
        joined = ("round", "original__facility__province", "original__inspector", "repeat__inspector")
        return super().queryset_for(user).select_related(*joined).defer("original__answers", "repeat__answers")

    def actions_for(self, user: Any) -> list[ListAction]:
        drawing = [ListAction(reverse("back-check-draw"), _("Draw visits"))] if passes(check_may_draw, user) else []
        return [*drawing, ListAction(reverse("back-check-results"), _("What the comparison says"))]


@login_required
def draw(request: HttpRequest) -> HttpResponse:
    check_may_draw(request.user)
    form = DrawForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            back_checks.draw(**form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The visits are drawn. Somebody else is now to be sent to each."))
            return redirect("back-check-list")
    context = {"form": form, "cancel": reverse("back-check-list"), "breadcrumbs": _trail(_("Draw visits"))}
    return render(request, "inspections/back_check_draw.html", context, status=status)


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    check = _visible(request, pk)
    found = differences(check)
    labels = dict(Answer.choices)
    differing = [difference for difference in found if difference.differs]
    context = {
        "check": check,
        "facts": _facts(check),
        "assign": reverse("back-check-assign", args=[check.pk]) if _is_open(request.user, check) else "",
        "compared": len(found),
        "rate": rate(len(differing), len(found)),
        "columns": [_("Item"), _("First visit"), _("Repeat")],
        "rows": [
            [
                f"{difference.section}: {difference.item}",
                labels.get(difference.first, difference.first) or _("not asked"),
                labels.get(difference.second, difference.second) or _("not asked"),
            ]
            for difference in differing
        ],
        "breadcrumbs": _trail(check.original.facility),
    }
    return render(request, "inspections/back_check_detail.html", context)


@login_required
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    check = _visible(request, pk)
    check_may_assign_repeat(request.user, check)
    form = RepeatForm(request.POST if request.method == "POST" else None, check=check)
    status = 200
    if form.is_valid():
        try:
            back_checks.assign(check=check, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The repeat is planned."))
            return redirect(address(check))
    context = {
        "check": check,
        "form": form,
        "facts": _facts(check),
        "cancel": address(check),
        "breadcrumbs": [*_trail(check.original.facility, address(check)), (_("Assign the repeat"), "")],
    }
    return render(request, "inspections/back_check_assign.html", context, status=status)


@login_required
def comparison(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    check_may_read_back_checks(user)
    found = results(user)
    visible = BackCheck.objects.visible_to(user)
    decided = Q(repeat__state=VisitState.APPROVED)
    numbers = visible.aggregate(drawn=Count("pk"), given=Count("repeat"), decided=Count("pk", filter=decided))
    context = {
        "whole": found.whole,
        "tiles": [
            (numbers["drawn"], _("visits drawn")),
            (numbers["given"], _("repeats assigned")),
            (numbers["decided"], _("repeats decided")),
        ],
        "inspectors": _bars(found.inspectors),
        "items": _bars(found.items[:SHOWN]),
        "columns": [_("Inspector"), _("Repeats"), _("Compared"), _("Differ"), _("Fault found only by the repeat")],
        "rows": [[row.name, row.repeats, row.compared, row.differing, row.graver] for row in found.inspectors],
        "rounds": [
            [
                _period(made),
                timezone.localtime(made.drawn_at).date(),
                f"{made.percent.normalize():f} %",
                made.seed,
                made.size,
            ]
            for made in BackCheckRound.objects.visible_to(user)
            .annotate(size=Count("checks", filter=Q(checks__in=visible)))
            .order_by("-drawn_at")[:SHOWN]
        ],
        "round_columns": [_("Visits of"), _("Drawn"), _("Share"), _("Seed"), _("Visits drawn")],
        "breadcrumbs": _trail(_("What the comparison says")),
    }
    return render(request, "inspections/back_check_results.html", context)


def _bars(tallies: list[Tally]) -> list[tuple[Any, int]]:
    return [(tally.name, tally.rate) for tally in tallies if tally.rate is not None]


def _visible(request: HttpRequest, pk: int) -> BackCheck:
    check_may_read_back_checks(request.user)
    joined = BackCheck.objects.visible_to(request.user).select_related(
        "round",
        "original__facility__province",
        "original__inspector",
        "original__checklist_version__checklist",
        "repeat__inspector",
    )
    check: BackCheck = get_object_or_404(joined, pk=pk)
    return check


def _is_open(user: Any, check: BackCheck) -> bool:
    waits = check.repeat is None or check.repeat.state == VisitState.CANCELLED
    return waits and passes(check_may_assign_repeat, user, check)


def _facts(check: BackCheck) -> list[tuple[Any, Any]]:
    original, repeat = check.original, check.repeat
    facts = [
        (_("Facility"), link("facility-detail", original.facility.number, text=original.facility)),
        (_("First visit"), link("visit-detail", original.uuid, text=original.visited_on)),
        (_("First inspector"), original.inspector),
        (_("Checklist"), original.checklist_version),
        (_("Stratum"), check.stratum),
        (_("Visits of"), _period(check.round)),
    ]
    if repeat is None:
        return facts
    day = repeat.visited_on or repeat.planned_on
    return [
        *facts,
        (_("Repeat"), link("visit-detail", repeat.uuid, text=day)),
        (_("Repeated by"), repeat.inspector),
        (_("State"), tag(repeat.get_state_display(), repeat.state)),
    ]


def _period(made: BackCheckRound) -> str:
    return f"{date_format(made.from_on)} – {date_format(made.until_on)}"


def _trail(here: Any, href: str = "") -> list[tuple[Any, str]]:
    return [(BackCheckList.title, reverse("back-check-list")), (here, href)]
