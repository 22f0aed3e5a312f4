"""What a draft of a ruleset would change, and its publication."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.actions import rulesets
from inspections.filters import ChangedFilter
from inspections.forms import PublishRulesetForm
from inspections.models import Ruleset, Visit
from inspections.permissions import check_may_publish
from inspections.policies import check_is_draft_ruleset
from inspections.reports.prospects import Closure, Moved, Summary, prospects, summary
from inspections.states import BandCode
from inspections.views.rulesets import address, breadcrumbs, visible_ruleset
from registry.core.errors import Refused, passes
from registry.ui.html import link
from registry.ui.lists import Column, ListAction, ListPage


@login_required
def changes(request: HttpRequest, code: str, number: int) -> HttpResponse:
    ruleset = visible_ruleset(request, code, number)
    context = {
        "ruleset": ruleset,
        **consequences(request, ruleset),
        "may_publish": passes(_check_may_publish, request.user, ruleset),
        "breadcrumbs": breadcrumbs(ruleset, _("What would change")),
    }
    return render(request, "inspections/ruleset_changes.html", context)


@login_required
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    ruleset = visible_ruleset(request, code, number)
    _check_may_publish(request.user, ruleset)
    form = PublishRulesetForm(
        request.POST if request.method == "POST" else None, initial={"seen": rules.ruleset_edition(ruleset)}
    )
    status = 200
    if form.is_valid():
        try:
            rulesets.publish(ruleset=ruleset, seen=form.cleaned_data["seen"], by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The ruleset is published."))
            return redirect(address(ruleset))
    context = {
        "ruleset": ruleset,
        "form": form,
        "cancel": address(ruleset),
        **consequences(request, ruleset),
        "breadcrumbs": breadcrumbs(ruleset, _("Publish")),
    }
    return render(request, "inspections/ruleset_publish.html", context, status=status)


def _check_may_publish(user: Any, ruleset: Ruleset) -> None:
    check_may_publish(user)
    check_is_draft_ruleset(ruleset)


def standing_address(row: Any) -> str:
    return reverse("standing-detail", args=[row.facility.number])


class ChangedFacilities(ListPage):
    model = Visit
    title = gettext_lazy("Facilities that would change")
    lead = gettext_lazy(
        "As each stands after its last visit, and as it would if this ruleset had judged its visits. "
        "Publishing changes no standing: only visits begun from its day on are judged by it."
    )
    filterset_class = ChangedFilter
    default_sort = "next_due_on"
    empty_state = gettext_lazy("No facility would change.")
    columns = (
        Column("facility", gettext_lazy("Facility"), link=standing_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("score", gettext_lazy("Score"), kind="number"),
        Column("band", gettext_lazy("Band now"), kind="tag"),
        Column(
            "band_then",
            gettext_lazy("Band then"),
            value=lambda row: BandCode(row.band_then) if row.band_then else "",
            kind="tag",
        ),
        Column("next_due_on", gettext_lazy("Due now"), sort="next_due_on", kind="date"),
        Column("due_then", gettext_lazy("Due then"), kind="date"),
        Column("closure", gettext_lazy("Closure"), value=lambda row: Closure(row.closure)),
    )

    @cached_property
    def ruleset(self) -> Ruleset:
        return visible_ruleset(self.request, self.kwargs["code"], self.kwargs["number"])

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        found = prospects(self.ruleset, Visit.objects.visible_to(user))
        return found.select_related("facility__province").defer("answers")

    def actions_for(self, user: Any) -> Sequence[ListAction]:
        return [ListAction(address(self.ruleset, "changes"), _("The numbers"))]

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumbs": breadcrumbs(self.ruleset, self.title)}


def consequences(request: HttpRequest, ruleset: Ruleset) -> dict[str, Any]:
    """What the pages about a draft say of the facilities that this person sees."""
    found: Summary = summary(prospects(ruleset, Visit.objects.visible_to(request.user)))
    bands = [*reversed(BandCode), ""]
    now = [band for band in bands if any(key[0] == band for key in found.matrix)]
    then = [band for band in bands if any(key[1] == band for key in found.matrix)]
    facilities = address(ruleset, "changed-facilities")
    return {
        "counted": found,
        "facilities": facilities,
        "edition": rules.ruleset_edition(ruleset),
        "tiles": [
            (found.changed, _("facilities would change"), facilities),
            (found.moved[Moved.EARLIER], _("next visits would be due earlier"), f"{facilities}?moved=earlier"),
            (found.moved[Moved.LATER], _("next visits would be due later"), f"{facilities}?moved=later"),
            (found.closures[Closure.NEWLY], _("closures would newly be proposed"), f"{facilities}?closure=newly"),
            (found.closures[Closure.NO_LONGER], _("would no longer be proposed"), f"{facilities}?closure=no_longer"),
        ],
        "matrix_columns": [_("Band now"), *(_band_name(band) for band in then)],
        "matrix": [[_band_name(row), *(_matrix_cell(found, ruleset, row, column) for column in then)] for row in now],
    }


def _matrix_cell(found: Summary, ruleset: Ruleset, now: str, then: str) -> Any:
    """How many go from one band to another; a change leads to the facilities."""
    number = found.matrix.get((now, then), 0)
    if not number or now == then or not (now and then):
        return number
    return link("ruleset-changed-facilities", ruleset.code, ruleset.number, text=number, band=now, band_then=then)


def _band_name(band: str) -> str:
    return str(BandCode(band).label) if band else _("No band")
