"""What the public complains of: a complaint in every state, one late, one urgent, two about one matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.crypto import salted_hmac

from enforcement.actions import complaints
from enforcement.models import Complaint
from enforcement.states import ComplaintKind, ComplaintState
from inspections.models import ChecklistVersion
from portal.demonstration.chance import Chance
from portal.demonstration.people import SHOWN, People
from registry.areas.models import Area
from registry.core import tracking
from registry.models import Facility
from registry.states import OperationalStatus

Kind, State = ComplaintKind, ComplaintState
NOTE = "អានរួច · Read; the place is known"
LOOKED_INTO = "បានទូរស័ព្ទសួរ · Asked by telephone"
ANSWER = "មន្ត្រីបានចុះពិនិត្យ ហើយម្ចាស់បានកែតម្រូវ · Inspectors went there, and the owner has put it right"
REFUSAL = "មិនមែនជាមូលដ្ឋានសុខាភិបាលទេ · That is no health facility"


@dataclass(frozen=True)
class Story:
    """What somebody said so many days ago, and how far it came."""

    kind: ComplaintKind
    text: str
    ends: ComplaintState
    days_ago: int
    place: str = ""
    """Where the register does not know the place."""
    phone: str = ""


STORIES = (
    Story(Kind.HARM, "អ្នកជំងឺដួលសន្លប់បន្ទាប់ពីចាក់ថ្នាំ · A patient fainted after an injection", State.RECEIVED, 1),
    Story(Kind.PRICE, "តម្លៃខុសពីតារាង · The price was not the one on the wall", State.RECEIVED, 2, phone="000 000 001"),
    Story(Kind.HYGIENE, "ម្ជុលប្រើពីរដង · Needles are used twice", State.TRIAGED, 40),
    Story(
        Kind.UNLICENSED,
        "វះកាត់កែសម្ផស្សក្នុងផ្ទះ · Cosmetic surgery in a flat",
        State.ASSIGNED,
        6,
        place="ជិតផ្សារ ជាន់ទីពីរ · Near the market, second floor",
        phone="000 000 002",
    ),
    Story(Kind.MEDICINES, "ថ្នាំហួសកាលកំណត់ · Medicines past their date", State.INVESTIGATING, 12),
    Story(Kind.BEHAVIOUR, "បុគ្គលិកមិនទទួលអ្នកជំងឺ · A patient was sent away", State.ANSWERED, 30, phone="000 000 003"),
    Story(Kind.HYGIENE, "បន្ទប់ទឹកមិនស្អាត · The toilets are not clean", State.CLOSED, 60),
    Story(
        Kind.OTHER, "ហាងកាត់សក់លេងភ្លេងខ្លាំង · A barber plays loud music", State.REJECTED, 25, place="ហាងកាត់សក់ · A barber"
    ),
    Story(Kind.MEDICINES, "ថ្នាំចាស់ៗ · They sell old medicines", State.MERGED, 10),
)


def make(people: People, checklists: Mapping[int, ChecklistVersion], *, chance: Chance, today: date) -> list[Complaint]:
    """They come in and are handled as by the enforcement officer, at moments gone by."""
    known = Facility.objects.filter(operational_status=OperationalStatus.OPERATING, type__in=checklists.keys())
    shown = known.filter(province__code__in=SHOWN).select_related("province", "area")
    facilities = list(shown.exclude(visits__state="planned").order_by("pk")[: len(STORIES)])
    told = [
        _tell(story, facility, people, checklists, chance=chance, today=today)
        for story, facility in zip(STORIES, facilities, strict=False)
    ]
    leading = next((one for one in told if one.state == State.INVESTIGATING), None)
    for story, complaint in zip(STORIES, told, strict=False):
        if story.ends == State.MERGED and leading is not None:
            at = chance.moment(today - timedelta(1))
            complaints.merge(complaint=complaint, leading=leading, by=people["enforcement"], at=at)
    return told


def tracking_code(number: int) -> str:
    """By which the complainant comes back: like the password, another in every installation."""
    return tracking.code_of(salted_hmac("portal.demonstration", f"complaint {number}", algorithm="sha256").digest())


def _tell(
    story: Story,
    facility: Facility,
    people: People,
    checklists: Mapping[int, ChecklistVersion],
    *,
    chance: Chance,
    today: date,
) -> Complaint:
    province: Area = facility.province  # type: ignore[assignment]
    officer, day = people["enforcement"], today - timedelta(story.days_ago)

    def after(days: int) -> datetime:
        return chance.moment(min(day + timedelta(days), today - timedelta(1)))

    complaint, _is_new = complaints.receive(
        code=tracking_code(STORIES.index(story)),
        kind=story.kind,
        text=story.text,
        since_on=day - timedelta(2),
        facility=None if story.place else facility,
        place=story.place,
        province=province if story.place else None,
        phone=story.phone,
        at=chance.moment(day),
    )
    if story.ends in (State.RECEIVED, State.MERGED):
        return complaint
    if story.ends == State.REJECTED:
        return complaints.reject(complaint=complaint, text=REFUSAL, by=officer, at=after(3))
    complaint = complaints.triage(complaint=complaint, urgent=False, note=NOTE, by=officer, at=after(3))
    if story.ends == State.TRIAGED:
        return complaint
    complaint = complaints.assign(complaint=complaint, province=province, handler=None, by=officer, at=after(6))
    if story.ends == State.ASSIGNED:
        return complaint
    if story.ends == State.INVESTIGATING:
        return complaints.plan_visit(
            complaint=complaint,
            planned_on=today + timedelta(5),
            checklist_version=checklists[facility.type_id],
            by=officer,
            at=after(9),
        )
    complaint = complaints.investigate(complaint=complaint, note=LOOKED_INTO, by=officer, at=after(9))
    complaint = complaints.answer(complaint=complaint, text=ANSWER, by=officer, at=after(15))
    if story.ends == State.CLOSED:
        complaint = complaints.close(complaint=complaint, by=officer, at=after(40))
    return complaint
