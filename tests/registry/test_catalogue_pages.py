import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts.states import STAFF_ROLES, Role
from registry.actions import catalogue
from registry.areas.models import OperationalDistrict
from registry.audit.models import AuditEvent
from registry.models import FacilityType, Service
from tests.factories import NOW, a_province, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def entries() -> None:
    catalogue.load(by=None, at=NOW)


def test_the_staff_reads_the_lists_and_administrators_change_them(client: Client) -> None:
    for role in STAFF_ROLES:
        client.force_login(a_user(role))
        for name in ("facility-type-list", "service-list", "operational-district-list"):
            page = client.get(reverse(name))
            assert page.status_code == 200
            assert (f'href="{reverse(name)}new/"' in page.content.decode()) is (role == Role.ADMINISTRATOR)
        allowed = 200 if role == Role.ADMINISTRATOR else 403
        assert client.get(reverse("catalogue-edit", args=["services", "surgery"])).status_code == allowed
        assert client.get(reverse("catalogue-create", args=["services"])).status_code == allowed


def test_an_administrator_changes_the_range_of_beds_but_not_the_code(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    address = reverse("catalogue-edit", args=["facility-types", "clinic"])
    said = {"code": "other", "name_km": "គ្លីនិក", "name_en": "Clinic", "authority": "province", "licence_needed": "on"}
    wrong = client.post(address, said | {"beds_from": "២០", "beds_below": "២០"})
    assert set(wrong.context["form"].errors) == {"beds_below"}
    assert client.post(address, said | {"beds_from": "៥", "beds_below": "២០"}).status_code == 302
    clinic = FacilityType.objects.get(code="clinic")
    assert (clinic.beds_from, clinic.beds_below, clinic.authority) == (5, 20, "province")
    assert AuditEvent.objects.get(verb="facility_type.changed").facts["beds_from"] == 5


def test_an_administrator_adds_a_service_and_an_operational_district(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    said = {"code": "acupuncture", "name_km": "ចាក់ម្ជុល", "name_en": "Acupuncture"}
    assert client.post(reverse("catalogue-create", args=["services"]), said).status_code == 302
    assert not Service.objects.get(code="acupuncture").needs_authorisation
    assert "code" in client.post(reverse("catalogue-create", args=["services"]), said).context["form"].errors

    said = {"code": "១២០១", "name_km": "ដង្កោ", "name_en": "Dangkao", "province": str(a_province().pk)}
    assert client.post(reverse("catalogue-create", args=["operational-districts"]), said).status_code == 302
    assert OperationalDistrict.objects.get(code="1201").province == a_province()


@pytest.mark.parametrize("path", ["services/nothing/", "nothing/new/", "nothing/surgery/"])
def test_what_is_not_on_a_list_is_not_found(client: Client, path: str) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    assert client.get(f"/catalogue/{path}").status_code == 404
