"""What the law allows to be done about a complaint, whoever asks."""

from datetime import date

from django.utils.translation import gettext as _

from enforcement.models import Complaint
from enforcement.states import COMPLAINT_TRANSITIONS, COMPLAINTS_OPEN, ComplaintState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Facility, Interest

TEXT_LENGTH = 5000
MOST_FILES = 5
CAN_BE_GIVEN = (ComplaintState.TRIAGED, ComplaintState.ASSIGNED, ComplaintState.INVESTIGATING)


def check_can_move(complaint: Complaint, to: ComplaintState) -> None:
    if to not in COMPLAINT_TRANSITIONS[complaint.state]:
        raise Refused(
            _("This complaint is “%(state)s”; it cannot become “%(to)s”.")
            % {"state": complaint.get_state_display(), "to": to.label},
            code="not_from_here",
        )


def check_can_be_given(complaint: Complaint) -> None:
    if complaint.state not in CAN_BE_GIVEN:
        raise Refused(
            _("This complaint is “%(state)s”; it is not given to anybody.") % {"state": complaint.get_state_display()},
            code="not_given",
        )


def check_can_be_reopened(complaint: Complaint) -> None:
    if complaint.state != ComplaintState.ANSWERED:
        raise Refused(_("Only an answered complaint is taken up again."), code="not_answered")


def check_is_open(complaint: Complaint) -> None:
    """A complaint that is handled with another is open as long as that one is."""
    leading = complaint.merged_into or complaint
    if leading.state not in COMPLAINTS_OPEN:
        raise Refused(_("This complaint is closed. Nothing more can be added to it."), code="complaint_closed")


def check_says_something(text: str) -> None:
    if not text.strip():
        raise Refused(_("Write a text."), code="no_text")


def check_since(since_on: date | None, today: date) -> None:
    if since_on is not None and since_on > today:
        raise Refused(_("What has not happened yet cannot be complained of."), code="in_the_future")


def check_has_office(province: object, handler: object) -> None:
    if province is None and handler is None:
        raise Refused(_("Choose a province or a person."), code="no_office")


def check_can_handle(person: User, province_id: int | None) -> None:
    """An enforcement officer, or the manager of the province that the complaint is about."""
    if not person.is_active or not (
        person.role == Role.ENFORCEMENT_OFFICER
        or (person.role == Role.PROVINCIAL_MANAGER and province_id and person.province_id == province_id)
    ):
        raise Refused(
            _("A complaint is handled by an enforcement officer or by a manager of its province."),
            code="cannot_handle",
        )


def check_has_no_interest(person: User, facility: Facility | None, on: date) -> None:
    if facility is not None and Interest.objects.in_force(on).in_facility(facility).filter(person=person).exists():
        raise Refused(
            _("%(person)s has declared an interest in this facility.") % {"person": person}, code="has_an_interest"
        )


def check_place_can_change(complaint: Complaint) -> None:
    check_is_open(complaint)
    if complaint.visit_id is not None:
        raise Refused(_("A visit is planned for this complaint; its facility stays."), code="visit_planned")


def check_is_unplaced(complaint: Complaint) -> None:
    check_place_can_change(complaint)
    if complaint.facility_id is not None:
        raise Refused(_("The register knows this place already."), code="already_placed")
    if complaint.province_id is None:
        raise Refused(_("First give the complaint to a province."), code="no_province")


def check_can_be_visited(complaint: Complaint) -> None:
    check_can_move(complaint, ComplaintState.INVESTIGATING)
    if complaint.facility_id is None:
        raise Refused(
            _("First match the complaint with a facility, or enter the place in the register."), code="no_facility"
        )


def check_can_lead(leading: Complaint, complaint: Complaint) -> None:
    check_can_move(complaint, ComplaintState.MERGED)
    if leading.pk == complaint.pk:
        raise Refused(_("A complaint is not joined with itself."), code="same_complaint")
    if leading.state not in COMPLAINTS_OPEN:
        raise Refused(
            _("Complaint %(number)s is “%(state)s”; nothing is joined with it.")
            % {"number": leading.number, "state": leading.get_state_display()},
            code="leading_not_open",
        )
