"""Who works where, and who answers for a place."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from registry.accounts.states import Role
from registry.actions import postings
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Posting
from registry.states import Cadre, OperationalStatus
from tests.factories import NOW, TODAY, a_facility, a_user, another_province
from tests.factories_people import a_council, a_posting, a_practitioner

pytestmark = pytest.mark.django_db
DAY = timedelta(1)


@pytest.fixture
def manager():
    return a_user(Role.PROVINCIAL_MANAGER)


def begin(facility, practitioner, by, **fields):
    given = {"cadre": Cadre.DOCTOR, "valid_from": TODAY} | fields
    return postings.begin(facility=facility, practitioner=practitioner, by=by, at=NOW, **given)


def periods(facility):
    rows = Posting.objects.filter(facility=facility).order_by("valid_from", "pk")
    return [(row.practitioner.name_en, row.valid_from, row.valid_until, row.is_responsible) for row in rows]


def test_a_posting_is_kept_by_the_manager_of_the_province_and_leaves_a_trace(manager):
    facility, practitioner = a_facility(), a_practitioner()
    posting = begin(facility, practitioner, manager)
    assert AuditEvent.objects.get(verb="posting.begun").facility_number == facility.number
    postings.end(posting=posting, valid_until=TODAY, by=manager, at=NOW)
    begin(a_facility(), practitioner, manager)
    with pytest.raises(NotPermitted):
        begin(a_facility(province=another_province()), practitioner, manager)
    with pytest.raises(NotPermitted):
        begin(facility, practitioner, a_user(Role.INSPECTOR))


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"valid_from": TODAY + DAY}, "posting_in_the_future"), ({"valid_from": TODAY - DAY}, "posted_already")],
)
def test_a_posting_begins_by_today_and_once(manager, fields, code):
    facility, practitioner = a_facility(), a_practitioner()
    a_posting(facility, practitioner)
    with pytest.raises(Refused) as refusal:
        begin(facility, practitioner, manager, **fields)
    assert refusal.value.code == code


def test_nobody_is_posted_to_a_closed_facility(manager):
    with pytest.raises(Refused):
        begin(a_facility(status=OperationalStatus.CLOSED), a_practitioner(), manager)


def test_a_new_responsible_person_releases_the_former_one(manager):
    facility = a_facility()
    former, new = a_practitioner(name_en="Former"), a_practitioner(name_en="New")
    begin(facility, former, manager, valid_from=TODAY - 9 * DAY, is_responsible=True)
    begin(facility, new, manager, is_responsible=True)
    assert periods(facility) == [
        ("Former", TODAY - 9 * DAY, TODAY - DAY, True),
        ("Former", TODAY, None, False),
        ("New", TODAY, None, True),
    ]
    postings.make_responsible(posting=Posting.objects.get(facility=facility, is_responsible=False), by=manager, at=NOW)
    assert periods(facility)[1:] == [("Former", TODAY, None, True), ("New", TODAY, None, False)]
    assert AuditEvent.objects.filter(verb="posting.released").count() == 2


def test_a_responsible_person_is_licensed_on_the_first_day(manager):
    facility = a_facility()
    for fields in ({"licensed_until": TODAY - DAY}, {"licensed_until": None}, {"struck_off_on": TODAY}):
        with pytest.raises(Refused) as refusal:
            begin(facility, a_practitioner(**fields), manager, is_responsible=True)
        assert refusal.value.code == "responsible_person_not_licensed"
    begin(facility, a_practitioner(licensed_until=TODAY), manager, is_responsible=True)


def test_the_database_refuses_a_responsible_person_without_a_licence():
    facility, lapsed = a_facility(), a_practitioner(licensed_until=TODAY - DAY)
    with pytest.raises(IntegrityError, match="valid council licence"), transaction.atomic():
        a_posting(facility, lapsed, valid_from=TODAY, is_responsible=True)
    posting = a_posting(facility, lapsed, valid_from=TODAY)
    for change in ("is_responsible = true", "is_responsible = true, valid_from = valid_from - 0"):
        with pytest.raises(IntegrityError, match="valid council licence"), transaction.atomic():
            connection.cursor().execute(f"UPDATE registry_posting SET {change} WHERE id = %s", [posting.pk])


def test_the_database_knows_one_responsible_person_a_day_and_one_posting_of_a_person():
    facility, first = a_facility(), a_practitioner()
    a_posting(facility, first, is_responsible=True, valid_until=TODAY)
    with pytest.raises(IntegrityError, match="one_responsible_person_per_facility_and_day"), transaction.atomic():
        a_posting(facility, is_responsible=True, valid_from=TODAY)
    a_posting(facility, is_responsible=True, valid_from=TODAY + DAY)
    with pytest.raises(IntegrityError, match="postings_of_a_person_to_a_facility_do_not_overlap"):
        a_posting(facility, first, valid_from=TODAY)


def test_whoever_answers_for_another_place_is_named_knowingly(manager):
    practitioner = a_practitioner()
    a_posting(a_facility(province=another_province()), practitioner, is_responsible=True)
    facility = a_facility()
    with pytest.raises(Refused) as refusal:
        begin(facility, practitioner, manager, is_responsible=True)
    assert refusal.value.code == "responsible_elsewhere" and "1 other facility" in refusal.value.sentence
    begin(facility, practitioner, manager, is_responsible=True, knowingly=True)


def test_what_was_said_about_former_days_is_not_overwritten(manager):
    facility = a_facility()
    a_posting(facility, is_responsible=True, valid_from=TODAY - 9 * DAY, valid_until=TODAY - 2 * DAY)
    with pytest.raises(Refused) as refusal:
        begin(facility, a_practitioner(), manager, valid_from=TODAY - 3 * DAY, is_responsible=True)
    assert refusal.value.code == "somebody_else_answered"


def test_a_posting_ends_once_and_between_its_first_day_and_today(manager):
    posting = a_posting(a_facility(), valid_from=TODAY - DAY)
    for day in (TODAY - 2 * DAY, TODAY + DAY):
        with pytest.raises(Refused):
            postings.end(posting=posting, valid_until=day, by=manager, at=NOW)
    postings.end(posting=posting, valid_until=TODAY, by=manager, at=NOW)
    with pytest.raises(Refused):
        postings.end(posting=posting, valid_until=TODAY, by=manager, at=NOW)


@pytest.fixture
def answering(time_machine_day):
    """One who stands for three places, one of them in another province; one who lapsed; one as it should be."""
    busy = a_practitioner(name_en="Busy")
    lapsed = a_practitioner(name_en="Lapsed", licensed_until=TODAY - DAY)
    for place in (a_facility(), a_facility(), a_facility(province=another_province())):
        a_posting(place, busy, is_responsible=True)
    a_posting(a_facility(), lapsed, is_responsible=True)
    a_posting(a_facility(), a_practitioner(name_en="Right"), is_responsible=True)
    a_posting(a_facility(), busy)


@pytest.fixture
def time_machine_day():
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield


def names(response):
    return [
        next(cell.value.name_en for cell in row if cell.column.name == "practitioner")
        for row in response.context["rows"]
    ]


def test_the_list_of_responsible_persons_shows_what_is_of_concern(client, manager, answering):
    client.force_login(manager)
    address = reverse("responsible-person-list")
    assert names(client.get(address))[:2] == ["Busy", "Busy"]
    assert sorted(names(client.get(address))) == ["Busy", "Busy", "Lapsed", "Right"]
    several = client.get(address, {"concern": "several"})
    assert names(several) == ["Busy", "Busy"]
    assert {cell.value for row in several.context["rows"] for cell in row if cell.column.name == "stands_for"} == {3}
    assert names(client.get(address, {"concern": "lapsed"})) == ["Lapsed"]
    exported = b"".join(client.get(address, {"concern": "several", "export": "csv"}).streaming_content).decode()
    assert exported.count("Busy") == 2


def test_the_list_costs_the_same_however_long(client, manager, answering, django_assert_num_queries):
    client.force_login(manager)
    with django_assert_num_queries(5):  # session, person, rows, and the provinces and councils of the filter
        client.get(reverse("responsible-person-list"))


def test_a_practitioner_is_posted_on_the_page_by_council_and_number(client, manager, time_machine_day):
    facility, practitioner = a_facility(), a_practitioner(council_number="MD-7")
    a_posting(a_facility(), practitioner, is_responsible=True)
    client.force_login(manager)
    address = reverse("posting-create", args=[facility.number])
    typed = {"council": a_council().code, "council_number": "md-៧", "cadre": "doctor", "valid_from": "២២/១១/២០២៦"}
    assert client.post(address, typed | {"council_number": "X"}).status_code == 200
    refused = client.post(address, typed | {"is_responsible": "on"})
    assert refused.status_code == 409 and "1 other facility" in refused.content.decode()
    done = client.post(address, typed | {"is_responsible": "on", "knowingly": "on"})
    assert done.status_code == 302
    dossier = client.get(reverse("facility-detail", args=[facility.number])).content.decode()
    assert practitioner.name_en in dossier and "of 2 facilities at once" in dossier


def test_postings_are_ended_and_turned_on_their_pages(client, manager, time_machine_day):
    facility = a_facility()
    posting = a_posting(facility)
    client.force_login(manager)
    assert client.get(reverse("posting-responsible", args=[posting.pk])).status_code == 200
    assert client.post(reverse("posting-responsible", args=[posting.pk])).status_code == 302
    now = Posting.objects.get(facility=facility, valid_until=None)
    assert now.is_responsible
    assert client.post(reverse("posting-end", args=[now.pk]), {"valid_until": "22/11/2026"}).status_code == 302
    assert client.get(reverse("posting-end", args=[now.pk])).status_code == 409


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 403), (Role.OPERATOR, 403), (Role.INSPECTOR, 403)])
def test_others_change_no_posting(client, role, status):
    facility = a_facility()
    posting = a_posting(facility)
    client.force_login(a_user(role))
    assert client.post(reverse("posting-end", args=[posting.pk])).status_code == status
    assert client.get(reverse("posting-create", args=[facility.number])).status_code == status


def test_another_province_sees_no_posting(client):
    posting = a_posting(a_facility())
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    assert client.get(reverse("posting-end", args=[posting.pk])).status_code == 404
    page = client.get(reverse("practitioner-detail", args=[posting.practitioner_id])).content.decode()
    assert posting.facility.name_en not in page
