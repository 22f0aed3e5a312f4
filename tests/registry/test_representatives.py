"""Accounts for the people of operators: who opens them, what they are, and how they end."""

import pytest

from registry.accounts.actions import users
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.actions import representatives
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Representative
from tests.factories import NOW, TODAY, a_province, a_user, an_operator

pytestmark = pytest.mark.django_db
NAMES = {"username": "sok.dara", "first_name": "Dara", "last_name": "Sok", "email": "dara@clinic.example"}


@pytest.fixture(autouse=True)
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def made() -> Representative:
    operator, officer = an_operator(), a_user(Role.LICENSING_OFFICER)
    return representatives.open_account(operator=operator, **NAMES, by=officer, at=NOW)[0]


def test_a_licensing_officer_opens_an_account_on_the_page_of_the_operator(client):
    operator = an_operator()
    client.force_login(a_user(Role.LICENSING_OFFICER))
    page = f"/operators/{operator.pk}/people/open/"
    assert "Choose an answer" not in client.post(page, {"username": "sok.dara"}).content.decode()
    answer = client.post(page, NAMES)
    password = answer.context["password"]
    person = User.objects.get(username="sok.dara")
    assert person.role == Role.OPERATOR and person.check_password(password)
    assert "no-store" in answer["Cache-Control"]
    assert "sok.dara" in client.get(f"/operators/{operator.pk}/").content.decode()
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"user.created", "representative.appointed"}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LICENSING_OFFICER, Role.ADMINISTRATOR}))
def test_nobody_else_opens_renews_or_ends_one(made, role, client):
    by = a_user(role, province=a_province())
    with pytest.raises(NotPermitted):
        representatives.open_account(operator=an_operator(), **NAMES | {"username": "b"}, by=by, at=NOW)
    with pytest.raises(NotPermitted):
        representatives.renew_password(representative=made, by=by, at=NOW)
    with pytest.raises(NotPermitted):
        representatives.end(representative=made, reason="Left.", by=by, at=NOW)
    client.force_login(by)
    for page in ("open", "sok.dara/end", "sok.dara/new-password"):
        assert client.post(f"/operators/{made.operator_id}/people/{page}/").status_code == 403


def test_a_licensing_officer_manages_no_account_of_the_staff():
    officer, colleague = a_user(Role.LICENSING_OFFICER), a_user(Role.APPROVER)
    with pytest.raises(NotPermitted):
        users.renew_password(user=colleague, by=officer, at=NOW)
    with pytest.raises(NotPermitted):
        users.close(user=colleague, reason="x", by=officer, at=NOW)
    with pytest.raises(NotPermitted):
        users.create(username="c", role=Role.APPROVER, by=officer, at=NOW)


def test_nobody_of_the_staff_acts_for_an_operator_and_nobody_changes_sides(made):
    administrator = a_user(Role.ADMINISTRATOR)
    with pytest.raises(Refused) as refused:
        representatives.appoint(operator=made.operator, person=a_user(Role.APPROVER), by=administrator, at=NOW)
    assert refused.value.code == "staff"
    names = {"first_name": "", "last_name": "", "email": "", "province": None}
    for user, role in ((made.person, Role.APPROVER), (a_user(Role.APPROVER), Role.OPERATOR)):
        with pytest.raises(Refused) as refused:
            users.change(user=user, role=role, **names, by=administrator, at=NOW)
        assert refused.value.code == "changes_sides"


def test_the_account_ends_with_the_last_operator(made, client):
    officer = a_user(Role.LICENSING_OFFICER)
    other = representatives.appoint(operator=an_operator(), person=made.person, by=officer, at=NOW)
    client.force_login(officer)
    assert client.post(f"/operators/{made.operator_id}/people/sok.dara/end/", {"reason": "Left."}).status_code == 302
    made.refresh_from_db()
    assert made.ended_on == TODAY and User.objects.get(username="sok.dara").is_active
    representatives.end(representative=other, reason="Left too.", by=officer, at=NOW)
    assert not User.objects.get(username="sok.dara").is_active
    with pytest.raises(Refused):
        representatives.end(representative=other, reason="Again.", by=officer, at=NOW)


def test_a_new_password_is_shown_once(made, client):
    client.force_login(a_user(Role.LICENSING_OFFICER))
    answer = client.post(f"/operators/{made.operator_id}/people/sok.dara/new-password/")
    assert User.objects.get(username="sok.dara").check_password(answer.context["password"])
    assert client.get(f"/operators/{made.operator_id}/people/sok.dara/new-password/").status_code == 405
