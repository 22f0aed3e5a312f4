"""What a draft would change, found by the database, is what the rules in Python say of every facility."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from inspections import rules
from inspections.actions import rulesets, standings
from inspections.models import Band, Ruleset, Standing, Visit
from inspections.reports import prospects
from inspections.states import BandCode, Grace, LicenceSeen, Purpose, VersionState, VisitOutcome, VisitState
from registry.accounts.states import Role
from tests.factories import NOW, a_facility, a_facility_type, a_ruleset, a_user, counter

pytestmark = pytest.mark.django_db

BEGIN = date(2024, 1, 31)
CODES = list(BandCode)


def approved(facility, ruleset, chance, day):
    """An approved visit as the rules would have left it, with points by chance."""
    sections = {
        f"S{place}": {
            "observed": str(Decimal(chance.randint(0, 8)) / 2),
            "maximum": str(chance.choice([0, 4, 4, Decimal("7.125")])),
        }
        for place in range(chance.randint(0, 3))
    }
    points = [(min(Fraction(s["observed"]), Fraction(s["maximum"])), Fraction(s["maximum"])) for s in sections.values()]
    for section, (observed, _maximum) in zip(sections.values(), points, strict=True):
        section["observed"] = str(rules.decimal(observed))
    exact = rules.percent(points)
    percent = None if exact is None else rules.rounded(exact, ruleset)
    visit = Visit(
        facility=facility,
        facility_type=chance.choice(["clinic", "pharmacy"]),
        ruleset=ruleset,
        state=VisitState.APPROVED,
        outcome=VisitOutcome.COMPLETED,
        purpose=chance.choice([Purpose.ROUTINE, Purpose.ROUTINE, Purpose.PRE_LICENSING, Purpose.BACK_CHECK]),
        visited_on=day,
        submitted_at=NOW,
        decided_at=NOW,
        created_at=NOW,
        licence_seen=chance.choice([*LicenceSeen.values, LicenceSeen.VALID, LicenceSeen.EXPIRED]),
        failed_critical=chance.random() < 0.3,
        section_scores=sections,
        score=percent,
        source="test",
        source_key=str(next(counter)),
    )
    visit.grace = rules.grace_of(visit, visited_on=day)
    band = rules.band_for(
        exact,
        ruleset,
        failed_critical=visit.failed_critical,
        licence_seen=rules.counting_licence(visit),
        grace=visit.grace,
    )
    visit.band = band.code if band else ""
    visit.next_due_on = rules.next_due(day, band, ruleset, facility_type=visit.facility_type, grace=visit.grace)
    visit.save()
    return visit


def judged_in_python(visits, ruleset):
    """What `ruleset` makes of the visits of a facility, the latest first: band, next due day, closure."""
    counting = [visit for visit in visits if visit.purpose != Purpose.BACK_CHECK]
    expired = [visit.visited_on for visit in counting if rules.counting_licence(visit) == LicenceSeen.EXPIRED]

    def judge(visit):
        given_on = min(expired) if expired and min(expired) <= visit.visited_on else None
        seen = rules.counting_licence(visit)
        grace = rules.grace(seen, ruleset, visited_on=visit.visited_on, given_on=given_on)
        points = [(Fraction(s["observed"]), Fraction(s["maximum"])) for s in visit.section_scores.values()]
        band = rules.band_for(
            rules.percent(points),
            ruleset,
            failed_critical=visit.failed_critical,
            licence_seen=seen,
            grace=grace,
        )
        due = rules.next_due(visit.visited_on, band, ruleset, facility_type=visit.facility_type, grace=grace)
        return band.code if band else "", due

    bands = [judge(visit)[0] for visit in counting]
    return (*judge(counting[0]), rules.closure_proposed(bands, ruleset))


def a_ruleset_in_force(code="judging"):
    ruleset = Ruleset.objects.create(
        code=code,
        number=1,
        name=code,
        valid_from=date(2000, 1, 1),
        hard_maximum_months=24,
        unlicensed_band=BandCode.NON_COMPLIANT,
        grace_months=3,
        longest_by_type={"pharmacy": 12},
    )
    ends = ((0, 10, None, 1), (10, 40, 3, 3), (40, 60, 6, 3), (60, 75, 12, None), (75, None, 24, None))
    for band, (start, end, months, closure) in zip(CODES, ends, strict=True):
        Band.objects.create(
            ruleset=ruleset,
            code=band,
            from_percent=start,
            below_percent=end,
            months_to_next_visit=months,
            closure_at_visit=closure,
        )
    ruleset.state = VersionState.PUBLISHED
    ruleset.save()
    return ruleset


def redraft(draft, chance, **facts):
    kept = sorted(chance.sample(range(1, 5), chance.randint(0, 4)))
    starts = [0, *sorted(chance.sample(range(1, 100), len(kept)))]
    bands = [
        Band(
            code=CODES[place],
            from_percent=Decimal(start),
            below_percent=Decimal(below) if below else None,
            months_to_next_visit=chance.choice([None, 1, 6, 36]),
            closure_at_visit=chance.choice([None, 1, 2, 4]),
        )
        for place, start, below in zip([0, *kept], starts, [*starts[1:], None], strict=True)
    ]
    facts = {
        "decimal_places": chance.choice([0, 1, 2]),
        "hard_maximum_months": chance.randint(6, 30),
        "critical_cap": chance.choice([band.code for band in bands]),
        "unlicensed_band": chance.choice(["", *(band.code for band in bands)]),
        "grace_months": chance.choice([0, 3, 6]),
        "longest_by_type": chance.choice([{}, {"clinic": 5}]),
    } | facts
    seen = rules.ruleset_edition(draft)
    return rulesets.change(ruleset=draft, facts=facts, bands=bands, cells=[], seen=seen, by=None, at=NOW)


@pytest.fixture
def facilities():
    """Facilities with up to five visits each, some on the same day, and their standings."""
    chance, ruleset = random.Random(3), a_ruleset_in_force()
    a_facility_type("pharmacy")
    found = {}
    for _place in range(60):
        facility = a_facility()
        days = sorted(BEGIN + timedelta(days=chance.randint(0, 20) * 20) for _visit in range(chance.randint(0, 5)))
        visits = [approved(facility, ruleset, chance, day) for day in days]
        if any(visit.purpose != Purpose.BACK_CHECK for visit in visits):
            found[facility.pk] = visits[::-1]
    standings.refresh(found)
    return found


def test_the_standing_proposes_closure_as_the_rules_do(facilities):
    ruleset = Ruleset.objects.get()
    proposed = dict(Standing.objects.values_list("facility", "closure_proposed"))
    expected = {
        pk: rules.closure_proposed([v.band for v in visits if v.purpose != Purpose.BACK_CHECK], ruleset)
        for pk, visits in facilities.items()
    }
    assert proposed == expected
    assert len(set(expected.values())) == 2


def test_a_draft_that_says_the_same_changes_nothing(facilities):
    draft = rulesets.draft(like=Ruleset.objects.get(), by=None, at=NOW)
    found = prospects.prospects(draft, Visit.objects.all())
    assert (
        list(found.filter(changes=True).values_list("facility", "band", "band_then", "next_due_on", "due_then")) == []
    )
    counted = prospects.summary(found)
    assert (counted.facilities, counted.changed) == (len(facilities), 0)
    assert all(now == then for now, then in counted.matrix)


@pytest.mark.parametrize("seed", range(12))
def test_every_facility_is_judged_as_the_rules_say(facilities, seed):
    draft = redraft(rulesets.draft(like=Ruleset.objects.get(), by=None, at=NOW), random.Random(seed))
    found = {visit.facility_id: visit for visit in prospects.prospects(draft, Visit.objects.all())}
    assert found.keys() == facilities.keys()
    for pk, visits in facilities.items():
        band, due, closure = judged_in_python(visits, draft)
        visit, standing = found[pk], Standing.objects.get(facility=pk)
        assert (visit.band_then, visit.due_then) == (band, due)
        assert (visit.closure in ("newly", "both")) is closure
        assert (visit.closure in ("no_longer", "both")) is standing.closure_proposed
        same = (band, due, closure) == (standing.band, standing.next_due_on, standing.closure_proposed)
        assert visit.changes is not same


def test_the_numbers_are_those_of_the_list_and_only_of_what_one_sees(facilities, django_assert_num_queries):
    draft = redraft(rulesets.draft(like=Ruleset.objects.get(), by=None, at=NOW), random.Random(5))
    rows = list(prospects.prospects(draft, Visit.objects.all()))
    with django_assert_num_queries(3):  # the ruleset, its bands, the numbers
        counted = prospects.summary(prospects.prospects(Ruleset.objects.get(pk=draft.pk), Visit.objects.all()))
    assert counted.facilities == len(rows) == sum(counted.matrix.values()) == sum(counted.closures.values())
    assert counted.changed == sum(row.changes for row in rows) > 0
    for word, number in counted.moved.items():
        assert number == sum(row.moved == word for row in rows)
    nobody = a_user(Role.INSPECTOR, province=None)
    seen = prospects.summary(prospects.prospects(draft, Visit.objects.visible_to(nobody)))
    assert (
        seen.facilities
        == Visit.objects.visible_to(nobody)
        .filter(facility__standing__visit__isnull=False)
        .values("facility")
        .distinct()
        .count()
    )


def test_facilities_judged_by_other_rulesets_are_not_asked(facilities):
    draft = rulesets.draft(like=a_ruleset("another"), by=None, at=NOW)
    assert prospects.summary(prospects.prospects(draft, Visit.objects.all())).facilities == 0
    assert Visit.objects.filter(grace=Grace.SPENT).exists()
