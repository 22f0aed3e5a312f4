"""The order of work: its weights, one facility's reasons, and the order tried on the past."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.forms.risk import ReplayForm
from inspections.models import RiskModel
from inspections.querysets import unless_blind
from inspections.reports.replay import replay
from inspections.reports.risk import in_force, reasons_of
from inspections.rules.replay import Outcome
from inspections.rules.risk import FACTORS
from registry.models import Facility
from registry.ui.lists import Column, ListPage

WIDTH, HEIGHT = 600, 240


class RiskModelList(ListPage):
    model = RiskModel
    title = gettext_lazy("Order of work")
    lead = gettext_lazy("How much each reason weighs. Points order what is due; they never put a visit off.")
    template_name = "inspections/list_page.html"
    default_sort = "-valid_from"
    empty_state = gettext_lazy("No weights are loaded yet; what is due is ordered by its due day.")
    columns = (
        Column(
            "name",
            gettext_lazy("Order of work"),
            value=str,
            link=lambda model: reverse("risk-model-detail", args=[model.code, model.number]),
        ),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("valid_from", gettext_lazy("In force from"), sort="valid_from", kind="date"),
        Column("valid_until", gettext_lazy("In force until"), kind="date"),
    )


@login_required
def detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    model = _visible(request, code, number)
    weighed = sorted(model.weights.items(), key=lambda pair: (-pair[1], pair[0]))
    context = {
        "model": model,
        "facts": [
            (_("Version"), model.number),
            (_("Source"), model.source),
            (_("In force from"), model.valid_from),
            (_("In force until"), model.valid_until or _("further notice")),
        ],
        "columns": [_("Reason"), _("Points"), _("Counts at most")],
        "rows": [[FACTORS[code].name, points, _times(FACTORS[code].most)] for code, points in weighed],
        "breadcrumbs": _trail(model),
    }
    return render(request, "inspections/risk_model_detail.html", context)


@login_required
def tried(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The order tried on the past: only reads, so the form is sent by GET and its result has an address."""
    model = _visible(request, code, number)
    today = timezone.localdate()
    begun = {"from_on": today - timedelta(days=730), "until_on": today - timedelta(days=1)}
    form = ReplayForm(request.GET if "from_on" in request.GET else None, initial=begun)
    outcome = replay(model, **form.cleaned_data, user=request.user) if form.is_valid() else None
    here = reverse("risk-model-detail", args=[code, number])
    context = {
        "model": model,
        "form": form,
        "outcome": outcome,
        "facts": _figures(outcome) if outcome and outcome.findings else [],
        "bars": _bars(outcome) if outcome and outcome.findings else [],
        "chart": _chart(outcome) if outcome and outcome.findings else None,
        "breadcrumbs": [*_trail(model, here), (_("Tried on the past"), "")],
    }
    return render(request, "inspections/risk_replay.html", context)


@login_required
def of_facility(request: HttpRequest, number: str) -> HttpResponse:
    """Why a facility stands where it does; closed to who repeats a visit there, because reasons tell its result."""
    visible = unless_blind(Facility.objects.visible_to(request.user), request.user, facility="pk")
    facility: Facility = get_object_or_404(visible.select_related("standing"), number=number)
    today = timezone.localdate()
    reasons = reasons_of([facility.pk], today).get(facility.pk, [])
    model = in_force(today)
    standing = getattr(facility, "standing", None)
    context = {
        "facility": facility,
        "facts": [
            (_("Next visit due on"), standing.next_due_on if standing else _("never inspected")),
            (_("Points"), sum(reason.points for reason in reasons)),
        ],
        "columns": [_("Reason"), _("Points")],
        "rows": [[reason.words, reason.points] for reason in reasons],
        "model": model,
        "breadcrumbs": [
            (facility, reverse("facility-detail", args=[facility.number])),
            (_("Place in the order of work"), ""),
        ],
    }
    return render(request, "inspections/facility_order.html", context)


def _visible(request: HttpRequest, code: str, number: int) -> RiskModel:
    model: RiskModel | None = RiskModel.objects.visible_to(request.user).filter(code=code, number=number).first()
    if model is None:
        raise Http404
    return model


def _trail(here: Any, href: str = "") -> list[tuple[Any, str]]:
    return [(RiskModelList.title, reverse("risk-model-list")), (here, href)]


def _times(most: int) -> Any:
    return _("once") if most == 1 else _("%(most)s times") % {"most": most}


def _figures(outcome: Outcome) -> list[tuple[Any, Any]]:
    return [
        (_("Visits put in order"), outcome.visits),
        (_("Visits a week"), outcome.per_week),
        (_("Serious findings (G to L) that they met"), outcome.findings),
        (_("Days that the mean serious finding is met before due-day order"), round(outcome.mean_days_earlier, 1)),
        (_("The same with hindsight, which no order can reach"), round(outcome.best_possible, 1)),
    ]


def _bars(outcome: Outcome) -> list[tuple[Any, int]]:
    return [
        (_("By due day"), round(100 * outcome.first_half_by_due)),
        (_("By points"), round(100 * outcome.first_half_by_points)),
    ]


def _chart(outcome: Outcome) -> dict[str, Any]:
    """Two lines in a box of `WIDTH` × `HEIGHT`: share of the serious findings met, over the weeks."""
    first, last = outcome.course[0][0], outcome.course[-1][0]
    days = max(1, (last - first).days)

    def line(met: list[tuple[date, int]]) -> str:
        return " ".join(
            f"{_across(day, first, days)},{HEIGHT - round(HEIGHT * findings / outcome.findings)}"
            for day, findings in met
        )

    return {
        "by_due": line([(day, by_due) for day, by_due, _by_points in outcome.course]),
        "by_points": line([(day, by_points) for day, _by_due, by_points in outcome.course]),
        "first": first,
        "last": last,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _across(day: date, first: date, days: int) -> int:
    return round(WIDTH * (day - first).days / days)
