"""The registry works as a role that owns nothing."""

import pytest
from django.db import ProgrammingError, connection


def ask(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_tests_work_as_the_application_role(settings):
    assert ask("SELECT current_user") == settings.APPLICATION_ROLE


@pytest.mark.django_db
def test_the_application_role_owns_nothing(settings):
    assert ask(f"SELECT count(*) FROM pg_class WHERE relowner = '{settings.APPLICATION_ROLE}'::regrole") == 0


@pytest.mark.django_db(transaction=True)
def test_the_application_role_cannot_empty_the_audit_trail():
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_event")


@pytest.mark.django_db(transaction=True)
def test_after_a_test_with_its_own_transactions_the_role_is_the_application_role_again(settings):
    assert ask("SELECT current_user") == settings.APPLICATION_ROLE


@pytest.mark.django_db
@pytest.mark.parametrize("right", ["rolsuper", "rolcreatedb", "rolcreaterole", "rolbypassrls", "rolcanlogin"])
def test_the_application_role_has_no_rights_over_the_server(settings, right):
    assert ask(f"SELECT {right} FROM pg_roles WHERE rolname = '{settings.APPLICATION_ROLE}'") is False
