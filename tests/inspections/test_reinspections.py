"""Re-inspection on request: recorded, granted with a visit, declined with a reason."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from inspections.actions import reinspections
from inspections.models import ReinspectionRequest
from inspections.states import Purpose, RequestState, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_province,
    a_ruleset,
    a_user,
    an_approved_visit,
    another_province,
)

pytestmark = pytest.mark.django_db

KEEPERS = (Role.PROVINCIAL_MANAGER, Role.LICENSING_OFFICER)


@pytest.fixture
def facility():
    facility = a_facility()
    an_approved_visit(facility, visited_on=TODAY, next_due_on=TODAY + timedelta(days=90))
    return facility


def asked(facility, **fields):
    said = {"asked_on": TODAY, "asked_by_name": "Sok Dara", "text": "The roof is mended.", "at": NOW}
    return reinspections.record(facility=facility, **said | {"by": a_user(Role.LICENSING_OFFICER)} | fields)


def granted(request, **fields):
    version = a_checklist_version()
    a_ruleset()
    day = TODAY + timedelta(days=7)
    said = {"checklist_version": version, "planned_on": day, "by": a_user(Role.PROVINCIAL_MANAGER), "at": NOW}
    return reinspections.grant(request=request, **said | fields)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", ["record", "grant", "decline"])
def test_requests_are_kept_by_the_manager_of_the_province_and_licensing_officers(facility, role, verb):
    person = a_user(role)
    request = asked(facility) if verb != "record" else None
    acts = {
        "record": lambda: asked(facility, by=person),
        "grant": lambda: granted(request, by=person),
        "decline": lambda: reinspections.decline(request=request, reason="Too early", by=person, at=NOW),
    }
    if role in KEEPERS:
        assert acts[verb]().pk
    else:
        with pytest.raises(NotPermitted):
            acts[verb]()


def test_a_manager_of_another_province_does_nothing_here(facility, client):
    stranger = a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    with pytest.raises(NotPermitted):
        asked(facility, by=stranger)
    request = asked(facility)
    client.force_login(stranger)
    for page in ("", "grant/", "decline/"):
        assert client.get(f"/requests/{request.pk}/{page}").status_code == 404


def test_granting_plans_one_visit_that_the_province_gives_to_somebody(facility):
    request = granted(asked(facility))
    assert (request.visit.purpose, request.visit.state) == (Purpose.REINSPECTION, VisitState.PLANNED)
    assert (request.visit.inspector, request.state) == (None, RequestState.GRANTED)
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["reinspection_request.recorded", "visit.planned", "reinspection_request.granted"]
    for again in (
        granted,
        lambda request: reinspections.decline(request=request, reason="x", by=a_user(KEEPERS[1]), at=NOW),
    ):
        with pytest.raises(Refused, match="already"):
            again(request)
    assert asked(facility).state == RequestState.WAITING


def test_what_cannot_be_planned_is_not_granted(facility):
    request = asked(facility)
    with pytest.raises(Refused, match="today or later"):
        granted(request, planned_on=TODAY - timedelta(days=1))
    request.refresh_from_db()
    assert (request.state, request.visit) == (RequestState.WAITING, None)


def test_who_was_never_inspected_is_closed_or_waits_already_does_not_ask(facility):
    with pytest.raises(Refused, match="never inspected"):
        asked(a_facility())
    with pytest.raises(Refused, match="lie ahead"):
        asked(facility, asked_on=TODAY + timedelta(days=1))
    asked(facility)
    with pytest.raises(Refused, match="already waits"):
        asked(facility)
    closed = a_facility(status=OperationalStatus.CLOSED)
    with pytest.raises(Refused, match="closed"):
        asked(closed)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {table} SET state = 'granted', decided_at = now(), decided_by_id = recorded_by_id",
        "UPDATE {table} SET state = 'declined', decided_at = now(), decided_by_id = recorded_by_id",
        "UPDATE {table} SET decided_at = now()",
        "DELETE FROM {table}",
    ],
)
def test_the_database_refuses_half_a_decision(facility, attack):
    asked(facility)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack.format(table="inspections_reinspectionrequest"))


def test_a_decision_is_final_for_the_database_too(facility):
    reinspections.decline(request=asked(facility), reason="Too early", by=a_user(KEEPERS[1]), at=NOW)
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inspections_reinspectionrequest SET state = 'waiting', decided_at = NULL, decided_by_id = NULL"
        )


def test_the_pages_from_the_request_to_the_visit(client, facility):
    a_ruleset()
    version = a_checklist_version(facility_type=facility.type)
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=a_province()))
    page = f"/facilities/{facility.number}/standing/request/"
    assert "is empty" in client.post(page, {}).content.decode()
    sent = {"asked_on": "១/១/២០២៦", "asked_by_name": "Sok Dara", "text": "The roof is mended."}
    assert client.post(page, sent).status_code == 302
    assert client.get(page).status_code == 409
    request = ReinspectionRequest.objects.get()
    assert "Sok Dara" in client.get("/requests/", {"state": "waiting"}).content.decode()
    grant = f"/requests/{request.pk}/grant/"
    past = client.post(grant, {"planned_on": "1/1/2026", "checklist_version": version.pk})
    assert (past.status_code, "today or later" in past.content.decode()) == (409, True)
    assert client.post(grant, {"planned_on": "1/1/2099", "checklist_version": version.pk}).status_code == 302
    assert client.get(grant).status_code == client.get(f"/requests/{request.pk}/decline/").status_code == 409
    assert "Granted" in client.get(f"/requests/{request.pk}/").content.decode()


def test_the_list_costs_the_same_however_long_it_is(client, django_assert_max_num_queries):
    for _place in range(8):
        facility = a_facility()
        an_approved_visit(facility, visited_on=TODAY, next_due_on=TODAY)
        asked(facility)
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_max_num_queries(6):
        assert client.get("/requests/").status_code == 200
