"""Things to test with, one function a noun, saying only what the test cares about."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from inspections import policies, rules
from inspections.actions import standings, visits
from inspections.models import (
    Band,
    Checklist,
    ChecklistItem,
    ChecklistSection,
    ChecklistVersion,
    CorrectiveAction,
    Finding,
    GridCell,
    Ruleset,
    Visit,
    VisitSignature,
)
from inspections.states import (
    GRID,
    ActionState,
    AnswerKind,
    BandCode,
    CorrectedHow,
    SignerKind,
    VersionState,
    VisitOutcome,
    VisitState,
)
from licensing.actions import signing_keys
from licensing.models import (
    Condition,
    Grant,
    Licence,
    LicenceTerms,
    LicenceType,
    ServiceAuthorisation,
    SigningKey,
    Suspension,
)
from licensing.rules.signing import key_id
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.core.khmer import search_key, sort_key
from registry.files.models import StoredFile
from registry.models import Facility, FacilityType, OperationalStatusChange, Operator, Service
from registry.states import Authority, OperationalStatus, OperatorKind, Ownership

counter = itertools.count(1)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PASSWORD = "a-long-password-for-tests"
SIGNING_KEY = Ed25519PrivateKey.generate()


def a_province(code: str = "12", name_km: str = "ភ្នំពេញ", name_en: str = "Phnom Penh") -> Area:
    existing = Area.objects.filter(code=code).first()
    if existing:
        return existing
    area = Area(
        code=code,
        level=AreaLevel.PROVINCE,
        name_km=name_km,
        name_en=name_en,
        kind_km="ខេត្ត",
        kind_en="Province",
        search_key=search_key(f"{name_km} {name_en}"),
        sort_key=sort_key(name_km),
        source="test",
    )
    area.id = 1_000_000 + int(code)
    area.province = area
    area.save(force_insert=True)
    return area


def another_province() -> Area:
    return a_province("01", "បន្ទាយមានជ័យ", "Banteay Meanchey")


def a_user(role: str = Role.ADMINISTRATOR, *, province: Area | None = None, **fields: Any) -> User:
    if role in PROVINCIAL_ROLES and province is None:
        province = a_province()
    fields.setdefault("username", f"{role}{next(counter)}")
    return User.objects.create_user(
        password=PASSWORD, role=role, province=province if role in PROVINCIAL_ROLES else None, **fields
    )


def a_facility_type(code: str = "clinic", **fields: Any) -> FacilityType:
    defaults = {"name_km": "គ្លីនិក", "name_en": "Clinic", "authority": Authority.MINISTRY, "licence_needed": True}
    return FacilityType.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def a_service(code: str = "surgery", **fields: Any) -> Service:
    defaults = {"name_km": "វះកាត់", "name_en": "Surgery", "needs_authorisation": True}
    return Service.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def an_operator(**fields: Any) -> Operator:
    fields.setdefault("name_en", f"Operator {next(counter)}")
    fields.setdefault("kind", OperatorKind.PERSON)
    return Operator.objects.create(search_key=search_key(fields["name_en"]), **fields)


def a_facility(
    *, province: Area | None = None, status: str = OperationalStatus.OPERATING, since: date | None = None, **fields: Any
) -> Facility:
    """A facility as an import would leave it: operating since before the register began, unless `since` says else."""
    province = province or a_province()
    fields.setdefault("type", a_facility_type())
    fields.setdefault("name_en", f"Clinic {next(counter)}")
    fields.setdefault("name_km", "")
    names = f"{fields['name_km']} {fields['name_en']}"
    facility = Facility.objects.create(
        area=province,
        province=province,
        ownership=fields.pop("ownership", Ownership.PRIVATE),
        operational_status=status,
        registered_at=NOW,
        changed_at=NOW,
        search_key=search_key(names),
        sort_key=sort_key(fields["name_km"] or fields["name_en"]),
        **fields,
    )
    OperationalStatusChange.objects.create(
        facility=facility, status=status, effective_on=since, reason="registered", recorded_at=NOW
    )
    facility.refresh_from_db()
    return facility


BANDS = (
    (BandCode.NON_COMPLIANT, 0, 10, None, 1),
    (BandCode.MINIMALLY_COMPLIANT, 10, 40, 3, 3),
    (BandCode.PARTIALLY_COMPLIANT, 40, 60, 6, 3),
    (BandCode.SUBSTANTIALLY_COMPLIANT, 60, 75, 12, None),
    (BandCode.FULLY_COMPLIANT, 75, None, 24, None),
)


def a_ruleset(
    code: str = "test", *, hard_maximum_months: int = 24, correction_days: int | None = None, **fields: Any
) -> Ruleset:
    """Published. With `correction_days` it has a grid of which D to L are to be put right in so many working days."""
    existing = Ruleset.objects.filter(code=code, **fields).first()
    if existing:
        return existing
    ruleset = Ruleset.objects.create(
        code=code,
        number=fields.pop("number", 1),
        name=code,
        valid_from=date(2000, 1, 1),
        hard_maximum_months=hard_maximum_months,
        **fields,
    )
    for band, start, end, months, closure in BANDS:
        Band.objects.create(
            ruleset=ruleset,
            code=band,
            from_percent=start,
            below_percent=end,
            months_to_next_visit=months,
            closure_at_visit=closure,
        )
    for index, letter in enumerate(GRID if correction_days else ""):
        GridCell.objects.create(
            ruleset=ruleset,
            severity=index // 3 + 1,
            scope=index % 3 + 1,
            letter=letter,
            correction_days=correction_days if letter >= "D" else None,
        )
    ruleset.state = VersionState.PUBLISHED
    ruleset.save()
    return ruleset


def a_checklist_version(*, items: int = 3, facility_type: FacilityType | None = None, **kinds: str) -> ChecklistVersion:
    """A published version of two sections: one for everybody, one for facilities that offer surgery.

    `S01__01="photo"` makes another kind of item.
    """
    number = next(counter)
    checklist = Checklist.objects.create(
        code=f"checklist-{number}", name_km=f"បញ្ជី {number}", name_en=f"List {number}", ruleset_code="test"
    )
    checklist.facility_types.add(facility_type or a_facility_type())
    version = ChecklistVersion.objects.create(checklist=checklist, number=1)
    for position, service in enumerate((None, a_service())):
        section = ChecklistSection.objects.create(
            version=version,
            position=position,
            code=f"S{position + 1:02d}",
            name_en=f"Section {position + 1}",
            name_km=f"ផ្នែក {position + 1}",
            applies_when={"services": [service.code]} if service else {},
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(
                section=section,
                position=item,
                code=f"{item + 1:02d}",
                label_en=f"Question {item + 1}",
                label_km=f"សំណួរ {item + 1}",
                clause=f"§ {position + 1}.{item + 1}",
                kind=kinds.get(f"S{position + 1:02d}__{item + 1:02d}", AnswerKind.COMPLIANCE),
            )
            for item in range(items)
        )
    version.state = VersionState.PUBLISHED
    version.published_at = NOW
    version.save()
    return version


def a_visit(facility: Facility | None = None, *, state: str = VisitState.PLANNED, **fields: Any) -> Visit:
    """A visit in any state but approved; see `an_approved_visit`."""
    facility = facility or a_facility()
    fields.setdefault("ruleset", a_ruleset())
    if "checklist_version" not in fields:
        fields["checklist_version"] = a_checklist_version(facility_type=facility.type)
    if "inspector" not in fields:
        fields["inspector"] = a_user(Role.INSPECTOR, province=facility.province)
    fields.setdefault("planned_on", TODAY)
    if state in (VisitState.SUBMITTED, VisitState.RETURNED):
        fields.setdefault("visited_on", TODAY)
        fields.setdefault("outcome", VisitOutcome.COMPLETED)
        fields.setdefault("submitted_at", NOW)
        fields.setdefault("submitted_by", fields["inspector"])
    return Visit.objects.create(facility=facility, state=state, created_at=NOW, **fields)


def an_approved_visit(
    facility: Facility,
    *,
    visited_on: date,
    next_due_on: date,
    band: str = BandCode.FULLY_COMPLIANT,
    score: float = 80,
    services: Sequence[str] = (),
) -> Visit:
    """An approved visit and the standing that follows, written straight to the tables (the rules are not asked)."""
    visit = Visit.objects.create(
        facility=facility,
        state=VisitState.APPROVED,
        outcome=VisitOutcome.COMPLETED,
        ruleset=a_ruleset(),
        visited_on=visited_on,
        submitted_at=NOW,
        decided_at=NOW,
        score=score,
        band=band,
        next_due_on=next_due_on,
        services=list(services),
        source="test",
        source_key=str(next(counter)),
        created_at=NOW,
    )
    standings.refresh([facility.pk])
    return visit


def a_refused_visit(facility: Facility, *, visited_on: date, outcome: str = VisitOutcome.REFUSED) -> Visit:
    """An approved visit that was refused at the door, or failed otherwise, written straight to the table."""
    return Visit.objects.create(
        facility=facility,
        state=VisitState.APPROVED,
        outcome=outcome,
        ruleset=a_ruleset(),
        visited_on=visited_on,
        submitted_at=NOW,
        decided_at=NOW,
        source="test",
        source_key=str(next(counter)),
        created_at=NOW,
    )


def a_finding(facility: Facility | None = None, *, visit: Visit | None = None, **fields: Any) -> Finding:
    """A finding of an approved visit that is still open, unless the test says otherwise."""
    facility = facility or a_facility()
    if visit is None:
        day = TODAY - timedelta(days=400)
        visit = an_approved_visit(facility, visited_on=day, next_due_on=day + timedelta(days=700))
    severity, scope = fields.setdefault("severity", 2), fields.setdefault("scope", 2)
    fields.setdefault("grid", GRID[(severity - 1) * 3 + scope - 1])
    fields.setdefault("clause", "§ 1.1")
    fields.setdefault("text", "No soap at two of five basins.")
    return Finding.objects.create(visit=visit, facility=facility, recorded_at=NOW, **fields)


def a_corrective_action(facility: Facility | None = None, *, due_on: date, **fields: Any) -> CorrectiveAction:
    """Something to be put right; a verified one was verified by evidence."""
    facility = facility or a_facility()
    if "finding" not in fields:
        visit = a_refused_visit(facility, visited_on=date(2000, 1, 1), outcome=VisitOutcome.UNSAFE)
        fields["finding"] = a_finding(facility, visit=visit)
    fields.setdefault("opened_at", NOW)
    if fields.get("state") == ActionState.VERIFIED:
        fields.setdefault("decided_by", a_user(Role.PROVINCIAL_MANAGER, province=facility.province))
        fields.setdefault("verified_how", CorrectedHow.DESK)
        fields.setdefault("decided_at", NOW)
    return CorrectiveAction.objects.create(facility=facility, due_on=due_on, **fields)


def a_licence_type(code: str = "operating", **fields: Any) -> LicenceType:
    """With terms that have held for ever, which `the_terms` changes."""
    defaults = {"name_km": "អាជ្ញាបណ្ណ", "name_en": "Operating licence", "authority": Authority.MINISTRY}
    type, created = LicenceType.objects.get_or_create(code=code, defaults=defaults | fields)
    if created:
        the_terms(type, valid_from=date(1990, 1, 1))
    return type


def the_terms(type: LicenceType, **fields: Any) -> LicenceTerms:
    """Further terms of a type of licence: 24 months, no visit, 20 working days, unless the test says otherwise."""
    defaults = {"valid_from": date(2000, 1, 1), "validity_months": 24, "visit_needed": False, "target_days": 20}
    return LicenceTerms.objects.create(type=type, **(defaults | {"basis": "test"} | fields))


def a_licence(facility: Facility, *, valid_from: date, valid_until: date, **fields: Any) -> Licence:
    """An issued licence, recorded by one person and approved by another, unless the test says otherwise."""
    fields.setdefault("number", f"L-{next(counter):06d}")
    fields.setdefault("type", a_licence_type())
    fields.setdefault("state", LicenceState.ISSUED)
    if fields["state"] != LicenceState.RECORDED:
        fields.setdefault("decided_at", NOW)
        fields.setdefault("decided_by", a_user(Role.APPROVER))
    fields.setdefault("recorded_by", a_user(Role.LICENSING_OFFICER))
    return _granted(Licence, facility=facility, valid_from=valid_from, valid_until=valid_until, **fields)


@transaction.atomic
def _granted(model: Any, **fields: Any) -> Any:
    """One that is suspended is so from its first day, by a suspension, unless the test says otherwise."""
    is_suspended = fields["state"] == LicenceState.SUSPENDED
    if is_suspended:
        fields.setdefault("suspended_from", fields["valid_from"])
    grant = model.objects.create(recorded_at=NOW, **fields)
    if is_suspended:
        a_suspension(grant, from_on=grant.suspended_from)
    return grant


def a_suspension(grant: Grant, *, from_on: date, **fields: Any) -> Suspension:
    """One that has not ended, written straight to the table, unless the test says otherwise."""
    if fields.get("ends_on"):
        fields = {"ended_at": NOW, "reason_of_end": "The danger is over."} | fields
    defaults = {"grounds": "Danger to patients", "notice_on": from_on, "decided_at": NOW, grant.noun: grant}
    return Suspension.objects.create(from_on=from_on, **(defaults | fields))


def a_condition(grant: Grant, *, text: str = "A second exit is built.", **fields: Any) -> Condition:
    return Condition.objects.create(text=text, **({"imposed_at": NOW, grant.noun: grant} | fields))


def a_signing_key(private: Ed25519PrivateKey = SIGNING_KEY, **fields: Any) -> SigningKey:
    """A key that has been signing since long ago, its private half in the folder of the keys."""
    public = private.public_key().public_bytes_raw()
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    fields = {
        "number": key_id(public).hex(),
        "public_key": public,
        "valid_from": long_ago,
        "created_at": long_ago,
    } | fields
    key = SigningKey.objects.create(**fields)
    if not signing_keys.file_of(key).exists():
        signing_keys.write(key, private)
    return key


def an_authorisation(facility: Facility, *, valid_from: date, valid_until: date, **fields: Any) -> ServiceAuthorisation:
    """An issued authorisation for surgery, unless the test says otherwise."""
    fields.setdefault("number", f"A-{next(counter):06d}")
    fields.setdefault("service", a_service())
    fields.setdefault("recorded_by", a_user(Role.LICENSING_OFFICER))
    fields.setdefault("state", LicenceState.ISSUED)
    fields.setdefault("decided_at", NOW)
    fields.setdefault("decided_by", a_user(Role.APPROVER))
    return _granted(ServiceAuthorisation, facility=facility, valid_from=valid_from, valid_until=valid_until, **fields)


def answers_to(version: ChecklistVersion, answer: str = "yes", **others: str) -> dict[str, dict[str, str]]:
    """The same answer to every item of a version; `S01__01="no"` says another for one item."""
    items = ChecklistItem.objects.filter(section__version=version).select_related("section")
    keys = [f"{item.section.code}.{item.code}" for item in items]
    return {key: {"answer": others.get(key.replace(".", "__"), answer)} for key in keys}


def sign(visit: Visit, *, visited_on: date, outcome: str, licence_seen: str = "", note: str = "") -> None:
    """Everybody signs the visit as it is about to be handed in, written straight to the tables."""
    visit = Visit.objects.get(pk=visit.pk)
    visit.visited_on, visit.outcome, visit.licence_seen, visit.note = visited_on, outcome, licence_seen, note
    signed = {
        "visit": visit,
        "image": StoredFile.objects.create(
            sha256=f"{next(counter):064x}", content_type="image/png", size=1, name="signature.png", stored_at=NOW
        ),
        "content_hash": rules.content_hash(visit, visit.photos.select_related("file")),
        "signed_at": NOW,
    }
    visit.signatures.all().delete()
    VisitSignature.objects.create(kind=SignerKind.RESPONSIBLE, name="Sok Dara", position="Director", **signed)
    for person in policies.team_of(visit):
        VisitSignature.objects.create(kind=SignerKind.INSPECTOR, person=person, name=str(person), **signed)


def hand_in(*, visit: Visit, by: User, at: datetime = NOW, **conclusion: Any) -> Visit:
    """The visit, signed by everybody, is handed in."""
    if conclusion["outcome"] == VisitOutcome.COMPLETED and visit.state in policies.FILLABLE:
        sign(visit, **conclusion)
    return visits.submit(visit=visit, by=by, at=at, **conclusion)
