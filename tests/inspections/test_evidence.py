"""Photos and signatures of a visit, its receipt, and its amendment."""

import hashlib
import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from inspections import policies, rules
from inspections.actions import photos, signatures, visits
from inspections.models import Finding, Standing, Visit, VisitMember
from inspections.states import AnswerKind, VisitState
from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from registry.files.actions import place_of
from tests.factories import (
    NOW,
    PASSWORD,
    TODAY,
    a_checklist_version,
    a_user,
    a_visit,
    another_province,
    answers_to,
    hand_in,
)
from tests.pictures import a_picture

pytestmark = pytest.mark.django_db

END = {"visited_on": TODAY, "outcome": "completed", "licence_seen": "valid"}


@pytest.fixture
def visit():
    """Answered in full, concluded, led by one inspector with a colleague."""
    version = a_checklist_version()
    visit = a_visit(
        state=VisitState.IN_PROGRESS,
        checklist_version=version,
        answers=answers_to(version, S01__02="no"),
        started_at=NOW,
    )
    for person in (visit.inspector, a_user(Role.INSPECTOR)):
        VisitMember.objects.create(visit=visit, person=person, stated_at=NOW)
    return visits.conclude(visit=visit, **END, by=visit.inspector, at=NOW)


def upload(**options):
    return ContentFile(a_picture(**options), name="photo.jpg")


def colleague(visit):
    return policies.team_of(visit)[1]


def sign_all(visit, *, refused=""):
    given = {"refused_because": refused} if refused else {"upload": upload()}
    signatures.sign_for_facility(visit=visit, name="Sok Dara", **given, by=visit.inspector, at=NOW)
    for person in policies.team_of(visit):
        signatures.sign_as_inspector(
            visit=visit, person=person, upload=upload(), confirmed=True, by=visit.inspector, at=NOW
        )


def submit(visit):
    return visits.submit(visit=visit, **END, by=visit.inspector, at=NOW)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


# --- photos ----------------------------------------------------------------------------------


def test_an_item_of_photos_is_answered_by_how_many_there_are():
    version = a_checklist_version(S01__01=AnswerKind.PHOTO)
    visit = a_visit(state=VisitState.IN_PROGRESS, checklist_version=version)
    added = [
        photos.add(visit=visit, upload=upload(shade=shade), item_code="S01.01", by=visit.inspector, at=NOW)
        for shade in (1, 2)
    ]
    visit.refresh_from_db()
    assert visit.answers == {"S01.01": {"value": "2"}}
    for photo in added:
        photos.remove(photo=photo, by=visit.inspector, at=NOW)
    visit.refresh_from_db()
    assert visit.answers == {}


def test_a_photo_of_an_item_is_kept_with_the_visit_and_removed_while_it_is_open(visit):
    photo = photos.add(visit=visit, upload=upload(), item_code="S01.02", by=visit.inspector, at=NOW)
    again = photos.add(visit=visit, upload=upload(), item_code="S01.02", by=colleague(visit), at=NOW)
    assert photo == again and photo.file.sha256 == hashlib.sha256(a_picture()).hexdigest()
    photos.remove(photo=photo, by=visit.inspector, at=NOW)
    assert not visit.photos.exists() and place_of(photo.file.sha256).exists()


@pytest.mark.parametrize(
    ("who", "error"), [("stranger", NotPermitted), ("manager", NotPermitted), ("elsewhere", NotPermitted)]
)
def test_only_the_team_adds_photos(visit, who, error):
    people = {
        "stranger": lambda: a_user(Role.INSPECTOR),
        "manager": lambda: a_user(Role.PROVINCIAL_MANAGER),
        "elsewhere": lambda: a_user(Role.INSPECTOR, province=another_province()),
    }
    with pytest.raises(error):
        photos.add(visit=visit, upload=upload(), by=people[who](), at=NOW)


def test_a_photo_belongs_to_an_item_of_the_checklist(visit):
    with pytest.raises(Refused, match="no item"):
        photos.add(visit=visit, upload=upload(), item_code="S09.99", by=visit.inspector, at=NOW)


def test_the_script_and_the_form_add_the_same(visit):
    client, address = signed_in(visit.inspector), reverse("visit-photos", args=[visit.uuid])
    sent = {"file": upload(), "item_code": "S01.01", "latitude": "11.55", "longitude": "104.91"}
    sent |= {"taken_at": "2026-11-22T02:00:00Z", "sha256": hashlib.sha256(a_picture()).hexdigest()}
    answer = client.post(address, sent, headers={"accept": "application/json"})
    assert answer.status_code == 200 and "<img" in answer.json()["photos"]
    wrong = client.post(address, {**sent, "file": upload(shade=7)}, headers={"accept": "application/json"})
    assert wrong.status_code == 409 and wrong.json()["code"] == "not_arrived_whole"
    assert client.post(address, {"file": upload(shade=8), "item_code": "S01.01"}).status_code == 302
    assert client.post(address, {"file": ContentFile(b"<html>", name="a.jpg")}).status_code == 409
    assert client.post(address, {}).status_code == 422
    photo = visit.photos.first()
    assert (str(photo.latitude), photo.taken_at.hour) == ("11.550000", 2) and visit.photos.count() == 2
    assert client.get(address).status_code == 200
    assert client.post(address, {"remove": photo.pk}).status_code == 302 and visit.photos.count() == 1
    assert client.post(address, {"remove": photo.pk}).status_code == 404


def test_a_photo_is_seen_by_whoever_sees_its_visit_and_by_nobody_else(visit):
    photo = photos.add(visit=visit, upload=upload(), by=visit.inspector, at=NOW)
    address = reverse("visit-file", args=[visit.uuid, photo.file.sha256])
    assert signed_in(visit.inspector).get(address).status_code == 200
    assert signed_in(a_user(Role.INSPECTOR, province=another_province())).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    other = a_visit(state=VisitState.IN_PROGRESS)
    assert (
        signed_in(other.inspector).get(reverse("visit-file", args=[other.uuid, photo.file.sha256])).status_code == 404
    )


def test_photos_cost_the_same_however_many(visit, django_assert_max_num_queries):
    for shade in range(12):
        photos.add(visit=visit, upload=upload(shade=shade), item_code="S01.01", by=visit.inspector, at=NOW)
    client = signed_in(visit.inspector)
    with django_assert_max_num_queries(14):
        client.get(reverse("visit-photos", args=[visit.uuid]))


@pytest.mark.django_db(transaction=True)
def test_eight_photos_at_once_are_all_counted(visit):
    def one(shade):
        photos.add(visit=visit, upload=upload(shade=shade), item_code="S01.01", by=visit.inspector, at=NOW)
        connection.close()

    threads = [threading.Thread(target=one, args=[shade]) for shade in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert visit.photos.count() == 8


# --- signatures ------------------------------------------------------------------------------


def test_a_visit_is_handed_in_when_all_have_signed(visit):
    with pytest.raises(Refused) as refusal:
        submit(visit)
    assert refusal.value.code == "facility_has_not_signed"
    signatures.sign_for_facility(visit=visit, name="Sok Dara", upload=upload(), by=visit.inspector, at=NOW)
    with pytest.raises(Refused, match=str(colleague(visit))):
        submit(visit)
    sign_all(visit)
    handed_in = submit(visit)
    assert handed_in.state == VisitState.SUBMITTED and len(handed_in.content_hash) == 64
    stored = Visit.objects.get(pk=visit.pk)
    assert rules.content_hash(stored, stored.photos.select_related("file")) == stored.content_hash


@pytest.mark.parametrize("change", ["answer", "note", "photo", "day"])
def test_any_change_afterwards_voids_what_was_signed(visit, change):
    sign_all(visit)
    by = visit.inspector
    said = dict(END)
    if change == "answer":
        answers = {"S01.01": {"answer": "no"}}
        visits.save_draft(visit=visit, answers=answers, revision=visit.revision, by=by, at=NOW)
    elif change == "photo":
        photos.add(visit=visit, upload=upload(), by=by, at=NOW)
    elif change == "note":
        said["note"] = "Something was left out."
    else:
        said["visited_on"] = TODAY.replace(day=21)
    with pytest.raises(Refused, match="neither signed nor refused"):
        visits.submit(visit=visit, **said, by=by, at=NOW)


def test_a_returned_visit_is_signed_again(visit):
    sign_all(visit)
    submit(visit)
    later = NOW.replace(hour=5)
    visits.return_for_correction(visit=visit, reason="Which room?", by=a_user(Role.APPROVER), at=later)
    with pytest.raises(Refused, match="neither signed nor refused"):
        submit(visit)


def test_the_facility_may_refuse_with_a_reason(visit):
    with pytest.raises(Refused):
        signatures.sign_for_facility(visit=visit, name="Sok Dara", by=visit.inspector, at=NOW)
    sign_all(visit, refused="Does not agree with the second finding.")
    assert submit(visit).state == VisitState.SUBMITTED


def test_nobody_signs_for_another(visit):
    with pytest.raises(NotPermitted, match="own password"):
        signatures.sign_as_inspector(visit=visit, person=colleague(visit), upload=upload(), by=visit.inspector, at=NOW)
    stranger = a_user(Role.INSPECTOR)
    with pytest.raises(Refused, match="not in the team"):
        signatures.sign_as_inspector(
            visit=visit, person=stranger, upload=upload(), confirmed=True, by=visit.inspector, at=NOW
        )


def test_a_colleague_signs_on_the_leads_device_with_the_own_password(visit):
    client = signed_in(visit.inspector)
    address = reverse("visit-sign-inspector", args=[visit.uuid, colleague(visit).username])
    assert client.post(address, {"upload": upload(), "password": "guess"}).status_code == 422
    assert not visit.signatures.exists()
    assert client.post(address, {"upload": upload(), "password": PASSWORD}).status_code == 302
    assert visit.signatures.get().person == colleague(visit)


def test_an_empty_drawing_is_no_signature(visit):
    blank = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(blank, "PNG")
    client = signed_in(visit.inspector)
    answer = client.post(
        reverse("visit-sign", args=[visit.uuid]), {"name": "Sok", "upload": ContentFile(blank.getvalue(), name="s.png")}
    )
    assert "nothing on this picture" in answer.content.decode() and not visit.signatures.exists()


def test_nobody_signs_what_is_not_answered_in_full():
    visit = a_visit(state=VisitState.IN_PROGRESS)
    visits.conclude(visit=visit, **END, by=visit.inspector, at=NOW)
    with pytest.raises(Refused, match="not answered"):
        signatures.sign_for_facility(visit=visit, name="Sok", upload=upload(), by=visit.inspector, at=NOW)


@pytest.mark.parametrize("table", ["inspections_visitphoto", "inspections_visitsignature", "inspections_visitmember"])
@pytest.mark.parametrize("state", [VisitState.SUBMITTED, VisitState.APPROVED])
def test_evidence_of_what_is_handed_in_is_not_touched_by_sql(visit, table, state):
    photos.add(visit=visit, upload=upload(), by=visit.inspector, at=NOW)
    sign_all(visit)
    submit(visit)
    if state == VisitState.APPROVED:
        visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    other = a_visit()
    for statement in (
        f"UPDATE {table} SET visit_id = {other.pk}",
        f"DELETE FROM {table}",
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, '{{\"id\": 999999}}')).* FROM {table} t LIMIT 1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- receipt ---------------------------------------------------------------------------------


def test_a_receipt_in_both_languages_is_the_same_bytes_every_time(visit):
    sign_all(visit)
    client, address = signed_in(visit.inspector), reverse("visit-receipt-pdf", args=[visit.uuid])
    assert client.get(address).status_code == 409
    submit(visit)
    pdfs = {language: client.get(address, {"language": language}) for language in ("km", "en")}
    for language, pdf in pdfs.items():
        assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF-") and pdf["Content-Type"] == "application/pdf"
        assert pdf.content == client.get(address, {"language": language}).content
        assert pdf.content.count(b"/Type /Page\n") <= 1
    assert pdfs["km"].content != pdfs["en"].content


def test_the_receipt_says_what_was_found_and_what_is_not_yet_decided(visit):
    sign_all(visit)
    submit(visit)
    client, address = signed_in(visit.inspector), reverse("visit-receipt", args=[visit.uuid])
    page = client.get(address).content.decode()
    visit.refresh_from_db()
    for words in ("not yet approved", "§ 1.2", "Question 2", "Sok Dara", visit.content_hash):
        assert words in page
    assert "per cent" not in page
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    page = client.get(address).content.decode()
    assert "This visit is approved" in page and "per cent" in page
    assert client.get(reverse("visit-receipt-pdf", args=[visit.uuid])).status_code == 200


def test_a_visit_that_failed_has_a_receipt_too():
    visit = a_visit(state=VisitState.IN_PROGRESS)
    hand_in(visit=visit, visited_on=TODAY, outcome="refused", note="Nobody opened.", by=visit.inspector)
    client = signed_in(visit.inspector)
    assert "Entry refused" in client.get(reverse("visit-receipt", args=[visit.uuid])).content.decode()
    assert client.get(reverse("visit-receipt-pdf", args=[visit.uuid])).status_code == 200


# --- amendment -------------------------------------------------------------------------------


@pytest.fixture
def approved(visit):
    photos.add(visit=visit, upload=upload(), item_code="S01.02", by=visit.inspector, at=NOW)
    sign_all(visit)
    submit(visit)
    return visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)


def test_an_amendment_takes_the_place_of_a_visit_that_is_kept(approved):
    before = Visit.objects.filter(pk=approved.pk).values().get()
    amendment = visits.amend(visit=approved, reason="The second room was meant.", by=approved.inspector, at=NOW)
    assert amendment.answers == approved.answers and amendment.photos.count() == 1 and amendment.members.count() == 2
    assert Standing.objects.get().visit == approved
    answers = {"S01.02": {"answer": "yes"}}
    visits.save_draft(visit=amendment, answers=answers, revision=amendment.revision, by=approved.inspector, at=NOW)
    sign_all(amendment)
    submit(amendment)
    visits.approve(visit=amendment, by=a_user(Role.APPROVER), at=NOW)
    assert Standing.objects.get().visit == amendment
    after = Visit.objects.filter(pk=approved.pk).values().get()
    assert after == before | {"state": VisitState.SUPERSEDED}
    assert not Finding.objects.filter(facility=approved.facility, corrected_on=None, visit=amendment).exists()
    for one, words in ((approved, "replaced by an amendment"), (amendment, "replaces an earlier one")):
        assert words in signed_in(approved.inspector).get(reverse("visit-detail", args=[one.uuid])).content.decode()


def test_an_amendment_needs_a_reason_and_somebody_who_may(approved):
    with pytest.raises(Refused, match="reason"):
        visits.amend(visit=approved, reason=" ", by=approved.inspector, at=NOW)
    for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.INSPECTOR):
        with pytest.raises(NotPermitted):
            visits.amend(visit=approved, reason="x", by=a_user(role), at=NOW)
    amendment = visits.amend(visit=approved, reason="x", by=a_user(Role.PROVINCIAL_MANAGER), at=NOW)
    with pytest.raises(Refused, match="already"):
        visits.amend(visit=approved, reason="x", by=approved.inspector, at=NOW)
    visits.cancel(visit=amendment, reason="not needed", by=approved.inspector, at=NOW)
    assert visits.amend(visit=approved, reason="after all", by=approved.inspector, at=NOW)


def test_only_an_approved_visit_is_amended(visit):
    with pytest.raises(Refused):
        visits.amend(visit=visit, reason="x", by=visit.inspector, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_amendments_at_once_one_is_refused(approved):
    told = []

    def one():
        try:
            visits.amend(visit=approved, reason="x", by=approved.inspector, at=NOW)
        except Refused as refusal:
            told.append(refusal.code)
        connection.close()

    threads = [threading.Thread(target=one) for _time in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(told) == 1 and approved.amendments.count() == 1
