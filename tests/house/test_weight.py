"""What a page weighs on the wire, counted by a browser that has never been here."""

from collections import Counter
from hashlib import sha1
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from registry.accounts.states import Role
from registry.ui.lists import ListPage
from tests.browser import cookies
from tests.factories import a_facility, a_user
from tests.shipped import collected, shipped

__all__ = ["collected", "shipped"]

pytestmark = pytest.mark.browser
KB = 1024


class Weight:
    """What the network brought: bytes with their headers, and how many answers."""

    def __init__(self, browser: Browser, address: str, language: str, user=None) -> None:
        context = browser.new_context(locale="km-KH")
        context.add_cookies(cookies(address, language, user))
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        self.asked: dict[str, str] = {}
        self.bytes: Counter[str] = Counter()
        self.answers = 0
        network.on("Network.requestWillBeSent", lambda event: self.ask(event["requestId"], event["request"]["url"]))
        network.on("Network.loadingFinished", lambda event: self.count(event["requestId"], event["encodedDataLength"]))
        assert page.goto(address, wait_until="networkidle").status == 200
        context.close()

    def ask(self, request: str, url: str) -> None:
        if not url.startswith("data:"):
            self.asked[request] = urlsplit(url).path

    def count(self, request: str, size: float) -> None:
        if request in self.asked:
            self.bytes[self.asked[request]] += int(size)
            self.answers += 1

    @property
    def total(self) -> int:
        return self.bytes.total()


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_full_list_of_the_staff_weighs_at_most_120_kb_in_12_answers(shipped, browser, language):
    for number in range(ListPage.page_size + 1):
        name = sha1(bytes([number])).hexdigest()[:12]  # nothing for gzip to find in one row that was in another
        a_facility(name_km=f"មណ្ឌលសុខភាព {name}", name_en=f"Health Centre {name[::-1]}")
    weight = Weight(browser, f"{shipped}/facilities/", language, a_user(Role.AUDITOR))
    assert weight.total <= 120 * KB, weight.bytes
    assert weight.answers <= 12, weight.bytes


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_public_page_weighs_at_most_60_kb_in_8_answers(shipped, browser, language):
    weight = Weight(browser, f"{shipped}/login/", language)
    assert weight.total <= 60 * KB, weight.bytes
    assert weight.answers <= 8, weight.bytes


def test_what_never_changes_is_kept_by_the_browser_and_compressed(shipped, browser):
    sheet = Weight(browser, f"{shipped}/login/", "en").bytes
    path = next(path for path in sheet if path.endswith(".css"))
    context = browser.new_context()
    answer = context.request.get(f"{shipped}{path}")
    assert answer.headers["content-encoding"] in ("gzip", "br")
    assert "immutable" in answer.headers["cache-control"]
    context.close()
