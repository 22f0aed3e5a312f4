"""The demonstration accounts: one for each role of the ministry and two where different people sign, two inspectors and
a manager in every province, and one for somebody of an operator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import override

from portal.demonstration.chance import Chance
from portal.demonstration.country import CAPITAL, Province
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.actions import fields
from registry.audit.models import AuditEvent

OF_THE_COUNTRY = {
    "officer": Role.LICENSING_OFFICER,
    "officer2": Role.LICENSING_OFFICER,
    "approver": Role.APPROVER,
    "approver2": Role.APPROVER,
    "enforcement": Role.ENFORCEMENT_OFFICER,
    "auditor": Role.AUDITOR,
    "admin": Role.ADMINISTRATOR,
    "operator": Role.OPERATOR,
}
SECOND = "inspector2"
SHOWN = (CAPITAL, "17")
"""Provinces whose accounts are named to visitors, and which always have some of everything to do."""


def password() -> str:
    """The same for all demonstration accounts of this installation and of no other: it follows from its secret key."""
    return f"demo-{salted_hmac('portal.demonstration', 'accounts').hexdigest()[:8]}"


@dataclass
class People:
    """Who works in the demonstration, found by user name and by province."""

    users: dict[str, User] = field(default_factory=dict)
    inspectors: dict[int, list[User]] = field(default_factory=dict)
    managers: dict[int, User] = field(default_factory=dict)

    def __getitem__(self, username: str) -> User:
        return self.users[username]

    def decider(self, province_id: int, chance: Chance) -> User:
        """Who approves a visit: mostly the manager of the province, sometimes the ministry."""
        return self["approver"] if chance.random() < 0.1 else self.managers[province_id]


def usernames(provinces: Iterable[Province]) -> dict[str, tuple[Role, Province | None]]:
    """Every demonstration account: its role and province."""
    found: dict[str, tuple[Role, Province | None]] = {name: (role, None) for name, role in OF_THE_COUNTRY.items()}
    for province in provinces:
        place = slugify(province.area.name_en).replace("-", "")
        found[f"inspector.{place}"] = (Role.INSPECTOR, province)
        found[f"manager.{place}"] = (Role.PROVINCIAL_MANAGER, province)
        found[f"{SECOND}.{place}"] = (Role.INSPECTOR, province)
    return found


def open_accounts(provinces: Iterable[Province], *, since: datetime) -> tuple[People, list[AuditEvent]]:
    """Write the accounts, all with the shared password; returns them and the events to be written."""
    people, secret = People(), make_password(password())
    for name, (role, province) in usernames(provinces).items():
        user = User(
            username=name, role=role, province=province.area if province else None, password=secret, date_joined=since
        )
        people.users[name] = user
        if province is not None and role == Role.INSPECTOR:
            people.inspectors.setdefault(province.area.pk, []).append(user)
        elif province is not None:
            people.managers[province.area.pk] = user
    User.objects.bulk_create(people.users.values())
    return people, [
        AuditEvent(
            **fields(
                verb="user.created",
                subject=user,
                by=None,
                at=since,
                facts={"username": user.username, "role": user.role, "province": user.province and user.province.code},
            )
        )
        for user in people.users.values()
    ]


@override("en")
def in_words() -> str:
    """The accounts for those who look around, with their roles and the password, a line each."""
    shown = User.objects.filter(username__in=OF_THE_COUNTRY) | User.objects.filter(
        province__code__in=SHOWN, username__regex=r"^(inspector|manager)\."
    )
    users = {user.username: user for user in shown.select_related("province")}
    order = [*sorted(users.keys() - OF_THE_COUNTRY.keys()), *OF_THE_COUNTRY]
    lines = [
        f"  {name:22}{users[name].get_role_display()}{f', {users[name].province}' if users[name].province else ''}"
        for name in order
        if name in users
    ]
    return "\n".join(
        [f"Demonstration accounts, all with the password {password()}", *lines, "The other provinces have theirs too."]
    )
