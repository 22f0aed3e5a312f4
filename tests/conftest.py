"""The tests work as the application role, as the registry does; the owner makes and empties the test database."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests import migrated
from tests.browser import browser, page

__all__ = ["browser", "page"]

DATABASE_NAME = os.environ.get("TEST_DATABASE_NAME", "test_registry")


def pytest_configure(config: pytest.Config) -> None:
    """Keep what the tests leave in the broker and the cache away from a running registry and from other tests."""
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    prefix = f"{DATABASE_NAME}{worker}:"
    settings.CACHES["default"]["KEY_PREFIX"] = prefix
    settings.CELERY_BROKER_URL = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path="/1"))
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {"global_keyprefix": prefix}
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
    settings.LANGUAGE_CODE = "en"  # what a test reads is English, unless it asks for Khmer
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    connection.settings_dict["TEST"]["NAME"] = DATABASE_NAME
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
    work_as_owner()
    request.getfixturevalue("django_db_blocker").unblock()
    try:
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template(connection)
    finally:
        request.getfixturevalue("django_db_blocker").restore()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, made by the owner, then used by the application role."""
    with django_db_blocker.unblock():
        connection.close()
    work_as_application()
    yield
    work_as_owner()
    with django_db_blocker.unblock():
        connection.close()


def work_as_owner() -> None:
    connection.settings_dict["OPTIONS"].pop("assume_role", None)


def work_as_application() -> None:
    connection.settings_dict["OPTIONS"]["assume_role"] = settings.APPLICATION_ROLE


@pytest.fixture(scope="session", autouse=True)
def owner_empties_the_tables() -> Iterator[None]:
    """After a test with its own transactions Django truncates every table, the audit trail too: the owner's right."""
    empty_the_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def as_owner(case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        empty_the_tables(case)
        connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", as_owner)
        yield


@pytest.fixture(scope="session", autouse=True)
def folder_of_the_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.SIGNING_KEYS = tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def a_key_that_signs(request: pytest.FixtureRequest) -> None:
    """No licence is issued without one, so every test with a database begins with it."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        from tests.factories import a_signing_key

        request.getfixturevalue("db")
        a_signing_key()


@pytest.fixture(scope="session", autouse=True)
def files_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
