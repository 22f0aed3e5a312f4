"""Attacks by plain SQL, as the application role: the database itself refuses."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from inspections.actions import visits
from inspections.models import Visit
from inspections.states import VisitState
from registry.accounts.states import Role
from tests.factories import NOW, a_checklist_version, a_ruleset, a_user, a_visit, answers_to

pytestmark = pytest.mark.django_db


REFUSALS = r"visit \S+ is (approved|submitted)|stays? as (it is|they are)|Invalid transition|Cannot delete"


@contextmanager
def refused(why=REFUSALS):
    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        yield


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


@pytest.fixture
def approved():
    version = a_checklist_version()
    visit = a_visit(state=VisitState.SUBMITTED, checklist_version=version, answers=answers_to(version))
    return visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)


@pytest.mark.parametrize(
    "change",
    [
        "score = 1",
        "answers = '{}'",
        "band = 'fully_compliant', score = 99",
        "next_due_on = next_due_on + 1",
        "grace = 'given'",
        "failed_critical = true",
        "section_scores = '{\"S01\": {}}'",
        "state = 'returned'",
        "state = 'submitted'",
        "source = 'historic'",
        "decided_by_id = inspector_id",
        "facility_id = facility_id + 1",
        "visited_on = visited_on - 400",
    ],
)
def test_an_approved_visit_is_not_rewritten(approved, change):
    with refused():
        run(f"UPDATE inspections_visit SET {change} WHERE id = %s", approved.pk)


@pytest.mark.parametrize(
    "change",
    [
        "answers = '{}'",
        "answers = jsonb_set(answers, '{S01.01,answer}', '\"no\"')",
        "services = '[\"surgery\"]'",
        "visited_on = visited_on - 1",
        "outcome = 'not_found'",
        "licence_seen = 'valid'",
        "submitted_by_id = NULL",
        "inspector_id = NULL",
        "revision = revision + 1",
        "source = 'historic'",
        "state = 'returned', answers = '{}'",
        "state = 'in_progress'",
    ],
)
def test_what_was_handed_in_is_not_rewritten(change):
    version = a_checklist_version()
    visit = a_visit(state=VisitState.SUBMITTED, checklist_version=version, answers=answers_to(version))
    with refused():
        run(f"UPDATE inspections_visit SET {change} WHERE id = %s", visit.pk)


@pytest.mark.parametrize("person", ["inspector_id", "submitted_by_id"])
@pytest.mark.parametrize("state", ["approved", "returned"])
def test_nobody_decides_an_own_visit(person, state):
    visit = a_visit(state=VisitState.SUBMITTED, submitted_by=a_user(Role.INSPECTOR))
    with refused("own_visit|inspector_does_not_decide"):
        run(
            f"UPDATE inspections_visit SET state = '{state}', decided_by_id = {person}, decided_at = now(), "
            f"next_due_on = visited_on WHERE id = %s",
            visit.pk,
        )


def test_no_step_of_the_life_cycle_is_skipped():
    visit = a_visit()
    with refused("Invalid transition"):
        run(
            "UPDATE inspections_visit SET state = 'submitted', visited_on = now(), submitted_at = now() WHERE id = %s",
            visit.pk,
        )


@pytest.mark.parametrize(
    "state", [VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.SUBMITTED, VisitState.CANCELLED]
)
def test_a_visit_is_never_deleted(state):
    visit = a_visit(state=state)
    with refused("delete"):
        run("DELETE FROM inspections_visit WHERE id = %s", visit.pk)
    assert Visit.objects.exists()


def test_an_imported_visit_may_be_corrected_by_a_later_import():
    visit = a_visit(state=VisitState.SUBMITTED, source="historic", source_key="1", inspector=None, submitted_by=None)
    assert run("UPDATE inspections_visit SET visited_on = visited_on - 1 WHERE id = %s", visit.pk) == 1


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE inspections_checklistversion SET source = 'mine'",
        "UPDATE inspections_checklistversion SET number = 7",
        "UPDATE inspections_checklistversion SET state = 'draft'",
        "DELETE FROM inspections_checklistversion",
        "UPDATE inspections_checklistsection SET name_en = 'x'",
        "UPDATE inspections_checklistsection SET scored = false",
        "DELETE FROM inspections_checklistsection",
        """INSERT INTO inspections_checklistsection (version_id, position, code, name_km, name_en, scored)
        SELECT id, 9, 'X', '', 'x', true FROM inspections_checklistversion""",
        "UPDATE inspections_checklistitem SET weight = 100",
        "DELETE FROM inspections_checklistitem WHERE code = '01'",
        """INSERT INTO inspections_checklistitem (section_id, position, code, heading_km, heading_en, label_km,
        label_en, kind, unit, weight, critical, clause, severity, guidance_km, guidance_en)
        SELECT id, 9, 'X', '', '', '', 'x', 'compliance', '', 1, false, '', 1, '', '' FROM inspections_checklistsection
        """,
    ],
)
def test_a_published_checklist_stays_as_it_is(attack):
    a_checklist_version()
    with refused():
        run(attack)


def test_no_table_of_rulebooks_or_visits_is_emptied():
    for table in ("visit", "checklistversion", "checklistsection", "checklistitem", "ruleset", "band", "standing"):
        with refused("permission denied"):
            run(f"TRUNCATE inspections_{table} CASCADE")


def test_items_are_not_moved_into_a_published_checklist():
    version = a_checklist_version()
    draft = version.checklist.versions.create(number=2)
    section = draft.sections.create(position=1, code="D", name_en="Draft")
    section.items.create(position=1, code="1", label_en="Q")
    with refused("stay as they are"):
        run(
            "UPDATE inspections_checklistitem SET section_id = %s, position = 9 WHERE section_id = %s",
            version.sections.first().pk,
            section.pk,
        )
    assert draft.delete()


def test_only_one_version_of_a_checklist_is_published():
    version = a_checklist_version()
    version.checklist.versions.create(number=2)
    with refused("one_published_version_per_checklist"):
        run("UPDATE inspections_checklistversion SET state = 'published', published_at = now() WHERE number = 2")


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE inspections_ruleset SET hard_maximum_months = 240",
        "UPDATE inspections_ruleset SET unlicensed_band = 'fully_compliant'",
        "UPDATE inspections_ruleset SET state = 'draft'",
        "DELETE FROM inspections_ruleset",
        "UPDATE inspections_band SET months_to_next_visit = 99",
        "DELETE FROM inspections_band WHERE code = 'non_compliant'",
        "UPDATE inspections_ruleset SET grace_months = 99",
        "UPDATE inspections_ruleset SET longest_by_type = '{}', valid_from = '2020-01-01'",
        "UPDATE inspections_band SET closure_at_visit = NULL",
        "UPDATE inspections_gridcell SET correction_days = 99",
        "DELETE FROM inspections_gridcell",
        """INSERT INTO inspections_gridcell (ruleset_id, severity, scope, letter)
        SELECT id, 1, 2, 'B' FROM inspections_ruleset""",
        """INSERT INTO inspections_band (ruleset_id, code, from_percent, below_percent)
        SELECT id, 'fully_compliant', 101, 102 FROM inspections_ruleset""",
    ],
)
def test_a_published_ruleset_stays_as_it_is(attack):
    a_ruleset(correction_days=10)
    with refused():
        run(attack)


def test_a_published_ruleset_may_get_its_last_day():
    a_ruleset()
    assert run("UPDATE inspections_ruleset SET valid_until = '2027-12-31'") == 1
