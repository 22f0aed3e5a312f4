"""When a facility may ask to be inspected again, and what becomes of it."""

from datetime import date

from django.utils.translation import gettext as _

from inspections.models import ReinspectionRequest, Standing
from inspections.states import REQUEST_TRANSITIONS, RequestState
from registry.core.errors import Refused
from registry.models import Facility
from registry.states import OperationalStatus


def check_has_no_request(facility: Facility) -> None:
    """A facility asks once, after an inspection that counts, and waits for the answer."""
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("This facility is closed; there is nothing to visit."), code="facility_closed")
    if not Standing.objects.filter(facility=facility).exists():
        raise Refused(_("This facility was never inspected; there is nothing to repeat."), code="never_inspected")
    if facility.reinspection_requests.filter(state=RequestState.WAITING).exists():
        raise Refused(_("A request of this facility already waits for a decision."), code="request_waits")


def check_asked_by_today(asked_on: date, today: date) -> None:
    if asked_on > today:
        raise Refused(_("The day on which the facility asked cannot lie ahead."), code="asked_in_the_future")


def check_can_decide_request(request: ReinspectionRequest, state: RequestState) -> None:
    if state not in REQUEST_TRANSITIONS[request.state]:
        raise Refused(
            _("This request is “%(state)s” already.") % {"state": request.get_state_display()}, code="already_decided"
        )
