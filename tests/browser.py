"""A browser for the tests: the system's Chromium, or the one from npm where the system has none."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from portal.local.keeping import locked
from portal.local.places import HOUSE, VAR, private_folder

if TYPE_CHECKING:
    from registry.accounts.models import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FROM_NPM = HOUSE / "tests" / "chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = system_chromium() or chromium_from_npm()
    if not path:
        pytest.fail("No browser: install Chromium, name one in CHROMIUM, or run `make tests/chromium/node_modules`.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread, Django sees it
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a profile of its own; a script error on it fails the test."""
    context = browser.new_context(locale="km-KH", timezone_id="Asia/Phnom_Penh")
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def cookies(origin: str, language: str, user: "User | None" = None) -> list[Any]:
    """What a browser brings that has chosen a language and, with a user, signed in."""
    values = {settings.LANGUAGE_COOKIE_NAME: language}
    if user:
        client = Client()
        client.force_login(user)
        values[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": name, "value": value, "url": origin} for name, value in values.items()]


def system_chromium() -> str | None:
    """The browser that CHROMIUM names; `CHROMIUM=` (empty) means that the system's is not to be used."""
    if (named := os.environ.get("CHROMIUM")) is not None:
        return named or None
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium_from_npm() -> str | None:
    """Unpacks the packed Chromium, which takes three seconds the first time."""
    node = shutil.which("node")
    if not node or not (FROM_NPM / "node_modules").is_dir():
        return None
    with locked(private_folder(VAR) / "chromium.lock"):
        unpacked = subprocess.run([node, "unpack.mjs"], check=True, capture_output=True, text=True, cwd=FROM_NPM)
    return unpacked.stdout.strip()
