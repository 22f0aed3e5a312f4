"""Complaints as the staff sees them."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from enforcement.models import Complaint
from enforcement.querysets import COMPLAINT_READERS
from enforcement.states import ComplaintState
from enforcement.views.complaint_steps import STEPS
from inspections.states import Purpose
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.files.actions import store
from registry.models import Facility
from registry.outbox.models import Letter
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_province,
    a_ruleset,
    a_user,
    another_province,
)
from tests.factories_complaints import a_complaint, in_state
from tests.pictures import a_picture

pytestmark = pytest.mark.django_db
LIST = "/complaints/"


@pytest.fixture
def officer(client):
    person = a_user(Role.ENFORCEMENT_OFFICER)
    client.force_login(person)
    return person


def page_of(complaint, step: str = "") -> str:
    return f"/complaints/{complaint.number}/{step and step + '/'}"


@pytest.mark.parametrize("role", Role)
def test_the_list_and_its_complaints_are_open_to_those_who_read_complaints(client, role):
    complaint = a_complaint()
    client.force_login(a_user(role))
    assert client.get(LIST).status_code == (200 if role in COMPLAINT_READERS else 403)
    expected = 200 if role in COMPLAINT_READERS else 403 if role == Role.OPERATOR else 404
    assert client.get(page_of(complaint)).status_code == expected


def test_another_province_is_not_found(client):
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    assert client.get(page_of(a_complaint())).status_code == 404


def test_the_list_is_filtered_and_says_who_handles_what(client, officer):
    mine = in_state(ComplaintState.ASSIGNED, by=officer, kind="medicines")
    late = a_complaint(at=NOW.replace(year=2025), facility=mine.facility)
    elsewhere = a_complaint(facility=a_facility(province=another_province()), kind="price")

    def shown(**query: str) -> set[str]:
        return {row[0].value for row in client.get(LIST, query).context["rows"]}

    assert shown() == {mine.number, late.number, elsewhere.number}
    assert shown(state="assigned") == shown(kind="medicines") == shown(whose="mine") == {mine.number}
    assert shown(overdue="yes") == {late.number}
    assert shown(province="01") == {elsewhere.number}
    assert shown(whose="nobody") == {late.number, elsewhere.number}
    assert shown(q=mine.facility.number) == {mine.number, late.number}


@pytest.mark.parametrize("many", [1, 9])
def test_the_list_costs_the_same_however_long(client, officer, many, django_assert_num_queries):
    for _number in range(many):
        in_state(ComplaintState.ASSIGNED, by=officer)
    with django_assert_num_queries(4):
        client.get(LIST)


def test_the_export_holds_neither_the_contact_nor_the_text(client, officer):
    complaint = in_state(
        ComplaintState.ASSIGNED, by=officer, text="SECRET", phone="099 SECRET", email="secret@a.example"
    )
    for kind in ("csv", "xlsx"):
        content = b"".join(client.get(LIST, {"export": kind}))
        assert b"secret" not in content.lower()
        assert kind == "xlsx" or complaint.number.encode() in content


def test_the_contact_is_shown_after_asking_and_never_on_the_page_of_the_complaint(client, officer):
    complaint = in_state(ComplaintState.ASSIGNED, by=officer, phone="012 345 678")
    assert "012 345 678" not in client.get(page_of(complaint)).content.decode()
    assert "012 345 678" not in client.get(page_of(complaint, "contact")).content.decode()
    assert not AuditEvent.objects.filter(verb="complaint.contact_read").exists()
    shown = client.post(page_of(complaint, "contact"))
    assert "012 345 678" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.filter(verb="complaint.contact_read").count() == 1
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    for answer in (client.get, client.post):
        assert answer(page_of(complaint, "contact")).status_code == 403


def test_photos_come_without_the_notes_of_the_camera_but_to_the_handling_officer(client, officer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    notes = Image.Exif()
    notes[0x013B] = "Sok Dara took this"
    photo = store(upload=ContentFile(a_picture(exif=notes), "photo.jpg"), by=None, at=NOW)
    complaint = in_state(ComplaintState.ASSIGNED, by=officer, files=[photo])
    address = page_of(complaint, f"files/{photo.sha256}")
    assert b"Sok Dara" in b"".join(client.get(address, {"original": "1"}))
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    assert b"Sok Dara" not in client.get(address).content
    assert b"Sok Dara" not in b"".join(client.get(address, {"small": "1"}))
    assert client.get(address, {"original": "1"}).status_code == 403
    assert client.get(page_of(a_complaint(), f"files/{photo.sha256}")).status_code == 404


def test_from_receipt_to_the_end_by_pages(client, officer):
    a_ruleset()
    complaint = a_complaint(place="Behind the market", province=a_province(), email="a@a.example")
    version = a_checklist_version(facility_type=a_facility_type())
    steps = [
        ("triage", {"urgent": "yes", "note": "Call the ward."}),
        ("assign", {"province": "12", "handler": officer.pk}),
        ("premises", {"name_en": "Blue door", "type": "clinic", "area": "12"}),
        ("visit", {"planned_on": f"{timezone.localdate():%d/%m/%Y}", "checklist_version": version.pk}),
        ("reply", {"text": "Which day was it?"}),
        ("note", {"text": "See C1."}),
        ("answer", {"text": "It is closed."}),
        ("reopen", {"text": "Open again."}),
        ("investigate", {"note": "By telephone."}),
        ("answer", {"text": "It is closed now."}),
        ("close", {}),
    ]
    for step, sent in steps:
        offered = [href for href, _text, _kind in client.get(page_of(complaint)).context["buttons"]]
        assert page_of(complaint, step) in offered, step
        if step == "visit":
            client.get(page_of(complaint, step))
        answer = client.post(page_of(complaint, step), sent)
        assert answer.status_code == 302, (step, answer.context and answer.context["form"].errors)
    complaint = Complaint.objects.get()
    assert complaint.state == ComplaintState.CLOSED
    assert complaint.visit.purpose == Purpose.COMPLAINT
    assert Facility.objects.get().operational_status == OperationalStatus.SUSPECTED_UNLICENSED
    assert not list(client.get(page_of(complaint)).context["buttons"])
    for step in STEPS:
        assert client.get(page_of(complaint, step)).status_code == 409


def test_matching_and_joining_know_only_what_the_person_sees(client):
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    complaint, far = a_complaint(), a_complaint(facility=a_facility(province=another_province()))
    answers = [
        client.post(page_of(complaint, "match"), {"facility": far.facility.number}),
        client.post(page_of(complaint, "merge"), {"leading": far.number}),
    ]
    assert ["You know no" in answer.content.decode() for answer in answers] == [True, True]
    near = a_complaint()
    assert client.post(page_of(complaint, "merge"), {"leading": near.number.lower()}).status_code == 302


def test_the_dossier_counts_complaints_for_those_who_read_them_and_hides_them_from_the_visiting_team(client):
    complaint = in_state(ComplaintState.ANSWERED)
    dossier = reverse("facility-detail", args=[complaint.facility.number])
    for role in Role:
        if role == Role.OPERATOR:
            continue
        client.force_login(a_user(role))
        response = client.get(dossier)
        page = response.content.decode()
        assert (f"/complaints/?q={complaint.facility.number}" in page) == (role in COMPLAINT_READERS), role
        assert ("Complaint answered" in page) == (role in COMPLAINT_READERS), role


@pytest.mark.parametrize(("role", "waiting"), [(Role.ENFORCEMENT_OFFICER, 3), (Role.PROVINCIAL_MANAGER, 2)])
def test_the_home_page_counts_those_that_wait(client, role, waiting):
    a_complaint(), a_complaint(at=NOW.replace(year=2025)), a_complaint(facility=a_facility(province=another_province()))
    in_state(ComplaintState.ANSWERED)
    client.force_login(a_user(role))
    figures = {figure.text: figure for figure in client.get("/").context["work"].figures}
    assert figures["complaints waiting"].number == waiting
    assert figures["complaints overdue"].number == 1
    for name in ("complaints waiting", "complaints overdue"):
        assert len(client.get(figures[name].href).context["rows"]) == figures[name].number


def test_nobody_reads_in_the_list_of_letters_who_complained(client, officer):
    complaint = in_state(ComplaintState.ANSWERED, by=officer, email="secret@a.example")
    letter = Letter.objects.get(kind="complaint.news")
    Letter.objects.filter(pk=letter.pk).update(failure="550 no such mailbox secret@a.example")
    client.force_login(a_user(Role.ADMINISTRATOR))
    for address in (reverse("letter-list"), reverse("letter-detail", args=[letter.pk])):
        page = client.get(address).content.decode()
        assert "in confidence" in page and "secret@a.example" not in page
    assert b"secret@" not in b"".join(client.get(reverse("letter-list"), {"export": "csv"}))
    assert not client.get(reverse("letter-list"), {"address": "secret@"}).context["rows"]
    assert complaint.number
