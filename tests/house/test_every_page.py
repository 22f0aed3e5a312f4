"""What is promised of every page, whoever wrote it: found in the URLconf and opened in a browser."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from registry.accounts.models import User
from tests.addresses import answers, signed_in
from tests.axe import findings, too_wide
from tests.one_of_everything import a_small_register, parts_of_addresses
from tests.tabs import Tabs

SCREENS = [("km", 360), ("en", 1280), ("km", 1280), ("en", 360)]
LEADS_BACK = {"/i18n/setlang/"}
"""Django's own view leads back to the page one came from; only POST changes the language."""
REMNANT = re.compile(r"\{[%{#]|[%#}]\}|%\(\w+\)[sd]|<(?:Promise|QuerySet|function|bound method)")
"""What a template or a translation leaves on a page that it was not filled into."""
NOT_OURS = "#swagger-ui"
"""Third-party markup, drawn by its own script in its own language."""
TEXT = """but => {
    const page = document.body.cloneNode(true);
    page.querySelectorAll(but).forEach(part => part.remove());
    return page.textContent;
}"""


@pytest.fixture
def people(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return a_small_register()


def pages(people: dict[str, User]) -> Iterator[tuple[str, str, User | None]]:
    """Every page (its route and its address) with somebody who may read it, and the home page of everybody."""
    yield from (("/", "/", person) for person in people.values())
    for found in answers(signed_in(people), parts_of_addresses()):
        yield from ((answer.route, answer.address, answer.reader) for answer in found if answer.is_page)


@pytest.mark.django_db
def test_every_address_is_readable_for_somebody(people):
    for found in answers(signed_in(people), parts_of_addresses()):
        statuses = {answer.address: answer.response.status_code for answer in found}
        assert max(statuses.values()) < 500, statuses
        assert {200, 405} & {*statuses.values()} or found[0].route in LEADS_BACK, statuses


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["km", "en"])
def test_every_page_suits_everybody_and_keeps_the_rules(live_server, browser, people, language):
    """A page in both languages, on a telephone in the one and on a desk in the other; more of its kind in one each."""
    tabs = Tabs(browser, live_server.url, language)
    found, met = {}, Counter()
    for position, (route, address, reader) in enumerate(pages(people)):
        first = 2 * (position % 2)
        for spoken, width in SCREENS[first : first + 2] if route not in met else [SCREENS[met[route] % 4]]:
            if spoken == language:
                found[address, reader and reader.role, width] = faults(tabs, address, reader, width)
        met[route] += 1
    tabs.close()
    assert len(met) > 50
    assert {page: faults for page, faults in found.items() if faults} == {}


def faults(tabs: Tabs, address: str, reader: User | None, width: int) -> list[str]:
    tab, status, heard = tabs.open(address, reader, width)
    text = tab.title() + tab.evaluate(TEXT, NOT_OURS)
    return [
        *(f"status {status}" for _ in [status] if status != 200),
        *(f"lang {lang}" for lang in [tab.locator("html").get_attribute("lang")] if lang != tabs.language),
        *(f"{number} headings" for number in [tab.locator("h1").count()] if number != 1),
        *(["no title"] if not tab.title().split("–")[0].strip() else []),
        *(f"remnant {remnant}" for remnant in REMNANT.findall(text)),
        *findings(tab, but=NOT_OURS),
        *too_wide(tab),
        *heard(),
    ]
