"""Everything that can happen to an operator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from registry import permissions, policies
from registry.accounts.models import User
from registry.actions.facilities import plain
from registry.audit.actions import record
from registry.core.khmer import search_key
from registry.models import Operator

FACTS = ("name_km", "name_en", "kind", "foreign", "registration_number", "phone", "email", "parent")


@transaction.atomic
def register(*, facts: Mapping[str, Any], by: User, at: datetime) -> Operator:
    """A person or organisation that runs facilities enters the register. Raises NotPermitted or Refused."""
    permissions.check_may_edit_operators(by)
    operator = _write(Operator(), facts)
    said = {name: plain(value) for name, value in facts.items() if value not in (None, "")}
    record(verb="operator.registered", subject=operator, by=by, at=at, facts=said)
    return operator


@transaction.atomic
def edit(*, operator: Operator, facts: Mapping[str, Any], by: User, at: datetime) -> Operator:
    """The facts about the operator become these. Raises NotPermitted or Refused."""
    permissions.check_may_edit_operators(by)
    operator = Operator.objects.select_for_update(of=("self",), no_key=True).get(pk=operator.pk)
    changes = {
        name: [plain(getattr(operator, name)), plain(value)]
        for name, value in facts.items()
        if getattr(operator, name) != value
    }
    if changes:
        _write(operator, facts)
        record(verb="operator.edited", subject=operator, by=by, at=at, facts=changes)
    return operator


def keys(name_km: str, name_en: str) -> dict[str, str]:
    """The column by which an operator of these names is found. Nothing is read or written."""
    return {"search_key": search_key(f"{name_km} {name_en}")[: Operator._meta.get_field("search_key").max_length]}


def _write(operator: Operator, facts: Mapping[str, Any]) -> Operator:
    for name in FACTS:
        if name in facts:
            setattr(operator, name, facts[name])
    operator.search_key = keys(operator.name_km, operator.name_en)["search_key"]
    policies.check_can_hold_operator(operator)
    operator.save()
    return operator
