"""The devices of facilities, and what services need."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from registry.accounts.states import Role
from registry.models import Equipment, Prerequisite
from tests.factories import NOW, TODAY, a_facility, a_service, a_user, another_province
from tests.factories_people import a_council, a_prerequisite, an_equipment_kind, some_equipment

pytestmark = pytest.mark.django_db
DAY = timedelta(1)
LIST = reverse("equipment-list")
TYPED = {"kind": "x_ray", "maker": "Siemens", "serial": "S-៧", "installed_on": "1/1/2026", "calibration_due_on": ""}


@pytest.fixture(autouse=True)
def on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(client):
    an_equipment_kind()
    user = a_user(Role.PROVINCIAL_MANAGER)
    client.force_login(user)
    return user


def test_a_device_is_registered_calibrated_and_withdrawn_on_its_pages(client, manager):
    facility = a_facility()
    made = client.post(reverse("equipment-create", args=[facility.number]), TYPED)
    device = Equipment.objects.get()
    assert (made.status_code, device.serial) == (302, "S-7")
    page = reverse("equipment-detail", args=[device.pk])
    assert "Overdue for calibration" in client.get(page).content.decode()
    edited = client.post(reverse("equipment-edit", args=[device.pk]), TYPED | {"calibration_due_on": "31/12/2026"})
    assert edited.status_code == 302
    assert "Calibration due on: – → 2026-12-31" in client.get(page).content.decode()
    assert "Siemens" in client.get(reverse("facility-detail", args=[facility.number])).content.decode()
    address = reverse("equipment-withdraw", args=[device.pk])
    assert client.post(address, {"withdrawn_on": "31/12/2025"}).status_code == 409
    assert client.post(address, {"withdrawn_on": "22/11/2026"}).status_code == 302
    assert client.post(address, {"withdrawn_on": "22/11/2026"}).status_code == 409
    assert client.get(reverse("equipment-edit", args=[device.pk])).status_code == 409
    assert "Siemens" not in client.get(reverse("facility-detail", args=[facility.number])).context["equipment"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"serial": "taken"}, "in the register already"),
        ({"installed_on": "23/11/2026"}, "not before"),
        ({"approval_number": "7"}, "a number and a day"),
        ({"kind": "cakes"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_in_words(client, manager, typed, said):
    some_equipment(a_facility(), serial="TAKEN", maker="SIEMENS")
    answer = client.post(reverse("equipment-create", args=[a_facility().number]), TYPED | typed)
    assert answer.status_code in (200, 409) and said in answer.content.decode()
    assert Equipment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("serial = 'taken'", "a_serial_number_names_one_device_of_a_maker"),
        ("serial = ''", "equipment_is_named"),
        ("approval_number = '7'", "an_approval_has_a_number_and_a_day"),
        ("withdrawn_on = installed_on - 1", "equipment_is_withdrawn_after_it_came"),
    ],
)
def test_the_database_keeps_what_must_be_true_of_a_device(change, constraint):
    some_equipment(a_facility(), serial="TAKEN")
    device = some_equipment(a_facility())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        connection.cursor().execute(f"UPDATE registry_equipment SET {change} WHERE id = %s", [device.pk])


def test_the_list_is_of_the_province_and_filters_by_calibration(client, manager, django_assert_num_queries):
    good = some_equipment(a_facility(), serial="GOOD")
    some_equipment(good.facility, serial="LATE", calibration_due_on=TODAY - DAY)
    some_equipment(good.facility, serial="GONE", withdrawn_on=TODAY)
    some_equipment(a_facility(province=another_province()), serial="FAR")

    def serials(**parameters):
        rows = client.get(LIST, parameters).context["rows"]
        return sorted(cell.value for row in rows for cell in row if cell.column.name == "serial")

    assert serials() == ["GONE", "GOOD", "LATE"]
    assert serials(calibration="lapsed") == ["LATE"]
    assert serials(in_use="no") == ["GONE"]
    assert serials(q=good.facility.number, in_use="yes", calibration="valid") == ["GOOD"]
    with django_assert_num_queries(5):  # session, person, provinces and kinds of the filter, rows
        client.get(LIST)


@pytest.mark.parametrize(("role", "status"), [(Role.INSPECTOR, 403), (Role.AUDITOR, 403), (Role.APPROVER, 403)])
def test_others_change_no_device(client, role, status):
    device = some_equipment(a_facility())
    client.force_login(a_user(role))
    assert client.get(reverse("equipment-detail", args=[device.pk])).status_code == 200
    for name in ("equipment-edit", "equipment-withdraw"):
        assert client.post(reverse(name, args=[device.pk]), TYPED).status_code == status


def test_another_province_finds_no_device(client):
    device = some_equipment(a_facility())
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    for name in ("equipment-detail", "equipment-edit", "equipment-withdraw"):
        assert client.get(reverse(name, args=[device.pk])).status_code == 404


def test_administrators_keep_what_services_need(client):
    client.force_login(a_user(Role.ADMINISTRATOR))
    service, council, kind = a_service(), a_council(), an_equipment_kind()
    typed = {"service": service.pk, "council": council.pk, "equipment_kind": "", "least": "២", "clause": "§ 3"}
    create = reverse("prerequisite-create")
    assert client.post(create, typed | {"equipment_kind": kind.pk}).status_code == 200
    assert client.post(create, typed | {"least": "0"}).status_code == 200
    assert client.post(create, typed).status_code == 302
    assert client.post(create, typed).status_code == 200
    (made,) = Prerequisite.objects.all()
    edit = reverse("prerequisite-edit", args=[made.pk])
    assert client.post(edit, typed | {"council": "", "equipment_kind": kind.pk}).status_code == 302
    made.refresh_from_db()
    assert (made.council, made.equipment_kind, made.least) == (None, kind, 2)
    assert client.post(reverse("prerequisite-remove", args=[made.pk])).status_code == 302
    assert not Prerequisite.objects.exists()


def test_others_read_what_services_need(client):
    made = a_prerequisite(a_service())
    client.force_login(a_user(Role.INSPECTOR))
    assert "§ 1" in client.get(reverse("prerequisite-list")).content.decode()
    assert client.get(reverse("prerequisite-edit", args=[made.pk])).status_code == 403
    assert client.post(reverse("prerequisite-remove", args=[made.pk])).status_code == 403
