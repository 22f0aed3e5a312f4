"""What somebody who doubts a visit would try."""

import json
import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.formats import number_format

from inspections.actions import signatures, visits
from inspections.models import Competence, Finding, Standing, Visit, VisitMember, VisitSignature
from inspections.states import Purpose, VisitState
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.files.actions import place_of
from registry.models import Interest
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_service,
    a_user,
    a_visit,
    another_province,
    answers_to,
    hand_in,
)
from tests.inspections.test_evidence import END, approved, sign_all, signed_in, submit, upload, visit
from tests.inspections.test_parallel_visits import handed_in, together

__all__ = ["approved", "visit"]
pytestmark = pytest.mark.django_db


def amended(former, **answers):
    amendment = visits.amend(visit=former, reason="Mistyped.", by=former.inspector, at=NOW)
    given = {key.replace("__", "."): {"answer": answer} for key, answer in answers.items()}
    visits.save_draft(visit=amendment, answers=given, revision=amendment.revision, by=amendment.inspector, at=NOW)
    sign_all(amendment)
    submit(amendment)
    return visits.approve(visit=amendment, by=a_user(Role.APPROVER), at=NOW)


def test_an_amendment_is_amended_and_the_next_visit_stays_planned_once(approved):
    second = amended(approved, S01__02="yes")
    third = amended(second, S01__01="no", S01__02="no")
    assert list(Visit.objects.filter(state=VisitState.SUPERSEDED).order_by("pk")) == [approved, second]
    assert Standing.objects.get().visit == third
    assert {finding.visit_id for finding in Finding.objects.filter(corrected_on=None)} == {third.pk}
    planned = Visit.objects.get(facility=approved.facility, state=VisitState.PLANNED)
    assert planned.planned_on == max(Standing.objects.get().next_due_on, TODAY)
    with pytest.raises(Refused):
        visits.amend(visit=second, reason="x", by=second.inspector, at=NOW)


def test_an_amendment_while_a_follow_up_is_planned_leaves_it_planned(approved):
    follow_up = a_visit(approved.facility, purpose=Purpose.FOLLOW_UP, inspector=approved.inspector)
    amended(approved, S01__02="yes")
    follow_up.refresh_from_db()
    assert follow_up.state == VisitState.PLANNED


def test_who_has_moved_away_is_not_in_the_team_of_an_amendment(approved):
    moved = approved.members.exclude(person=approved.inspector).get().person
    moved.province = another_province()
    moved.save()
    amendment = visits.amend(visit=approved, reason="x", by=approved.inspector, at=NOW)
    assert [member.person for member in amendment.members.all()] == [approved.inspector]


def test_who_now_has_an_interest_does_not_amend(approved):
    Interest.objects.create(person=approved.inspector, facility=approved.facility, nature="Shares", declared_on=TODAY)
    with pytest.raises(Refused, match="interest"):
        visits.amend(visit=approved, reason="x", by=approved.inspector, at=NOW)


def test_who_declares_an_interest_once_the_visit_has_begun_does_not_hand_it_in(visit):
    sign_all(visit)
    Interest.objects.create(person=visit.inspector, facility=visit.facility, nature="Shares", declared_on=TODAY)
    with pytest.raises(Refused, match="interest"):
        submit(visit)
    visit.refresh_from_db()
    assert visit.state == VisitState.IN_PROGRESS


def test_signatures_from_before_the_return_do_not_count_even_for_the_same_content(visit):
    sign_all(visit)
    submit(visit)
    later = NOW + timedelta(hours=1)
    visits.return_for_correction(visit=visit, reason="The rooms.", by=a_user(Role.APPROVER), at=later)
    with pytest.raises(Refused) as refusal:
        visits.submit(visit=visit, **END, by=visit.inspector, at=later)
    assert refusal.value.code == "facility_has_not_signed"


def test_a_competence_that_has_run_out_begins_no_visit(visit):
    planned = a_visit()
    inspector, checklist = planned.inspector, planned.checklist_version.checklist
    visits.state_no_interest(visit=planned, by=inspector, at=NOW)
    checklist.training_needed = True
    checklist.save()
    Competence.objects.create(
        person=inspector,
        checklist=checklist,
        valid_from=TODAY - timedelta(days=400),
        valid_until=TODAY - timedelta(days=1),
        basis="Course",
        recorded_at=NOW,
        recorded_by=a_user(Role.PROVINCIAL_MANAGER),
    )
    with pytest.raises(Refused, match="not trained"):
        visits.start(visit=planned, by=inspector, at=NOW)


def test_the_database_lets_nobody_unfit_lead():
    planned = a_visit(inspector=None)
    checklist = planned.checklist_version.checklist
    tied, elsewhere = a_user(Role.INSPECTOR), a_user(Role.INSPECTOR, province=another_province())
    Interest.objects.create(person=tied, facility=planned.facility, nature="Shares", declared_on=TODAY)

    def lead(person):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE inspections_visit SET inspector_id = %s WHERE id = %s", [person.pk, planned.pk])

    for person, words in ((tied, "an interest"), (elsewhere, "another province")):
        with pytest.raises(IntegrityError, match=words):
            lead(person)
    lead(fit := a_user(Role.INSPECTOR))
    checklist.training_needed = True
    checklist.save()
    with pytest.raises(IntegrityError, match="not trained"):
        lead(a_user(Role.INSPECTOR))
    planned.refresh_from_db()
    assert planned.inspector == fit


@pytest.mark.django_db(transaction=True)
def test_approvals_at_once_plan_one_next_visit():
    facility, approver = a_facility(), a_user(Role.APPROVER)
    waiting = [handed_in(facility, visited_on=TODAY - timedelta(days=number)) for number in range(4)]
    together(lambda number: visits.approve(visit=waiting[number % 4], by=approver, at=NOW))
    assert Visit.objects.filter(facility=facility, state=VisitState.APPROVED).count() == 4
    assert Visit.objects.filter(facility=facility, state=VisitState.PLANNED).count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_score_shown_while_answering_is_the_score_stored(client, seed, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    chance = random.Random(seed)
    version = a_checklist_version(items=7, S01__03="count", S02__02="text")
    made = a_visit(
        state=VisitState.IN_PROGRESS,
        checklist_version=version,
        services=chance.choice([[], [a_service().code]]),
        started_at=NOW,
    )
    client.force_login(made.inspector)
    answers = answers_to(version)
    for key in answers:
        said = chance.choice(["yes", "yes", "partial", "no", "na"])
        value = {"S01.03": {"value": "7"}, "S02.02": {"value": "x"}}.get(key)
        answers[key] = value or {"answer": said}
    revision, shown = made.revision, ""
    for batch in (list(answers)[::2], list(answers)[1::2]):
        sent = {"revision": revision, "answers": {key: answers[key] for key in batch}}
        answered = client.post(
            reverse("visit-answers", args=[made.uuid]), json.dumps(sent), content_type="application/json"
        ).json()
        revision, shown = answered["revision"], answered["result"]
    made.refresh_from_db()
    hand_in(visit=made, visited_on=TODAY, outcome="completed", licence_seen="valid", by=made.inspector)
    made = visits.approve(visit=made, by=a_user(Role.APPROVER), at=NOW)
    words = f"{number_format(made.score)} per cent – {made.get_band_display()}" if made.score is not None else ""
    assert shown == words


def test_two_of_a_team_fill_their_own_sections_at_once_and_not_each_others(visit):
    lead, colleague = (member.person for member in visit.members.order_by("pk"))
    VisitMember.objects.filter(visit=visit, person=lead).update(sections=["S01"])
    for key, person, status in (("S01.01", lead, 200), ("S01.02", colleague, 403)):
        sent = {"revision": visit.revision, "answers": {key: {"answer": "partial"}}}
        answer = signed_in(person).post(
            reverse("visit-answers", args=[visit.uuid]), json.dumps(sent), content_type="application/json"
        )
        assert answer.status_code == status, key


def test_a_receipt_whose_signatures_are_missing_on_the_disk_says_so(visit):
    sign_all(visit)
    submit(visit)
    client = signed_in(visit.inspector)
    image = VisitSignature.objects.filter(visit=visit, image__isnull=False).first().image
    place_of(image.sha256).unlink()
    page = client.get(reverse("visit-receipt", args=[visit.uuid]))
    assert "missing on the server" in page.content.decode()
    assert client.get(reverse("visit-receipt-pdf", args=[visit.uuid])).content.startswith(b"%PDF-")
    for variant in ("", "?small"):
        answer = client.get(reverse("visit-file", args=[visit.uuid, image.sha256]) + variant)
        assert answer.status_code == 409


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_kind_of_picture_of_a_signature_is_on_the_receipt(visit, kind):
    sign_all(visit)
    signatures.sign_for_facility(
        visit=visit, name="Sok Dara", upload=upload(kind=kind, shade=7), by=visit.inspector, at=NOW
    )
    submit(visit)
    pdf = signed_in(visit.inspector).get(reverse("visit-receipt-pdf", args=[visit.uuid]))
    assert pdf.content.startswith(b"%PDF-")
