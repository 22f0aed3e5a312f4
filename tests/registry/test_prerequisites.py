"""What a service needs, and what a facility lacks for it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from registry.actions import catalogue
from registry.models import Prerequisite
from registry.reports.prerequisites import missing
from tests.factories import NOW, TODAY, a_facility, a_service
from tests.factories_people import (
    NEXT_YEAR,
    a_council,
    a_posting,
    a_practitioner,
    a_prerequisite,
    an_equipment_kind,
    some_equipment,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(1)


def test_people_count_while_posted_and_licensed(django_assert_num_queries):
    service, facility = a_service(), a_facility()
    a_prerequisite(service, least=2)
    a_posting(facility)
    a_posting(facility, a_practitioner(licensed_until=TODAY - DAY))
    a_posting(facility, valid_until=TODAY - DAY)
    a_posting(facility, a_practitioner(council=a_council("nurses", name_en="Nurses")))
    a_posting(a_facility())
    a_posting(facility, a_practitioner(struck_off_on=TODAY))
    with django_assert_num_queries(1):
        (lack,) = missing(facility, service, TODAY)
        assert lack.has == 1
        assert "2 practitioners of the Medical Council of Cambodia" in lack.sentence and "has 1" in lack.sentence
    a_posting(facility, a_practitioner(licensed_until=TODAY), valid_until=TODAY)
    assert missing(facility, service, TODAY) == []
    assert len(missing(facility, service, TODAY + DAY)) == 1


def test_a_practitioner_with_two_turns_counts_once():
    service, facility = a_service(), a_facility()
    a_prerequisite(service, least=2)
    practitioner = a_practitioner()
    a_posting(facility, practitioner, valid_until=TODAY - DAY)
    a_posting(facility, practitioner, valid_from=TODAY)
    assert missing(facility, service, TODAY)[0].has == 1


def test_devices_count_while_in_use_and_calibrated():
    service, facility = a_service(), a_facility()
    a_prerequisite(service, equipment_kind=an_equipment_kind())
    a_prerequisite(service, equipment_kind=an_equipment_kind("ambulance", name_en="Van", needs_calibration=False))
    some_equipment(facility, calibration_due_on=TODAY - DAY)
    some_equipment(facility, calibration_due_on=None)
    some_equipment(facility, withdrawn_on=TODAY)
    some_equipment(facility, kind=an_equipment_kind("ambulance"), calibration_due_on=None)
    (lack,) = missing(facility, service, TODAY)
    assert lack.has == 0 and "X-ray unit" in lack.sentence
    some_equipment(facility, calibration_due_on=TODAY)
    assert missing(facility, service, TODAY) == []


def test_a_foreigner_counts_until_the_permission_ends():
    service, facility = a_service(), a_facility()
    a_prerequisite(service)
    permitted = {"nationality": "FR", "permission_number": "17/26", "permission_until": TODAY}
    a_posting(facility, a_practitioner(licensed_until=NEXT_YEAR, **permitted))
    assert missing(facility, service, TODAY) == []
    assert len(missing(facility, service, TODAY + DAY)) == 1


def test_the_lists_that_come_with_the_registry_are_loaded_once():
    first = catalogue.load(by=None, at=NOW)
    assert first["unchanged"] == 0 and Prerequisite.objects.count() > 10
    assert catalogue.load(by=None, at=NOW) == {"unchanged": first["created"]}


@pytest.mark.parametrize("thing", [{}, {"council": True, "equipment_kind": True}])
def test_a_prerequisite_is_of_people_or_of_equipment(thing):
    things = {"council": a_council, "equipment_kind": an_equipment_kind}
    with pytest.raises(IntegrityError, match="a_prerequisite_is_of_people_or_of_equipment"):
        Prerequisite.objects.create(service=a_service(), clause="§", **{name: things[name]() for name in thing})
