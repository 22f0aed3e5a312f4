"""The administrator opens, changes and closes accounts; the history says so."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from registry.accounts.actions import users
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refusal, Refused
from tests.factories import NOW, PASSWORD, a_province, a_user

pytestmark = pytest.mark.django_db


def a_change(user: User, **fields: Any) -> dict[str, Any]:
    names = ("role", "province", "first_name", "last_name", "email")
    return {"user": user, "at": NOW, **{name: getattr(user, name) for name in names}, **fields}


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("id")


def test_a_new_account_opens_with_a_password_that_nobody_keeps(client: Client) -> None:
    administrator = a_user(Role.ADMINISTRATOR)
    user, password = users.create(
        username="sok", role=Role.INSPECTOR, province=a_province(), by=administrator, at=NOW, email="sok@EXAMPLE.org"
    )
    assert client.post("/login/", {"username": "sok", "password": password}).status_code == 302
    assert user.email == "sok@example.org"
    event = last_event()
    assert (event.verb, event.by_username) == ("user.created", administrator.username)
    assert event.facts == {"username": "sok", "role": "inspector", "province": "12"}
    assert password not in str(event.facts)


def test_the_operator_of_the_machine_opens_the_first_account() -> None:
    users.create(username="first", role=Role.ADMINISTRATOR, by=None, at=NOW)
    assert last_event().by_username == ""


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_manage_accounts(role: str) -> None:
    by, other = a_user(role), a_user(Role.AUDITOR)
    attempts = [
        lambda: users.create(username="x", role=Role.AUDITOR, by=by, at=NOW),
        lambda: users.change(**a_change(other, role=Role.APPROVER), by=by),
        lambda: users.close(user=other, reason="x", by=by, at=NOW),
        lambda: users.reopen(user=other, by=by, at=NOW),
        lambda: users.renew_password(user=other, by=by, at=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()
    assert not AuditEvent.objects.exists()


def test_a_change_records_what_was_and_what_is_and_nothing_where_nothing_differs() -> None:
    administrator, user = a_user(Role.ADMINISTRATOR), a_user(Role.AUDITOR)
    users.change(**a_change(user), by=administrator)
    assert not AuditEvent.objects.exists()
    users.change(**a_change(user, role=Role.INSPECTOR, province=a_province()), by=administrator)
    assert last_event().facts == {
        "role": {"before": "auditor", "after": "inspector"},
        "province": {"before": None, "after": "12"},
    }


def test_an_administrator_always_remains() -> None:
    administrator = a_user(Role.ADMINISTRATOR)
    with pytest.raises(NotPermitted) as own_account:
        users.close(user=administrator, reason="x", by=administrator, at=NOW)
    with pytest.raises(NotPermitted) as own_role:
        users.change(**a_change(administrator, role=Role.AUDITOR), by=administrator)
    assert (own_account.value.code, own_role.value.code) == ("own_account", "own_role")


def test_of_two_administrators_who_close_each_other_the_second_is_refused() -> None:
    one, other = a_user(Role.ADMINISTRATOR), a_user(Role.ADMINISTRATOR)
    users.close(user=other, reason="x", by=one, at=NOW)
    assert other.is_active  # as the second request read it, before the first was done
    with pytest.raises(NotPermitted):
        users.close(user=one, reason="x", by=other, at=NOW)


def test_a_closed_account_is_out_at_once_and_comes_back_without_its_token(client: Client) -> None:
    administrator, user = a_user(Role.ADMINISTRATOR), a_user(Role.AUDITOR)
    Token.objects.create(user=user, key="x")
    client.force_login(user, backend="portal.navigation.PeopleBackend")
    assert client.get("/people/").status_code == 200
    users.close(user=user, reason="Left the ministry", by=administrator, at=NOW)
    assert client.get("/people/").status_code == 302
    assert (last_event().verb, last_event().reason) == ("user.closed", "Left the ministry")
    with pytest.raises(Refused):
        users.renew_password(user=user, by=administrator, at=NOW)
    users.reopen(user=user, by=administrator, at=NOW)
    assert client.get("/people/").status_code == 200
    assert not Token.objects.exists()


def test_a_new_password_ends_the_sessions_of_the_old_one(client: Client) -> None:
    administrator, user = a_user(Role.ADMINISTRATOR), a_user(Role.AUDITOR)
    client.post("/login/", {"username": user.username, "password": PASSWORD})
    assert client.get("/people/").status_code == 200
    users.renew_password(user=user, by=administrator, at=NOW)
    assert client.get("/people/").status_code == 302


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"username": "SOK", "role": Role.AUDITOR}, "username_taken"),
        ({"username": "sao", "role": Role.INSPECTOR}, "province_of_role"),
    ],
)
def test_an_account_that_cannot_be_is_refused(fields: dict[str, Any], code: str) -> None:
    a_user(Role.AUDITOR, username="sok")
    with pytest.raises(Refusal) as refused:
        users.create(**fields, by=a_user(Role.ADMINISTRATOR), at=NOW)
    assert refused.value.code == code


def test_the_pages_open_change_close_and_reopen_an_account(client: Client) -> None:
    province = a_province()
    client.force_login(a_user(Role.ADMINISTRATOR, username="chief"))
    created = client.post(
        "/people/new-account/", {"username": "sok.dara", "role": "inspector", "province": province.pk}
    )
    assert created.status_code == 200 and "no-store" in created["Cache-Control"]
    user = User.objects.get(username="sok.dara")
    assert user.check_password(created.context["password"])

    page = "/people/of/sok.dara/"
    assert client.get(page).status_code == 200
    assert client.get(f"{page}change/").status_code == 200
    client.post(f"{page}change/", {"first_name": "ដារ៉ា", "role": "auditor", "province": province.pk})
    user.refresh_from_db()
    assert (user.first_name, user.role, user.province) == ("ដារ៉ា", "auditor", None)

    assert client.post(f"{page}close/", {"reason": ""}).status_code == 200
    assert client.post(f"{page}close/", {"reason": "Left"}).status_code == 302
    assert client.post(f"{page}close/", {"reason": "Left"}).status_code == 409
    assert client.post(f"{page}reopen/").status_code == 302
    assert client.post(f"{page}new-password/").status_code == 200
    assert client.get(f"{page}new-password/").status_code == 405
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["user.created", "user.changed", "user.closed", "user.reopened", "user.password_renewed"]


def test_a_form_that_cannot_be_names_the_field(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR, username="Sok"))
    response = client.post("/people/new-account/", {"username": "sok", "role": "inspector"})
    assert set(response.context["form"].errors) == {"username", "province"}
    assert User.objects.count() == 1


@pytest.mark.parametrize("path", ["new-account/", "of/sok/change/", "of/sok/close/"])
def test_auditors_read_accounts_and_change_none(client: Client, path: str) -> None:
    a_user(Role.LICENSING_OFFICER, username="sok")
    client.force_login(a_user(Role.AUDITOR))
    assert client.get("/people/of/sok/").status_code == 200
    assert client.get(f"/people/{path}").status_code == 403
    assert client.post(f"/people/{path}").status_code == 403


def test_other_roles_see_no_accounts_at_all(client: Client) -> None:
    client.force_login(a_user(Role.APPROVER))
    assert client.get("/people/").status_code == 403
    assert client.get("/people/of/nobody/").status_code == 403


def test_the_list_filters_and_costs_the_same_for_many_people(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR, username="chief"))
    for number in range(60):
        a_user(Role.INSPECTOR, username=f"inspector{number:02d}")
    with django_assert_max_num_queries(5):  # session, person, provinces to choose from, rows, count
        response = client.get("/people/")
    assert len(response.context["rows"]) == 50
    found = client.get("/people/", {"q": "INSPECTOR07", "role": ["inspector", "auditor"], "open": "true"})
    assert [row[0].value for row in found.context["rows"]] == ["inspector07"]
    hrefs = [href for _text, href in found.context["chips"]]
    assert "?q=INSPECTOR07&role=auditor&open=true" in hrefs
    assert client.get("/people/", {"province": "12", "sort": "-province"}).status_code == 200
