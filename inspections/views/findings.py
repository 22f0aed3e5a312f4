"""What was not as the standard asks, over all visits."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.filters import FindingFilter
from inspections.models import Finding
from inspections.reports import course_of_finding, item_of
from registry.ui.html import link
from registry.ui.lists import Column, ListPage


def address(finding: Finding) -> str:
    return reverse("finding-detail", args=[finding.pk])


def facility_address(finding: Finding) -> str:
    return reverse("facility-detail", args=[finding.facility.number])


class FindingList(ListPage):
    model = Finding
    title = gettext_lazy("Findings")
    lead = gettext_lazy("What approved visits found that was not as the standard asks.")
    template_name = "inspections/list_page.html"
    filterset_class = FindingFilter
    default_sort = "-recorded_at"
    empty_state = gettext_lazy("No finding matches.")
    empty_advice = gettext_lazy("Findings come from approved visits. Take filters away to see more.")
    columns = (
        Column("grid", gettext_lazy("Letter"), link=address),
        Column("clause", gettext_lazy("Clause")),
        Column("text", gettext_lazy("What was found")),
        Column("facility", gettext_lazy("Facility"), link=facility_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("severity", gettext_lazy("Severity"), page=False),
        Column("scope", gettext_lazy("Scope"), page=False),
        Column("visited_on", gettext_lazy("Visited on"), value="visit.visited_on", kind="date"),
        Column("corrected_on", gettext_lazy("Corrected on"), kind="date"),
        Column("corrected_how", gettext_lazy("How it was corrected"), page=False),
        Column("recorded_at", gettext_lazy("Recorded on"), sort="recorded_at", kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Finding]:
        return super().queryset_for(user).select_related("facility__province", "visit")


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Finding.objects.visible_to(request.user).select_related(
        "facility__province", "visit__checklist_version", "corrective_action"
    )
    finding: Finding = get_object_or_404(visible, pk=pk)
    action = getattr(finding, "corrective_action", None)
    context = {
        "finding": finding,
        "facts": [
            (_("Facility"), link("facility-detail", finding.facility.number, text=finding.facility)),
            (_("Visit"), link("visit-detail", finding.visit.uuid, text=finding.visit.visited_on)),
            (_("Clause"), finding.clause),
            *([(_("Question"), item)] if (item := item_of(finding)) else []),
            (_("Letter"), finding.grid),
            (_("Severity"), finding.get_severity_display()),
            (_("Scope"), finding.get_scope_display()),
            *([(_("Corrected on"), finding.corrected_on)] if finding.corrected_on else []),
            *([(_("How it was corrected"), finding.get_corrected_how_display())] if finding.corrected_how else []),
        ],
        "action": action,
        "checks": finding.checks.select_related("visit").order_by("-visit__visited_on", "-pk"),
        "events": course_of_finding(finding),
        "breadcrumbs": [
            (FindingList.title, reverse("finding-list")),
            (finding.facility, facility_address(finding)),
            (_("Finding %(letter)s, %(clause)s") % {"letter": finding.grid, "clause": finding.clause}, ""),
        ],
    }
    return render(request, "inspections/finding_detail.html", context)
