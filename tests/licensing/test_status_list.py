"""The signed list of certificates that do not hold, and what the page says with it when there is no network."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache

from licensing.actions import certificates, signing_keys
from licensing.models import Licence, ServiceAuthorisation, SigningKey
from licensing.reports import status_list, verification
from licensing.rules import payload, status
from licensing.rules.signing import Forged, Purpose, sign, verify
from licensing.states import LicenceState
from tests.factories import NOW, SIGNING_KEY, TODAY, a_facility, a_licence, a_service, a_suspension, an_authorisation
from tests.licensing.verifiers import ring, said_by_the_page

pytestmark = pytest.mark.django_db
KEYS = ring(SIGNING_KEY)
LAST = date(2028, 11, 21)


@pytest.fixture(autouse=True)
def on_the_day():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def a_certificate(**fields):
    licence = a_licence(a_facility(), valid_from=TODAY - timedelta(days=30), valid_until=LAST, **fields)
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=LAST)
    cosmetic = a_service("cosmetic_surgery", name_km="វះកាត់កែសម្ផស្ស", name_en="Cosmetic surgery")
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=LAST, service=cosmetic)
    return certificates.issue(licence=licence, by=None, at=NOW)


def text(certificate):
    return payload.qr_text(bytes(certificate.message))


def suspended(grant, *, from_on=TODAY):
    a_suspension(grant, from_on=from_on)
    type(grant).objects.filter(pk=grant.pk).update(state=LicenceState.SUSPENDED, suspended_from=from_on)


def test_the_list_names_only_what_does_not_hold(client, django_assert_num_queries):
    good, in_part, stopped, ended, later = (a_certificate() for _ in range(5))
    replaced = a_certificate()
    certificates.issue(licence=replaced.licence, by=None, at=NOW)
    suspended(ServiceAuthorisation.objects.get(facility=in_part.licence.facility, service__code="cosmetic_surgery"))
    suspended(stopped.licence)
    suspended(later.licence, from_on=TODAY + timedelta(days=2))
    Licence.objects.filter(pk=ended.licence_id).update(state=LicenceState.REVOKED, ended_on=TODAY)
    with django_assert_num_queries(3):
        response = client.get("/.well-known/licence-status")
    claims, _ = verify(response.content, keys=KEYS, purpose=Purpose.STATUS)
    exceptions, as_of = status.read(claims, at=NOW)
    assert as_of == NOW
    assert exceptions == {
        in_part.serial: status.StatusException("", {"cosmetic_surgery": "suspended"}),
        stopped.serial: status.StatusException("suspended", {}),
        ended.serial: status.StatusException("revoked", {}),
        replaced.serial: status.StatusException("replaced", {}),
    }
    assert good.serial not in exceptions
    assert response["Cache-Control"] == "public, max-age=300" and not response.cookies


def test_the_page_says_without_a_network_what_the_register_says(client):
    good, in_part, stopped = (a_certificate() for _ in range(3))
    suspended(ServiceAuthorisation.objects.get(facility=in_part.licence.facility, service__code="cosmetic_surgery"))
    suspended(stopped.licence)
    papers = [good, in_part, stopped]
    signed = status_list.signed(at=NOW)
    said = said_by_the_page([text(paper) for paper in papers], KEYS, status=signed)
    for paper, words in zip(papers, said, strict=True):
        online = verification.of_serial(paper.serial, on=TODAY)
        assert words["verdict"] == online.verdict and words["isChecked"]
        assert words["services"] == [[row.code, str(row.verdict)] for row in online.services]


def test_a_list_of_yesterday_is_not_taken_for_one_of_today():
    signed, paper = status_list.signed(at=NOW), text(a_certificate())
    fresh = said_by_the_page([paper], KEYS, status=signed, at=NOW + timedelta(hours=23))
    old = said_by_the_page([paper], KEYS, status=signed, at=NOW + timedelta(hours=24))
    assert fresh[0]["isChecked"] and not old[0]["isChecked"] and old[0]["verdict"] == "valid"
    with pytest.raises(Forged, match="too_old"):
        status.read(verify(signed, keys=KEYS, purpose=Purpose.STATUS)[0], at=NOW + timedelta(hours=24))


def test_a_list_that_calls_itself_good_for_longer_or_was_signed_for_something_else_is_no_list():
    paper = text(a_certificate())
    claims = status.written({}, at=NOW)
    wrong = [sign(claims, key=SIGNING_KEY, purpose=Purpose.LICENCE), b"\xd2\x84", b""]
    assert [said_by_the_page([paper], KEYS, status=list)[0]["isChecked"] for list in wrong] == [False] * 3


def test_an_expired_licence_needs_no_line_on_the_list(client):
    paper = a_certificate()
    suspended(paper.licence)
    with time_machine.travel(NOW + timedelta(days=900)):
        at = NOW + timedelta(days=900)
        assert verification.exceptions(at=at) == {}
        assert said_by_the_page([text(paper)], KEYS, status=status_list.signed(at=at), at=at)[0]["verdict"] == "expired"


def test_the_keys_that_count_are_public_and_a_revoked_one_is_not_among_them(client, tmp_path, settings):
    settings.SIGNING_KEYS = tmp_path
    old = SigningKey.objects.get()
    new = signing_keys.rotate(by=None, at=NOW)
    assert [key["kid"] for key in client.get("/.well-known/licence-keys.json").json()["keys"]] == [
        old.number,
        new.number,
    ]
    signing_keys.revoke(key=old, reason="copied", by=None, at=NOW)
    told = client.get("/.well-known/licence-keys.json").json()
    assert [key["kid"] for key in told["keys"]] == [new.number]
    assert told["keys"][0]["crv"] == "Ed25519" and not told["keys"][0].get("d")


def test_without_a_key_there_is_no_list(client):
    SigningKey.objects.update(retired_at=NOW)
    assert client.get("/.well-known/licence-status").status_code == 503
