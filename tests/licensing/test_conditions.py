"""Conditions of licences and authorisations: imposed, met, lifted, overdue."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from licensing.actions import conditions
from licensing.models import Condition
from licensing.states import ConditionState, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Interest
from tests.factories import (
    NOW,
    TODAY,
    a_condition,
    a_facility,
    a_licence,
    a_user,
    an_authorisation,
    another_province,
)
from tests.pictures import a_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = timedelta(days=1)
LAST = TODAY + 300 * DAY


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def licence():
    return a_licence(a_facility(), valid_from=TODAY - 100 * DAY, valid_until=LAST)


def test_a_condition_is_imposed_and_met_with_evidence_in_the_browser(client, licence):
    client.force_login(a_user(Role.APPROVER))
    page = reverse("licence-detail", args=[licence.number])
    impose = reverse("licence-impose", args=[licence.number])
    assert impose in client.get(page).content.decode()
    assert client.post(impose, {"text": "A second exit.", "due_on": "២៥/១២/២០២៦"})["Location"] == page
    condition = Condition.objects.get()
    assert (condition.licence, condition.due_on.day) == (licence, 25)
    assert "A second exit." in client.get(page).content.decode()

    client.force_login(a_user(Role.LICENSING_OFFICER))
    detail = reverse("condition-detail", args=[condition.pk])
    meet = reverse("condition-meet", args=[condition.pk])
    assert meet in client.get(detail).content.decode()
    photo = SimpleUploadedFile("exit.jpg", a_picture(), "image/jpeg")
    assert client.post(meet, {"evidence": "Seen on the photo.", "upload": photo})["Location"] == detail
    condition.refresh_from_db()
    assert condition.state == ConditionState.MET
    assert client.get(reverse("condition-file", args=[condition.pk]))["Content-Type"] == "image/jpeg"
    verbs = AuditEvent.objects.filter(subject_number=licence.number).values_list("verb", flat=True)
    assert set(verbs) == {"licence.condition_imposed", "licence.condition_met"}


def test_a_file_that_is_no_evidence_is_refused_in_words_and_what_was_typed_stays(client, licence):
    condition = a_condition(licence)
    client.force_login(a_user(Role.LICENSING_OFFICER))
    upload = SimpleUploadedFile("exit.jpg", b"<html>", "image/jpeg")
    response = client.post(
        reverse("condition-meet", args=[condition.pk]), {"evidence": "Seen on the photo.", "upload": upload}
    )
    assert response.status_code == 409 and "Seen on the photo." in response.content.decode()
    condition.refresh_from_db()
    assert condition.state == ConditionState.OPEN


@pytest.mark.parametrize("role", Role.values)
def test_who_imposes_who_finds_met_and_who_lifts(licence, role):
    def allowed(act, **fields) -> bool:
        try:
            act(**fields, by=a_user(role), at=NOW)
        except NotPermitted:
            return False
        return True

    approver, officer = role == Role.APPROVER, role == Role.LICENSING_OFFICER
    assert allowed(conditions.impose, grant=licence, text="A second exit.", due_on=None) == approver
    assert allowed(conditions.meet, condition=a_condition(licence), evidence="Seen") == officer
    assert allowed(conditions.lift, condition=a_condition(licence), reason="No need") == approver


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"text": " "}, "no_condition"), ({"due_on": TODAY - DAY}, "due_in_the_past")],
)
def test_what_a_condition_needs(licence, fields, code):
    given: dict[str, Any] = {"text": "A second exit.", "due_on": None} | fields
    with pytest.raises(Refused) as refusal:
        conditions.impose(grant=licence, **given, by=a_user(Role.APPROVER), at=NOW)
    assert refusal.value.code == code


def test_nothing_is_imposed_on_what_has_ended():
    ended = a_licence(a_facility(), valid_from=TODAY, valid_until=LAST, state=LicenceState.SURRENDERED, ended_on=TODAY)
    with pytest.raises(Refused) as refusal:
        conditions.impose(grant=ended, text="A second exit.", due_on=None, by=a_user(Role.APPROVER), at=NOW)
    assert refusal.value.code == "wrong_state"


def test_a_closed_condition_is_closed_once_and_says_why(licence):
    condition = a_condition(licence)
    with pytest.raises(Refused) as refusal:
        conditions.lift(condition=condition, reason=" ", by=a_user(Role.APPROVER), at=NOW)
    assert refusal.value.code == "no_reason"
    conditions.lift(condition=condition, reason="No need", by=a_user(Role.APPROVER), at=NOW)
    with pytest.raises(Refused) as refusal:
        conditions.meet(condition=condition, evidence="Seen", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    assert refusal.value.code == "wrong_state"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE licensing_condition SET state = 'open', closed_at = NULL, evidence = ''")


def test_who_has_an_interest_neither_imposes_nor_finds_met(licence):
    officer = a_user(Role.LICENSING_OFFICER)
    Interest.objects.create(person=officer, facility=licence.facility, nature="My sister's", declared_on=TODAY)
    condition = a_condition(licence)
    with pytest.raises(Refused) as refusal:
        conditions.meet(condition=condition, evidence="Seen", by=officer, at=NOW)
    assert refusal.value.code == "has_an_interest"
    with pytest.raises(DatabaseError, match="interest"), transaction.atomic():
        Condition.objects.update(state="met", closed_at=NOW, closed_by=officer, evidence="Seen")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"late", "in time", "for ever", "met", "there"}),
        ({"overdue": "yes"}, {"late"}),
        ({"state": "met"}, {"met"}),
        ({"q": "TIME"}, {"in time"}),
        ({"province": "01"}, {"there"}),
    ],
)
def test_the_list_begins_with_what_is_due_first(client, licence, asked, found):
    there = an_authorisation(a_facility(province=another_province()), valid_from=TODAY, valid_until=LAST)
    a_condition(licence, text="for ever")
    a_condition(licence, text="in time", due_on=TODAY)
    a_condition(licence, text="late", due_on=TODAY - DAY)
    a_condition(licence, text="met", due_on=TODAY + DAY, state=ConditionState.MET, closed_at=NOW, evidence="Seen")
    a_condition(there, text="there", due_on=TODAY + 9 * DAY)
    client.force_login(a_user(Role.AUDITOR))
    rows = client.get(reverse("condition-list"), asked).context["rows"]
    assert {row[0].value for row in rows} == found
    if not asked:
        assert rows[0][0].value == "late"


def test_the_list_costs_the_same_however_long_it_is(client, licence, django_assert_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    for _ in range(5):
        a_condition(licence, due_on=TODAY)
    with django_assert_num_queries(4):  # session, person, rows, the provinces to choose from
        client.get(reverse("condition-list"))
