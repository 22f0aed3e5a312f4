"""A small register that holds one of everything a page can show, and what its addresses are made of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.utils import timezone

from enforcement.actions import complaints
from enforcement.models import Complaint, Flag, SweepRun
from enforcement.states import ComplaintState, SweepState
from enforcement.sweeps import sweep
from inspections.actions import (
    campaigns,
    checklists,
    competences,
    corrective_actions,
    photos,
    reinspections,
    risk_models,
    rulesets,
    visits,
)
from inspections.models import (
    BackCheck,
    BackCheckRound,
    Campaign,
    ChecklistVersion,
    Competence,
    CorrectiveAction,
    Finding,
    ReinspectionRequest,
    RiskModel,
    Ruleset,
    Visit,
)
from inspections.states import (
    AnswerKind,
    BandCode,
    CorrectedHow,
    LicenceSeen,
    Purpose,
    VersionState,
    VisitOutcome,
    VisitState,
)
from licensing.actions import certificates, invoices, licence_types, reasons, refunds, terms
from licensing.actions.applications import advice, appeals, queries, reviewing, visiting
from licensing.models import (
    Advice,
    AdviceBody,
    Application,
    Certificate,
    Condition,
    Fee,
    Invoice,
    Licence,
    LicenceTerms,
    RefusalReason,
    ServiceAuthorisation,
)
from licensing.rules.terms import contents
from licensing.states import ApplicationKind, ApplicationState, LicenceState, PaymentMethod
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.actions import equipment, postings, practitioners
from registry.areas.models import OperationalDistrict
from registry.audit.actions import record
from registry.audit.models import AuditEvent
from registry.files.actions import store
from registry.models import (
    Council,
    Equipment,
    EquipmentKind,
    Facility,
    FacilityIdentifier,
    FacilityService,
    FacilityType,
    ImportJob,
    Interest,
    Network,
    Operator,
    Posting,
    Practitioner,
    Prerequisite,
    PublicHoliday,
    Representative,
    Service,
)
from registry.models.imports import ImportRow
from registry.outbox import actions as outbox
from registry.outbox import rules as rules_of_letters
from registry.outbox.models import Letter, Message
from registry.outbox.states import LetterState
from registry.states import ImportState, OperationalStatus, OperatorKind
from tests.factories import (
    NOW,
    a_checklist_version,
    a_corrective_action,
    a_facility,
    a_facility_type,
    a_finding,
    a_licence,
    a_licence_type,
    a_province,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
    an_operator,
    another_province,
    answers_to,
    the_terms,
)
from tests.factories_applying import a_whole_draft, handed_in, licensable
from tests.factories_complaints import a_complaint, in_state
from tests.factories_desk import a_desk, a_document, an_application, brought_to
from tests.factories_fees import FEE, a_licence_type_with_fees, a_payment, an_application_with_fee, an_invoice
from tests.factories_grants import the_grants
from tests.factories_people import (
    a_council,
    a_posting,
    a_practitioner,
    a_prerequisite,
    an_equipment_kind,
    some_equipment,
)
from tests.pictures import a_picture

LONG_NAME = "មន្ទីរពហុព្យាបាលនិងសម្ភពកេសរារាមអន្តរជាតិនៃព្រះរាជាណាចក្រកម្ពុជា"


def a_small_register() -> dict[str, User]:
    """Fills the register; returns one person of each role, who did what the role does."""
    another_province()
    people = {role: a_user(role, username=f"one.{role}", first_name="Sok", last_name=role) for role in Role.values}
    a_user(Role.AUDITOR, username="somebody.who.left", is_active=False)
    facility = the_facility(people)
    the_visits(facility, people)
    the_findings(facility, people)
    a_draft_of_a_checklist(people[Role.LICENSING_OFFICER])
    the_training(facility, people)
    the_licences(facility, people)
    the_grants(people)
    the_fees(people)
    the_rulebooks(facility, people)
    the_people_and_things(facility, people)
    the_directives(facility, people)
    the_imports(facility, people[Role.ADMINISTRATOR])
    the_complaints(facility, people)
    the_sweeps()
    the_letters(facility, people)
    the_applications(facility, people)
    certificates.issue_missing(by=None, at=timezone.now())
    return people


def the_facility(people: Mapping[str, User]) -> Facility:
    a_facility(province=another_province(), name_km="មណ្ឌលសុខភាពប៉ោយប៉ែត", name_en="Poipet Health Centre")
    a_facility(name_en="Premises without a name in Khmer", status=OperationalStatus.SUSPECTED_UNLICENSED)
    an_operator(name_en="Sok Dara", name_km="សុខ ដារ៉ា", phone="012 345 678")
    company = an_operator(name_en="Kesararom Co., Ltd.", kind=OperatorKind.ORGANISATION)
    district = OperationalDistrict.objects.create(
        code="1201", name_km="ស្រុកប្រតិបត្តិចំការមន", name_en="OD Chamkar Mon", province=a_province()
    )
    facility = a_facility(
        operational_district=district,
        name_km=LONG_NAME,
        name_en="Kesararom International Maternity Hospital and Polyclinic",
        operator=company,
        latitude="11.55",
        longitude="104.91",
        phone="012 345 678",
        website="https://kesararom.example",
        beds=40,
    )
    FacilityService.objects.create(facility=facility, service=a_service(), declared_on=timezone.localdate())
    FacilityIdentifier.objects.create(facility=facility, system="NSSF", value="N-0042")
    record(
        verb="facility.edited",
        subject=facility,
        by=people[Role.LICENSING_OFFICER],
        at=NOW,
        reason="A letter of the director",
        facts={"beds": [30, 40]},
    )
    return facility


def the_visits(facility: Facility, people: Mapping[str, User]) -> None:
    """One visit in each state, of which the approved ones give the facility a standing that is overdue."""
    today, day = timezone.localdate(), timedelta(days=1)
    version = a_checklist_version(facility_type=facility.type)
    own = {"inspector": people[Role.INSPECTOR], "checklist_version": version}
    an_approved_visit(
        facility, visited_on=today - 400 * day, next_due_on=today - day, band=BandCode.SUBSTANTIALLY_COMPLIANT
    )
    answered = own | {
        "answers": answers_to(version, S01__01="no", S01__02="partial"),
        "services": [a_service().code],
        "licence_seen": LicenceSeen.VALID,
    }
    decided = {"decided_by": people[Role.APPROVER], "decided_at": NOW}
    concluded = {"visited_on": today, "outcome": VisitOutcome.COMPLETED}
    under_way = a_visit(facility, state=VisitState.IN_PROGRESS, started_at=NOW, **answered, **concluded)
    photos.add(visit=under_way, upload=ContentFile(a_picture(), "photo.jpg"), by=people[Role.INSPECTOR], at=NOW)
    photos.add(
        visit=under_way, upload=ContentFile(a_picture(), "2.jpg"), item_code="S01.01", by=people[Role.INSPECTOR], at=NOW
    )
    a_visit(facility, state=VisitState.SUBMITTED, **answered)
    a_visit(facility, state=VisitState.RETURNED, reason="Which storey?", **answered, **decided)
    a_visit(facility, state=VisitState.CANCELLED, reason="The road is flooded.", **own)
    a_visit(a_facility(name_km="គ្លីនិកសុខ", name_en="Sok Clinic"), state=VisitState.PLANNED, **own)
    for visited in (facility, a_facility(name_en="Amended Clinic")):
        Visit.objects.create(
            facility=visited,
            state=VisitState.APPROVED,
            outcome=VisitOutcome.REFUSED,
            ruleset=Ruleset.objects.get(),
            visited_on=today - 600 * day,
            submitted_at=NOW,
            submitted_by=people[Role.INSPECTOR],
            note="The door stayed shut.",
            created_at=NOW,
            **own,
            **decided,
        )


def a_draft_of_a_checklist(by: User) -> None:
    """The next version of the checklist of the visits: an item of each kind, a condition, a section that is empty."""
    version = Visit.objects.exclude(checklist_version=None)[0].checklist_version
    draft = checklists.draft(checklist=version.checklist, by=by, at=NOW)
    section = draft.sections.select_related("version").get(code="S01")
    for number, kind in enumerate(AnswerKind, 11):
        facts: dict[str, Any] = {"code": str(number), "label_en": f"An item that asks for a {kind}?", "kind": kind}
        facts |= {"unit": "°C"} if kind == AnswerKind.MEASURE else {}
        facts |= (
            {"choices": [{"code": "1", "label_km": "អណ្តូង", "label_en": "Well"}]} if kind == AnswerKind.CHOICE else {}
        )
        item = checklists.save_item(section=section, facts=facts, by=by, at=NOW)
    checklists.set_conditions(item=item, conditions=[{"item": "S01.01", "is": ["yes", "partial"]}], by=by, at=NOW)
    checklists.save_section(version=draft, facts={"code": "S03", "name_en": LONG_NAME}, by=by, at=NOW)


def the_findings(facility: Facility, people: Mapping[str, User]) -> None:
    """Findings corrected and not, with a corrective action that is overdue and one whose evidence waits."""
    today, day = timezone.localdate(), timedelta(days=1)
    visit = Visit.objects.filter(facility=facility, outcome=VisitOutcome.COMPLETED, state=VisitState.APPROVED).get()
    a_finding(facility, visit=visit, corrected_on=today, corrected_how=CorrectedHow.ON_THE_SPOT)
    a_corrective_action(facility, due_on=today - 9 * day, finding=a_finding(facility, visit=visit, item_code="S01.01"))
    shown = a_corrective_action(facility, due_on=today + 9 * day, finding=a_finding(facility, visit=visit, severity=4))
    for by in (None, people[Role.INSPECTOR]):
        corrective_actions.give_evidence(
            action=shown,
            text="Soap is there.",
            name="Sok Dara",
            upload=ContentFile(a_picture(), "soap.jpg"),
            by=by,
            at=NOW,
        )
    PublicHoliday.objects.create(day=today, name_km="ព្រះរាជពិធីបុណ្យអុំទូក", name_en="Water Festival", source="test")


def the_training(facility: Facility, people: Mapping[str, User]) -> None:
    """A course that was held, and an inspector who has an interest somewhere."""
    checklist = Visit.objects.exclude(checklist_version=None)[0].checklist_version.checklist
    course = competences.add_course(
        code="joint-inspection",
        name_km="វគ្គបណ្តុះបណ្តាលអធិការកិច្ចរួម",
        name_en="Joint inspection",
        checklists=[checklist],
        valid_months=24,
        by=people[Role.ADMINISTRATOR],
        at=NOW,
    )
    competences.record_training(
        course=course,
        held_on=NOW.date(),
        place="Kampot",
        trainer="Dr Sok",
        participants=[people[Role.INSPECTOR]],
        by=people[Role.ADMINISTRATOR],
        at=NOW,
    )
    Interest.objects.create(
        person=people[Role.INSPECTOR], operator=facility.operator, nature="My sister owns it.", declared_on=NOW.date()
    )


def the_directives(facility: Facility, people: Mapping[str, User]) -> None:
    """A campaign in draft and one under way, acknowledged; a visit drawn and repeated, one only drawn; the weights."""
    today, day = timezone.localdate(), timedelta(days=1)
    approver = people[Role.APPROVER]
    version = a_checklist_version(facility_type=facility.type)
    facts = {
        "name_km": "យុទ្ធនាការសេវាកែសម្ផស្ស",
        "name_en": "Cosmetic services",
        "letter_number": "081 អបស",
        "letter_on": today - 20 * day,
        "text": "Inspect every cosmetic service.\n\nReport weekly.",
        "checklist": version.checklist,
        "begins_on": today - 10 * day,
        "deadline": today + 30 * day,
    }
    campaigns.draft(facts={**facts, "code": "drafted"}, by=approver, at=NOW)
    running = campaigns.draft(facts={**facts, "code": "running"}, by=approver, at=NOW)
    campaigns.launch(campaign=running, by=approver, at=NOW)
    answered = campaigns.draft(facts={**facts, "code": "answered"}, by=approver, at=NOW)
    answered = campaigns.launch(campaign=answered, by=approver, at=NOW)
    campaigns.acknowledge(campaign=answered, note="We begin on Monday.", by=people[Role.PROVINCIAL_MANAGER], at=NOW)
    risk_models.load(by=None, at=NOW)
    first, second = a_user(Role.INSPECTOR), a_user(Role.INSPECTOR)
    made = BackCheckRound.objects.create(
        from_on=today - 90 * day, until_on=today - day, percent=5, seed=7, drawn_at=NOW, drawn_by=approver
    )
    for name, repeated in (("Repeated Clinic", True), ("Drawn Clinic", False)):
        place = a_facility(name_en=name)
        whole: dict[str, Any] = {
            "checklist_version": version,
            "state": VisitState.SUBMITTED,
            "visited_on": today - 30 * day,
            "licence_seen": LicenceSeen.VALID,
        }
        visit = a_visit(place, inspector=first, answers=answers_to(version, S01__01="no"), **whole)
        visits.approve(visit=visit, by=approver, at=NOW)
        check = BackCheck.objects.create(round=made, original=visit, stratum="12 · first")
        if repeated:
            whole |= {"purpose": Purpose.BACK_CHECK}
            check.repeat = a_visit(place, inspector=second, answers=answers_to(version, S01__02="no"), **whole)
            check.save()
            visits.approve(visit=check.repeat, by=approver, at=NOW)


def the_rulebooks(facility: Facility, people: Mapping[str, User]) -> None:
    """A draft of the ruleset in force, and one request for re-inspection that waits beside one that was declined."""
    rulesets.draft(like=Ruleset.objects.get(), by=people[Role.ADMINISTRATOR], at=NOW)
    officer = people[Role.LICENSING_OFFICER]
    for text in ("ដំបូលត្រូវបានជួសជុល", "The roof is mended."):
        asked = reinspections.record(
            facility=facility, asked_on=NOW.date(), asked_by_name="Sok Dara", text=text, by=officer, at=NOW
        )
        if text.startswith("ដ"):
            reinspections.decline(request=asked, reason="The roof still leaks.", by=officer, at=NOW)


def the_licences(facility: Facility, people: Mapping[str, User]) -> None:
    today, year = timezone.localdate(), timedelta(days=365)
    a_licence_type().facility_types.add(a_facility_type())
    own = {"recorded_by": people[Role.LICENSING_OFFICER]}
    decided = own | {"decided_by": people[Role.APPROVER]}
    revoked = {"state": LicenceState.REVOKED, "ended_on": today - 4 * year, "reason": "The operator died."}
    a_licence(facility, number="12/20", valid_from=today - 5 * year, valid_until=today - 3 * year, **decided, **revoked)
    a_licence(
        facility, number="12/24 ក", valid_from=today - 2 * year, valid_until=today - timedelta(days=36), **decided
    )
    a_licence(
        facility,
        number="13/26",
        valid_from=today,
        valid_until=today + year,
        state=LicenceState.RECORDED,
        **own,
    )
    a_licence(a_facility(name_en="Licensed Clinic"), number="14/26", valid_from=today, valid_until=today + year)


def the_fees(people: Mapping[str, User]) -> None:
    """An invoice in each state, one of them overdue; terms that hold, held and will hold; what reviews draw on."""
    officer, approver, today = people[Role.LICENSING_OFFICER], people[Role.APPROVER], timezone.localdate()
    type = a_licence_type_with_fees(renewal=500_000)
    site = a_facility(name_km=LONG_NAME, name_en="A clinic that pays", operator=an_operator(name_km="សុខ ដារ៉ា"))
    whole: dict[str, Any] = {"type": type, "by": officer}
    an_invoice(an_application_with_fee(site, **whole))
    overdue = an_application_with_fee(**whole)
    invoices.issue(application=overdue, by=officer, at=NOW - timedelta(days=90))
    cancelled = an_invoice(**whole)
    invoices.cancel(invoice=cancelled, reason="វិក្កយបត្រខុស", by=officer, at=NOW)
    a_payment(an_invoice(**whole), by=officer)
    for part in (200_000, FEE):
        payment = a_payment(an_invoice(**whole), by=officer, method=PaymentMethod.KHQR)
        refunds.record(
            payment=payment,
            amount_khr=part,
            reason="Withdrawn in time",
            refunded_on=payment.paid_on,
            by=approver,
            at=NOW,
        )
    coming = contents(type.terms.get()) | {"reminder_days": [60, 30, -1]}
    coming["documents"] = [
        {"code": "plan", "name_km": "ប្លង់ទីតាំង", "name_en": "Site plan", "kinds": ["new"], "optional": True}
    ]
    the_terms(type, valid_from=today - timedelta(days=30), visit_needed=True, minimum_band=BandCode.FULLY_COMPLIANT)
    by = people[Role.ADMINISTRATOR]
    terms.set_terms(type=type, valid_from=today + timedelta(days=30), wanted=coming, by=by, at=NOW)
    licence_types.load_reviewing(by=None, at=NOW)
    reasons.withdraw(entry=RefusalReason.objects.order_by("pk")[0], by=by, at=NOW)


def the_people_and_things(facility: Facility, people: Mapping[str, User]) -> None:
    """A responsible person who stands for two sites of a brand, a foreigner who lapsed, devices in every standing."""
    today, day = timezone.localdate(), timedelta(days=1)
    a_prerequisite(a_service())
    a_prerequisite(a_service(), equipment_kind=an_equipment_kind(), least=2)
    busy = practitioners.register(
        facts={
            "council": a_council(),
            "council_number": "MD-០០១",
            "name_km": LONG_NAME[:80],
            "name_en": "Sok Dara",
            "cadre": "doctor",
            "nationality": "KH",
            "licensed_until": today + 300 * day,
        },
        by=people[Role.LICENSING_OFFICER],
        at=NOW,
    )
    lapsed = a_practitioner(
        nationality="FR", permission_number="17/26", permission_until=today - day, name_en="Claire Martin"
    )
    other = a_facility(name_en="Kesararom Branch", operator=facility.operator, brand="Kesararom", phone=facility.phone)
    Facility.objects.filter(pk=facility.pk).update(brand="Kesararom")
    a_posting(facility, busy, is_responsible=True)
    a_posting(other, busy, is_responsible=True)
    a_posting(facility, lapsed)
    ended = a_posting(facility, a_practitioner())
    postings.end(posting=ended, valid_until=NOW.date(), by=people[Role.PROVINCIAL_MANAGER], at=NOW)
    a_posting(a_facility(name_en="Lapsed Clinic"), lapsed, is_responsible=True)
    device = some_equipment(facility, approval_number="12/25", approved_on=today - 90 * day)
    some_equipment(facility, calibration_due_on=today - day)
    gone = some_equipment(facility)
    equipment.edit(equipment=device, facts={"model": "Ysio"}, by=people[Role.PROVINCIAL_MANAGER], at=NOW)
    equipment.withdraw(equipment=gone, withdrawn_on=NOW.date(), by=people[Role.PROVINCIAL_MANAGER], at=NOW)


def the_applications(facility: Facility, people: Mapping[str, User]) -> None:
    """Of one operator: a draft, one with a question that is open, one under review, and one that was refused."""
    person, officer, at = people[Role.OPERATOR], people[Role.LICENSING_OFFICER], timezone.now()
    company = facility.operator
    Fee.objects.create(terms=licensable(), kind=ApplicationKind.NEW, amount_khr=400_000)
    Representative.objects.create(person=person, operator=company, appointed_at=NOW)
    a_whole_draft(person, operator=company)
    queried, _reviewed = (
        reviewing.take_up(application=handed_in(person, operator=company), by=officer, at=at) for _ in range(2)
    )
    queries.ask(application=queried, text="Where is the door?", by=officer, at=at)
    brought_to(an_application(operator=company), ApplicationState.REFUSED, a_desk(), at=at)
    at_the_desk(people)


def at_the_desk(people: Mapping[str, User]) -> None:
    """One application in each state at the authority, so that one person of each role has something to do with it."""
    officer, at = people[Role.LICENSING_OFFICER], timezone.now()
    desk, mine = a_desk(), replace(a_desk(), reviewer=officer)
    an_application()
    under_review = brought_to(an_application(surgery=True), ApplicationState.UNDER_REVIEW, mine, at=at)
    a_document(under_review)
    body = AdviceBody.objects.order_by("code").first()
    due_on = timezone.localdate() + timedelta(days=9)
    advice.ask(application=under_review, body=body, due_on=due_on, question="Is it too near?", by=officer, at=at)
    moving = brought_to(an_application(ApplicationKind.RELOCATION), ApplicationState.UNDER_REVIEW, mine, at=at)
    assert moving.reviewer == officer
    visited = brought_to(an_application(), ApplicationState.UNDER_REVIEW, mine, at=at)
    version = a_checklist_version(facility_type=visited.facility.type)
    visit: dict[str, Any] = {"checklist_version": version, "planned_on": due_on}
    visits.cancel(
        visit=visiting.request(application=visited, **visit, by=officer, at=at).visit,
        reason="The road is flooded.",
        by=people[Role.PROVINCIAL_MANAGER],
        at=at,
    )
    for state in (ApplicationState.REVIEWED, ApplicationState.RECOMMENDED, ApplicationState.APPROVED):
        brought_to(an_application(), state, desk, at=at)
    brought_to(an_application(), ApplicationState.GRANTED, desk, at=at)
    refused = brought_to(an_application(), ApplicationState.REFUSED, desk, at=at)
    appeals.lodge(application=refused, grounds="The roof is new.", by=officer, at=at)


def the_imports(facility: Facility, by: User) -> None:
    for state in ImportState.values:
        ended = state not in (ImportState.STAGED, ImportState.READING)
        job = ImportJob.objects.create(
            kind="facilities",
            file_name=f"មណ្ឌលសុខភាព {state}.csv",
            mapping="",
            state=state,
            rows=100,
            rows_done=100 if ended else 40,
            refused=2 if ended else 0,
            duplicates=1 if ended else 0,
            requested_by=by,
            requested_at=NOW,
            finished_at=NOW if ended else None,
        )
        if ended:
            ImportRow.objects.create(
                job=job,
                row_number=7,
                values=[["name", "សុខ"], ["beds", "many"]],
                errors=[{"column": "beds", "code": "invalid", "sentence": "“many” is not a whole number."}],
                duplicates=[{"number": facility.number, "label": facility.name_en}, {"row": 3, "label": "Sok"}],
            )


def the_sweeps() -> None:
    """One sweep in each state; the one that ended raised the flags of yesterday, and cleared some today."""
    today, day = timezone.localdate(), timedelta(days=1)
    sweep(as_of=today - day, started_by="test")
    facility = Facility.objects.get(name_en="Sok Clinic")
    an_approved_visit(facility, visited_on=today, next_due_on=today + 700 * day)
    sweep(as_of=today, started_by="test")
    for state in set(SweepState) - {SweepState.COMPLETED}:
        SweepRun.objects.create(
            as_of=today,
            state=state,
            started_by="one.administrator",
            started_at=NOW,
            finished_at=None if state == SweepState.RUNNING else NOW,
            facilities_total=9,
            facilities_done=4,
            failure="The database went away." if state == SweepState.FAILED else "",
        )


def the_complaints(facility: Facility, people: Mapping[str, User]) -> None:
    """A complaint in each state, all of one officer; one with photos, one about a place that nobody knows, overdue."""
    officer = people[Role.ENFORCEMENT_OFFICER]
    for state in ComplaintState:
        in_state(state, by=officer, facility=facility, text=f"{LONG_NAME} " * 5, phone="012 345 678")
    photo = store(upload=ContentFile(a_picture(), "needle.jpg"), by=None, at=NOW)
    shown = in_state(ComplaintState.ASSIGNED, by=officer, facility=facility, files=[photo])
    complaints.add(complaint=shown, text="It happened again.\n\nTwice.", at=NOW)
    place = f"{LONG_NAME} ក្រោយផ្សារ"
    unknown = {"place": place, "point": ("11.55", "104.91"), "province": a_province(), "at": NOW - timedelta(days=90)}
    in_state(ComplaintState.ASSIGNED, by=officer, **unknown)
    for fields in ({}, unknown):
        a_complaint(**fields)


def the_letters(facility: Facility, people: Mapping[str, User]) -> None:
    """A message of each kind for the administrator, the first of them read, and a letter in each state."""
    administrator = people[Role.ADMINISTRATOR]
    for kind, (subject, text) in rules_of_letters.wordings().items():
        context = dict.fromkeys(re.findall(r"%\((\w+)\)", f"{subject}{text}"), LONG_NAME)
        for person, email in ((administrator, ""), (None, f"{kind}@example.org")):
            outbox.post(to=person, email=email, kind=kind, key=f"one of {kind}", context=context, link="/", at=NOW)
    outbox.read(message=Message.objects.filter(person=administrator).earliest("pk"), by=administrator, at=NOW)
    sent, given_up = Letter.objects.filter(person=None).order_by("pk")[:2]
    Letter.objects.filter(pk=sent.pk).update(state=LetterState.SENT, sent_at=NOW, attempts=1)
    Letter.objects.filter(pk=given_up.pk).update(state=LetterState.GIVEN_UP, attempts=8, failure="TimeoutError: " * 9)


def parts_of_addresses() -> dict[str, Sequence[dict[str, Any]]]:
    """For each first word of an address, what its parameters can be: one set for each thing that there is."""
    facilities = [{"number": facility.number} for facility in Facility.objects.order_by("pk")]
    return {
        "facilities": facilities,
        "operators": [
            *({"pk": one.operator_id, "username": one.person.username} for one in Representative.objects.all()),
            *keys(Operator),
        ],
        "practitioners": keys(Practitioner),
        "postings": keys(Posting),
        "equipment": keys(Equipment),
        "networks": [{"code": network.code} for network in Network.objects.order_by("code")],
        "imports": keys(ImportJob),
        "people": [{"username": user.get_username()} for user in everybody()],
        "history": keys(AuditEvent)[:3],
        "messages": [{"pk": message.pk} for message in Message.objects.filter(key__startswith="one of ")],
        "letters": [{"pk": letter.pk} for letter in Letter.objects.filter(key__startswith="one of ")[:4]],
        "visits": [
            {
                "uuid": visit.uuid,
                "code": code,
                "username": "one.inspector",
                "sha256": photo.file.sha256 if (photo := visit.photos.first()) else "none",
            }
            for visit in Visit.objects.order_by("pk")
            for code in SECTIONS
        ],
        "checklists": [
            *(
                {"code": version.checklist.code, "number": version.number}
                for version in ChecklistVersion.objects.published().select_related("checklist").order_by("pk")
            ),
            *(
                {"code": draft.checklist.code, "number": draft.number, "section": "S01", "item": "16"}
                for draft in ChecklistVersion.objects.filter(state=VersionState.DRAFT).select_related("checklist")
            ),
        ],
        "rulesets": [{"code": ruleset.code, "number": ruleset.number} for ruleset in Ruleset.objects.all()],
        "catalogue": [
            *({"kind": "facility-types", "code": facility_type.code} for facility_type in FacilityType.objects.all()),
            *({"kind": "services", "code": service.code} for service in Service.objects.all()),
            *({"day": holiday.day.isoformat()} for holiday in PublicHoliday.objects.all()),
            *keys(Prerequisite),
            *({"kind": "councils", "code": council.code} for council in Council.objects.all()),
            *({"kind": "equipment-kinds", "code": kind.code} for kind in EquipmentKind.objects.all()),
            *(
                {"kind": "operational-districts", "code": district.code}
                for district in OperationalDistrict.objects.all()
            ),
        ],
        "applications": [
            *({"kind": kind} for kind in ApplicationKind),
            *(
                {"number": application.number, "code": "other", "pk": document.pk, "sha256": document.file.sha256}
                for application in Application.objects.order_by("pk")
                for document in application.documents.select_related("file").order_by("pk")[:1]
            ),
            *({"number": one.application.number, "pk": one.pk} for one in Advice.objects.select_related("application")),
            *({"number": application.number} for application in Application.objects.order_by("pk")),
        ],
        "licences": [{"number": licence.number} for licence in Licence.objects.order_by("pk")],
        "authorisations": [{"number": grant.number} for grant in ServiceAuthorisation.objects.order_by("pk")],
        "conditions": keys(Condition),
        "verify": [{"serial": certificate.serial} for certificate in Certificate.objects.order_by("pk")[:3]],
        "invoices": [{"number": invoice.number} for invoice in Invoice.objects.order_by("pk")],
        "licence-types": [
            {"code": terms.type.code, "day": terms.valid_from.isoformat()}
            for terms in LicenceTerms.objects.select_related("type").order_by("-valid_from", "pk")
        ],
        "refusal-reasons": [{"code": reason.code} for reason in RefusalReason.objects.order_by("-pk")],
        "advisers": [{"code": adviser.code} for adviser in AdviceBody.objects.order_by("pk")],
        "complaints": [
            {
                "number": complaint.number,
                "sha256": part.file.sha256 if (part := complaint.files.first()) else "none",
            }
            for complaint in Complaint.objects.order_by("-pk")
        ],
        "flags": a_flag_of_each_kind(),
        "requests": keys(ReinspectionRequest),
        "sweeps": keys(SweepRun),
        "campaigns": [{"code": campaign.code} for campaign in Campaign.objects.order_by("pk")],
        "back-checks": keys(BackCheck),
        "order-of-work": [{"code": model.code, "number": model.number} for model in RiskModel.objects.all()],
        "training": keys(Competence),
        "interests": keys(Interest),
        "findings": keys(Finding),
        "corrective-actions": [
            {"pk": action.pk, "sha256": shown.file.sha256}
            for action in CorrectiveAction.objects.order_by("-due_on")
            for shown in action.evidence.select_related("file")[:1]
        ]
        + keys(CorrectiveAction),
        "evidence": [{"uuid": action.uuid} for action in CorrectiveAction.objects.order_by("pk")],
    }


SECTIONS = ("S01",)


def keys(model: Any) -> list[dict[str, Any]]:
    return [{"pk": thing.pk} for thing in model.objects.order_by("pk")]


def everybody() -> list[AbstractBaseUser]:
    return [*User.objects.filter(username="one.inspector"), *User.objects.filter(is_active=False)]


def a_flag_of_each_kind() -> list[dict[str, Any]]:
    """One open and one cleared flag of each rule, as far as there are any."""
    kinds = {(flag.rule, flag.cleared_on is None): {"pk": flag.pk} for flag in Flag.objects.order_by("pk")}
    return list(kinds.values())
