"""The certificate on paper: read back by a decoder, and Khmer drawn as it is written."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from licensing.actions import certificates
from licensing.reports.certificates import pdf
from licensing.rules import payload
from tests.factories import NOW, TODAY, a_facility, a_licence, a_service, an_authorisation
from tests.licensing.verifiers import read_with_zbar

pytestmark = pytest.mark.django_db
SITE = "https://registry.example.kh"


def a_certificate():
    facility = a_facility(
        name_km="មន្ទីរពហុព្យាបាលនិងសម្ភពកេសរារាមអន្តរជាតិ",
        name_en="Kesararom International Maternity Hospital and Polyclinic",
        address="ផ្ទះលេខ ២៧១ ផ្លូវលេខ ១៦៣ សង្កាត់ទួលទំពូង",
    )
    licence = a_licence(
        facility, valid_from=TODAY, valid_until=date(2028, 11, 21), number="MOH-2026-000123", source="test"
    )
    for code, km, en in (
        ("surgery", "វះកាត់", "Surgery"),
        ("cosmetic_surgery", "វះកាត់កែសម្ផស្ស", "Cosmetic surgery"),
        ("dialysis", "លាងឈាម", "Dialysis"),
    ):
        an_authorisation(
            facility, valid_from=TODAY, valid_until=date(2027, 11, 21), service=a_service(code, name_km=km, name_en=en)
        )
    return certificates.issue(licence=licence, by=None, at=NOW)


def rendered(paper: bytes, dpi: int):
    return pypdfium2.PdfDocument(paper)[0].render(scale=dpi / 72).to_pil()


def test_both_codes_are_read_back_from_a_rendering_at_300_dpi():
    certificate = a_certificate()
    paper = rendered(pdf(certificate, site=SITE), 300)
    expected = {payload.qr_text(bytes(certificate.message)), f"{SITE}/verify/{certificate.serial}/"}
    assert read_with_zbar(paper) == expected
    assert {code.text for code in zxingcpp.read_barcodes(paper)} == expected
