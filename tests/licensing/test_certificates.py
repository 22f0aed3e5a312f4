from datetime import date, timedelta

import pytest

from licensing.actions import certificates
from licensing.models import Certificate, SigningKey
from licensing.rules import payload
from registry.accounts.states import Role
from tests.factories import NOW, TODAY, a_facility, a_licence, a_user, an_authorisation

pytestmark = pytest.mark.django_db


def a_licensed_facility(**fields):
    facility = a_facility(name_km="គ្លីនិកសុខភាព", name_en="Sokhapheap Clinic", **fields)
    return a_licence(facility, valid_from=TODAY, valid_until=date(2028, 11, 21))


def trusted():
    return {bytes.fromhex(key.number): bytes(key.public_key) for key in SigningKey.objects.trusted()}


def test_a_certificate_says_what_is_licensed_where_and_until_when():
    licence = a_licensed_facility(address="ផ្ទះលេខ ១២")
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=date(2027, 11, 21))
    officer = a_user(Role.APPROVER)
    certificate = certificates.issue(licence=licence, by=officer, at=NOW)
    certified, key = payload.verified(payload.qr_text(bytes(certificate.message)), keys=trusted())
    assert key.hex() == certificate.key.number
    assert certified.serial == certificate.serial and certified.licence_number == licence.number
    assert (certified.valid_from, certified.valid_until) == (TODAY, date(2028, 11, 21))
    assert (certified.name_km, certified.address) == ("គ្លីនិកសុខភាព", "ផ្ទះលេខ ១២")
    assert certified.services == (payload.CertifiedService("surgery", TODAY, date(2027, 11, 21)),)
    assert Certificate.objects.visible_to(officer).get() == certificate
    assert timedelta(0) <= NOW - certified.issued_at < timedelta(seconds=1)
