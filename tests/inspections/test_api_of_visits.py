"""A visit planned, begun, answered and handed in by a program that may lose its network at any moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from inspections.actions import visits
from inspections.models import Visit
from inspections.states import VisitState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.actions.idempotency import forget_old_answers
from registry.models import AnsweredRequest
from tests.api.description import faults, schema_of
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_ruleset,
    a_user,
    a_visit,
    another_province,
    answers_to,
)
from tests.pictures import a_picture

pytestmark = pytest.mark.django_db


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def plan() -> dict[str, Any]:
    facility = a_facility()
    a_ruleset()
    version = a_checklist_version(facility_type=facility.type)
    return {
        "uuid": str(uuid4()),
        "facility": facility.number,
        "checklist": version.checklist.code,
        "planned_on": (TODAY + timedelta(days=3000)).isoformat(),
    }


def send(client: APIClient, address: str, content: Any, key: str | None = None, method: str = "post") -> Any:
    headers = {"Idempotency-Key": str(uuid4()) if key is None else key}
    return getattr(client, method)(f"/api/v1/visits/{address}", content, format="json", headers=headers)


def send_file(client: APIClient, address: str, content: dict[str, str], key: str | None = None) -> Any:
    sent = content | {"file": SimpleUploadedFile("picture.png", a_picture("PNG"))}
    headers = {"Idempotency-Key": str(uuid4()) if key is None else key}
    return client.post(f"/api/v1/visits/{address}", sent, format="multipart", headers=headers)


def test_another_picture_under_the_same_key_is_another_request(plan: dict[str, Any]) -> None:
    visit = a_visit(state=VisitState.IN_PROGRESS)
    assert visit.inspector is not None
    client, address = as_(visit.inspector), f"{visit.uuid}/photos/"
    assert send_file(client, address, {"caption": "a"}, key="one").status_code == 200
    assert send_file(client, address, {"caption": "b"}, key="one").status_code == 422
    assert send_file(as_(a_user(Role.INSPECTOR)), address, {}).status_code == 403
    assert send(client, address, {}).status_code == 415


def test_a_visit_goes_from_plan_to_hand_in(plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    client = as_(inspector := a_user(Role.INSPECTOR))
    made = send(client, "", plan | {"planned_on": TODAY.isoformat()})
    assert (made.status_code, made.json()["uuid"], made.json()["state"]) == (201, plan["uuid"], "planned")
    visit = Visit.objects.get(uuid=plan["uuid"])
    assert [member["person"] for member in made.json()["team"]] == [inspector.username]
    assert send(client, f"{visit.uuid}/statement/", {}).status_code == 200
    begun = send(client, f"{visit.uuid}/start/", {}).json()
    assert begun["state"] == "in_progress"
    wrong = {"revision": begun["revision"], "answers": {"S09.01": {"answer": "yes"}}}
    refused = send(client, f"{visit.uuid}/answers/", wrong, method="patch")
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_item")
    right = wrong | {"answers": answers_to(visit.checklist_version)}
    kept = send(client, f"{visit.uuid}/answers/", right, method="patch").json()
    assert kept["answers"]["S01.01"] == {"answer": "yes"}
    assert kept["revision"] > begun["revision"]
    end = {"visited_on": TODAY.isoformat(), "outcome": "completed", "licence_seen": "valid"}
    assert send(client, f"{visit.uuid}/submit/", end).status_code == 409
    assert send(client, f"{visit.uuid}/conclude/", end).json()["outcome"] == "completed"
    assert send(client, f"{visit.uuid}/services/", {"services": []}).status_code == 200
    here = {"latitude": "11.556400", "longitude": "104.928200", "accuracy_m": 8}
    assert send(client, f"{visit.uuid}/arrival/", here).status_code == 200
    assert Visit.objects.get(pk=visit.pk).accuracy_m == 8
    seen = {"item": "S01.01", "caption": "The ward"}
    shown = [send_file(client, f"{visit.uuid}/photos/", seen, key="photo") for _ in range(2)]
    assert [answer.headers.get("Idempotency-Replayed") for answer in shown] == [None, "true"]
    assert [(photo["item"], photo["caption"]) for photo in shown[0].json()["photos"]] == [("S01.01", "The ward")]
    assert send_file(client, f"{visit.uuid}/signatures/", {"signer": "responsible"}).status_code == 400
    facility = {"signer": "responsible", "name": "Sok Dara"}
    assert send_file(client, f"{visit.uuid}/signatures/", facility).status_code == 200
    signed = send_file(client, f"{visit.uuid}/signatures/", {"signer": "inspector"})
    assert {signature["signer"] for signature in signed.json()["signatures"]} == {"responsible", "inspector"}
    assert faults(signed.json(), schema_of("/api/v1/visits/{}/")) == []
    assert send(client, f"{visit.uuid}/submit/", end).json()["state"] == "submitted"


def test_the_same_request_sent_again_has_the_same_answer_and_no_second_effect(plan: dict[str, Any]) -> None:
    client = as_(a_user(Role.INSPECTOR))
    first, again = (send(client, "", plan, key="one") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert Visit.objects.count() == 1


def test_the_same_visit_under_a_new_key_is_made_once(plan: dict[str, Any]) -> None:
    client = as_(a_user(Role.INSPECTOR))
    assert [send(client, "", plan).status_code for _ in range(2)] == [201, 200]
    assert Visit.objects.count() == 1


def test_a_key_is_needed_and_belongs_to_one_request_of_one_person(plan: dict[str, Any]) -> None:
    client = as_(a_user(Role.INSPECTOR))
    assert send(client, "", plan, key="").status_code == 400
    assert send(client, "", plan, key="k" * 256).status_code == 400
    assert send(client, "", plan, key="one").status_code == 201
    reused = send(client, "", plan | {"announced": True}, key="one")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert send(as_(a_user(Role.INSPECTOR)), "", plan, key="one").status_code == 200


@pytest.mark.parametrize(("field", "value"), [("facility", "KH0"), ("checklist", "none"), ("inspector", "nobody")])
def test_what_is_not_there_is_named_and_nothing_is_kept(plan: dict[str, Any], field: str, value: str) -> None:
    answer = send(as_(a_user(Role.PROVINCIAL_MANAGER)), "", plan | {field: value})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert not AnsweredRequest.objects.exists()


def test_nobody_writes_outside_the_province_or_in_another_role(plan: dict[str, Any]) -> None:
    elsewhere = as_(a_user(Role.INSPECTOR, province=another_province()))
    assert send(elsewhere, "", plan).status_code == 400
    assert send(as_(a_user(Role.AUDITOR)), "", plan).status_code == 403
    visit = a_visit()
    assert send(elsewhere, f"{visit.uuid}/start/", {}).status_code == 404
    assert send(as_(a_user(Role.INSPECTOR)), f"{visit.uuid}/start/", {}).status_code == 403


def test_what_is_refused_can_be_sent_again_when_it_has_become_possible() -> None:
    visit = a_visit(state=VisitState.PLANNED)
    assert visit.inspector is not None
    client = as_(visit.inspector)
    address, sent = f"{visit.uuid}/answers/", {"revision": 1, "answers": {"S01.01": {"answer": "yes"}}}
    assert send(client, address, sent, key="one", method="patch").json()["code"] == "answers_locked"
    visits.state_no_interest(visit=visit, by=visit.inspector, at=NOW)
    visits.start(visit=visit, by=visit.inspector, at=NOW)
    assert send(client, address, sent, key="one", method="patch").json()["answers"] == sent["answers"]


def test_an_answer_is_forgotten_after_two_days_and_not_before(plan: dict[str, Any]) -> None:
    send(as_(a_user(Role.INSPECTOR)), "", plan)
    asked_at = AnsweredRequest.objects.get().asked_at
    assert forget_old_answers(at=asked_at + timedelta(hours=47)) == 0
    assert forget_old_answers(at=asked_at + timedelta(hours=49)) == 1


def test_a_transaction_killed_before_its_answer_leaves_nothing_and_one_after_it_leaves_one_effect(
    plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_(a_user(Role.INSPECTOR))
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("registry.api.idempotency.AnsweredRequest.objects.create", killed)
        assert send(client, "", plan, key="one").status_code == 500
    assert not Visit.objects.exists()
    with monkeypatch.context() as patch:
        patch.setattr("registry.api.idempotency._answer", killed)
        assert send(client, "", plan, key="one").status_code == 500
    assert Visit.objects.count() == 1
    assert send(client, "", plan, key="one").json()["uuid"] == plan["uuid"]
    assert Visit.objects.count() == 1


def killed(*arguments: Any, **options: Any) -> Any:
    raise SystemError("killed")


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_have_one_effect(plan: dict[str, Any]) -> None:
    inspector = a_user(Role.INSPECTOR)

    def ask(_number: int) -> tuple[int, bytes]:
        try:
            answer = send(as_(inspector), "", plan, key="one")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert {status for status, _content in answers} <= {201, 409}
    assert len({content for status, content in answers if status == 201}) == 1
    assert Visit.objects.count() == 1
