"""Health professionals: how they are registered, found and until when they may practise."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.models import Practitioner
from tests.factories import NOW, TODAY, a_facility, a_user
from tests.factories_people import NEXT_YEAR, a_council, a_posting, a_practitioner

pytestmark = pytest.mark.django_db
DAY = timedelta(1)
LIST = reverse("practitioner-list")
TYPED = {
    "council": "medical",
    "council_number": "MD-៧",
    "name_km": "សុខ ដារ៉ា",
    "name_en": "Sok Dara",
    "cadre": "doctor",
    "nationality": "KH",
    "licensed_until": "៣១/១២/២០២៧",
    "permission_number": "",
    "permission_until": "",
}
FOREIGN = {"nationality": "FR", "permission_number": "17/26", "permission_until": NEXT_YEAR}


@pytest.fixture(autouse=True)
def on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def officer(client):
    a_council()
    user = a_user(Role.LICENSING_OFFICER)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"licensed_until": None}, None),
        ({"licensed_until": None, **FOREIGN}, None),
        ({"licensed_until": TODAY}, TODAY),
        ({"licensed_until": NEXT_YEAR, **FOREIGN, "permission_until": TODAY}, TODAY),
        ({"licensed_until": TODAY, **FOREIGN}, TODAY),
        ({"licensed_until": NEXT_YEAR, "struck_off_on": TODAY}, TODAY - DAY),
    ],
)
def test_who_may_practise_follows_from_licence_permission_and_register(fields, until):
    practitioner = a_practitioner(**fields)
    assert practitioner.practises_until == until
    assert Practitioner.objects.practising(TODAY).exists() == (until == TODAY)
    assert Practitioner.objects.lapsed(TODAY).exists() == (until != TODAY)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("name_en = ''", "practitioner_has_a_name"),
        ("council_number = ''", "practitioner_has_a_council_number"),
        ("council_number = 'taken'", "a_council_number_names_one_practitioner"),
        ("cadre = 'wizard'", "cadre_is_known"),
        ("nationality = 'fr', permission_number = '1', permission_until = current_date", "nationality_is_two_letters"),
        ("nationality = 'FR'", "foreigners_and_nobody_else_have_a_permission"),
        ("permission_number = '1'", "foreigners_and_nobody_else_have_a_permission"),
    ],
)
def test_the_database_keeps_what_must_be_true_of_a_practitioner(change, constraint):
    a_practitioner(council_number="taken")
    practitioner = a_practitioner()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        connection.cursor().execute(f"UPDATE registry_practitioner SET {change} WHERE id = %s", [practitioner.pk])


def test_an_officer_registers_and_corrects_a_practitioner(client, officer):
    made = client.post(reverse("practitioner-create"), TYPED)
    practitioner = Practitioner.objects.get()
    assert made["Location"] == reverse("practitioner-detail", args=[practitioner.pk])
    assert (practitioner.council_number, practitioner.licensed_until.year) == ("MD-7", 2027)
    address = reverse("practitioner-edit", args=[practitioner.pk])
    shown = client.get(address).content.decode()
    assert 'value="31/12/2027"' in shown and "Sok Dara" in shown
    assert client.post(address, TYPED | {"name_en": "Sok Dany", "struck_off_on": "22/11/2026"}).status_code == 302
    page = client.get(reverse("practitioner-detail", args=[practitioner.pk])).content.decode()
    assert "Sok Dara → Sok Dany" in page and "May not practise" in page
    assert [event.verb for event in AuditEvent.objects.order_by("pk")][-2:] == [
        "practitioner.registered",
        "practitioner.edited",
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nationality": "FR"}, "A foreigner needs a permission"),
        ({"permission_number": "1", "permission_until": "1/1/2027"}, "Only foreigners"),
        ({"council_number": "taken"}, "belongs to another practitioner"),
        ({"name_km": "", "name_en": ""}, "Give a name"),
        ({"nationality": "France"}, "two letters"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_what_was_typed_is_kept(client, officer, typed, said):
    a_practitioner(council_number="taken")
    answer = client.post(reverse("practitioner-create"), TYPED | typed)
    assert answer.status_code in (200, 409)
    assert said in answer.content.decode() and "៣១/១២/២០២៧" not in answer.content.decode()
    assert Practitioner.objects.count() == 1


def names(client, **parameters):
    rows = client.get(LIST, parameters).context["rows"]
    return sorted(row[0].value for row in rows)


def test_practitioners_are_found_by_name_number_origin_and_licence(client, officer, django_assert_num_queries):
    a_practitioner(name_km="សុខ ដារ៉ា", name_en="Sok Dara", council_number="MD-7")
    a_practitioner(name_en="Claire Martin", **FOREIGN)
    a_practitioner(name_en="Chan Thy", council=a_council("nurses"), cadre="nurse", licensed_until=TODAY - DAY)
    assert names(client, q="ដារ៉ា") == names(client, q="md-៧") == ["Sok Dara"]
    assert names(client, origin="yes") == ["Claire Martin"]
    assert names(client, practises="no") == names(client, council="nurses") == names(client, cadre="nurse")
    assert names(client, practises="yes") == ["Claire Martin", "Sok Dara"]
    with django_assert_num_queries(4):  # session, person, councils of the filter, rows
        client.get(LIST)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER, Role.OPERATOR}))
def test_others_read_practitioners_and_change_none(client, role):
    practitioner = a_practitioner()
    client.force_login(a_user(role))
    assert client.get(reverse("practitioner-detail", args=[practitioner.pk])).status_code == 200
    assert client.post(reverse("practitioner-edit", args=[practitioner.pk]), TYPED).status_code == 403
    assert client.post(reverse("practitioner-create"), TYPED).status_code == 403


def test_operators_see_no_practitioner(client):
    user = a_user(Role.OPERATOR)
    a_practitioner()
    assert not Practitioner.objects.visible_to(user).exists()
    client.force_login(user)
    assert client.get(LIST).status_code == 403


def test_the_page_warns_of_a_person_who_answers_for_several_places(client, officer):
    practitioner = a_practitioner()
    for _place in range(2):
        a_posting(a_facility(), practitioner, is_responsible=True)
    page = client.get(reverse("practitioner-detail", args=[practitioner.pk])).content.decode()
    assert "responsible person of 2 facilities at once" in page
