"""Where a facility stands and how it came there."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections.models import Standing, Visit
from inspections.permissions import check_may_request
from inspections.policies import check_has_no_request
from inspections.querysets import facilities_repeated_by, unless_blind
from inspections.reports import standings
from inspections.states import RequestState
from registry.core.errors import passes
from registry.models import Facility
from registry.ui.html import link, tag


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    seen = unless_blind(Facility.objects.visible_to(request.user), request.user, facility="pk")
    visible = seen.select_related("type", "province", "standing")
    facility: Facility = get_object_or_404(visible, number=number)
    blind = facilities_repeated_by(request.user).filter(original__facility=facility).exists()
    standing: Standing | None = None if blind else getattr(facility, "standing", None)
    visits = [] if blind else standings.counting_visits(facility)
    dots, lines = standings.chart(visits)
    context = {
        "facility": facility,
        "standing": standing,
        "blind": blind,
        "facts": list(_facts(standing)) if standing else [],
        "why": standings.why(facility, visits),
        "stripes": standings.bands_behind(visits),
        "dots": dots,
        "lines": lines,
        "columns": [
            _("Day"),
            _("Purpose"),
            _("Score"),
            _("Band"),
            _("Next visit due on"),
            _("Ruleset"),
        ],
        "rows": [_row(visit) for visit in visits],
        "sections": standings.by_section(visits),
        "may_ask": passes(check_may_request, request.user, facility) and passes(check_has_no_request, facility),
        "waiting": facility.reinspection_requests.filter(state=RequestState.WAITING).first(),
        "breadcrumbs": [
            (_("Facilities"), reverse("facility-list")),
            (facility, reverse("facility-detail", args=[facility.number])),
            (_("Standing"), ""),
        ],
    }
    return render(request, "inspections/standing_detail.html", context)


def _facts(standing: Standing) -> Iterator[tuple[Any, Any]]:
    yield _("Last visit"), standing.last_visit_on
    yield _("Score"), standing.score
    yield _("Band"), tag(standing.get_band_display(), standing.band) if standing.band else _("No band")
    if standing.band:
        yield _("Visits in this band"), standings.in_a_row(standing.visits_in_band)
    yield _("Next visit due on"), standing.next_due_on
    yield _("Closure"), _("Proposed") if standing.closure_proposed else _("Not proposed")


def _row(visit: Visit) -> list[Any]:
    return [
        link("visit-detail", visit.uuid, text=visit.visited_on),
        visit.get_purpose_display(),
        "–" if visit.score is None else visit.score,
        tag(visit.get_band_display(), visit.band) if visit.band else "–",
        visit.next_due_on,
        link("ruleset-detail", visit.ruleset.code, visit.ruleset.number, text=str(visit.ruleset)),
    ]
