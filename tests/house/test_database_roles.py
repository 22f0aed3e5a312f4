"""The registry works as a role that owns nothing."""

import pytest
from django.db import ProgrammingError, connection, transaction

from portal.privileges import append_only_tables
from registry.models import Facility
from tests import factories


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


@pytest.mark.django_db
@pytest.mark.parametrize("table", append_only_tables())
@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_is_only_ever_added_to(table, attack):
    columns = {"audit_event": "reason", "licensing_certificate": "serial"}
    column = columns.get(table, "pgh_label")
    sql = attack.format(table, column, column) if "UPDATE" in attack else attack.format(table)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db
def test_no_session_setting_switches_the_row_history_off():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'")
        names = ",".join(name for (name,) in cursor.fetchall())
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + names + "}"])
    facility = factories.a_facility()
    assert Facility.pgh_event_model.objects.filter(pgh_obj=facility.pk, pgh_label="insert").count() == 1
