"""From a score to a band, from a band to the next due date, from several bands to the proposal of a closure.

Pure functions over a ruleset and its bands, but for `grace_of`, which looks up when time was given before.
The demonstration ruleset follows Kenya's Joint Health Inspection Checklist (Legal Notice 46/2016) with its printed
bands read as half-open intervals; the yearly visit to pharmacies is the Cambodian ministry's own rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from django.db.models import Min

from inspections.models import Band, Ruleset, Visit
from inspections.rules.scoring import Score, Structure, decimal, score, setting
from inspections.states import Grace, LicenceSeen, Purpose
from registry.core.dates import add_months


def rounded(percent: Fraction, ruleset: Ruleset) -> Decimal:
    """The percentage as stored and put into a band: rounded half up to the ruleset's decimal places."""
    whole = floor(percent * 10**ruleset.decimal_places + Fraction(1, 2))
    return Decimal(whole).scaleb(-ruleset.decimal_places)


def band_for(
    percent: Fraction | Decimal | None,
    ruleset: Ruleset,
    *,
    failed_critical: bool = False,
    licence_seen: str = "",
    grace: str = "",
) -> Band | None:
    """The band of a percentage (0 to 100, or None), by the ruleset's half-open intervals: 40 is in [40, 60).

    Where no licence at all was shown, or the time given once to renew it is over, the ruleset's `unlicensed_band`
    stands, whatever the percentage, also None. Otherwise None (nothing counted) is in no band, and a failed critical
    item keeps the band at or below the ruleset's `critical_cap`. Raises LookupError where the ruleset leaves a gap at
    this percentage.
    """
    bands = {band.code: band for band in ruleset.bands.all()}
    if ruleset.unlicensed_band and (licence_seen == LicenceSeen.NONE or grace == Grace.SPENT):
        return bands[ruleset.unlicensed_band]
    if percent is None:
        return None
    figure = rounded(Fraction(percent), ruleset)
    for band in bands.values():
        if band.from_percent <= figure and (band.below_percent is None or figure < band.below_percent):
            break
    else:
        raise LookupError(f"{ruleset} has no band for {figure}")
    if failed_critical and ruleset.critical_cap in bands:
        return min(band, bands[ruleset.critical_cap], key=lambda band: band.from_percent)
    return band


def counting_licence(visit: Visit) -> str:
    """The licence that was shown (a `LicenceSeen`); "" on a visit that asks whether there can be one."""
    return "" if visit.purpose == Purpose.PRE_LICENSING else visit.licence_seen


def grace(licence_seen: str, ruleset: Ruleset, *, visited_on: date, given_on: date | None) -> str:
    """What an expired licence means on this visit (a `Grace`, or "" where the ruleset or the licence gives none).

    The first time that a facility shows an expired licence it is given the ruleset's `grace_months`, once for ever:
    `given_on` is the day of that first visit, if there was one. While they run the licence decides nothing else.
    After them a facility that still, or again, has no valid licence is as one without any.
    """
    if not ruleset.grace_months or licence_seen not in (LicenceSeen.EXPIRED, LicenceSeen.NONE):
        return ""
    if given_on is not None and visited_on > add_months(given_on, ruleset.grace_months):
        return Grace.SPENT
    return Grace.GIVEN if licence_seen == LicenceSeen.EXPIRED else ""


def grace_of(visit: Visit, *, visited_on: date) -> str:
    """`grace` for a visit about to be approved, with what the facility's earlier visits say. At most one query."""
    licence_seen = counting_licence(visit)
    if not grace(licence_seen, visit.ruleset, visited_on=visited_on, given_on=date.min):
        return ""
    earlier = Visit.objects.counting().filter(facility=visit.facility_id, grace=Grace.GIVEN, visited_on__lte=visited_on)
    given_on = earlier.exclude(pk__in=[visit.pk, visit.amends_id or visit.pk]).aggregate(day=Min("visited_on"))["day"]
    return grace(licence_seen, visit.ruleset, visited_on=visited_on, given_on=given_on)


def intervals(band: Band | None, ruleset: Ruleset, *, facility_type: str = "", grace: str = "") -> dict[str, int]:
    """Every interval in months that bears on the next visit, by its name; the shortest of them decides."""
    found = {"longest": ruleset.hard_maximum_months}
    if band is not None and band.months_to_next_visit is not None:
        found["band"] = band.months_to_next_visit
    if facility_type in ruleset.longest_by_type:
        found["type"] = ruleset.longest_by_type[facility_type]
    if grace == Grace.GIVEN:
        found["grace"] = ruleset.grace_months
    return found


def next_due(
    visited_on: date, band: Band | None, ruleset: Ruleset, *, facility_type: str = "", grace: str = ""
) -> date:
    """The day by which the facility is to be visited again.

    So many months after the visit as its band says, but never later than the ruleset's hard maximum, nor than its
    longest time for this type of facility, nor than the end of the time given to renew the licence. Where the band
    names no months (non-compliant: re-inspection on request, after correction) or there is no band, the other limits
    stand alone, so that nobody is forgotten who never asks.
    """
    return add_months(visited_on, min(intervals(band, ruleset, facility_type=facility_type, grace=grace).values()))


def closure_proposed(bands: Sequence[str], ruleset: Ruleset, *, by: Band | None = None) -> bool:
    """Whether the visits with these band codes, the latest first, are a ground to propose closing the facility.

    They are where, for some band of the ruleset (or the one asked about, `by`), as many visits in a row as its
    `closure_at_visit` says ended in that band or a lower one. A visit without a band, or with one that the ruleset
    does not know, ends the row.
    """
    from_percent = {band.code: band.from_percent for band in ruleset.bands.all()}

    def proposes(band: Band) -> bool:
        visits = band.closure_at_visit or 0
        latest = bands[:visits]
        return 0 < visits == len(latest) and all(
            code in from_percent and from_percent[code] <= band.from_percent for code in latest
        )

    return any(proposes(band) for band in ([by] if by else ruleset.bands.all()))


@dataclass(frozen=True)
class Result:
    """What approval writes to a visit: `percent` rounded by the ruleset or None, `band` or None, the next due day."""

    score: Score
    percent: Decimal | None
    band: Band | None
    next_due_on: date
    grace: str = ""

    @property
    def band_code(self) -> str:
        return self.band.code if self.band else ""

    @property
    def failed_critical(self) -> bool:
        return bool(self.score.failed_critical)

    @property
    def section_scores(self) -> dict[str, dict[str, str]]:
        """Exact points by section code, as decimal texts: {"S01": {"observed": "3.5", "maximum": "4"}}."""
        return {
            part.section.code: {"observed": f"{decimal(part.observed):f}", "maximum": f"{decimal(part.maximum):f}"}
            for part in self.score.sections
            if part.section.scored
        }


def result(visit: Visit, structure: Structure, *, visited_on: date, grace: str | None = None) -> Result:
    """Score a visit with its own answers, services and ruleset; `structure` is that of its own version.

    `grace` is what an expired licence means (`grace_of`) while the visit waits for approval; None once it is stored.
    """
    found = score(structure, visit.answers, setting(visit))
    ruleset = visit.ruleset
    grace = visit.grace if grace is None else grace
    band = band_for(
        found.percent,
        ruleset,
        failed_critical=bool(found.failed_critical),
        licence_seen=counting_licence(visit),
        grace=grace,
    )
    return Result(
        score=found,
        percent=None if found.percent is None else rounded(found.percent, ruleset),
        band=band,
        next_due_on=next_due(visited_on, band, ruleset, facility_type=visit.facility_type, grace=grace),
        grace=grace,
    )
