"""What operators apply for: an application in every state, on paper and in an account, made as people make them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, IntegerField, When

from inspections.models import ChecklistVersion
from licensing.actions import payments, refunds
from licensing.actions.applications import (
    advice,
    appeals,
    deciding,
    documents,
    drafting,
    handing_in,
    queries,
    reviewing,
    visiting,
    withdrawing,
)
from licensing.models import AdviceBody, Appeal, Application, Licence, RefusalReason
from licensing.policies.applying import authorised, documents_asked
from licensing.policies.fees import standing_invoice
from licensing.rules.proposals import fingerprint
from licensing.states import AdviceOpinion, ApplicationKind, ApplicationState, LicenceState, Opinion, PaymentMethod
from portal.demonstration.chance import Chance
from portal.demonstration.people import SHOWN, People
from portal.demonstration.pictures import a_page
from portal.demonstration.sites import SYSTEM
from registry.accounts.models import User
from registry.actions import facilities, representatives
from registry.models import Operator, Representative, Service
from registry.states import Authority, OperationalStatus, Ownership

Kind, State = ApplicationKind, ApplicationState
MINISTRY, PROVINCE = Authority.MINISTRY, Authority.PROVINCE
PACE = timedelta(3)
"""Between two steps of an application."""

LAST_DAYS = 100
"""Only licences that end within so many days are renewed."""

PROPOSALS: Mapping[str, Mapping[str, str]] = {
    Kind.VARIATION: {"opening_hours": "07:00–19:00"},
    Kind.RELOCATION: {"address": "ផ្លូវលេខ ៦៣ · Street 63"},
    Kind.CHANGE_OF_OWNER: {"phone": "000 000 063"},
    Kind.CHANGE_OF_TYPE: {"facility_type": "clinic", "beds": "10"},
    Kind.SURRENDER: {"reason": "ចូលនិវត្តន៍ · Retirement"},
    Kind.NEW: {
        "name_km": "បន្ទប់ពិគ្រោះជំងឺ ផ្កាឈូក",
        "name_en": "Consultation Cabinet Lotus",
        "facility_type": "consultation_cabinet",
        "ownership": Ownership.PRIVATE,
        "address": "ផ្លូវលេខ ២៧១ · Street 271",
        "phone": "000 000 271",
    },
}
DECLARED_BY = "សុខ ដារ៉ា · Sok Dara"
QUESTION = "សូមបញ្ជាក់ម៉ោងបើក · From what hour on is a doctor there?"
ADVISED = "គ្មានការជំទាស់ · Nothing speaks against it"
RECOMMENDED = "ឯកសារគ្រប់គ្រាន់ · All papers are in order"
REFUSED = "ទីតាំងមិនស្របតាមបទដ្ឋាន · The premises do not meet the standard"
APPEALED = "ទីតាំងត្រូវបានជួសជុលរួច · The premises have been repaired"
DISMISSED = "ការជួសជុលមិនទាន់រួច · The repair is not finished"
WITHDRAWN = "ម្ចាស់ផ្លាស់ប្តូរគំនិត · The owner has thought better of it"


@dataclass(frozen=True)
class Story:
    """An application of a kind for an authority, how many days ago it was begun, and how far it came."""

    kind: ApplicationKind
    authority: Authority
    ends: ApplicationState
    days_ago: int
    own: bool = False
    """Entered by the operator; others came on paper."""
    paid: bool = True
    appeal: str = ""


STORIES = (
    Story(Kind.VARIATION, MINISTRY, State.APPROVED, 32),
    Story(Kind.VARIATION, MINISTRY, State.GRANTED, 48, own=True),
    Story(Kind.SURRENDER, PROVINCE, State.RECOMMENDED, 30),
    Story(Kind.ADDED_SERVICE, MINISTRY, State.VISIT_REQUESTED, 20),
    Story(Kind.RENEWAL, PROVINCE, State.DRAFT, 2, own=True),
    Story(Kind.RENEWAL, PROVINCE, State.SUBMITTED, 5, own=True, paid=False),
    Story(Kind.VARIATION, PROVINCE, State.SUBMITTED, 90, paid=False),
    Story(Kind.RENEWAL, PROVINCE, State.UNDER_REVIEW, 18),
    Story(Kind.VARIATION, PROVINCE, State.QUERIED, 16, own=True),
    Story(Kind.VARIATION, PROVINCE, State.REVIEWED, 26),
    Story(Kind.RENEWAL, PROVINCE, State.RECOMMENDED, 24),
    Story(Kind.RENEWAL, PROVINCE, State.GRANTED, 28, own=True),
    Story(Kind.VARIATION, PROVINCE, State.REFUSED, 30, own=True, appeal="open"),
    Story(Kind.VARIATION, PROVINCE, State.REFUSED, 60, appeal="dismissed"),
    Story(Kind.VARIATION, PROVINCE, State.WITHDRAWN, 40),
    Story(Kind.VARIATION, PROVINCE, State.WITHDRAWN, 20, own=True, paid=False),
    Story(Kind.RELOCATION, PROVINCE, State.UNDER_REVIEW, 14),
    Story(Kind.CHANGE_OF_OWNER, PROVINCE, State.SUBMITTED, 9),
    Story(Kind.CHANGE_OF_TYPE, PROVINCE, State.UNDER_REVIEW, 12),
    Story(Kind.NEW, PROVINCE, State.UNDER_REVIEW, 15),
    Story(Kind.NEW, PROVINCE, State.DRAFT, 4, own=True),
)


class Applications:
    """Told one after another; a licence serves once."""

    def __init__(
        self, people: People, checklists: Mapping[int, ChecklistVersion], *, chance: Chance, today: date
    ) -> None:
        self.people, self.checklists, self.chance, self.today = people, checklists, chance, today
        self.taken: set[int] = set()
        self.day, self._now = today, chance.moment(today)
        self.way: Mapping[ApplicationState, Callable[[Application], Application]] = {
            State.UNDER_REVIEW: self._take_up,
            State.REVIEWED: self._finish,
            State.RECOMMENDED: self._recommend,
            State.APPROVED: self._approve,
            State.GRANTED: self._countersign,
        }

    def make(self) -> int:
        """How many applications there are now."""
        self._appoint(*Operator.objects.filter(parent=None, branches__isnull=False).distinct())
        return sum([self._tell(story) for story in STORIES])

    def _tell(self, story: Story) -> bool:
        self.day = self.today - timedelta(story.days_ago)
        licence = self._licence(story)
        if licence is None:
            return False
        self.taken.add(licence.pk)
        application = self._whole_draft(story, licence)
        if story.ends == State.DRAFT:
            return True
        application = handing_in.hand_in(
            application=application,
            revision=application.revision,
            declared_by_name=DECLARED_BY,
            by=application.created_by,
            at=self._next(),
        )
        if story.paid:
            self._pay(application)
        self._go_on(story, application)
        return True

    def _go_on(self, story: Story, application: Application) -> None:
        end = State.UNDER_REVIEW if story.ends in (State.QUERIED, State.VISIT_REQUESTED) else story.ends
        end = State.RECOMMENDED if end == State.REFUSED else end
        if end in self.way:
            for step in self.way.values():
                if application.state == end:
                    break
                application = step(application)
        officer, applicant = self.people["officer"], application.created_by
        match story.ends:
            case State.UNDER_REVIEW if story.kind == Kind.NEW:
                self._register_site(application)
            case State.QUERIED:
                queries.ask(application=application, text=QUESTION, by=officer, at=self._next())
            case State.VISIT_REQUESTED:
                visiting.request(
                    application=application,
                    checklist_version=self.checklists[application.facility.type_id],  # type: ignore[union-attr]
                    planned_on=self.today + timedelta(7),
                    by=officer,
                    at=self._next(),
                )
            case State.WITHDRAWN:
                withdrawing.withdraw(application=application, reason=WITHDRAWN, by=applicant, at=self._next())
                self._pay_back(application)
            case State.REFUSED:
                self._refuse(story, application)

    def _licence(self, story: Story) -> Licence | None:
        """What the story can be about, first where the named accounts see it; a new site is its operator's."""
        shown = Case(When(facility__province__code__in=SHOWN, then=0), default=1, output_field=IntegerField())
        rows = (
            Licence.objects.in_force(self.day)
            .filter(state=LicenceState.ISSUED, valid_until__gt=self.today, type__authority=story.authority)
            .filter(facility__operational_status=OperationalStatus.OPERATING, facility__brand="")
            .exclude(pk__in=self.taken)
            .exclude(facility__licences__state=LicenceState.RECORDED)
            .exclude(facility__operator=None)
        )
        if story.kind == Kind.RENEWAL:
            rows = rows.filter(valid_until__lte=self.day + timedelta(LAST_DAYS))
        else:
            rows = rows.filter(valid_until__gt=self.today + timedelta(LAST_DAYS))
        if story.kind == Kind.CHANGE_OF_TYPE:
            rows = rows.filter(facility__type__code="consultation_cabinet")
        if story.ends == State.VISIT_REQUESTED:
            rows = rows.filter(facility__type__in=self.checklists.keys())
        elif story.kind != Kind.VARIATION:
            rows = rows.filter(facility__service_authorisations=None)
        nearest = rows.annotate(shown=shown).order_by("shown", "valid_until", "pk")
        found: Licence | None = nearest.select_related("facility__operator", "facility__area").first()
        return found

    def _whole_draft(self, story: Story, licence: Licence) -> Application:
        facility = licence.facility
        operator: Operator = self._other_operator(licence) if story.kind == Kind.CHANGE_OF_OWNER else facility.operator  # type: ignore[assignment]
        if story.own:
            self._appoint(operator)
        by = self.people["operator" if story.own else "officer"]
        about = None if story.kind == Kind.NEW else licence
        application = drafting.begin(kind=story.kind, operator=operator, licence=about, by=by, at=self._next())
        if story.kind in PROPOSALS:
            proposal = dict(PROPOSALS[story.kind])
            if story.kind in (Kind.NEW, Kind.RELOCATION):
                proposal["area"] = facility.area.code  # type: ignore[union-attr]
            seen = fingerprint(application.proposal)
            application = drafting.propose(application=application, proposal=proposal, seen=seen, by=by, at=self._now)
        if story.kind == Kind.ADDED_SERVICE:
            self._ask_for_service(application)
        if story.kind == Kind.SURRENDER:
            application = drafting.wish(
                application=application,
                begins_on=self.today + timedelta(20),
                note="",
                seen=drafting.wishes_of(application),
                by=by,
                at=self._now,
            )
        asked = documents_asked(application, self.day)
        for required in asked[:1] if story.ends == State.DRAFT else asked:
            documents.add(
                application=application, upload=a_page(required.name_en), required=required, by=by, at=self._now
            )
        application.refresh_from_db()
        return application

    def _ask_for_service(self, application: Application) -> None:
        held = authorised(application.facility, self.day)  # type: ignore[arg-type]
        wanted = Service.objects.filter(needs_authorisation=True).exclude(pk__in=[service.pk for service in held])
        drafting.ask_for(
            application=application,
            services=wanted.order_by("code")[:1],
            seen=drafting.services_of(application),
            by=application.created_by,
            at=self._now,
        )

    def _register_site(self, application: Application) -> None:
        by = self.people["officer"]
        placed = reviewing.register_site(application=application, by=by, at=self._next())
        site = placed.facility
        facilities.add_identifier(facility=site, system=SYSTEM, value=placed.number, by=by, at=self._now)  # type: ignore[arg-type]

    def _take_up(self, application: Application) -> Application:
        return reviewing.take_up(application=application, by=self.people["officer"], at=self._next())

    def _finish(self, application: Application) -> Application:
        reviewer, body = self.people["officer"], AdviceBody.objects.order_by("code").first()
        if body is not None:
            asked = advice.ask(
                application=application, body=body, due_on=self.day + timedelta(14), by=reviewer, at=self._now
            )
            advice.give(advice=asked, opinion=AdviceOpinion.NO_OBJECTION, text=ADVISED, by=reviewer, at=self._next())
        present = application.documents.filter(removed_at=None)
        verdicts = dict.fromkeys(present, (True, ""))
        reviewing.check_documents(application=application, verdicts=verdicts, by=reviewer, at=self._now)
        return reviewing.finish(application=application, by=reviewer, at=self._next())

    def _recommend(self, application: Application) -> Application:
        by = self.people["officer2"]
        return deciding.recommend(
            application=application, opinion=Opinion.GRANT, text=RECOMMENDED, by=by, at=self._next()
        )

    def _approve(self, application: Application) -> Application:
        return deciding.approve(application=application, by=self.people["approver"], at=self._next())

    def _countersign(self, application: Application) -> Application:
        return deciding.countersign(application=application, by=self.people["approver2"], at=self._next())

    def _refuse(self, story: Story, application: Application) -> None:
        reasons = RefusalReason.objects.order_by("code")[:1]
        application = deciding.refuse(
            application=application, reasons=list(reasons), text=REFUSED, by=self.people["approver"], at=self._next()
        )
        appeal: Appeal = appeals.lodge(
            application=application, grounds=APPEALED, by=application.created_by, at=self._next()
        )
        if story.appeal == "dismissed":
            appeals.dismiss(appeal=appeal, reason=DISMISSED, by=self.people["approver2"], at=self._next())

    def _pay(self, application: Application) -> None:
        invoice = standing_invoice(application)
        if invoice is None:
            return
        payments.record(
            invoice=invoice,
            amount_khr=invoice.amount_khr,
            receipt_number=f"DEMO-{invoice.number}",
            method=PaymentMethod.BANK,
            paid_on=self._next().date(),
            reference=f"DEMO-{invoice.pk}",
            by=self.people["officer"],
            at=self._now,
        )

    def _pay_back(self, application: Application) -> None:
        invoice = standing_invoice(application)
        if invoice is not None:
            refunds.record(
                payment=invoice.payment,
                amount_khr=invoice.amount_khr,
                reason=WITHDRAWN,
                refunded_on=self._next().date(),
                by=self.people["approver"],
                at=self._now,
            )

    def _appoint(self, *operators: Operator) -> None:
        person: User = self.people["operator"]
        for operator in operators:
            if not Representative.objects.filter(person=person, operator=operator).exists():
                at = self.chance.moment(self.today - timedelta(200))
                representatives.appoint(operator=operator, person=person, by=self.people["officer"], at=at)

    def _other_operator(self, licence: Licence) -> Operator:
        others = Operator.objects.filter(parent=None).exclude(facilities=licence.facility)
        other: Operator = others.order_by("pk")[:1].get()
        return other

    def _next(self) -> datetime:
        """Some days later."""
        self.day = min(self.day + PACE, self.today - timedelta(1))
        self._now = self.chance.moment(self.day)
        return self._now
