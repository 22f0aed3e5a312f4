"""The certificate on paper: in Khmer and English, with the code that is checked without a network."""

from typing import Any

import cbor2
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Certificate
from licensing.rules import payload
from registry.core.papers import paper
from registry.models import Service

LANGUAGES = ("km", "en")


def pdf(certificate: Certificate, *, site: str) -> bytes:
    """The paper of a certificate, the same bytes for the same certificate and address of the register."""
    return paper("certificate.typ", content(certificate, site=site), pictures={}, made_at=certificate.issued_at)


def content(certificate: Certificate, *, site: str) -> dict[str, Any]:
    """Texts by their place on the paper, in both languages; `site` is where the public reaches the register."""
    message = bytes(certificate.message)
    certified = payload.read(cbor2.loads(message).value[2])
    address = site + reverse("verify", args=[certificate.serial])
    codes = [service.code for service in certified.services]
    services = {service.code: service for service in Service.objects.filter(code__in=codes)}
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = _texts(certificate, certified, services)
    return {
        "texts": texts,
        "languages": list(LANGUAGES),
        "address": address,
        "serial": certificate.number,
        "qr": _qr(payload.qr_text(message), error="m"),
        "qr_address": _qr(address, error="m"),
    }


def _texts(
    certificate: Certificate, certified: payload.Certified, services: dict[str, Service]
) -> dict[str, str | list[list[str]]]:
    in_khmer = (translation.get_language() or "").startswith("km")
    names = (certified.name_km, certified.name_en) if in_khmer else (certified.name_en, certified.name_km)
    area = certified.area_km if in_khmer else certified.area_en
    address = certified.address if in_khmer or certified.address.isascii() else ""  # once is enough
    return {
        "kingdom": _("Kingdom of Cambodia"),
        "motto": _("Nation Religion King"),
        "ministry": _("Ministry of Health"),
        "title": _("Licence certificate"),
        "type": str(certificate.licence.type),
        "name": names[0] or names[1],
        "place": (" " if in_khmer else ", ").join(filter(None, [address, area])),
        "facts": [
            [_("Licence number"), certified.licence_number],
            [_("Facility number"), certified.facility_number],
            [_("First day"), date_format(certified.valid_from)],
            [_("Last day"), date_format(certified.valid_until)],
            [_("Issued on"), date_format(timezone.localdate(certificate.issued_at))],
        ],
        "services_title": _("Services with an authorisation of their own"),
        "services": [
            [str(services.get(service.code, service.code)), _until(service)] for service in sorted(certified.services)
        ],
        "no_services": _("None. What needs an authorisation of its own may not be offered here."),
        "serial": _("Serial number of this certificate"),
        "check": _(
            "Whether this certificate is genuine and still holds: scan the large code on the page for verification,"
            " also without a network, or open the address below."
        ),
    }


def _until(service: payload.CertifiedService) -> str:
    return _("until %(day)s") % {"day": date_format(service.valid_until)}


def _qr(text: str, *, error: str) -> str:
    import segno  # 13 MB, for this alone

    # Choosing the best of eight masks takes four fifths of the time; on signed bytes they are all alike.
    return segno.make(text, error=error, micro=False, boost_error=False, mask=2).svg_inline(border=4)
