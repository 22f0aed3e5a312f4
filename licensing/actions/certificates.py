"""The certificate of a licence: signed, checked by anybody, also without a network."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing import policies
from licensing.actions.signing_keys import usable_key
from licensing.models import Certificate, Licence, ServiceAuthorisation, SigningKey
from licensing.permissions import check_may_keep_keys
from licensing.rules import payload
from licensing.rules.signing import Purpose, sign
from registry.accounts.models import User
from registry.areas.models import Area
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.core.errors import Refused

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter of these is taken for a digit or for another letter."""
BATCH = 1000


@transaction.atomic
def issue(*, licence: Licence, by: User | None, at: datetime) -> Certificate:
    """A certificate of the licence as it now is; it replaces the one before it.

    For the actions that grant or change a licence, in their transaction: they ask who may, and what fails here undoes
    what they did. `by` is None where a schedule or an import acts. Raises Refused where the licence is not issued or
    no key can sign.
    """
    policies.check_can_certify(licence)
    return _write([licence], by=by, at=at)[0]


def issue_missing(*, by: User | None, at: datetime) -> int:
    """A certificate for every licence that still holds and has none that counts; returns how many were made.

    For licences that were imported, and after a key was revoked. Safe to repeat and to break off: each batch is kept.
    `by` is None for whoever keeps the machine. Raises NotPermitted, or Refused where no key can sign.
    """
    if by is not None:
        check_may_keep_keys(by)
    counting = Certificate.objects.filter(licence=OuterRef("pk"), key__revoked_at=None)
    missing = Licence.objects.filter(
        ~Exists(counting), state__in=policies.CERTIFIABLE, last_day__gte=timezone.localdate(at)
    ).order_by("pk")
    made = 0
    while True:
        with transaction.atomic():
            batch = list(missing.select_for_update(of=("self",))[:BATCH])
            if not batch:
                return made
            made += len(_write(batch, by=by, at=at))


def _write(licences: list[Licence], *, by: User | None, at: datetime) -> list[Certificate]:
    usable = usable_key(at)
    if usable is None:
        raise Refused(
            _("No key can sign certificates on this machine. Ask whoever keeps it to make one."), code="no_signing_key"
        )
    key, private = usable
    known = Licence.objects.select_related("type", "facility__area__parent__parent__parent").in_bulk(
        [licence.pk for licence in licences]
    )
    services = _services(known.values(), timezone.localdate(at))
    certificates, events = [], []
    for licence in licences:
        told = known[licence.pk]
        certified = _certified(told, services.get(told.facility_id, []), at)
        certificate = _signed(certified, told, key, private, by=by, at=at)
        certificates.append(certificate)
        facts = {
            "licence": told.number,
            "key": key.number,
            "services": [service.code for service in certified.services],
        }
        events.append((certificate, facts))
    Certificate.objects.bulk_create(certificates)
    AuditEvent.objects.bulk_create(
        AuditEvent(**fields(verb="certificate.issued", subject=certificate, by=by, at=at, facts=facts))
        for certificate, facts in events
    )
    return certificates


def _signed(
    certified: payload.Certified,
    licence: Licence,
    key: SigningKey,
    private: Ed25519PrivateKey,
    *,
    by: User | None,
    at: datetime,
) -> Certificate:
    message = b""
    # A text that ends in a space, which base45 has, does not survive being copied and pasted.
    while not message or payload.qr_text(message).endswith(" "):
        certified = replace(certified, serial="".join(secrets.choice(CROCKFORD) for _ in range(12)))
        message = sign(payload.written(certified), key=private, purpose=Purpose.LICENCE)
    return Certificate(serial=certified.serial, licence=licence, key=key, message=message, issued_at=at, issued_by=by)


def _certified(licence: Licence, services: Iterable[payload.CertifiedService], at: datetime) -> payload.Certified:
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
        services=tuple(service for service in services if service.valid_from <= licence.valid_until),
    )


def _services(licences: Iterable[Licence], on: date) -> dict[int, list[payload.CertifiedService]]:
    """By facility, the authorisations that hold on that day or later."""
    grants = ServiceAuthorisation.objects.filter(
        facility__in=[licence.facility_id for licence in licences],
        state__in=policies.CERTIFIABLE,
        last_day__gte=on,
    ).select_related("service")
    found: dict[int, list[payload.CertifiedService]] = {}
    for grant in grants:
        service = payload.CertifiedService(grant.service.code, grant.valid_from, grant.valid_until)
        found.setdefault(grant.facility_id, []).append(service)
    return found


def _places(area: Area | None) -> list[Area]:
    """The area and those that it lies in, the smallest first."""
    places = []
    while area is not None:
        places.append(area)
        area = area.parent
    return places
