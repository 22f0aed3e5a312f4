"""What the law allows with authorisations for single services, whoever asks."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Licence, ServiceAuthorisation
from licensing.policies.grants import check_can_take, check_period_is_whole, other_in_force
from licensing.policies.licences import check_is_not_too_long
from registry.core.errors import Refused
from registry.models import Facility, Service
from registry.reports.prerequisites import missing


def check_can_authorise(
    *, facility: Facility, service: Service, valid_from: date, valid_until: date, decided_on: date
) -> None:
    """The service needs it, the facility is licensed and has what the service needs, and there is no other."""
    if not service.needs_authorisation:
        raise Refused(
            _("“%(service)s” needs no authorisation of its own: the licence covers it.") % {"service": service},
            code="no_authorisation_needed",
        )
    check_period_is_whole(valid_from, valid_until)
    begins = max(valid_from, decided_on)
    licence = licence_in_force(facility, begins)
    check_is_not_too_long(licence.type, valid_from, valid_until)
    lacking = missing(facility, service, begins)
    if lacking:
        raise Refused(" ".join(prerequisite.sentence for prerequisite in lacking), code="prerequisites_missing")
    other = other_in_force(facility.service_authorisations.filter(service=service), valid_from, valid_until)
    if other is not None:
        raise authorised_already(other)


def check_can_approve_authorisation(authorisation: ServiceAuthorisation, *, decided_on: date) -> None:
    check_can_take("approve", authorisation)
    check_can_authorise(
        facility=authorisation.facility,
        service=authorisation.service,
        valid_from=authorisation.valid_from,
        valid_until=authorisation.valid_until,
        decided_on=decided_on,
    )


def licence_in_force(facility: Facility, on: date) -> Licence:
    """The licence under which the service is offered. Raises Refused where there is none on that day."""
    licence: Licence | None = Licence.objects.in_force(on).filter(facility=facility).select_related("type").first()
    if licence is None:
        raise Refused(
            _("The facility has no licence in force on %(day)s, so no service of it can be authorised.")
            % {"day": date_format(on)},
            code="no_licence_in_force",
        )
    return licence


def authorised_already(other: ServiceAuthorisation) -> Refused:
    return Refused(
        _("Authorisation %(number)s for this service is in force from %(first)s to %(last)s. Two must not overlap.")
        % {"number": other.number, "first": date_format(other.valid_from), "last": date_format(other.last_day)},
        code="authorisations_overlap",
    )
