"""Every change of a fact that a rule reads marks the clock, also when raw SQL makes it."""

from datetime import date

import pytest
from django.db import connection

from enforcement.models import ComplianceClock
from registry.models import FacilityService
from tests import factories

pytestmark = pytest.mark.django_db
DIRTY = date.min


@pytest.fixture
def facility():
    facility = factories.a_facility()
    factories.an_approved_visit(facility, visited_on=date(2026, 1, 5), next_due_on=date(2027, 1, 5))
    factories.a_licence(facility, valid_from=date(2026, 1, 1), valid_until=date(2027, 12, 31))
    factories.a_refused_visit(facility, visited_on=date(2026, 2, 5))
    factories.a_corrective_action(facility, due_on=date(2026, 3, 5))
    surgery = factories.an_authorisation(facility, valid_from=date(2026, 1, 1), valid_until=date(2027, 12, 31))
    factories.a_suspension(surgery, from_on=date(2026, 2, 1), ends_on=date(2026, 3, 1))
    factories.a_condition(surgery, due_on=date(2027, 1, 1))
    FacilityService.objects.create(facility=facility, service=surgery.service, declared_on=date(2026, 1, 1))
    ComplianceClock.objects.update(next_change_on=None)
    return facility


def is_dirty(facility) -> bool:
    return ComplianceClock.objects.get(facility=facility).next_change_on == DIRTY


def test_a_new_facility_has_a_clock_that_the_next_sweep_will_read():
    assert is_dirty(factories.a_facility())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE registry_facility SET operational_status = 'closed'",
        "UPDATE registry_facilitytype SET licence_needed = false",
        "UPDATE registry_operationalstatuschange SET status = 'closed'",
        "DELETE FROM registry_operationalstatuschange",
        "UPDATE inspections_standing SET next_due_on = next_due_on",
        "UPDATE inspections_visit SET outcome = 'refused'; DELETE FROM inspections_standing",
        "UPDATE licensing_licence SET state = 'surrendered', ended_on = valid_until",
        "UPDATE inspections_correctiveaction SET due_on = due_on + 1",
        "UPDATE licensing_serviceauthorisation SET state = 'surrendered', ended_on = valid_until",
        """INSERT INTO licensing_condition (authorisation_id, text, due_on, state, imposed_at, evidence)
        SELECT authorisation_id, text, due_on, state, imposed_at, evidence FROM licensing_condition""",
        "UPDATE licensing_condition SET due_on = due_on + 1",
        """INSERT INTO licensing_suspension
            (authorisation_id, grounds, notice_on, from_on, ends_on, decided_at, ended_at, reason_of_end)
        SELECT authorisation_id, grounds, notice_on, ends_on, ends_on + 1, decided_at, ended_at, reason_of_end
        FROM licensing_suspension""",
        "UPDATE registry_facilityservice SET withdrawn_on = declared_on",
        "DELETE FROM registry_facilityservice",
        "UPDATE registry_service SET needs_authorisation = false",
        "UPDATE inspections_visit SET visited_on = visited_on - 1 WHERE outcome = 'refused'",
        """INSERT INTO inspections_visit (uuid, facility_id, purpose, announced, state, outcome, ruleset_id, visited_on,
            services, licence_seen, answers, note, revision, decided_at, reason, section_scores, band, source,
            source_key, created_at)
        SELECT gen_random_uuid(), facility_id, purpose, announced, state, 'refused', ruleset_id, visited_on, services,
            licence_seen, answers, note, revision, decided_at, reason, section_scores, '', source, 'another', created_at
        FROM inspections_visit WHERE outcome = 'refused'""",
    ],
)
def test_raw_sql_that_changes_a_fact_marks_the_clock(facility, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert is_dirty(facility)


def test_a_change_that_no_rule_reads_leaves_the_clock_alone(facility):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_facility SET phone = '012345678'")
    assert not is_dirty(facility)
