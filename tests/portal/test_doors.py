"""Promises about everything: every address refuses strangers, every scheduled task exists."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.celery import app
from portal.schedule import SCHEDULE

PUBLIC = {
    *("/login/", "/logout/", "/healthz", "/i18n/setlang/", f"/evidence/{UUID(int=1)}/"),
    *("/complaints/new/", "/complaints/status/"),
    *("/verify/", "/verify/KH000000101/", "/verify/offline/", "/verify/offline/worker.js"),
    *("/.well-known/licence-status", "/.well-known/licence-keys.json"),
}
"""What a stranger may ask for: to sign in and out, the language, whether the register works, to hand in evidence for
a corrective action whose address is on the stranger's receipt, to complain, and to verify a certificate."""

VALUES = {
    "int": "1",
    "str": "KH000000101",
    "slug": "a-slug",
    "path": "a/path",
    "uuid": str(UUID(int=1)),
}
GROUP = re.compile(r"\(\?P<\w+>((?:[^()\[\]]|\[[^\]]*\]|\([^()]*\))*)\)")


def addresses(patterns, before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        here = before + written(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def written(pattern) -> str:
    """An address that the pattern matches, or the beginning of one."""
    route = getattr(pattern, "_route", None)
    if route is not None:
        return re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES[match[1] or "str"], str(route))
    text = GROUP.sub("1", str(pattern)).replace("/?", "/")
    return re.sub(r"[\^$]|\\Z", "", text).replace("\\", "")


ADDRESSES = sorted({*addresses(get_resolver().url_patterns)} - {"/<path>"})


def test_the_house_has_doors():
    assert {"/", reverse("licence-list"), reverse("flag-list"), "/healthz"} <= set(ADDRESSES)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_gets_a_login_page_or_401(client, address, method):
    response = getattr(client, method)(address)
    if address in PUBLIC:
        assert response.status_code < 500
    elif response.status_code != 401:
        assert response.status_code == 302, response.status_code
        assert response["Location"].startswith(f"{reverse(settings.LOGIN_URL)}?next="), response["Location"]


def test_what_is_public_exists():
    assert set(ADDRESSES) >= PUBLIC


@pytest.mark.parametrize("entry", SCHEDULE)
def test_every_scheduled_entry_names_a_registered_task(entry):
    app.loader.import_default_modules()
    assert SCHEDULE[entry]["task"] in app.tasks
