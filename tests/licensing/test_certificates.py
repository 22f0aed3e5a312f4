"""A certificate is made with the licence it certifies, or neither is."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from licensing.actions import certificates, licences
from licensing.models import Certificate, Licence, SigningKey
from licensing.rules import payload
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from registry.outbox.models import Letter
from tests.factories import NOW, TODAY, a_facility, a_licence, a_licence_type, a_user, an_authorisation

pytestmark = pytest.mark.django_db
LAST = date(2028, 11, 21)


def a_licence_of(state=LicenceState.ISSUED, **fields):
    facility = a_facility(name_km="គ្លីនិកសុខភាព", name_en="Sokhapheap Clinic", **fields)
    type = a_licence_type()
    type.facility_types.add(facility.type)
    return a_licence(facility, valid_from=TODAY, valid_until=LAST, state=state, type=type)


def trusted():
    return {bytes.fromhex(key.number): bytes(key.public_key) for key in SigningKey.objects.trusted()}


def test_a_certificate_says_what_is_licensed_where_and_until_when():
    licence = a_licence_of(address="ផ្ទះលេខ ១២")
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=date(2027, 11, 21))
    officer = a_user(Role.APPROVER)
    certificate = certificates.issue(licence=licence, by=officer, at=NOW)
    certified, key = payload.verified(payload.qr_text(bytes(certificate.message)), keys=trusted())
    assert key.hex() == certificate.key.number
    assert certified.serial == certificate.serial and certified.licence_number == licence.number
    assert (certified.valid_from, certified.valid_until) == (TODAY, LAST)
    assert (certified.name_km, certified.address, certified.area_en) == ("គ្លីនិកសុខភាព", "ផ្ទះលេខ ១២", "Phnom Penh")
    assert certified.services == (payload.CertifiedService("surgery", TODAY, date(2027, 11, 21)),)
    assert Certificate.objects.visible_to(officer).get() == certificate
    assert timedelta(0) <= NOW - certified.issued_at < timedelta(seconds=1)


def test_an_approval_brings_the_certificate_with_it():
    licence = a_licence_of(LicenceState.RECORDED)
    licences.approve(licence=licence, by=a_user(Role.APPROVER), at=NOW)
    assert licence.certificates.get().issued_at == NOW
    assert AuditEvent.objects.filter(verb="certificate.issued", facts__licence=licence.number).count() == 1


STEPS = (
    "licensing.actions.certificates.usable_key",
    "licensing.actions.certificates.sign",
    "licensing.actions.certificates.Certificate.objects.bulk_create",
    "licensing.actions.certificates.AuditEvent.objects.bulk_create",
    "licensing.rules.payload.written",
)


@pytest.mark.parametrize("step", STEPS)
def test_what_fails_on_the_way_leaves_nothing_behind(monkeypatch, step):
    licence, approver = a_licence_of(LicenceState.RECORDED), a_user(Role.APPROVER)
    before = AuditEvent.objects.count(), Letter.objects.count()

    def fail(*args, **kwargs):
        raise OSError("the machine fails here")

    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="fails here"):
        licences.approve(licence=licence, by=approver, at=NOW)
    assert Licence.objects.get().state == LicenceState.RECORDED
    assert (AuditEvent.objects.count(), Letter.objects.count()) == before
    assert not Certificate.objects.exists()


def test_without_a_key_an_approval_is_refused_in_words_and_nothing_is_written():
    licence, approver = a_licence_of(LicenceState.RECORDED), a_user(Role.APPROVER)
    SigningKey.objects.update(retired_at=NOW)
    with pytest.raises(Refused) as refusal:
        licences.approve(licence=licence, by=approver, at=NOW)
    assert refusal.value.code == "no_signing_key" and "key" in refusal.value.sentence
    assert Licence.objects.get().state == LicenceState.RECORDED and not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE licensing_certificate SET issued_at = now()", "DELETE FROM licensing_certificate"]
)
def test_a_certificate_is_never_changed_or_deleted(statement):
    certificates.issue(licence=a_licence_of(), by=None, at=NOW)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("state", [LicenceState.RECORDED, LicenceState.REJECTED])
def test_what_was_never_granted_gets_no_certificate(state):
    with pytest.raises(Refused) as refusal:
        certificates.issue(licence=a_licence_of(state), by=None, at=NOW)
    assert refusal.value.code == "wrong_state"


def test_licences_from_before_get_theirs_once_and_ended_ones_none(django_assert_max_num_queries):
    for _ in range(5):
        a_licence_of()
    a_licence(a_facility(), valid_from=date(2020, 1, 1), valid_until=date(2021, 12, 31))
    a_licence_of(LicenceState.RECORDED)
    with django_assert_max_num_queries(16):
        assert certificates.issue_missing(by=None, at=NOW) == 5
    assert certificates.issue_missing(by=None, at=NOW) == 0
    assert AuditEvent.objects.filter(verb="certificate.issued").count() == 5


def test_an_operator_and_the_staff_of_the_province_get_the_paper_and_nobody_else(client):
    licence = a_licence_of()
    address = f"/licences/{licence.number}/certificate/"
    certificates.issue(licence=licence, by=None, at=NOW)
    assert client.get(address).status_code == 302
    for role, status in ((Role.AUDITOR, 200), (Role.INSPECTOR, 200), (Role.OPERATOR, 404)):
        client.force_login(a_user(role))
        response = client.get(address)
        assert response.status_code == status
        assert status != 200 or response.content.startswith(b"%PDF")
