"""Branch networks: what sites share, and which of them work without a licence."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from registry.accounts.states import Role
from registry.models import Facility, Network
from registry.states import NetworkKind, OperationalStatus, OperatorKind
from tests.factories import NOW, TODAY, a_facility, a_facility_type, a_licence, a_user, an_operator, another_province
from tests.factories_people import a_posting, a_practitioner

pytestmark = pytest.mark.django_db
LIST = reverse("network-list")


@pytest.fixture(autouse=True)
def on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


def licensed(facility, **fields):
    a_licence(facility, **{"valid_from": TODAY, "valid_until": TODAY + timedelta(365)} | fields)
    return facility


def found(kind):
    return [sorted(network.facility_ids) for network in Network.objects.filter(kind=kind)]


def test_sites_under_one_owner_belong_together_however_deep():
    owner = an_operator(name_en="S88", kind=OperatorKind.ORGANISATION)
    branch = an_operator(parent=owner)
    deep = an_operator(parent=branch)
    sites = [a_facility(operator=operator).pk for operator in (owner, branch, deep)]
    a_facility(operator=an_operator())
    a_facility(operator=owner, status=OperationalStatus.CLOSED)
    assert found(NetworkKind.OPERATOR) == [sites]
    assert Network.objects.get().name_en == "S88"


def test_a_brand_and_a_telephone_are_the_same_however_they_are_written():
    brands = [a_facility(brand=text).pk for text in ("De Beauté", "DE BEAUTÉ", "de-beauté ")]
    phones = [a_facility(phone=text).pk for text in ("012 345 678", "+855 12 345 678 / 097 1", "0085512345678")]
    a_facility(brand="Other", phone="012")
    a_facility(phone="012")
    assert found(NetworkKind.BRAND) == [brands]
    assert found(NetworkKind.PHONE) == [phones]
    assert Network.objects.get(kind=NetworkKind.PHONE).name_en == "012345678"


def test_a_responsible_person_ties_sites_together_while_answering_for_them():
    person = a_practitioner(name_en="Dr Busy")
    sites = [a_facility().pk for _site in range(2)]
    for site in Facility.objects.filter(pk__in=sites):
        a_posting(site, person, is_responsible=True)
    a_posting(a_facility(), person, is_responsible=True, valid_until=TODAY)
    a_posting(a_facility(), person)
    assert found(NetworkKind.RESPONSIBLE) == [sites]
    assert Network.objects.get().name_en == "Dr Busy"


@pytest.fixture
def chain():
    """A licensed site, one that needs no licence, one unlicensed, and an unlicensed one in another province."""
    facts = {"brand": "S88"}
    licensed(a_facility(name_en="Licensed", **facts))
    free = a_facility_type("health_post", licence_needed=False)
    a_facility(name_en="Free", type=free, **facts)
    a_facility(name_en="Unlicensed", **facts)
    a_facility(name_en="Far", province=another_province(), **facts)
    for _site in range(2):
        licensed(a_facility(phone="023 999 999"))
    return Network.objects.get(kind=NetworkKind.BRAND)


def cells(response):
    return [[str(cell.value) for cell in row] for row in response.context["rows"]]


def test_the_list_shows_the_networks_with_most_unlicensed_sites_first(client, chain):
    client.force_login(a_user(Role.ENFORCEMENT_OFFICER))
    assert cells(client.get(LIST)) == [["S88", "Brand", "4", "1", "2"], ["023999999", "Telephone", "2", "2", "0"]]
    assert [row[0] for row in cells(client.get(LIST, {"unlicensed": "yes"}))] == ["S88"]
    assert [row[0] for row in cells(client.get(LIST, {"unlicensed": "no", "kind": "phone"}))] == ["023999999"]
    assert [row[0] for row in cells(client.get(LIST, {"q": "s88"}))] == ["S88"]
    exported = b"".join(client.get(LIST, {"export": "csv"}).streaming_content).decode()
    assert '"S88","Brand",4,1,2' in exported


def test_a_province_sees_the_networks_that_reach_into_it_and_of_their_sites_its_own(client, chain):
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    assert cells(client.get(LIST)) == [["S88", "Brand", "4", "1", "2"]]
    page = client.get(reverse("network-detail", args=[chain.code]))
    assert [row[0] for row in cells(page)] == ["Far"]
    assert "3 of them lie outside your province" in page.content.decode()
    hidden = Network.objects.get(kind=NetworkKind.PHONE)
    assert client.get(reverse("network-detail", args=[hidden.code])).status_code == 404


def test_the_page_of_a_network_shows_each_site_with_its_licence(client, chain):
    client.force_login(a_user(Role.AUDITOR))
    page = client.get(reverse("network-detail", args=[chain.code]))
    standing = {row[0]: row[5] for row in cells(page)}
    assert standing == {
        "Licensed": "Licensed",
        "Free": "Needs no licence",
        "Unlicensed": "Without a licence",
        "Far": "Without a licence",
    }


def test_the_lists_cost_the_same_however_many(client, chain, django_assert_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    for number in range(5):
        for _site in range(3):
            a_facility(brand=f"Chain {number}")
    with django_assert_num_queries(3):  # session, person, networks
        client.get(LIST)
    with django_assert_num_queries(5):  # session, person, network, number of visible sites, sites
        client.get(reverse("network-detail", args=[chain.code]))


def test_operators_see_no_network(client, chain):
    user = a_user(Role.OPERATOR)
    assert not Network.objects.visible_to(user).exists()
    client.force_login(user)
    assert client.get(LIST).status_code == 403
