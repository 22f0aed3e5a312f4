"""Anybody complains: without an account, by the code at the door or a description; programs are kept away."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from enforcement.actions import complaints
from enforcement.forms.tokens import new_token
from enforcement.models import Complaint, ComplaintContact, ComplaintFile
from enforcement.states import ComplaintMessageKind, ComplaintState
from enforcement.views import complaint_new
from registry.accounts.states import Role
from registry.states import OperationalStatus
from registry.ui.throttles import StrangerThrottle
from tests.factories import NOW, a_facility, a_province, a_user
from tests.factories_complaints import a_code, a_complaint, in_state
from tests.pictures import a_picture

pytestmark = pytest.mark.django_db
NEW, STATUS = "/complaints/new/", "/complaints/status/"
DESCRIBED = f"{NEW}?place=described"
WORDS = {"kind": "harm", "text": "អ្នកជំងឺបានដួល។ He fell.", "place": "Behind the market", "confidential": "on"}


@pytest.fixture(autouse=True)
def a_quiet_minute(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": tmp_path}}
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=False)


def sent(**fields: object) -> dict[str, object]:
    return WORDS | {"token": new_token(NOW - timedelta(minutes=2))} | fields


def carried(response) -> dict[str, str]:
    """What the page before sending carries along."""
    inputs = re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', response.content.decode())
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


def code_on(response) -> str:
    return re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", response.content.decode())[0]


def test_from_the_code_at_the_door_to_the_answer(stranger):
    officer = a_user(Role.ENFORCEMENT_OFFICER)
    facility = a_facility(name_en="Sok Clinic")
    address = f"{NEW}?facility={facility.number}"
    assert "Sok Clinic" in stranger.get(address).content.decode()
    photos = [SimpleUploadedFile(f"{shade}.jpg", a_picture(shade=shade)) for shade in (10, 60)]
    words = sent(papers=photos, phone="០១២ ៣៤៥ ៦៧៨", since_on="1/11/2026")
    page = stranger.post(address, words | {"check": "1"})
    assert page.status_code == 200 and not Complaint.objects.exists()
    assert "012 345 678" in page.content.decode() and "10.jpg" in page.content.decode()
    page = stranger.post(address, carried(page) | {"send": "1"})
    complaint = Complaint.objects.get()
    assert (complaint.facility, complaint.urgent, complaint.files.count()) == (facility, True, 2)
    assert complaint.contact.phone == "012 345 678"
    code = code_on(page)
    assert code.replace("-", "") not in str(Complaint.objects.values().get())
    act = {"by": officer, "at": NOW}
    complaint = complaints.triage(complaint=complaint, urgent=True, **act)
    complaint = complaints.assign(complaint=complaint, handler=officer, **act)
    complaints.note(complaint=complaint, text="The owner is a cousin.", **act)
    complaints.answer(complaint=complaint, text="The clinic was warned.", **act)
    page = stranger.post(STATUS, {"code": code.lower().replace("-", " ")}).content.decode()
    assert "The clinic was warned." in page and "cousin" not in page
    page = stranger.post(STATUS, {"code": code, "text": "Thank you."}).content.decode()
    assert "Thank you." in page
    assert complaint.messages.filter(kind=ComplaintMessageKind.COMPLAINANT).count() == 1


def test_pressing_send_twice_shows_the_same_code_and_keeps_one_complaint(stranger):
    words = sent(send="1")
    pages = [stranger.post(DESCRIBED, words) for _time in range(2)]
    assert code_on(pages[0]) == code_on(pages[1])
    assert Complaint.objects.count() == 1
    assert "had arrived before" in pages[1].content.decode()


def test_a_described_place_needs_no_facility_and_a_complaint_no_name(stranger):
    province = a_province()
    page = stranger.post(DESCRIBED, sent(send="1", province=province.code, point="១១.៥៥៦៤, 104.9282"))
    assert page.status_code == 200
    complaint = Complaint.objects.get()
    assert (complaint.facility, complaint.province, str(complaint.longitude)) == (None, province, "104.928200")
    assert not ComplaintContact.objects.exists()


@pytest.mark.parametrize("page", [NEW, DESCRIBED, STATUS])
def test_the_pages_need_no_account_and_are_kept_by_nobody(stranger, page):
    response = stranger.get(page)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_places_are_found_by_their_public_names_and_nobody_is_told_who_is_suspected(stranger):
    known = a_facility(name_en="Angkor Clinic")
    suspected = a_facility(name_en="Angkor Beauty", status=OperationalStatus.SUSPECTED_UNLICENSED)
    page = stranger.get(NEW, {"q": "angkor"}).content.decode()
    assert known.number in page and suspected.number not in page
    for number in (suspected.number, "KH999999999", "nonsense"):
        page = stranger.get(NEW, {"facility": number}).content.decode()
        assert "knows no facility" in page and "Angkor Beauty" not in page


def test_what_is_typed_stays_whatever_is_wrong(stranger):
    photo = SimpleUploadedFile("a.jpg", a_picture())
    page = stranger.post(DESCRIBED, sent(check="1", email="nonsense", papers=[photo]))
    text = page.content.decode()
    assert page.status_code == 422 and WORDS["text"] in text and "a.jpg" in text
    page = stranger.post(DESCRIBED, sent(check="1", stored=carried_hidden(text, "stored")))
    page = stranger.post(DESCRIBED, carried(page) | {"send": "1"})
    assert ComplaintFile.objects.get().file.name == "a.jpg"


def carried_hidden(text: str, name: str) -> str:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)[0]
    return re.search(r'value="([^"]*)"', field)[1]


@pytest.mark.parametrize(
    ("wrong", "status", "sentence"),
    [
        ({"website": "https://spam.example"}, 409, "Leave the field"),
        ({"token": new_token(NOW)}, 409, "very fast"),
        ({"token": "forged"}, 409, "lost its beginning"),
        ({"token": new_token(NOW - timedelta(days=2))}, 409, "more than a day"),
        ({"text": ""}, 422, "is empty"),
        ({"since_on": "23/11/2026"}, 409, "not happened yet"),
        ({"point": "over there"}, 422, "as a map shows it"),
        ({"papers": [SimpleUploadedFile("a.exe", b"MZ")]}, 422, "not what is asked for"),
        (
            {"papers": [SimpleUploadedFile("a.pdf", b"%PDF-1.4 EICAR-STANDARD-ANTIVIRUS-TEST-FILE! %%EOF")]},
            422,
            "virus",
        ),
    ],
)
def test_programs_and_mistakes_are_told_in_words_and_nothing_comes_in(stranger, wrong, status, sentence):
    page = stranger.post(DESCRIBED, sent(send="1", **wrong))
    assert page.status_code == status
    assert sentence in page.content.decode()
    assert not Complaint.objects.exists()


def test_a_page_that_lost_its_token_goes_through_at_the_second_press(stranger):
    page = stranger.post(DESCRIBED, sent(send="1", token="forged"))
    token = carried_hidden(page.content.decode(), "token")
    with time_machine.travel(NOW + timedelta(seconds=9), tick=False):
        assert stranger.post(DESCRIBED, sent(send="1", token=token)).status_code == 200
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "throttle"),
    [
        ("SENDS", StrangerThrottle("test-sends", rate="2/hour")),
        ("TOGETHER", StrangerThrottle("test-together", rate="2/hour", everybody=True)),
    ],
)
def test_too_many_are_told_to_wait_and_lose_nothing(stranger, monkeypatch, name, throttle):
    monkeypatch.setattr(complaint_new, name, throttle)
    pages = [
        stranger.post(DESCRIBED, sent(send="1"), REMOTE_ADDR=f"10.0.0.{number if throttle.everybody else 1}")
        for number in range(3)
    ]
    assert [page.status_code for page in pages] == [200, 200, 429]
    assert int(pages[2]["Retry-After"]) > 0
    assert WORDS["text"] in pages[2].content.decode()
    assert Complaint.objects.count() == 2


def test_a_code_that_nobody_has_opens_nothing_and_is_never_in_an_address(stranger):
    complaint = a_complaint()
    for code in (a_code(), complaint.number, ""):
        page = stranger.post(STATUS, {"code": code})
        assert page.status_code in (404, 422)
        assert complaint.number not in page.content.decode().replace(f'value="{code}"', "")
    code = a_code()
    a_complaint(code=code)
    assert "Messages" not in stranger.get(STATUS, {"code": code}).content.decode()


def test_nothing_is_added_to_a_closed_complaint(stranger):
    code = a_code()
    in_state(ComplaintState.CLOSED, code=code)
    page = stranger.post(STATUS, {"code": code, "text": "And?"})
    assert page.status_code == 409 and "make a new complaint" in page.content.decode()


def test_the_staff_and_operators_complain_like_everybody(stranger):
    for role in (Role.OPERATOR, Role.INSPECTOR):
        stranger.force_login(a_user(role))
        assert stranger.get(reverse("complaint-new")).status_code == 200
