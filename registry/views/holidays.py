"""The calendar of public holidays: everybody reads it, administrators keep it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions import holidays
from registry.core.errors import passes
from registry.forms.holidays import HolidayForm
from registry.models import PublicHoliday
from registry.permissions import check_may_change_catalogue
from registry.reports import calendar_reaches
from registry.ui.forms import PageForm
from registry.ui.lists import Cell, Column, ListAction, ListPage

LOOK_AHEAD = 180
"""So many days ahead the calendar should be known: longer than most deadlines that are counted with it."""


class HolidayList(ListPage):
    model = PublicHoliday
    title = gettext_lazy("Public holidays")
    default_sort = "-day"
    empty_state = gettext_lazy("The calendar is empty: deadlines step over Saturdays and Sundays only.")
    columns = (
        Column("day", gettext_lazy("Day"), sort="day", kind="date"),
        Column("name_km", gettext_lazy("Name in Khmer")),
        Column("name_en", gettext_lazy("Name in Latin letters")),
        Column("source", gettext_lazy("Source")),
    )

    @property
    def lead(self) -> str:  # type: ignore[override]
        reach, today = calendar_reaches(), timezone.localdate()
        said = _("Deadlines in working days step over these days and over Saturdays and Sundays.")
        if reach is None or (reach - today).days < LOOK_AHEAD:
            said += " " + _("The calendar must be continued: it ends on %(day)s.") % {
                "day": date_format(reach or today)
            }
        return said

    def actions_for(self, user: Any) -> list[ListAction]:
        if passes(check_may_change_catalogue, user):
            return [ListAction(reverse("holiday-create"), _("Add a day"))]
        return []

    def cell(self, column: Column, row: Any) -> Cell:
        cell = super().cell(column, row)
        if column.name == "day" and passes(check_may_change_catalogue, self.request.user):
            return Cell(**vars(cell) | {"href": reverse("holiday-remove", args=[row.day.isoformat()])})
        return cell


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_change_catalogue(request.user)
    form = HolidayForm(request.POST or None)
    if form.is_valid():
        holidays.add(holiday=form.save(commit=False), by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("The day is in the calendar."))
        return redirect("holiday-list")
    context = {
        "form": form,
        "title": _("Add a day"),
        "caption": HolidayList.title,
        "cancel": reverse("holiday-list"),
        "breadcrumbs": [(HolidayList.title, reverse("holiday-list")), (_("Add a day"), "")],
    }
    return render(request, "registry/entry_form.html", context)


@login_required
def remove(request: HttpRequest, day: str) -> HttpResponse:
    try:
        holiday = get_object_or_404(PublicHoliday.objects.all().visible_to(request.user), day=date.fromisoformat(day))
    except ValueError:
        raise Http404 from None
    check_may_change_catalogue(request.user)
    if request.method == "POST":
        holidays.remove(holiday=holiday, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("The day is no longer in the calendar."))
        return redirect("holiday-list")
    context = {
        "holiday": holiday,
        "form": PageForm(),
        "facts": [
            (_("Day"), holiday.day),
            (_("Name in Khmer"), holiday.name_km),
            (_("Name in Latin letters"), holiday.name_en),
            (_("Source"), holiday.source),
        ],
        "cancel": reverse("holiday-list"),
        "breadcrumbs": [(HolidayList.title, reverse("holiday-list")), (str(holiday), "")],
    }
    return render(request, "registry/holiday_remove.html", context)
