"""The licences' pages in the hands of each role."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from licensing import policies
from licensing.models import Licence
from licensing.states import LicenceState
from registry.accounts.states import Role
from tests.factories import (
    NOW,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_province,
    a_user,
    another_province,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
FIRST, LAST = date(2026, 3, 1), date(2027, 2, 28)
STEPS = tuple(policies.STEPS)


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def facility():
    a_licence_type().facility_types.add(a_facility_type())
    return a_facility()


def signed_in(client, role, **fields):
    user = a_user(role, **fields)
    client.force_login(user)
    return user


def test_a_licence_is_recorded_approved_and_given_back_in_the_browser(client, facility):
    signed_in(client, Role.LICENSING_OFFICER)
    sent = {"type": a_licence_type().pk, "number": "១២/26 ", "valid_from": "០១/០៣/២០២៦", "valid_until": "28/2/2027"}
    response = client.post(reverse("licence-record", args=[facility.number]), sent)
    licence = Licence.objects.get()
    address = reverse("licence-detail", args=["12/26"])
    assert (response.status_code, response["Location"]) == (302, address)
    assert (licence.valid_from, licence.valid_until, licence.state) == (FIRST, LAST, LicenceState.RECORDED)

    signed_in(client, Role.APPROVER)
    assert "12/26" in client.get(reverse("licence-queue")).content.decode()
    assert client.post(reverse("licence-approve", args=["12/26"]))["Location"] == address
    end = {"ended_on": "1/12/2026", "reason": "The owner retires."}
    assert client.post(reverse("licence-surrender", args=["12/26"]), end)["Location"] == address
    licence.refresh_from_db()
    assert (licence.state, licence.last_day) == (LicenceState.SURRENDERED, date(2026, 11, 30))
    page = client.get(address).content.decode()
    assert "The owner retires." in page


def test_what_was_typed_stays_when_the_licence_is_refused(client, facility):
    a_licence(facility, valid_from=FIRST, valid_until=LAST, number="7/26")
    signed_in(client, Role.LICENSING_OFFICER)
    sent = {"type": a_licence_type().pk, "number": "12/26", "valid_from": "1/3/2026", "valid_until": "28/2/2027"}
    response = client.post(reverse("licence-record", args=[facility.number]), sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "7/26" in page and 'value="12/26"' in page
    assert "govuk-error-summary" in page


@pytest.mark.parametrize("number", ["/12", "12/", "1//2", "12?26", "12#", "12%2f"])
def test_a_number_that_would_break_its_address_is_not_taken(client, facility, number):
    signed_in(client, Role.LICENSING_OFFICER)
    sent = {"type": a_licence_type().pk, "number": number, "valid_from": "1/3/2026", "valid_until": "28/2/2027"}
    assert client.post(reverse("licence-record", args=[facility.number]), sent).status_code == 200
    assert not Licence.objects.exists()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", Role.values)
def test_only_approvers_see_the_steps(client, facility, role, step):
    state = policies.STEPS[step][0]
    licence = a_licence(facility, valid_from=FIRST, valid_until=LAST, state=state, number="7/26 ក")
    signed_in(client, role)
    step_address = reverse(f"licence-{step}", args=[licence.number])
    shown = step_address in client.get(reverse("licence-detail", args=[licence.number])).content.decode()
    assert client.get(step_address).status_code == (200 if role == Role.APPROVER else 403)
    assert shown == (role == Role.APPROVER)
    assert quote("ក") in step_address


@pytest.mark.parametrize("step", STEPS)
def test_a_step_the_state_does_not_allow_is_refused_before_anything_is_asked(client, facility, step):
    a_licence(facility, valid_from=FIRST, valid_until=LAST, state=LicenceState.REJECTED, number="7/26")
    signed_in(client, Role.APPROVER)
    assert client.get(reverse(f"licence-{step}", args=["7/26"])).status_code == 409
    assert client.post(reverse(f"licence-{step}", args=["7/26"])).status_code == 409


def test_a_reason_must_be_given(client, facility):
    a_licence(facility, valid_from=FIRST, valid_until=LAST, state=LicenceState.RECORDED, number="7/26")
    signed_in(client, Role.APPROVER)
    response = client.post(reverse("licence-reject", args=["7/26"]), {"reason": ""})
    assert response.status_code == 200
    assert 'id="id_reason_error"' in response.content.decode()


def test_a_licence_of_another_province_is_not_there(client):
    a_licence(a_facility(province=another_province()), valid_from=FIRST, valid_until=LAST, number="7/26")
    signed_in(client, Role.PROVINCIAL_MANAGER, province=a_province())
    for name in ("licence-detail", "licence-approve"):
        assert client.get(reverse(name, args=["7/26"])).status_code == 404
    assert "7/26" not in client.get(reverse("licence-list")).content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"old", "now", "soon", "later", "waiting", "revoked"}),
        ({"state": ["recorded", "revoked"]}, {"waiting", "revoked"}),
        ({"in_force_on": "22/11/2026"}, {"now", "soon"}),
        ({"in_force_on": "២៨/២/២០២៧"}, {"now", "later"}),
        ({"expiring_within": "90"}, {"soon"}),
        ({"expiring_within": "98"}, {"soon", "now"}),
        ({"q": "SOON"}, {"soon"}),
        ({"q": "kesararom"}, {"later"}),
        ({"province": "01"}, {"later"}),
        ({"type": "pharmacy"}, {"waiting"}),
        ({"authority": "province"}, {"waiting"}),
    ],
)
def test_the_filters_of_the_list(client, asked, found):
    today = NOW.date()
    later = a_facility(province=another_province(), name_en="Kesararom Clinic")
    pharmacy = a_licence_type("pharmacy", authority="province")
    for number, facility, first, last, more in (
        ("old", a_facility(), date(2025, 1, 1), today - timedelta(days=1), {}),
        ("now", a_facility(), FIRST, LAST, {}),
        ("soon", a_facility(), FIRST, today, {}),
        ("later", later, today + timedelta(days=1), LAST, {}),
        ("waiting", a_facility(), FIRST, LAST, {"state": LicenceState.RECORDED, "type": pharmacy}),
        ("revoked", a_facility(), FIRST, LAST, {"state": LicenceState.REVOKED, "ended_on": today}),
    ):
        a_licence(facility, valid_from=first, valid_until=last, number=number, **more)
    signed_in(client, Role.AUDITOR)
    rows = client.get(reverse("licence-list"), asked).context["rows"]
    assert {row[0].value for row in rows} == found


def test_the_list_costs_the_same_however_long_it_is(client, django_assert_num_queries):
    signed_in(client, Role.AUDITOR)
    for _ in range(3):
        a_licence(a_facility(), valid_from=FIRST, valid_until=LAST)
    with django_assert_num_queries(5):  # session, person, rows, the provinces and types to choose from
        client.get(reverse("licence-list"))
