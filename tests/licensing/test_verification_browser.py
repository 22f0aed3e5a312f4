"""The public check on a telephone: the page, and the check from a picture with the network switched off."""

from datetime import timedelta

import pypdfium2
import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from licensing.actions import certificates
from licensing.reports.certificates import pdf
from tests.axe import findings, too_wide
from tests.browser import cookies
from tests.factories import a_facility, a_licence, a_service, an_authorisation
from tests.house.test_weight import KB, Weight
from tests.shipped import collected, shipped

__all__ = ["collected", "shipped"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TELEPHONE = {"width": 360, "height": 740}


@pytest.fixture
def certificate():
    cache.clear()
    today = timezone.localdate()
    until = today + timedelta(days=400)
    facility = a_facility(name_km="មន្ទីរពហុព្យាបាលកេសរារាម", name_en="Kesararom Polyclinic", address="271, Street 163")
    licence = a_licence(facility, valid_from=today, valid_until=until)
    cosmetic = a_service("cosmetic_surgery", name_km="វះកាត់កែសម្ផស្ស", name_en="Cosmetic surgery")
    an_authorisation(facility, valid_from=today, valid_until=until, service=cosmetic)
    return certificates.issue(licence=licence, by=None, at=timezone.now())


def a_photograph(certificate, folder, *, site):
    """As a telephone might take it: the whole sheet, a little askew."""
    sheet = pypdfium2.PdfDocument(pdf(certificate, site=site))[0].render(scale=200 / 72).to_pil()
    file = folder / "certificate.jpg"
    sheet.convert("RGB").rotate(2, expand=True, fillcolor="#665544").save(file, quality=80)
    return file


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_page_of_a_certificate_suits_a_telephone_and_runs_no_script(live_server, page, certificate, language):
    page.set_viewport_size(TELEPHONE)
    page.context.add_cookies(cookies(live_server.url, language))
    for address in (f"/verify/{certificate.serial}/", "/verify/", "/verify/?q=nothing", "/verify/offline/"):
        page.goto(live_server.url + address)
        assert findings(page) == [] and too_wide(page) == [], address
    page.goto(f"{live_server.url}/verify/{certificate.serial}/")
    assert page.locator("script").count() == 0
    expect(page.locator("#main")).to_contain_text("Kesararom Polyclinic")
    expect(page.locator("#main")).to_contain_text("វះកាត់កែសម្ផស្ស")


def test_a_picture_is_checked_with_the_network_off_once_the_page_was_opened(live_server, page, certificate, tmp_path):
    page.set_viewport_size(TELEPHONE)
    page.context.add_cookies(cookies(live_server.url, "en"))
    page.goto(f"{live_server.url}/verify/offline/")
    expect(page.get_by_text("works without a network now")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    page.locator("input[type=file]").set_input_files(a_photograph(certificate, tmp_path, site=live_server.url))
    answer = page.locator("[data-part=answer]")
    expect(answer.get_by_role("heading", name="Valid")).to_be_visible()
    expect(answer).to_contain_text("Kesararom Polyclinic")
    expect(answer).to_contain_text("Cosmetic surgery")
    today = timezone.localdate()
    expect(answer).to_contain_text(f"As of the ministry's list of: {date_format(today)}")
    expect(answer).to_contain_text(f"until {date_format(today + timedelta(days=400))}")
    expect(answer.get_by_text("no fresh list")).to_be_hidden()
    assert findings(page) == [] and too_wide(page) == []


def test_without_a_network_a_changed_code_is_called_forged_and_a_wrong_picture_no_code(
    live_server, page, certificate, tmp_path
):
    page.set_viewport_size(TELEPHONE)
    page.context.add_cookies(cookies(live_server.url, "en"))
    page.goto(f"{live_server.url}/verify/offline/")
    expect(page.get_by_text("works without a network now")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_text("Paste the text of the code").click()
    page.get_by_label("Text of the code").fill("KHL1:6BFOXN*TS0BI$ZD")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Not genuine")).to_be_visible()
    blank = tmp_path / "blank.png"
    pypdfium2.PdfDocument(pdf(certificate, site=""))[0].render(scale=0.3).to_pil().save(blank)
    page.locator("input[type=file]").set_input_files(blank)
    expect(page.locator("[data-part=answer]").get_by_text("No certificate's code was found")).to_be_visible()


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_page_weighs_at_most_60_kb(shipped, browser, language, certificate):
    weight = Weight(browser, f"{shipped}/verify/{certificate.serial}/", language)
    assert weight.total <= 60 * KB, weight.bytes
    assert weight.answers <= 8, weight.bytes
