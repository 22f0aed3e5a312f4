"""What the law asks of rulesets."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise, product

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from inspections.models import Band, GridCell, Ruleset, Visit
from inspections.states import GRID, BandCode, Scope, Severity, VersionState
from registry.core.errors import Refused


def check_is_draft_ruleset(ruleset: Ruleset) -> None:
    """Only a draft is changed, discarded or published."""
    if ruleset.state != VersionState.DRAFT:
        raise Refused(_("“%(name)s” is published and stays as it is.") % {"name": ruleset}, code="already_published")


def check_has_no_draft(code: str) -> None:
    draft = Ruleset.objects.filter(code=code, state=VersionState.DRAFT).first()
    if draft is not None:
        raise Refused(_("There is a draft already: “%(name)s”.") % {"name": draft}, code="draft_exists")


def check_is_unaltered(ruleset: Ruleset, seen: str, now: str) -> None:
    """What is about to be written over, or published, is what the person had before them."""
    if seen != now:
        raise Refused(
            _("Somebody changed “%(name)s” meanwhile. Look at it again.") % {"name": ruleset}, code="overtaken"
        )


def faults_of_ruleset(
    ruleset: Ruleset, bands: Sequence[Band], cells: Sequence[GridCell], known_types: Collection[str]
) -> Iterator[str]:
    """Everything that keeps a ruleset from being used, in sentences."""
    ordered = sorted(bands, key=lambda band: band.from_percent)
    yield from _faults_of_intervals(ordered)
    yield from _faults_of_order(ordered)
    yield from _faults_of_grid(cells)
    codes = {band.code for band in bands}
    for code in (ruleset.critical_cap, ruleset.unlicensed_band):
        if code and code not in codes:
            yield _("The ruleset names the band “%(band)s”, which it does not have.") % {"band": BandCode(code).label}
    for code, months in sorted(ruleset.longest_by_type.items()):
        if code not in known_types:
            yield _("There is no facility type “%(code)s”.") % {"code": code}
        if not isinstance(months, int) or months < 1:
            yield _("The longest time for “%(code)s” is no number of months.") % {"code": code}
    if ruleset.hard_maximum_months < 1:
        yield _("The longest time between two visits is a month or more.")


def check_ruleset_is_whole(
    ruleset: Ruleset, bands: Sequence[Band], cells: Sequence[GridCell], known_types: Collection[str]
) -> None:
    """From 0 to 100 per cent every figure is in one band, better bands lie higher, and the grid is whole or empty."""
    for fault in faults_of_ruleset(ruleset, bands, cells, known_types):
        raise Refused(fault, code="not_whole")


def check_can_come_into_force(ruleset: Ruleset) -> None:
    """A version begins after those before it, and on no day on which visits already began by another version."""
    others = Ruleset.objects.published().filter(code=ruleset.code).exclude(pk=ruleset.pk)
    if later := others.filter(valid_from__gte=ruleset.valid_from).order_by("-valid_from").first():
        raise Refused(
            _("“%(name)s” is in force from %(day)s: choose a later day.")
            % {"name": later, "day": date_format(later.valid_from)},
            code="not_after_the_last",
        )
    last = (
        Visit.objects.filter(ruleset__in=others, started_at__date__gte=ruleset.valid_from)
        .order_by("-started_at")
        .values_list("started_at__date", flat=True)
        .first()
    )
    if last is not None:
        raise Refused(
            _("A visit began on %(day)s by the version before: choose a later day.") % {"day": date_format(last)},
            code="visits_have_begun",
        )


def check_begins_ahead(ruleset: Ruleset, today: date) -> None:
    """Nobody who inspects today learns tomorrow that other rules were in force."""
    if ruleset.valid_from <= today:
        raise Refused(
            _("A new version is in force from tomorrow at the earliest: choose a later day."), code="begins_too_early"
        )


def _faults_of_intervals(bands: Sequence[Band]) -> Iterator[str]:
    expected: Decimal | None = Decimal(0)
    for band in bands:
        if expected is None:
            yield _("“%(band)s” begins at %(from)s, above a band without an upper end.") % _facts(band)
        elif band.from_percent > expected:
            yield _("No band holds what lies from %(expected)s to under %(from)s per cent.") % (
                _facts(band) | {"expected": number_format(expected.normalize())}
            )
        elif band.from_percent < expected:
            yield _("“%(band)s” begins at %(from)s, inside the band below it.") % _facts(band)
        if band.from_percent > 100 or (band.below_percent is not None and band.below_percent <= band.from_percent):
            yield _("“%(band)s” holds no percentage.") % _facts(band)
        expected = band.below_percent
    if not bands or (expected is not None and expected <= 100):
        yield _("The highest band has an upper end: 100 per cent would be in no band.")


def _faults_of_order(bands: Sequence[Band]) -> Iterator[str]:
    order = list(BandCode)
    for lower, higher in pairwise(bands):
        if order.index(BandCode(lower.code)) >= order.index(BandCode(higher.code)):
            yield _("“%(band)s” lies above “%(better)s”, which is better.") % {
                "band": higher.get_code_display(),
                "better": lower.get_code_display(),
            }


def _faults_of_grid(cells: Sequence[GridCell]) -> Iterator[str]:
    places = {(cell.severity, cell.scope): cell for cell in cells}
    whole = set(product(Severity.values, Scope.values))
    if cells and (len(places) != len(cells) or set(places) != whole):
        yield _("The grid has twelve cells, one for each severity and scope; here some are missing or double.")
    if {cell.letter for cell in cells} - set(GRID) or len({cell.letter for cell in cells}) != len(cells):
        yield _("Each cell of the grid has a letter of its own, A to L.")
    for cell in cells:
        milder = [places.get((cell.severity - 1, cell.scope)), places.get((cell.severity, cell.scope - 1))]
        for other in milder:
            if other is not None and _days(other) < _days(cell):
                yield _("“%(letter)s” is worse than “%(milder)s” and must not leave more time to put it right.") % {
                    "letter": cell.letter,
                    "milder": other.letter,
                }


def _days(cell: GridCell) -> float:
    return float("inf") if cell.correction_days is None else cell.correction_days


def _facts(band: Band) -> dict[str, str]:
    return {"band": str(band.get_code_display()), "from": number_format(band.from_percent.normalize())}
