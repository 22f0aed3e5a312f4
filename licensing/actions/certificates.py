"""The certificate of a licence: signed, checked by anybody, also without a network."""

import secrets
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing import policies
from licensing.actions.signing_keys import usable_key
from licensing.models import Certificate, Licence, ServiceAuthorisation
from licensing.rules import payload
from licensing.rules.signing import Purpose, sign
from registry.accounts.models import User
from registry.areas.models import Area
from registry.audit.actions import record as record_event
from registry.core.errors import Refused

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter of these is taken for a digit or for another letter."""


@transaction.atomic
def issue(*, licence: Licence, by: User | None, at: datetime) -> Certificate:
    """A certificate of the licence as it now is; it replaces the one before it.

    For the actions that grant or change a licence, in their transaction: they ask who may, and what fails here undoes
    what they did. `by` is None where a schedule or an import acts. Raises Refused where the licence is not issued or
    no key can sign.
    """
    policies.check_can_certify(licence)
    usable = usable_key(at)
    if usable is None:
        raise Refused(
            _("No key can sign certificates on this machine. Ask whoever keeps it to make one."), code="no_signing_key"
        )
    key, private = usable
    certified, message = _certified(licence, at), b""
    # A text that ends in a space, which base45 has, does not survive being copied and pasted.
    while not message or payload.qr_text(message).endswith(" "):
        certified = replace(certified, serial=_serial())
        message = sign(payload.written(certified), key=private, purpose=Purpose.LICENCE)
    certificate = Certificate.objects.create(
        serial=certified.serial, licence=licence, key=key, message=message, issued_at=at, issued_by=by
    )
    record_event(
        verb="certificate.issued",
        subject=certificate,
        by=by,
        at=at,
        facts={
            "licence": licence.number,
            "key": key.number,
            "services": [service.code for service in certified.services],
        },
    )
    return certificate


def _certified(licence: Licence, at: datetime) -> payload.Certified:
    facility = licence.facility
    places = _places(facility.area)
    return payload.Certified(
        serial="",
        licence_number=licence.number,
        issued_at=at,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        facility_number=facility.number,
        name_km=facility.name_km,
        name_en=facility.name_en,
        address=facility.address,
        area_km=" ".join(place.name_km for place in places),
        area_en=", ".join(place.name_en for place in places),
        type_code=licence.type.code,
        services=_services(licence, timezone.localdate(at)),
    )


def _services(licence: Licence, on: date) -> tuple[payload.CertifiedService, ...]:
    """The authorisations that hold while the licence does and have not ended."""
    grants = ServiceAuthorisation.objects.filter(
        facility=licence.facility,
        state__in=policies.CERTIFIABLE,
        last_day__gte=on,
        valid_from__lte=licence.valid_until,
    ).select_related("service")
    return tuple(payload.CertifiedService(grant.service.code, grant.valid_from, grant.valid_until) for grant in grants)


def _places(area: Area | None) -> list[Area]:
    """The area and those that it lies in, the smallest first."""
    places = []
    while area is not None:
        places.append(area)
        area = area.parent
    return places


def _serial() -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(12))
