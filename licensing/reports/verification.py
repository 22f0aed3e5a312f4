"""What anybody may know of a certificate, without an account: whether it is genuine and holds, and for which services.

Every other list of the register asks `visible_to`; what is read here is public by law, one certificate at a time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from licensing.models import Certificate, Licence, LicenceType, ServiceAuthorisation, SigningKey
from licensing.models.grant import Grant
from licensing.rules import payload, status
from licensing.rules.signing import Forged
from licensing.states import ENDED_EARLY, ONCE_IN_FORCE, LicenceState, Verdict
from registry.core.khmer import ascii_digits
from registry.models import Service

SERIAL = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")
_BETWEEN = re.compile(r"[\s\u200b-\u200d\u2010-\u2015-]+")
_MEANT = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class ServiceVerdict:
    service: Service
    verdict: Verdict
    valid_until: date


@dataclass(frozen=True)
class Verification:
    """The answer to whoever asks about one certificate. `licence_verdict` is that of the licence now, whatever the
    paper is worth."""

    verdict: Verdict
    licence_verdict: Verdict | None = None
    number: str = ""
    certified: payload.Certified | None = None
    type: LicenceType | None = None
    last_day: date | None = None
    suspended_from: date | None = None
    services: list[ServiceVerdict] = field(default_factory=list)


def of_text(text: str, *, on: date) -> Verification:
    """What the text of a QR code is worth; `on` is the day for which it is asked."""
    keys = list(SigningKey.objects.all())
    try:
        certified, _named = payload.verified(text, keys={_name(key): bytes(key.public_key) for key in keys})
    except Forged:
        return Verification(Verdict.FORGED)
    found = of_serial(certified.serial, on=on)
    # A good signature on a certificate that is not on record was made with a stolen key.
    return found if found and found.certified == certified else Verification(Verdict.FORGED)


def of_serial(serial: str, *, on: date) -> Verification | None:
    """What the certificate with this serial number is worth, in two queries; None where there is none."""
    newer = Certificate.objects.filter(licence=OuterRef("licence"), pk__gt=OuterRef("pk"))
    certificate = (
        Certificate.objects.filter(serial=serial)
        .select_related("key", "licence__type")
        .annotate(is_replaced=Exists(newer))
        .first()
    )
    if certificate is None:
        return None
    key, licence = certificate.key, certificate.licence
    try:
        certified, _ = payload.verified(
            payload.qr_text(bytes(certificate.message)), keys={_name(key): bytes(key.public_key)}
        )
    except Forged:
        return Verification(Verdict.FORGED)
    now = verdict_of(licence, on)
    paper = Verdict.UNTRUSTED if key.revoked_at else Verdict.REPLACED if certificate.is_replaced else now
    return Verification(
        verdict=paper,
        licence_verdict=now,
        number=certificate.number,
        certified=certified,
        type=licence.type,
        last_day=licence.last_day,
        suspended_from=licence.suspended_from,
        services=_services(licence, now, on),
    )


def verdict_of(grant: Grant, on: date) -> Verdict:
    """What a licence or an authorisation that was once issued is worth on that day."""
    if on < grant.valid_from:
        return Verdict.UPCOMING
    if grant.state in ENDED_EARLY and on > grant.last_day:
        return Verdict.REVOKED if grant.state == LicenceState.REVOKED else Verdict.SURRENDERED
    if on > grant.valid_until:
        return Verdict.EXPIRED
    if grant.suspended_from is not None and on >= grant.suspended_from:
        return Verdict.SUSPENDED
    return Verdict.VALID if grant.state in ONCE_IN_FORCE else Verdict.UNKNOWN


def _services(licence: Licence, licence_verdict: Verdict, on: date) -> list[ServiceVerdict]:
    """The newest authorisation of each service; none is worth more than the licence."""
    grants = (
        ServiceAuthorisation.objects.filter(
            facility=licence.facility_id, state__in=ONCE_IN_FORCE, valid_until__gte=licence.valid_from
        )
        .select_related("service")
        .order_by("service__code", "-valid_from")
    )
    newest: dict[int, ServiceAuthorisation] = {}
    for grant in grants:
        kept = newest.get(grant.service_id)
        if kept is None or (kept.valid_from > on and grant.last_day >= on):
            newest[grant.service_id] = grant
    return [
        ServiceVerdict(
            grant.service,
            verdict_of(grant, on) if licence_verdict == Verdict.VALID else licence_verdict,
            grant.last_day,
        )
        for grant in newest.values()
    ]


def serial_meant(text: str) -> str:
    """The serial number that somebody typed, however; empty where the text is meant as something else."""
    written = serial_written(text)
    return written if SERIAL.fullmatch(written) and Certificate.objects.filter(serial=written).exists() else ""


def serial_written(text: str) -> str:
    """A serial number as it is stored: ASCII, capitals, nothing between, and no letter that looks like a digit."""
    return _BETWEEN.sub("", ascii_digits(text)).upper().translate(_MEANT)


def serial_of_licence(text: str) -> str:
    """The serial number of the newest certificate of the licence with this number; empty where there is none."""
    newest = Certificate.objects.filter(licence__number__iexact=ascii_digits(text).strip()).order_by("-id")
    return newest.values_list("serial", flat=True).first() or ""


def exceptions(*, at: datetime) -> dict[str, status.StatusException]:
    """The certificates of unexpired licences that do not hold now, or not for all services: two queries."""
    today = timezone.localdate(at)
    later = ServiceAuthorisation.objects.filter(
        facility=OuterRef("facility"),
        service=OuterRef("service"),
        state__in=ONCE_IN_FORCE,
        valid_from__gt=OuterRef("valid_from"),
        valid_from__lte=today,
    )
    grants = ServiceAuthorisation.objects.filter(_fallen(), ~Exists(later), valid_until__gte=today)
    services: dict[int, dict[str, str]] = {}
    for grant in grants.select_related("service"):
        if (verdict := verdict_of(grant, today)) != Verdict.VALID:
            services.setdefault(grant.facility_id, {})[grant.service.code] = str(verdict)
    newer = Certificate.objects.filter(licence=OuterRef("licence"), pk__gt=OuterRef("pk"))
    certificates: QuerySet[Certificate] = (
        Certificate.objects.filter(licence__valid_until__gte=today, key__revoked_at=None)
        .annotate(is_replaced=Exists(newer))
        .filter(Q(is_replaced=True) | _fallen("licence__") | Q(licence__facility__in=services))
        .select_related("licence")
    )
    return dict(_entries(certificates, services, today))


def _entries(
    certificates: Iterable[Certificate], services: dict[int, dict[str, str]], today: date
) -> Iterable[tuple[str, status.StatusException]]:
    for certificate in certificates:
        verdict = Verdict.REPLACED if certificate.is_replaced else verdict_of(certificate.licence, today)  # type: ignore[attr-defined]
        state = str(verdict) if str(verdict) in status.CODES else ""
        fallen = {} if state else services.get(certificate.licence.facility_id, {})
        if state or fallen:
            yield certificate.serial, status.StatusException(state, fallen)


def _fallen(path: str = "") -> Q:
    return Q(**{f"{path}state__in": [LicenceState.SUSPENDED, *ENDED_EARLY]})


def _name(key: SigningKey) -> bytes:
    return bytes.fromhex(key.number)
