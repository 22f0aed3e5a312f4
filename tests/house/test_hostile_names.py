"""Whatever somebody types as a name is shown as it was typed, and nothing else happens."""

import csv
import io
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from registry.accounts.states import Role
from registry.areas.states import AreaLevel
from registry.models import Facility
from registry.ui.exports import neutralised
from tests.axe import too_wide
from tests.factories import a_facility_type, a_province, a_user
from tests.registry.test_facility_pages import an_area
from tests.tabs import Tabs

pytestmark = pytest.mark.django_db
NAMES = [
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(2)</script>",
    "' autofocus onfocus='alert(3)",
    "</title></textarea><svg/onload=alert(4)>",
    "{{7*7}}{% debug %}{#x#}%(name)s${7*7}",
    "javascript:alert(5)//",
    '=HYPERLINK("https://evil.example","x")',
    "مستشفى \u202egnidaelsim\u202c Clinic",
    "Zero\u200bWidth\u200b\u200dClinic\ufeff",
    "W" * 250,
    "👩🏽‍⚕️ Clinic",
]


def typed(name: str) -> dict[str, str]:
    return {
        "name_km": "គ្លីនិក" + name[:100],
        "name_en": name,
        "type": a_facility_type().code,
        "ownership": "private",
        "status": "operating",
        "province": "12",
        "district": "1201",
        "commune": "120101",
    }


@pytest.fixture
def officer():
    a_facility_type()
    district = an_area(a_province(), "1201", AreaLevel.DISTRICT, "Chamkar Mon")
    an_area(district, "120101", AreaLevel.COMMUNE, "Tonle Basak")
    return a_user(Role.LICENSING_OFFICER)


def register(client: Client, name: str) -> Facility | None:
    """The facility that the form makes of the name, or None where the form does not take it."""
    answer = client.post(reverse("facility-create"), typed(name), headers={"accept-language": "en"})
    if answer.status_code == 302:
        return Facility.objects.get(number=answer.headers["Location"].strip("/").split("/")[-1])
    assert answer.context["form"].errors.keys() <= {"name_km", "name_en"}
    return None


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_nothing_in_a_name_runs_and_nothing_breaks_a_page(live_server, browser, client, officer):
    client.force_login(officer)
    tabs = Tabs(browser, live_server.url, "en")
    found = {}
    for name in NAMES:
        number = register(client, name).number
        for address in (
            reverse("facility-detail", args=[number]),
            reverse("facility-edit", args=[number]),
            reverse("licence-record", args=[number]),
            f"{reverse('facility-list')}?q={quote(name)}",
            f"{reverse('search')}?q={quote(name)}",
        ):
            tab, status, heard = tabs.open(address, officer, 360)
            written = tab.content() if "?q=" in address else tab.title()
            found[name, address] = [
                *too_wide(tab),
                *heard(),
                *(f"status {status}" for _ in [status] if status != 200),
                *(["not as typed"] if "?q=" not in address and name[:100] not in unescape(written) else []),
            ]
    list_of_all, _status, heard = tabs.open(reverse("facility-list"), officer, 360)
    cells = list_of_all.locator("tbody td").all_text_contents()
    found["list"] = [*too_wide(list_of_all), *heard(), *(n for n in NAMES if not any(n in cell for cell in cells))]
    tabs.close()
    assert [f"{place}: {faults}" for place, faults in found.items() if faults] == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=60))
@example("\x00")
@example("a\x0bb")
@example("\ud7ff\ufffe\u2028")
@example("=1+1")
@example("a\r\nb")
def test_a_name_comes_out_of_every_door_as_it_went_in(client, officer, name):
    client.force_login(officer)
    facility = register(client, name)
    if facility is None:
        return
    for address in (reverse("facility-detail", args=[facility.number]), reverse("facility-list")):
        page = client.get(address).content.decode()
        assert facility.name_en in unescape(page)
    answer = client.get(reverse("facility-list"), {"export": "csv"})
    rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"), newline=""))
    assert any(neutralised(facility.name_en) in row for row in rows)
    answer = client.get(reverse("facility-list"), {"export": "xlsx"})
    load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert client.get(reverse("search"), {"q": name}).status_code in (200, 302)
    assert client.get("/api/v1/facilities/", {"q": name}).status_code == 200
