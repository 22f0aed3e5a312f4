import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.authtoken.models import Token

from registry.accounts.models import User
from registry.accounts.permissions import (
    check_may_close,
    check_may_give_role,
    check_may_manage_account,
    check_may_manage_people,
)
from registry.accounts.policies import (
    check_can_be_called,
    check_can_become,
    check_can_close,
    check_can_hold,
    check_can_renew_password,
    check_can_reopen,
)
from registry.areas.models import Area
from registry.audit.actions import record


@transaction.atomic
def create(
    *,
    username: str,
    role: str,
    province: Area | None = None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    by: User | None,
    at: datetime,
) -> tuple[User, str]:
    """Open an account and return it with its first password, which is not kept and cannot be read again.

    Raises NotPermitted to all but administrators and, for an operator's people, licensing officers (`by` is None for
    the operator of the machine), Refused where the name is taken or the province does not suit the role.
    """
    (by,) = _locked(by)
    check_may_manage_account(by, role)
    check_can_be_called(username)
    check_can_hold(role, province)
    password = _new_password()
    user = User.objects.create_user(
        username=username,
        email=email,
        password=password,
        role=role,
        province=province,
        first_name=first_name,
        last_name=last_name,
        date_joined=at,
    )
    record(verb="user.created", subject=user, by=by, at=at, facts={"username": username, **_rights(user)})
    return user, password


@transaction.atomic
def change(
    *,
    user: User,
    role: str,
    province: Area | None,
    first_name: str,
    last_name: str,
    email: str,
    by: User | None,
    at: datetime,
) -> User:
    """Change who a person is and what they may do; the user name stays. Nothing is written where nothing differs.

    Raises NotPermitted to all but administrators and for one's own role, Refused where the province does not suit.
    """
    by, user = _locked(by, user)
    check_may_manage_people(by)
    check_may_give_role(by, user, role)
    check_can_become(user, role)
    check_can_hold(role, province)
    wanted = {
        "role": role,
        "province": province,
        "first_name": first_name,
        "last_name": last_name,
        "email": User.objects.normalize_email(email),
    }
    before = {name: getattr(user, name) for name in wanted}
    changed = [name for name, value in wanted.items() if before[name] != value]
    if changed:
        for name in changed:
            setattr(user, name, wanted[name])
        user.save(update_fields=changed)
        facts = {name: {"before": _plain(before[name]), "after": _plain(wanted[name])} for name in changed}
        record(verb="user.changed", subject=user, by=by, at=at, facts=facts)
    return user


@transaction.atomic
def close(*, user: User, reason: str, by: User | None, at: datetime) -> User:
    """Close an account: sessions and the token for the API end at once. Accounts are never deleted.

    Raises NotPermitted to all who do not manage this account and for one's own account, Refused where it is closed
    already.
    """
    by, user = _locked(by, user)
    check_may_manage_account(by, user.role)
    check_may_close(by, user)
    check_can_close(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    Token.objects.filter(user=user).delete()
    record(verb="user.closed", subject=user, by=by, at=at, reason=reason, facts={"username": user.username})
    return user


@transaction.atomic
def reopen(*, user: User, by: User | None, at: datetime) -> User:
    """Open a closed account again, with the password it had.

    Raises NotPermitted to all who do not manage this account, Refused where it is open.
    """
    by, user = _locked(by, user)
    check_may_manage_account(by, user.role)
    check_can_reopen(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(verb="user.reopened", subject=user, by=by, at=at, facts={"username": user.username, **_rights(user)})
    return user


@transaction.atomic
def renew_password(*, user: User, by: User | None, at: datetime) -> str:
    """Give a person a new password, end their sessions, and return it: it is not kept and cannot be read again.

    Raises NotPermitted to all who do not manage this account, Refused for a closed account.
    """
    by, user = _locked(by, user)
    check_may_manage_account(by, user.role)
    check_can_renew_password(user)
    password = _new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    record(verb="user.password_renewed", subject=user, by=by, at=at, facts={"username": user.username})
    return password


def _locked(by: User | None, *users: User) -> list[Any]:
    """The people as they are stored now, locked in one order.

    Of two administrators who close each other's account, the second is refused.
    """
    people = [by, *users]
    keys = {person.pk for person in people if person}
    stored = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    return [person and stored[person.pk] for person in people]


def _rights(user: User) -> dict[str, Any]:
    return {"role": user.role, "province": _plain(user.province)}


def _plain(value: Any) -> Any:
    return value.code if isinstance(value, Area) else value


def _new_password() -> str:
    """96 bits that can be read out over the telephone."""
    return "-".join(secrets.token_hex(3) for _part in range(4))
