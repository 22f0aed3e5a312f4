"""What a ruleset would make of the facilities as they stand: every standing judged again, in the database.

Scores come from the points stored at approval, so that they are rounded once, by the ruleset that is asked about.
Bands, intervals and limits enter the statement as values; the same rules in Python are `rules.band_for`,
`rules.next_due` and `rules.closure_proposed`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DecimalField,
    F,
    Field,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least
from django.utils.translation import gettext_lazy as _

from inspections.models import Band, Ruleset, Visit
from inspections.states import BandCode, Grace, LicenceSeen, Purpose

NO_BAND = -1
LICENCE_COUNTS = ~Q(purpose=Purpose.PRE_LICENSING)
"""As in `rules.counting_licence`."""


class Moved(TextChoices):
    """Which way the day of the next visit would move."""

    EARLIER = "earlier", _("Earlier")
    SAME = "same", _("The same day")
    LATER = "later", _("Later")


class Closure(TextChoices):
    """Whether closing the facility would be proposed by one of two rulesets only. The order counts in twos."""

    NEITHER = "neither", _("Proposed by neither")
    NEWLY = "newly", _("Newly proposed")
    NO_LONGER = "no_longer", _("No longer proposed")
    BOTH = "both", _("Proposed by both")


@dataclass(frozen=True)
class Summary:
    """`matrix` counts facilities by (band now, band then), codes or ""; `moved` and `closures` by their words."""

    facilities: int
    changed: int
    matrix: dict[tuple[str, str], int]
    moved: dict[str, int]
    closures: dict[str, int]


def prospects(ruleset: Ruleset, visible: QuerySet[Visit]) -> QuerySet[Any]:
    """The last counting visits among `visible` that a version of the same ruleset judged, as this one would.

    Each has `band_then`, `due_then`, `moved` (a `Moved`), `closure` (a `Closure`) and `changes` (whether any of it
    differs from what stands). One statement however many there are; nothing is written.
    """
    bands = sorted(ruleset.bands.all(), key=lambda band: band.from_percent)
    standing = visible.filter(facility__standing__visit=F("pk"), ruleset__code=ruleset.code)
    proposed = F("facility__standing__closure_proposed")
    judged = _judged(standing, ruleset, bands)
    return judged.annotate(
        band_then=_pick(["", *(band.code for band in bands)], F("place_then") + 1, choices=BandCode),
        due_then=_due(ruleset, bands),
        closure_then=_closure(ruleset, bands),
    ).annotate(
        moved=_pick(Moved.values, _way(F("next_due_on"), F("due_then")), choices=Moved),
        closure=_pick(Closure.values, _number(F("closure_then")) + 2 * _number(proposed), choices=Closure),
        changes=Case(
            When(~Q(band=F("band_then")) | ~Q(due_then=F("next_due_on")) | ~Q(closure_then=proposed), then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )


def summary(judged: QuerySet[Any]) -> Summary:
    """The numbers of `prospects`. One query; its answer has a row a way to change, not a row a facility."""
    keys = ("band", "band_then", "moved", "closure")
    rows = list(judged.order_by().values(*keys).annotate(facilities=Count("pk")).values_list(*keys, "facilities"))
    return Summary(
        facilities=sum(row[-1] for row in rows),
        changed=sum(number for now, then, moved, closure, number in rows if _differs(now, then, moved, closure)),
        matrix=_sums(((row[0], row[1]), row[-1]) for row in rows),
        moved=dict.fromkeys(Moved.values, 0) | _sums((row[2], row[-1]) for row in rows),
        closures=dict.fromkeys(Closure.values, 0) | _sums((row[3], row[-1]) for row in rows),
    )


def _differs(now: str, then: str, moved: str, closure: str) -> bool:
    return now != then or moved != Moved.SAME or closure in (Closure.NEWLY, Closure.NO_LONGER)


def _judged(visits: QuerySet[Visit], ruleset: Ruleset, bands: list[Band]) -> QuerySet[Any]:
    """`visits` with the meaning of an expired licence, and the place of the band among `bands`, as `…_then`.

    Every expression that names another is written out again inside it, so each names the costly ones once.
    """
    places = {band.code: Value(place) for place, band in enumerate(bands)}
    found = Coalesce(_place(_percent(ruleset), bands), Value(NO_BAND))
    cases = []
    if ruleset.unlicensed_band:
        unlicensed = (LICENCE_COUNTS & Q(licence_seen=LicenceSeen.NONE)) | Q(grace_then=Grace.SPENT)
        cases.append(When(unlicensed, then=places[ruleset.unlicensed_band]))
    if ruleset.critical_cap in places:
        cases.append(When(failed_critical=True, then=Least(found, places[ruleset.critical_cap])))
    return visits.annotate(grace_then=_grace(ruleset)).annotate(
        place_then=Case(*cases, default=found, output_field=IntegerField())
    )


def _place(percent: Coalesce, bands: list[Band]) -> Func | Value:
    """Half-open by nature: `width_bucket` counts the beginnings that are not above the percentage."""
    beginnings = ", ".join(str(band.from_percent) for band in bands[1:])
    return Func(
        percent,
        template=f"width_bucket(%(expressions)s, ARRAY[{beginnings}]::numeric[])",
        output_field=IntegerField(),
    )


def _percent(ruleset: Ruleset) -> Coalesce:
    """Half up to the decimal places, exactly: floor(x + 1/2) of a fraction is a division of whole points."""
    unit = 10**ruleset.decimal_places
    points = (
        f"SELECT div({200 * unit} * sum(observed) + sum(maximum), 2 * NULLIF(sum(maximum), 0)) / {unit}"
        f" FROM jsonb_to_recordset(jsonb_path_query_array(%(expressions)s, '$.*'))"
        f" section(observed numeric, maximum numeric)"
    )
    counted = Func(F("section_scores"), template=f"({points})", output_field=DecimalField())
    imported = Func(F("score"), template=f"floor(%(expressions)s * {unit} + 0.5) / {unit}", output_field=DecimalField())
    return Coalesce(counted, imported)


def _grace(ruleset: Ruleset) -> Case | Value:
    if not ruleset.grace_months:
        return Value("", output_field=CharField())
    is_expired = LICENCE_COUNTS & Q(licence_seen=LicenceSeen.EXPIRED)
    expired = Visit.objects.counting().filter(is_expired, facility=OuterRef("facility"))
    first = Subquery(expired.order_by("visited_on").values("visited_on")[:1])
    lacking = LICENCE_COUNTS & Q(licence_seen__in=(LicenceSeen.EXPIRED, LicenceSeen.NONE))
    return Case(
        When(lacking & Q(visited_on__gt=_months_after(first, ruleset.grace_months)), then=Value(Grace.SPENT)),
        When(is_expired, then=Value(Grace.GIVEN)),
        default=Value(""),
        output_field=CharField(),
    )


def _due(ruleset: Ruleset, bands: list[Band]) -> Func:
    """The shortest of `rules.intervals` after the visit; `least` passes over what is null."""
    of_type = [When(facility_type=code, then=Value(months)) for code, months in ruleset.longest_by_type.items()]
    given = When(grace_then=Grace.GIVEN, then=Value(ruleset.grace_months))
    limits = [
        Value(ruleset.hard_maximum_months),
        _pick([None, *(band.months_to_next_visit for band in bands)], F("place_then") + 1),
        *([Case(*of_type, default=None, output_field=IntegerField())] if of_type else []),
        Case(given, default=None, output_field=IntegerField()),
    ]
    return _months_after(F("visited_on"), Least(*limits))


def _closure(ruleset: Ruleset, bands: list[Band]) -> Func | Value:
    """Whether for some band the latest so many visits lie in it or below: their places as an array, looked at once."""
    closing = {place: band.closure_at_visit for place, band in enumerate(bands) if band.closure_at_visit}
    if not closing:
        return Value(False, output_field=BooleanField())
    earlier = Visit.objects.counting().filter(facility=OuterRef("facility")).order_by("-visited_on", "-pk")
    latest = ArraySubquery(_judged(earlier, ruleset, bands).values("place_then")[: max(closing.values())])
    grounds = " OR ".join(
        f"(cardinality(latest) >= {visits} AND {place} >= ALL (latest[1:{visits}])"
        f" AND {NO_BAND} < ALL (latest[1:{visits}]))"
        for place, visits in closing.items()
    )
    return Func(
        latest,
        template=f"(SELECT {grounds} FROM (SELECT %(expressions)s AS latest OFFSET 0) looked_at_once)",
        output_field=BooleanField(),
    )


def _pick(values: Sequence[Any], place: Any, *, choices: type[TextChoices] | None = None) -> Func:
    """The value at a place, counted from 0."""
    kind = "text" if choices else "integer"
    field: Field[Any, Any] = CharField(choices=choices.choices) if choices else IntegerField()
    return Func(
        Value(list(values), output_field=ArrayField(CharField() if choices else IntegerField())),
        place,
        template="(%(expressions)s) + 1]",
        arg_joiner=f"::{kind}[])[(",
        output_field=field,
    )


def _way(now: Any, then: Any) -> Func:
    """0, 1 or 2 for a day that moves earlier, stays or moves later."""
    return Func(then, now, template="sign(%(expressions)s)::integer + 1", arg_joiner=" - ", output_field=IntegerField())


def _number(truth: Any) -> Cast:
    return Cast(truth, IntegerField())


def _months_after(day: Any, months: Any) -> Func:
    return Func(
        day,
        months if hasattr(months, "resolve_expression") else Value(months),
        template="(%(expressions)s)::date",
        arg_joiner=" + interval '1 month' * ",
        output_field=DateField(),
    )


def _sums(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for key, number in pairs:
        found[key] = found.get(key, 0) + number
    return found
