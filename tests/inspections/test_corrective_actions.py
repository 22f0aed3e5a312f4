"""What a facility has to put right: shown, looked at, refused, verified, put off and withdrawn."""

from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import IntegrityError, InternalError, connection, transaction

from inspections.actions import corrective_actions
from inspections.models import ActionEvidence, CorrectiveAction
from inspections.states import ACTION_TRANSITIONS, ActionState, CorrectedHow
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.files.models import StoredFile
from tests.factories import NOW, TODAY, a_corrective_action, a_user, another_province
from tests.pictures import a_picture

pytestmark = pytest.mark.django_db

VERBS = {
    "evidence": (corrective_actions.give_evidence, {"text": "Done.", "name": "Sok"}, {"inspector", "manager"}),
    "verify": (corrective_actions.verify, {}, {"inspector", "manager"}),
    "refuse": (corrective_actions.refuse_evidence, {"reason": "Too dark."}, {"inspector", "manager"}),
    "withdraw": (corrective_actions.withdraw, {"reason": "Closed ward."}, {"manager"}),
    "extend": (corrective_actions.extend, {"due_on": TODAY + timedelta(days=9), "reason": "Flood."}, {"manager"}),
}
TO = {
    "evidence": ActionState.EVIDENCE_GIVEN,
    "verify": ActionState.VERIFIED,
    "refuse": ActionState.REQUIRED,
    "withdraw": ActionState.WITHDRAWN,
}
OPEN = {ActionState.REQUIRED, ActionState.EVIDENCE_GIVEN}
FROM = {verb: {ActionState.EVIDENCE_GIVEN} if verb in ("verify", "refuse") else OPEN for verb in VERBS}
PEOPLE = {
    "inspector": (Role.INSPECTOR, None),
    "manager": (Role.PROVINCIAL_MANAGER, None),
    "inspector elsewhere": (Role.INSPECTOR, another_province),
    "manager elsewhere": (Role.PROVINCIAL_MANAGER, another_province),
    **{role.value: (role, None) for role in list(Role)[2:]},
}


@pytest.mark.parametrize(("verb", "state", "who"), list(product(VERBS, ActionState, PEOPLE)))
def test_every_verb_in_every_state_by_every_role(verb, state, who):
    action = a_corrective_action(due_on=TODAY, state=state)
    role, province = PEOPLE[who]
    by = a_user(role, province=province() if province else None)
    act, given, may = VERBS[verb]
    attempt = partial(act, action=action, **given, by=by, at=NOW)
    if who not in may:
        with pytest.raises(NotPermitted):
            attempt()
    elif state not in FROM[verb]:
        with pytest.raises(Refused):
            attempt()
    else:
        attempt()
        action.refresh_from_db()
        assert action.state == TO.get(verb, state)
        assert AuditEvent.objects.get().by_username == by.username
        return
    action.refresh_from_db()
    assert action.state == state
    assert not AuditEvent.objects.exists()


def a_shown_action(**options: Any) -> CorrectiveAction:
    action = a_corrective_action(due_on=TODAY)
    shown: dict[str, Any] = {"action": action, "text": "Soap.", "name": "Sok", "by": None, "at": NOW} | options
    corrective_actions.give_evidence(**shown)
    action.refresh_from_db()
    return action


def test_what_is_verified_by_desk_closes_its_finding():
    action = a_shown_action(upload=ContentFile(a_picture(), "soap.jpg"))
    corrective_actions.verify(action=action, by=a_user(Role.PROVINCIAL_MANAGER), at=NOW)
    action.finding.refresh_from_db()
    assert (action.finding.corrected_on, action.finding.corrected_how) == (TODAY, CorrectedHow.DESK)


def test_nobody_verifies_evidence_that_they_entered_not_even_by_raw_sql():
    inspector = a_user(Role.INSPECTOR)
    action = a_shown_action(by=inspector)
    with pytest.raises(NotPermitted, match="themselves"):
        corrective_actions.verify(action=action, by=inspector, at=NOW)
    with pytest.raises((IntegrityError, InternalError), match="entered the evidence"), transaction.atomic():
        run(
            "UPDATE inspections_correctiveaction SET state = 'verified', verified_how = 'desk', decided_at = now(),"
            " decided_by_id = %s",
            inspector.pk,
        )


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM inspections_correctiveaction", "Cannot delete"),
        ("UPDATE inspections_correctiveaction SET state = 'verified'", "a_verified_action_says_how"),
        ("UPDATE inspections_correctiveaction SET state = 'lost'", "life_cycle|action_state_is_known|transition"),
        ("UPDATE inspections_finding SET corrected_how = 'desk'", "what_is_corrected_has_a_day"),
    ],
)
def test_the_database_keeps_the_life_cycle(sql, says):
    a_corrective_action(due_on=TODAY)
    with pytest.raises((IntegrityError, InternalError), match=says), transaction.atomic():
        run(sql)


@pytest.mark.parametrize(("state", "to"), list(product(ActionState, ActionState)))
def test_no_other_step_is_possible_by_raw_sql(state, to):
    action = a_corrective_action(due_on=TODAY, state=state)
    decided = "verified_how = 'visit', decided_at = now(), decided_by_id = %s"
    move = partial(run, f"UPDATE inspections_correctiveaction SET state = %s, {decided}", to, a_user().pk)
    if to == state or to in ACTION_TRANSITIONS[state]:
        move()
        action.refresh_from_db()
        assert action.state == to
    else:
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            move()


def run(sql: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(("text", "name"), [("", "Sok"), ("  ", "Sok"), ("Done.", " ")])
def test_evidence_says_something_and_who_says_it(text, name):
    with pytest.raises(Refused, match="what was done"):
        a_shown_action(text=text, name=name)


def test_there_is_an_end_to_evidence():
    action = a_shown_action()
    give = partial(corrective_actions.give_evidence, action=action, text="Soap.", name="Sok", by=None, at=NOW)
    for _ in range(19):
        give()
    with pytest.raises(Refused, match="enough"):
        give()


def test_a_refused_file_leaves_nothing():
    with pytest.raises(Refused):
        a_shown_action(upload=ContentFile(b"#!/bin/sh", "soap.jpg"))
    assert not ActionEvidence.objects.exists() and not StoredFile.objects.exists()


def test_more_time_is_never_less_and_is_on_record_with_its_reason():
    action = a_corrective_action(due_on=TODAY + timedelta(days=5))
    extend = partial(corrective_actions.extend, action=action, by=a_user(Role.PROVINCIAL_MANAGER), at=NOW)
    for days in (0, 5):
        with pytest.raises(Refused, match="later"):
            extend(due_on=TODAY + timedelta(days=days), reason="Flood.")
    with pytest.raises(Refused, match="reason"):
        extend(due_on=TODAY + timedelta(days=6), reason=" ")
    extend(due_on=TODAY + timedelta(days=6), reason="Flood.")
    event = AuditEvent.objects.get()
    assert (event.verb, event.reason) == ("corrective_action.extended", "Flood.")
    assert event.facts == {"due_on": ["2026-11-27", "2026-11-28"]}


def test_the_page_shows_the_open_ones_first_due_first_and_the_others_on_request(client):
    late = a_corrective_action(due_on=TODAY - timedelta(days=900))
    soon = a_corrective_action(due_on=TODAY + timedelta(days=900))
    done = a_corrective_action(due_on=TODAY, state=ActionState.VERIFIED)
    elsewhere = a_corrective_action(due_on=TODAY).facility.number
    run(
        "UPDATE registry_facility SET province_id = %s, area_id = %s WHERE number = %s",
        another_province().pk,
        another_province().pk,
        elsewhere,
    )
    client.force_login(a_user(Role.INSPECTOR))

    def shown(query: str = "") -> list[str]:
        return [row[0].href for row in client.get(f"/corrective-actions/{query}").context["rows"]]

    assert shown() == [f"/corrective-actions/{action.pk}/" for action in (late, soon)]
    assert shown("?which=overdue") == [f"/corrective-actions/{late.pk}/"]
    assert shown("?which=closed") == [f"/corrective-actions/{done.pk}/"]
    assert len(shown("?which=all")) == 3


def test_a_file_is_seen_by_whoever_sees_the_action_and_runs_nothing(client):
    action = a_shown_action(upload=ContentFile(a_picture(), "soap.jpg"))
    sha256 = StoredFile.objects.get().sha256
    for province, status in ((None, 200), (another_province(), 404)):
        client.force_login(a_user(Role.INSPECTOR, province=province))
        answer = client.get(f"/corrective-actions/{action.pk}/files/{sha256}/")
        assert answer.status_code == status
    client.force_login(a_user(Role.AUDITOR))
    assert client.get(f"/corrective-actions/{action.pk}/files/{'0' * 64}/").status_code == 404


def test_a_facility_hands_in_evidence_by_an_address_that_nobody_guesses(client):
    action = a_corrective_action(due_on=TODAY)
    address = f"/evidence/{action.uuid}/"
    page = client.get(address)
    text = page.content.decode()
    assert action.finding.text in text
    assert action.facility.number not in text and action.facility.name_en not in text
    assert "no-store" in page["Cache-Control"] and page["X-Robots-Tag"] == "noindex"
    sent = {"text": "Soap is there.", "name": "Sok", "upload": ContentFile(a_picture(), "soap.jpg")}
    assert client.post(address, sent).status_code == 302
    evidence = ActionEvidence.objects.get()
    assert (evidence.entered_by, evidence.given_by_name, evidence.file.name) == (None, "Sok", "soap.jpg")
    assert "Soap is there." not in client.get(address).content.decode(), "what others handed in is not shown"
    assert client.get("/evidence/00000000-0000-0000-0000-000000000001/").status_code == 404


def test_a_closed_action_takes_no_evidence(client):
    action = a_corrective_action(due_on=TODAY, state=ActionState.VERIFIED)
    assert b'<form method="post"\n          enctype' not in client.get(f"/evidence/{action.uuid}/").content
    assert client.post(f"/evidence/{action.uuid}/", {"text": "Soap.", "name": "Sok"}).status_code == 409


def test_a_stranger_who_sends_too_much_waits(client):
    cache.clear()
    address = f"/evidence/{a_corrective_action(due_on=TODAY).uuid}/"
    assert [client.post(address, {}).status_code for _ in range(21)] == [200] * 20 + [429]
    assert client.get(address).status_code == 200
    cache.clear()
