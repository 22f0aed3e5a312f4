"""The ruleset studio: how a version reads, and its draft."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from inspections import rules
from inspections.actions import rulesets
from inspections.forms import RulesetForm
from inspections.models import Ruleset
from inspections.permissions import check_may_draft, check_may_publish
from inspections.policies import check_has_no_draft, check_is_draft_ruleset
from inspections.states import Scope, Severity, VersionState
from registry.core.errors import Refused, passes
from registry.models import FacilityType
from registry.ui.forms import PageForm
from registry.ui.html import tag
from registry.ui.lists import Column, ListPage
from registry.ui.steps import Step, take


def address(ruleset: Ruleset, page: str = "detail") -> str:
    return reverse(f"ruleset-{page}", args=[ruleset.code, ruleset.number])


class RulesetList(ListPage):
    model = Ruleset
    title = gettext_lazy("Rulesets")
    lead = gettext_lazy("How answers become a band and a next due day. A published version never changes.")
    default_sort = "-name"
    empty_state = gettext_lazy("No ruleset is loaded yet.")
    columns = (
        Column("name", gettext_lazy("Ruleset"), sort=("code", "number"), link=address),
        Column("number", gettext_lazy("Version"), kind="number"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("valid_from", gettext_lazy("In force from"), sort="valid_from", kind="date"),
        Column("valid_until", gettext_lazy("In force until"), kind="date"),
        Column("source", gettext_lazy("Source"), page=False),
    )


@login_required
def detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    ruleset = visible_ruleset(request, code, number)
    context = {
        "ruleset": ruleset,
        "buttons": list(_buttons(request.user, ruleset)),
        "facts": list(_facts(ruleset)),
        "segments": segments(ruleset),
        "columns": [
            _("Band"),
            _("From (per cent)"),
            _("Below (per cent)"),
            _("Months to the next visit"),
            _("Closure is proposed"),
        ],
        "rows": [
            [
                tag(band, band.code),
                figure(band.from_percent),
                "–" if band.below_percent is None else figure(band.below_percent),
                band.months_to_next_visit or _("on request, at the latest the longest time"),
                _closure_words(band.closure_at_visit),
            ]
            for band in ordered(ruleset)
        ],
        "grid_columns": [_("Severity"), *(scope.label for scope in Scope)],
        "grid": _grid(ruleset),
        "types": _types(ruleset),
        "type_columns": [_("Facility type"), _("Months at most")],
        "breadcrumbs": breadcrumbs(ruleset),
    }
    return render(request, "inspections/ruleset_detail.html", context)


@login_required
@require_POST
def draft(request: HttpRequest, code: str, number: int) -> HttpResponse:
    like = visible_ruleset(request, code, number)
    made = rulesets.draft(like=like, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("A draft is begun. Change it, then look at what would change."))
    return redirect(address(made, "edit"))


@login_required
def edit(request: HttpRequest, code: str, number: int) -> HttpResponse:
    ruleset = visible_ruleset(request, code, number)
    check_may_draft(request.user)  # type: ignore[arg-type]
    check_is_draft_ruleset(ruleset)
    form = RulesetForm(
        request.POST if request.method == "POST" else None,
        ruleset=ruleset,
        initial={"seen": rules.ruleset_edition(ruleset)},
    )
    status = 200
    if form.is_valid():
        try:
            rulesets.change(
                ruleset=ruleset,
                facts=form.facts,
                bands=form.bands,
                cells=form.cells,
                seen=form.cleaned_data["seen"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(address(ruleset))
    context = {
        "ruleset": ruleset,
        "form": form,
        "cancel": address(ruleset),
        "breadcrumbs": breadcrumbs(ruleset, _("Change the draft")),
    }
    return render(request, "inspections/ruleset_edit.html", context, status=status)


def _check_may_discard(user: Any, ruleset: Ruleset) -> None:
    check_may_draft(user)
    check_is_draft_ruleset(ruleset)


DISCARD = Step(
    noun="ruleset",
    act=rulesets.discard,
    check=_check_may_discard,
    form=PageForm,
    title=gettext_lazy("Discard the draft"),
    question=gettext_lazy("Discard this draft?"),
    consequence=lambda ruleset: _("Everything that was changed in it is lost. The version in force stays in force."),
    done=gettext_lazy("The draft is discarded."),
)


@login_required
def discard(request: HttpRequest, code: str, number: int) -> HttpResponse:
    ruleset = visible_ruleset(request, code, number)
    return take(
        request,
        ruleset,
        DISCARD,
        address=reverse("ruleset-list") if request.method == "POST" else address(ruleset),
        facts=[(_("Version"), ruleset.number), (_("In force from"), ruleset.valid_from)],
        breadcrumbs=[*breadcrumbs(ruleset)[:-1], (ruleset, address(ruleset))],
    )


def visible_ruleset(request: HttpRequest, code: str, number: int) -> Ruleset:
    visible = Ruleset.objects.visible_to(request.user).prefetch_related("bands", "grid")
    ruleset: Ruleset = get_object_or_404(visible, code=code, number=number)
    return ruleset


def ordered(ruleset: Ruleset) -> list[Any]:
    return sorted(ruleset.bands.all(), key=lambda band: band.from_percent)


def segments(ruleset: Ruleset) -> list[dict[str, Any]]:
    """The bands as parts of a line from 0 to 100."""
    return [
        {
            "band": band,
            "from": band.from_percent,
            "width": (100 if band.below_percent is None else band.below_percent) - band.from_percent,
            "text": figure(band.from_percent),
        }
        for band in ordered(ruleset)
    ]


def _buttons(user: Any, ruleset: Ruleset) -> Iterator[tuple[str, str, str, bool]]:
    """What this person may do here now, as (address, text, kind, whether it is done at once)."""
    if ruleset.state == VersionState.DRAFT:
        if passes(check_may_draft, user):
            yield address(ruleset, "edit"), _("Change the draft"), "", False
        yield address(ruleset, "changes"), _("What would change"), "secondary", False
        if passes(check_may_publish, user):
            yield address(ruleset, "publish"), _("Publish"), "secondary", False
        if passes(check_may_draft, user):
            yield address(ruleset, "discard"), _("Discard the draft"), "warning", False
    elif passes(check_may_draft, user) and passes(check_has_no_draft, ruleset.code) and ruleset.bands.all():
        yield address(ruleset, "draft"), _("Draft a new version"), "secondary", True


def _facts(ruleset: Ruleset) -> Iterator[tuple[Any, Any]]:
    yield _("Version"), ruleset.number
    yield _("Source"), ruleset.source
    yield _("In force from"), ruleset.valid_from
    yield _("In force until"), ruleset.valid_until or _("further notice")
    yield _("Decimal places of the score, rounded half up"), ruleset.decimal_places
    yield _("Longest time between two visits, in months"), ruleset.hard_maximum_months
    yield _("Best band with a failed critical item"), ruleset.get_critical_cap_display()
    unlicensed = ruleset.get_unlicensed_band_display() if ruleset.unlicensed_band else _("the licence does not decide")
    yield _("Band without any licence"), unlicensed
    yield (
        _("Months given once to renew an expired licence"),
        ruleset.grace_months or _("none: an expired licence does not decide anything"),
    )


def _closure_words(visits: int | None) -> str:
    if visits is None:
        return _("never")
    if visits == 1:
        return _("at once")
    return _("at visit %(number)s in a row in this band or a lower one") % {"number": visits}


def _grid(ruleset: Ruleset) -> list[list[str]]:
    cells = {(cell.severity, cell.scope): cell for cell in ruleset.grid.all()}
    if not cells:
        return []
    return [
        [str(severity.label), *(_cell_words(cells.get((severity, scope))) for scope in Scope)]
        for severity in reversed(Severity)
    ]


def _cell_words(cell: Any) -> str:
    if cell is None:
        return "–"
    if cell.correction_days is None:
        return _("%(letter)s: no corrective action") % {"letter": cell.letter}
    return _("%(letter)s: %(days)s working days") % {"letter": cell.letter, "days": cell.correction_days}


def _types(ruleset: Ruleset) -> list[list[Any]]:
    names = {type_.code: type_ for type_ in FacilityType.objects.filter(code__in=ruleset.longest_by_type)}
    return [[names.get(code, code), months] for code, months in sorted(ruleset.longest_by_type.items())]


def figure(percent: Any) -> str:
    return str(number_format(percent.normalize()))


def breadcrumbs(ruleset: Ruleset, here: Any = None) -> list[tuple[Any, str]]:
    trail: list[tuple[Any, str]] = [(RulesetList.title, reverse("ruleset-list"))]
    return [*trail, (ruleset, address(ruleset)), (here, "")] if here else [*trail, (ruleset, "")]
