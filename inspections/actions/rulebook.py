"""Checklists and rulesets: written as drafts, published once, then frozen; a change is a new version."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.actions import rulesets
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion, Ruleset
from inspections.states import VersionState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import FacilityType, Service

DATA = Path(__file__).resolve().parent.parent / "data"
Definition = Mapping[str, Any]


@transaction.atomic
def load(*, by: User | None, at: datetime, folder: Path = DATA) -> int:
    """Make the rulesets and checklists what the files of `folder` say; returns how many versions are new.

    `by` is None where the operator of the machine loads them. Safe to repeat: what is already so is left alone.
    Raises NotPermitted, or Refused where a file contradicts what is published under its number.
    """
    judging = [rulesets.add(definition=read(file), by=by, at=at) for file in sorted(folder.glob("rulesets/*.toml"))]
    versions = [
        add_version(definition=read(file), publish_it=True, by=by, at=at)
        for file in sorted(folder.glob("checklists/*.toml"))
    ]
    return sum(new for _rulebook, new in [*judging, *versions])


def read(file: Path) -> Definition:
    """A ruleset or checklist as written in a TOML file; numbers stay exact."""
    return tomllib.loads(file.read_text(), parse_float=Decimal)


@transaction.atomic
def add_version(
    *, definition: Definition, publish_it: bool = False, by: User | None, at: datetime
) -> tuple[ChecklistVersion, bool]:
    """Write a checklist as defined as its next version, a draft unless `publish_it`; returns it and whether it is new.

    A definition equal to the latest version makes no new one. Raises NotPermitted, also for a drafter whose file calls
    a checklist in use something else, or Refused where the definition names an unknown facility type, service or
    ruleset, the checklist has an open draft, or what is to be published is not sound.
    """
    permissions.check_may_draft(by)
    checklist = _checklist(definition, by=by, at=at)
    parts = _parts(definition["section"])
    version = checklist.versions.order_by("-number").first()
    new = version is None or _fingerprint(rules.structure(version)) != _fingerprint(parts)
    if version is None or new:
        policies.check_can_draft(checklist)
        version = checklist.versions.create(
            number=version.number + 1 if version else 1,
            source=definition.get("source", ""),
            drafted_at=at,
            drafted_by=by,
        )
        for section, items in parts:
            section.version = version
            section.save()
            for item in items:
                item.section = section
        ChecklistItem.objects.bulk_create([item for _section, items in parts for item in items])
        facts = {"code": checklist.code, "number": version.number, "items": sum(len(items) for _s, items in parts)}
        record_event(verb="checklist_version.drafted", subject=version, by=by, at=at, facts=facts)
    if publish_it and version.state == VersionState.DRAFT:
        version = publish(version=version, by=by, at=at)
    return version, new


@transaction.atomic
def publish(*, version: ChecklistVersion, by: User | None, at: datetime) -> ChecklistVersion:
    """The draft is frozen and used from now on; the version published before it retires.

    Raises NotPermitted, or Refused where it is no draft, a section is empty or something in it makes no sense.
    """
    permissions.check_may_publish(by)
    version = ChecklistVersion.objects.select_for_update(of=("self",)).select_related("checklist").get(pk=version.pk)
    policies.check_can_publish(version)
    structure = rules.structure(version)
    policies.check_has_items(structure)
    policies.check_is_sound(structure, known())
    version.checklist.versions.published().update(state=VersionState.RETIRED)
    version.state, version.published_at, version.published_by = VersionState.PUBLISHED, at, by
    version.save()
    facts = {"code": version.checklist.code, "number": version.number}
    record_event(verb="checklist_version.published", subject=version, by=by, at=at, facts=facts)
    return version


def known() -> policies.Known:
    """The codes of the catalogue, as far as conditions name them."""
    types = FacilityType.objects.values_list("code", "level")
    return policies.Known(
        types=frozenset(code for code, _level in types),
        levels=frozenset(level for _code, level in types if level),
        services=frozenset(Service.objects.values_list("code", flat=True)),
    )


def _checklist(definition: Definition, *, by: User | None, at: datetime) -> Checklist:
    if not Ruleset.objects.filter(code=definition["ruleset_code"]).exists():
        raise Refused(
            _("There is no ruleset “%(code)s”.") % {"code": definition["ruleset_code"]}, code="unknown_ruleset"
        )
    types = FacilityType.objects.filter(code__in=definition["facility_types"])
    if unknown := sorted(set(definition["facility_types"]) - {type.code for type in types}):
        raise Refused(_("There is no facility type “%(code)s”.") % {"code": unknown[0]}, code="unknown_facility_type")
    named = {name: definition[name] for name in ("name_km", "name_en", "ruleset_code")}
    checklist = Checklist.objects.select_for_update().filter(code=definition["code"]).first()
    if checklist is None:
        checklist = Checklist.objects.create(code=definition["code"], **named)
        checklist.facility_types.set(types)
        return checklist
    before = {name: getattr(checklist, name) for name in named} | {"facility_types": _codes(checklist.facility_types)}
    after = named | {"facility_types": _codes(types)}
    if changes := {name: [before[name], said] for name, said in after.items() if said != before[name]}:
        permissions.check_may_describe(by, checklist)
        for name, said in named.items():
            setattr(checklist, name, said)
        checklist.save()
        checklist.facility_types.set(types)
        record_event(verb="checklist.changed", subject=checklist, by=by, at=at, facts=changes)
    return checklist


def _codes(types: Any) -> list[str]:
    return sorted(types.values_list("code", flat=True))


def _parts(sections: Sequence[Definition]) -> list[tuple[ChecklistSection, list[ChecklistItem]]]:
    asked = {code for section in sections for code in section.get("applies_when", {}).get("services", ())}
    policies.check_services_are_known(asked, set(Service.objects.values_list("code", flat=True)))
    return [
        (
            ChecklistSection(
                position=position,
                **{name: section[name] for name in rules.SECTION_FIELDS if name in section},
            ),
            [
                ChecklistItem(position=place, **{name: item[name] for name in rules.ITEM_FIELDS if name in item})
                for place, item in enumerate(section["item"], 1)
            ],
        )
        for position, section in enumerate(sections, 1)
    ]


def _fingerprint(parts: rules.Structure) -> list[Any]:
    return [
        (_contents([section], rules.SECTION_FIELDS), _contents(items, rules.ITEM_FIELDS)) for section, items in parts
    ]


def _contents(rows: Any, fields: Sequence[str]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in fields) for row in rows]
