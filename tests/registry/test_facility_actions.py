"""What may happen to a facility, who may do it, and what the history keeps of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from registry.accounts.states import Role
from registry.actions import catalogue, facilities, operators
from registry.areas.models import OperationalDistrict
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.core.khmer import search_key, sort_key
from registry.models import Council, EquipmentKind, Facility, FacilityType, Operator, Prerequisite, Service
from registry.policies import beds_beside_the_range
from registry.states import EVENTS, STATUS_TRANSITIONS, OperationalStatus, OperatorKind, Ownership
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_province,
    a_service,
    a_user,
    an_operator,
    another_province,
)

pytestmark = pytest.mark.django_db
OWN, ELSEWHERE = "own province", "another province"
KEEPERS = {(Role.PROVINCIAL_MANAGER, OWN), (Role.LICENSING_OFFICER, OWN), (Role.LICENSING_OFFICER, ELSEWHERE)}


def officer() -> Any:
    return a_user(Role.LICENSING_OFFICER)


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "name_km": "គ្លីនិកសុខ",
        "name_en": "Sok Clinic",
        "type": a_facility_type(),
        "ownership": Ownership.PRIVATE,
        "area": a_province(),
    } | changes


def register(**changes: Any) -> Facility:
    return facilities.register(facts=facts(**changes), by=officer(), at=NOW)


def events(facility: Facility) -> list[str]:
    return list(
        AuditEvent.objects.filter(facility_number=facility.number).order_by("id").values_list("verb", flat=True)
    )


@pytest.mark.parametrize("place", [OWN, ELSEWHERE])
@pytest.mark.parametrize("role", Role)
def test_only_those_who_keep_facilities_of_a_province_change_them(role: Role, place: str) -> None:
    province = a_province() if place == OWN else another_province()
    facility, person = a_facility(province=province), a_user(role, province=a_province())
    identifier = facility.identifiers.create(system="HMIS", value="1")
    verbs = [
        lambda: facilities.register(facts=facts(area=province), by=person, at=NOW),
        lambda: facilities.edit(facility=facility, revision=1, facts={"beds": 3}, by=person, at=NOW),
        lambda: facilities.add_identifier(facility=facility, system="NSSF", value="1", by=person, at=NOW),
        lambda: facilities.remove_identifier(identifier=identifier, by=person, at=NOW),
        lambda: facilities.declare_service(facility=facility, service=a_service(), by=person, at=NOW),
        lambda: facilities.withdraw_service(facility=facility, service=a_service(), by=person, at=NOW),
        lambda: facilities.change_status(
            facility=facility, status="closed", effective_on=TODAY, reason="Moved", by=person, at=NOW
        ),
    ]
    for verb in verbs:
        if (role, place) in KEEPERS:
            verb()
        else:
            with pytest.raises(NotPermitted):
                verb()
    assert AuditEvent.objects.exists() == ((role, place) in KEEPERS)


@pytest.mark.parametrize("role", Role)
def test_who_changes_operators_and_the_catalogue(role: Role) -> None:
    person = a_user(role)
    for allowed, verb in (
        (role in (Role.PROVINCIAL_MANAGER, Role.LICENSING_OFFICER), lambda: operators.register(
            facts={"name_en": "S88", "kind": OperatorKind.ORGANISATION}, by=person, at=NOW)),
        (role == Role.ADMINISTRATOR, lambda: catalogue.save(entry=a_service(), by=person, at=NOW)),
        (role == Role.ADMINISTRATOR, lambda: catalogue.load(by=person, at=NOW)),
    ):  # fmt: skip
        if allowed:
            verb()
        else:
            with pytest.raises(NotPermitted):
                verb()


def test_nobody_moves_a_facility_out_of_or_beyond_the_own_province() -> None:
    manager, facility = a_user(Role.PROVINCIAL_MANAGER), a_facility()
    for area in (another_province(), None):
        with pytest.raises(NotPermitted):
            facilities.edit(facility=facility, revision=1, facts={"area": area}, by=manager, at=NOW)
    facility = facilities.edit(facility=facility, revision=1, facts={"area": another_province()}, by=officer(), at=NOW)
    assert facility.province == another_province()


def test_a_registered_facility_has_everything_that_follows_from_the_facts() -> None:
    facility = register()
    assert (facility.province, facility.operational_status) == (a_province(), OperationalStatus.OPERATING)
    assert facility.search_key == search_key("គ្លីនិកសុខ Sok Clinic")
    assert facility.sort_key == sort_key("គ្លីនិកសុខ")
    assert facility.status_changes.get().effective_on is None
    event = AuditEvent.objects.get(verb="facility.registered")
    assert event.facts == {
        "name_km": "គ្លីនិកសុខ",
        "name_en": "Sok Clinic",
        "type": "clinic",
        "ownership": "private",
        "area": "12",
        "status": "operating",
    }


def test_an_edit_keeps_what_was_before_and_writes_nothing_where_nothing_differs() -> None:
    facility = register()
    same = facilities.edit(facility=facility, revision=1, facts=facts(), services=[], by=officer(), at=NOW)
    assert (same.revision, events(facility)) == (1, ["facility.registered"])

    later = NOW + timedelta(days=1)
    edited = facilities.edit(facility=facility, revision=1, facts=facts(name_en="New", beds=12), by=officer(), at=later)
    assert (edited.revision, edited.changed_at, edited.search_key) == (2, later, search_key("គ្លីនិកសុខ New"))
    assert AuditEvent.objects.get(verb="facility.edited").facts == {
        "name_en": ["Sok Clinic", "New"],
        "beds": [None, 12],
    }


def test_an_edit_over_somebody_elses_is_refused() -> None:
    facility = register()
    facilities.edit(facility=facility, revision=1, facts={"beds": 3}, by=officer(), at=NOW)
    with pytest.raises(Refused) as refused:
        facilities.edit(facility=facility, revision=1, facts={"beds": 4}, by=officer(), at=NOW)
    assert refused.value.code == "changed_meanwhile"
    assert Facility.objects.get().beds == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name_km": "", "name_en": ""}, "no_name"),
        ({"name_km": "PñMeBj"}, "limon"),
        ({"name_km": "Clinic"}, "not_khmer"),
        ({"name_en": "គ្លីនិក"}, "not_latin"),
        ({"latitude": 11}, "half_a_point"),
        ({"opened_on": TODAY + timedelta(days=1)}, "opened_in_the_future"),
    ],
)
def test_facts_that_cannot_stand_together_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        register(**changes)
    assert refused.value.code == code
    assert not Facility.objects.exists()


def test_an_operational_district_lies_in_the_province() -> None:
    elsewhere = OperationalDistrict.objects.create(
        code="0101", name_km="មង្គលបូរី", name_en="Mongkol Borey", province=another_province()
    )
    with pytest.raises(Refused, match=r"Mongkol Borey|មង្គលបូរី"):
        register(operational_district=elsewhere)


def test_one_facility_continues_another_and_only_one_does() -> None:
    former = a_facility()
    heir = register(predecessor=former)
    with pytest.raises(Refused, match=heir.number):
        register(predecessor=former)
    with pytest.raises(Refused) as refused:
        facilities.edit(facility=heir, revision=1, facts={"predecessor": heir}, by=officer(), at=NOW)
    assert refused.value.code == "succeeds_itself"


@pytest.mark.parametrize("new", OperationalStatus)
@pytest.mark.parametrize("old", OperationalStatus)
def test_a_status_changes_as_the_table_says(old: str, new: str) -> None:
    facility = a_facility(status=old)

    def change() -> Facility:
        return facilities.change_status(
            facility=facility, status=new, effective_on=TODAY, reason="Seen on the spot", by=officer(), at=NOW
        )

    if new not in STATUS_TRANSITIONS[old]:
        with pytest.raises(Refused):
            change()
        assert facility.status_changes.count() == 1
        return
    assert change().operational_status == new
    written = facility.status_changes.get(status=new)
    assert (written.effective_on, written.reason) == (TODAY, "Seen on the spot")
    event = AuditEvent.objects.get(verb="facility.status_changed")
    assert (event.reason, event.facts["from"], event.facts["to"]) == ("Seen on the spot", old, new)
    assert Facility.objects.get().revision == 2


@pytest.mark.parametrize(
    ("effective_on", "reason", "code"),
    [
        (TODAY, " ", "no_reason"),
        (TODAY + timedelta(days=1), "Moved", "status_in_the_future"),
        (date(2020, 1, 1), "Moved", "status_before_the_last"),
        (date(2019, 1, 1), "Moved", "status_before_the_last"),
    ],
)
def test_a_change_of_status_has_a_reason_and_a_day_after_the_last(effective_on: date, reason: str, code: str) -> None:
    facility = a_facility(since=date(2020, 1, 1))
    with pytest.raises(Refused) as refused:
        facilities.change_status(
            facility=facility, status="closed", effective_on=effective_on, reason=reason, by=officer(), at=NOW
        )
    assert refused.value.code == code


def test_services_are_declared_once_withdrawn_and_declared_again() -> None:
    facility, surgery, person = register(), a_service(), officer()
    for verb in (facilities.declare_service, facilities.declare_service, facilities.withdraw_service):
        verb(facility=facility, service=surgery, by=person, at=NOW)
    facilities.withdraw_service(facility=facility, service=surgery, by=person, at=NOW)
    facilities.declare_service(facility=facility, service=surgery, by=person, at=NOW)
    assert list(facility.declared_services.order_by("id").values_list("withdrawn_on", flat=True)) == [TODAY, None]
    declared, withdrawn = "facility.service_declared", "facility.service_withdrawn"
    assert events(facility) == ["facility.registered", declared, withdrawn, declared]


def test_the_same_identifier_names_no_second_facility() -> None:
    first, second = register(), a_facility()
    facilities.add_identifier(facility=first, system="HMIS", value="120304", by=officer(), at=NOW)
    with pytest.raises(Refused, match="HMIS 120304"):
        facilities.add_identifier(facility=second, system="HMIS", value="120304", by=officer(), at=NOW)
    facilities.remove_identifier(identifier=first.identifiers.get(), by=officer(), at=NOW)
    facilities.add_identifier(facility=second, system="HMIS", value="120304", by=officer(), at=NOW)
    assert second.identifiers.get().value == "120304"


def test_every_event_about_a_facility_has_a_name_for_people() -> None:
    facility, person = register(), officer()
    facilities.edit(facility=facility, revision=1, facts={"beds": 1}, by=person, at=NOW)
    facilities.add_identifier(facility=facility, system="HMIS", value="1", by=person, at=NOW)
    facilities.remove_identifier(identifier=facility.identifiers.get(), by=person, at=NOW)
    facilities.declare_service(facility=facility, service=a_service(), by=person, at=NOW)
    facilities.withdraw_service(facility=facility, service=a_service(), by=person, at=NOW)
    facilities.change_status(facility=facility, status="closed", effective_on=TODAY, reason="x", by=person, at=NOW)
    assert set(events(facility)) <= EVENTS.keys()
    assert len(events(facility)) == 7


def test_an_operator_belongs_to_no_branch_of_its_own() -> None:
    brand = an_operator()
    branch = operators.register(
        facts={"name_en": "Branch", "kind": OperatorKind.ORGANISATION, "parent": brand}, by=officer(), at=NOW
    )
    for above in (branch, brand):
        with pytest.raises(Refused) as refused:
            operators.edit(operator=brand, facts={"parent": above}, by=officer(), at=NOW)
        assert refused.value.code == "operator_in_circle"
    operators.edit(operator=branch, facts={"name_en": "Kandal branch"}, by=officer(), at=NOW)
    assert Operator.objects.all().matching("kandal").get() == branch
    assert AuditEvent.objects.get(verb="operator.edited").facts == {"name_en": ["Branch", "Kandal branch"]}


@pytest.mark.parametrize(
    ("start", "end", "beds", "fits"),
    [
        (10, 20, 9, False),
        (10, 20, 10, True),
        (10, 20, 19, True),
        (10, 20, 20, False),
        (80, None, 79, False),
        (80, None, 80, True),
        (0, 1, 0, True),
        (0, 1, 1, False),
        (None, None, 5, True),
        (10, 20, None, True),
    ],
)
def test_ranges_of_beds_are_half_open(start: int | None, end: int | None, beds: int | None, fits: bool) -> None:
    facility_type = FacilityType(name_en="Clinic", name_km="គ្លីនិក", beds_from=start, beds_below=end)
    assert (beds_beside_the_range(facility_type, beds) == "") is fits


def test_the_catalogue_is_loaded_once_and_leaves_alone_what_administrators_changed() -> None:
    first = catalogue.load(by=None, at=NOW)
    lists = (FacilityType, Service, Council, EquipmentKind, Prerequisite)
    assert first["created"] == sum(model._default_manager.count() for model in lists)
    assert {"cosmetic_surgery", "dialysis", "pharmacy"} <= set(
        Service.objects.filter(needs_authorisation=True).values_list("code", flat=True)
    )
    assert Service.objects.filter(needs_authorisation=True).count() == 9
    clinic = FacilityType.objects.get(code="clinic")
    assert (clinic.beds_from, clinic.beds_below, clinic.authority, clinic.licence_needed) == (10, 20, "ministry", True)
    clinic.beds_from = 5
    catalogue.save(entry=clinic, by=a_user(Role.ADMINISTRATOR), at=NOW)
    assert catalogue.load(by=None, at=NOW) == {"unchanged": first["created"]}
    assert FacilityType.objects.get(code="clinic").beds_from == 5
    assert AuditEvent.objects.get(verb="facility_type.changed").facts["beds_from"] == 5


def test_rows_written_at_once_leave_history_too() -> None:
    rows = [
        facilities.prepare(
            Facility(
                name_en=f"Clinic {number}",
                type=a_facility_type(),
                ownership=Ownership.PRIVATE,
                area=a_province(),
                operational_status=OperationalStatus.OPERATING,
                registered_at=NOW,
                changed_at=NOW,
            )
        )
        for number in range(50)
    ]
    Facility.objects.bulk_create(rows)
    Facility.objects.update(beds=3)
    history = Facility.pgh_event_model.objects  # type: ignore[attr-defined]
    assert history.filter(pgh_label="insert").count() == 50
    assert history.filter(pgh_label="update", beds=3).count() == 50
    assert {row.province_id for row in rows} == {a_province().pk}
    assert Facility.objects.all().matching("clinic 49").get().province == a_province()


TABLES = {
    "identifiers": "registry_facilityidentifier (facility_id, system, value)",
    "declarations": "registry_facilityservice (facility_id, service_id, declared_on, withdrawn_on)",
    "declared": "registry_facilityservice (facility_id, service_id, declared_on)",
    "changes": "registry_operationalstatuschange (facility_id, status, effective_on, reason, recorded_at)",
}
BROKEN = [
    ("UPDATE registry_facility SET name_km = '', name_en = ''", "facility_has_a_name"),
    ("UPDATE registry_facility SET latitude = 11", "point_is_whole_and_on_earth"),
    ("UPDATE registry_facility SET latitude = 91, longitude = 100", "point_is_whole_and_on_earth"),
    ("UPDATE registry_facility SET ownership = 'mine'", "ownership_is_known"),
    ("UPDATE registry_facility SET operational_status = 'open'", "operational_status_is_known"),
    ("UPDATE registry_facility SET province_id = NULL", "province_follows_from_area"),
    ("UPDATE registry_facility SET province_id = {elsewhere}", "facility_is_in_the_province_of_its_area"),
    ("UPDATE registry_facility SET area_id = {elsewhere}", "facility_is_in_the_province_of_its_area"),
    ("UPDATE registry_facility SET operational_district_id = {district}", "operational_district_is_in_the_province"),
    ("UPDATE registry_facility SET predecessor_id = id", "facility_does_not_succeed_itself"),
    ("UPDATE registry_facility SET id = 10000000", "key_fits_the_number"),
    (
        "INSERT INTO {identifiers} VALUES ({id}, '', 'x')",
        "identifier_is_whole",
    ),
    (
        "INSERT INTO {identifiers} VALUES ({id}, 'A', '1'), ({id}, 'A', '1')",
        "an_identifier_names_one_facility",
    ),
    (
        "INSERT INTO {declared} VALUES ({id}, {service}, '2026-01-01'), ({id}, {service}, '2026-02-01')",
        "a_service_is_declared_once",
    ),
    (
        "INSERT INTO {declarations} VALUES ({id}, {service}, '2026-01-02', '2026-01-01')",
        "withdrawn_after_declared",
    ),
    (
        "INSERT INTO {changes} VALUES ({id}, 'closed', '2026-01-01', '', now())",
        "a_change_of_status_has_a_reason",
    ),
    (
        "INSERT INTO {changes} VALUES ({id}, 'closed', {day}, 'x', now()), ({id}, 'operating', {day}, 'x', now())",
        "one_status_change_a_day",
    ),
    (
        "INSERT INTO {changes} VALUES ({id}, 'operating', NULL, 'x', now())",
        "one_status_change_a_day",
    ),
    (
        "INSERT INTO {changes} VALUES ({id}, 'open', '2026-01-01', 'x', now())",
        "status_change_is_known",
    ),
    ("UPDATE registry_facilitytype SET beds_from = 20, beds_below = 20", "beds_are_a_half_open_range"),
    ("UPDATE registry_operator SET name_km = '', name_en = ''", "operator_has_a_name"),
    ("UPDATE registry_operator SET parent_id = id", "operator_is_not_its_own_parent"),
    ("UPDATE registry_operator SET kind = 'ghost'", "operator_kind_is_known"),
]


@pytest.mark.parametrize(("statement", "constraint"), BROKEN, ids=[constraint for _statement, constraint in BROKEN])
def test_what_must_be_true_is_true_in_the_database(statement: str, constraint: str) -> None:
    district = OperationalDistrict.objects.create(code="X", name_km="x", name_en="x", province=another_province())
    facility = a_facility(operator=an_operator())
    values = {
        **TABLES,
        "day": "'2026-01-01'",
        "id": facility.pk,
        "elsewhere": another_province().pk,
        "service": a_service().pk,
        "district": district.pk,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**values))


def test_nobody_writes_a_number_by_hand() -> None:
    facility = a_facility()
    with pytest.raises(Exception, match="number"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_facility SET number = 'KH000000000'")
    facility.refresh_from_db()
    assert facility.number.endswith(f"{98 - facility.pk * 100 % 97:02d}")
