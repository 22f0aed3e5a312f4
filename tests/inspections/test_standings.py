"""A standing says what the visits say: for whoever writes, and on its page."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from inspections.actions import standings
from inspections.models import Standing, Visit
from inspections.reports import standings as reports
from inspections.states import BandCode, Purpose
from registry.accounts.states import Role
from tests.factories import a_facility, a_user, a_visit, an_approved_visit, another_province

pytestmark = pytest.mark.django_db

SPRING, SUMMER = date(2026, 3, 1), date(2026, 7, 1)


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.fixture
def facility():
    facility = a_facility()
    an_approved_visit(facility, visited_on=SPRING, next_due_on=SUMMER, band=BandCode.PARTIALLY_COMPLIANT, score=50)
    an_approved_visit(facility, visited_on=SUMMER, next_due_on=date(2028, 7, 1))
    return facility


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE inspections_standing SET next_due_on = next_due_on + 1",
        "UPDATE inspections_standing SET score = 99",
        "UPDATE inspections_standing SET band = 'non_compliant'",
        "UPDATE inspections_standing SET visits_in_band = 2",
        "UPDATE inspections_standing SET closure_proposed = true",
        "UPDATE inspections_standing SET last_visit_on = last_visit_on - 1",
        """UPDATE inspections_standing SET (visit_id, last_visit_on, score, band, next_due_on) =
        (SELECT id, visited_on, score, band, next_due_on FROM inspections_visit ORDER BY visited_on LIMIT 1)""",
        "UPDATE inspections_standing SET facility_id = (SELECT max(id) FROM registry_facility)",
        "DELETE FROM inspections_standing",
        """INSERT INTO inspections_standing (facility_id, visit_id, last_visit_on, band, visits_in_band, next_due_on)
        SELECT max(f.id), max(v.id), '2026-01-01', '', 1, '2027-01-01'
        FROM registry_facility f, inspections_visit v WHERE v.state = 'planned'""",
    ],
)
def test_a_standing_that_no_visit_says_is_refused_by_the_database(facility, attack):
    a_visit(a_facility())
    with pytest.raises(DatabaseError, match=r"a standing (says|stays)"), transaction.atomic():
        run(attack)
    assert Standing.objects.get().band == BandCode.FULLY_COMPLIANT


def test_what_the_visits_say_may_be_written_by_anybody_and_again(facility):
    assert standings.refresh([facility.pk]) == 0
    assert run("UPDATE inspections_standing SET band = band") == 1
    run("UPDATE inspections_visit SET outcome = 'not_found' WHERE visited_on = '2026-07-01'")
    assert standings.refresh([facility.pk]) == 1
    assert Standing.objects.get().score == 50
    run("UPDATE inspections_visit SET outcome = 'not_found'")
    assert standings.refresh([facility.pk]) == 1
    assert not Standing.objects.exists()


def test_a_back_check_moves_no_standing(facility):
    visit = Visit.objects.get(visited_on=SUMMER)
    with pytest.raises(DatabaseError, match="delete"), transaction.atomic():
        visit.delete()
    Visit.objects.filter(pk=visit.pk).update(purpose=Purpose.BACK_CHECK)
    standings.refresh([facility.pk])
    assert Standing.objects.get().visit_id != visit.pk


def test_closure_is_proposed_after_three_visits_and_taken_back_after_a_better_one():
    facility = a_facility()
    proposed = []
    for place, score in enumerate((50, 45, 30, 80)):
        band = next(
            band
            for band, least in (
                (BandCode.FULLY_COMPLIANT, 75),
                (BandCode.PARTIALLY_COMPLIANT, 40),
                (BandCode.MINIMALLY_COMPLIANT, 10),
            )
            if score >= least
        )
        day = SPRING + timedelta(days=30 * place)
        an_approved_visit(facility, visited_on=day, next_due_on=day, band=band, score=score)
        proposed.append(Standing.objects.get(facility=facility).closure_proposed)
    assert proposed == [False, False, True, False]


def test_the_page_tells_the_whole_history(client, facility, django_assert_max_num_queries):
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    with django_assert_max_num_queries(14):
        page = client.get(f"/facilities/{facility.number}/standing/")
    text = page.content.decode()
    assert [dot.y for dot in page.context["dots"]] == [50, 20]
    assert (page.context["dots"][0].x, page.context["dots"][1].x) == (3, 97)
    assert len(page.context["rows"]) == 2
    assert "Partially compliant" in text
    assert "Record a request for re-inspection" in text
    assert client.get(f"/facilities/{a_facility().number}/standing/").status_code == 200
    assert client.get(f"/facilities/{a_facility(province=another_province()).number}/standing/").status_code == 404


def test_sections_are_compared_from_the_first_scored_visit_to_the_latest(facility):
    first, latest = Visit.objects.order_by("visited_on")
    first.section_scores = {"S01": {"observed": "1", "maximum": "4"}, "S02": {"observed": "0", "maximum": "0"}}
    latest.section_scores = {"S01": {"observed": "3.5", "maximum": "4"}, "S03": {"observed": "2", "maximum": "3"}}
    found = [(part.section, part.first, part.latest) for part in reports.by_section([latest, first])]
    assert found == [("S01", 25, 88), ("S02", None, None), ("S03", None, 67)]
    assert reports.by_section([latest]) == []


def test_one_visit_stands_in_the_middle_and_one_without_score_nowhere(facility):
    first, latest = Visit.objects.order_by("visited_on")
    dots, lines = reports.chart([first])
    assert ([(dot.x, dot.y) for dot in dots], lines) == ([(Decimal(50), Decimal(50))], [])
    latest.score = None
    assert reports.chart([latest]) == ([], [])
