from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.filters import FlagFilter
from enforcement.models import Flag
from enforcement.reports import facts_in_words
from enforcement.rules import BY_CODE
from registry.ui.lists import Column, ListAction, ListPage


def facility_address(flag: Flag) -> str:
    return reverse("facility-detail", args=[flag.facility.number])


class FlagList(ListPage):
    model = Flag
    title = gettext_lazy("Flags")
    lead = gettext_lazy("What the compliance rules found, from the day a sweep saw it to the day a sweep saw it gone.")
    filterset_class = FlagFilter
    default_sort = "-raised_on"
    empty_state = gettext_lazy("No flag matches.")
    empty_advice = gettext_lazy("Flags are raised by the nightly sweep. Take filters away to see more.")
    columns = (
        Column(
            "rule",
            gettext_lazy("Rule"),
            value=lambda flag: BY_CODE[flag.rule].title,
            sort="rule",
            link=lambda flag: reverse("flag-detail", args=[flag.pk]),
        ),
        Column("facility", gettext_lazy("Facility"), value="facility", link=facility_address),
        Column("number", gettext_lazy("Number"), value="facility.number"),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("severity", gettext_lazy("Severity"), sort="severity", kind="tag"),
        Column("level", gettext_lazy("Escalated to"), sort="level"),
        Column("since_on", gettext_lazy("True since"), sort="since_on", kind="date"),
        Column("raised_on", gettext_lazy("Raised on"), sort="raised_on", kind="date"),
        Column("cleared_on", gettext_lazy("Cleared on"), sort="cleared_on", kind="date"),
    )

    def queryset_for(self, user: Any) -> QuerySet[Flag]:
        return super().queryset_for(user).select_related("facility__province")

    def actions_for(self, user: Any) -> list[ListAction]:
        return [ListAction(reverse("sweep-run-list"), _("Sweeps"))]


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Flag.objects.visible_to(request.user).select_related("facility__province", "raised_by", "cleared_by")
    flag = get_object_or_404(visible, pk=pk)
    context = {
        "flag": flag,
        "rule": BY_CODE[flag.rule],
        "facts": facts_in_words(flag),
        "course": [
            (_("True since"), flag.since_on),
            (_("Raised on"), flag.raised_on),
            (_("Escalated to"), flag.get_level_display()),
            *([] if flag.escalates_on is None or flag.cleared_on else [(_("Escalates on"), flag.escalates_on)]),
            *([] if flag.cleared_on is None else [(_("Cleared on"), flag.cleared_on)]),
        ],
        "breadcrumbs": [
            (FlagList.title, reverse("flag-list")),
            (flag.facility, facility_address(flag)),
            (BY_CODE[flag.rule].title, ""),
        ],
    }
    return render(request, "enforcement/flag_detail.html", context)
