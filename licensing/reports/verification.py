"""What anybody may know of a certificate, without an account: whether it is genuine and holds, and for which services.

Every other list of the register asks `visible_to`; what is read here is public by law, one certificate at a time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from licensing.models import Certificate, ServiceAuthorisation, SigningKey
from licensing.models.grant import Grant
from licensing.rules import payload, status
from licensing.rules.signing import Forged, Purpose, verify
from licensing.states import ENDED_EARLY, ONCE_IN_FORCE, LicenceState, Verdict
from registry.core.khmer import ascii_digits

SERIAL = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")
_BETWEEN = re.compile(r"[\s\u200b-\u200d\u2010-\u2015-]+")
_MEANT = str.maketrans("OIL", "011")


LOOK_UP = """
SELECT c.message, k.number, k.public_key, k.revoked_at IS NOT NULL,
       EXISTS (SELECT FROM licensing_certificate newer WHERE newer.licence_id = c.licence_id AND newer.id > c.id),
       t.name_km, t.name_en, l.state, l.valid_from, l.valid_until, l.last_day, l.suspended_from,
       ARRAY(SELECT json_build_array(code, name_km, name_en, state, valid_from, valid_until, last_day, suspended_from)
             FROM (SELECT DISTINCT ON (s.code) s.code, s.name_km, s.name_en,
                          a.state, a.valid_from, a.valid_until, a.last_day, a.suspended_from
                   FROM licensing_serviceauthorisation a JOIN registry_service s ON s.id = a.service_id
                   WHERE a.facility_id = l.facility_id AND a.state = ANY(%(granted)s) AND a.valid_until >= l.valid_from
                   ORDER BY s.code, a.valid_from <= %(on)s DESC, a.valid_from DESC) newest)
FROM licensing_certificate c
JOIN licensing_signingkey k ON k.id = c.key_id
JOIN licensing_licence l ON l.id = c.licence_id
JOIN licensing_licencetype t ON t.id = l.type_id
WHERE c.serial = %(serial)s
"""
"""All that the page says, in one statement: building it anew each time would cost more than everything else. Of each
service the authorisation that began last, else the one to come."""


@dataclass(frozen=True)
class Granted:
    """What of a licence or an authorisation decides what it is worth."""

    state: str
    valid_from: date
    valid_until: date
    last_day: date
    suspended_from: date | None


@dataclass(frozen=True)
class ServiceVerdict:
    code: str
    name_km: str
    name_en: str
    verdict: Verdict
    valid_until: date


@dataclass(frozen=True)
class Verification:
    """The answer to whoever asks about one certificate. `licence_verdict` is that of the licence now, whatever the
    paper is worth."""

    verdict: Verdict
    licence_verdict: Verdict | None = None
    certified: payload.Certified | None = None
    type_km: str = ""
    type_en: str = ""
    last_day: date | None = None
    suspended_from: date | None = None
    services: list[ServiceVerdict] = field(default_factory=list)


def of_text(text: str, *, on: date) -> Verification:
    """What the text of a QR code is worth; `on` is the day for which it is asked."""
    keys = {_name(number): bytes(key) for number, key in SigningKey.objects.values_list("number", "public_key")}
    try:
        certified, _named = payload.verified(text, keys=keys)
    except Forged:
        return Verification(Verdict.FORGED)
    found = of_serial(certified.serial, on=on)
    # A good signature on a certificate that is not on record was made with a stolen key.
    return found if found and found.certified == certified else Verification(Verdict.FORGED)


def of_serial(serial: str, *, on: date) -> Verification | None:
    """What the certificate with this serial number is worth; None where there is none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK_UP, {"serial": serial, "on": on, "granted": [str(state) for state in ONCE_IN_FORCE]})
        row = cursor.fetchone()
    if row is None:
        return None
    message, key_number, public_key, is_revoked, is_replaced, type_km, type_en, *dates, services = row
    keys = {_name(key_number): bytes(public_key)}
    try:
        certified = payload.read(verify(bytes(message), keys=keys, purpose=Purpose.LICENCE)[0])
    except Forged:
        return Verification(Verdict.FORGED)
    licence = Granted(*dates)
    now = verdict_of(licence, on)
    return Verification(
        verdict=Verdict.UNTRUSTED if is_revoked else Verdict.REPLACED if is_replaced else now,
        licence_verdict=now,
        certified=certified,
        type_km=type_km,
        type_en=type_en,
        last_day=licence.last_day,
        suspended_from=licence.suspended_from,
        services=[_service(service, now, on) for service in services],
    )


def verdict_of(grant: Granted | Grant, on: date) -> Verdict:
    """What a licence or an authorisation that was once issued is worth on that day."""
    if grant.state in ENDED_EARLY and on > grant.last_day:
        return Verdict.REVOKED if grant.state == LicenceState.REVOKED else Verdict.SURRENDERED
    if on < grant.valid_from:
        return Verdict.UPCOMING
    if on > grant.valid_until:
        return Verdict.EXPIRED
    if grant.suspended_from is not None and on >= grant.suspended_from:
        return Verdict.SUSPENDED
    return Verdict.VALID if grant.state in ONCE_IN_FORCE else Verdict.UNKNOWN


def _service(row: list[Any], licence_verdict: Verdict, on: date) -> ServiceVerdict:
    """No service is worth more than the licence."""
    code, name_km, name_en, state, *days = row
    grant = Granted(state, *(day and date.fromisoformat(day) for day in days))
    verdict = verdict_of(grant, on) if licence_verdict == Verdict.VALID else licence_verdict
    return ServiceVerdict(code, name_km, name_en, verdict, grant.last_day)


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


def _name(number: str) -> bytes:
    return bytes.fromhex(number)
