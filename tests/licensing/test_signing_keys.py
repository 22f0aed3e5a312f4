"""The keys that sign certificates: kept in files, rotated, revoked."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from licensing.actions import certificates, signing_keys
from licensing.models import Certificate, SigningKey
from licensing.reports import verification
from licensing.states import Verdict
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_facility, a_licence, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.SIGNING_KEYS = tmp_path / "keys"
    return settings.SIGNING_KEYS


@pytest.fixture
def licence():
    return a_licence(a_facility(), valid_from=TODAY, valid_until=date(2028, 11, 21))


def verdict(certificate):
    return verification.of_serial(certificate.serial, on=TODAY).verdict


def test_the_private_half_is_a_file_for_its_owner_alone_and_nowhere_in_the_database(folder):
    key = signing_keys.create(by=a_user(Role.ADMINISTRATOR), at=NOW)
    file = signing_keys.file_of(key)
    assert file.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    private = signing_keys.usable_key(NOW)[1].private_bytes_raw()
    event = AuditEvent.objects.get(verb="signing_key.created")
    assert private.hex() not in str(event.facts) and private != bytes(key.public_key)


def test_only_an_administrator_or_whoever_keeps_the_machine_makes_keys():
    for role in set(Role.values) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotPermitted):
            signing_keys.rotate(by=a_user(role), at=NOW)
    assert SigningKey.objects.count() == 1


def test_after_a_rotation_the_new_key_signs_and_the_old_one_verifies(licence):
    first = signing_keys.create(by=None, at=NOW)
    old = certificates.issue(licence=licence, by=None, at=NOW)
    second = signing_keys.rotate(by=None, at=NOW + timedelta(seconds=1))
    other = a_licence(a_facility(), valid_from=TODAY, valid_until=date(2028, 11, 21))
    new = certificates.issue(licence=other, by=None, at=NOW + timedelta(seconds=1))
    assert (old.key, new.key) == (first, second)
    assert verdict(old) == verdict(new) == Verdict.VALID
    assert not SigningKey.objects.signing(NOW + timedelta(seconds=1)).exclude(pk=second.pk).exists()


def test_after_a_revocation_what_the_key_signed_is_issued_anew(licence):
    key = signing_keys.create(by=None, at=NOW)
    old = certificates.issue(licence=licence, by=None, at=NOW)
    signing_keys.revoke(key=key, reason="A copy was found.", by=None, at=NOW)
    assert verdict(old) == Verdict.UNTRUSTED
    with pytest.raises(Refused) as refusal:
        certificates.issue(licence=licence, by=None, at=NOW)
    assert refusal.value.code == "no_signing_key"
    signing_keys.ensure(by=None, at=NOW)
    assert certificates.issue_missing(by=None, at=NOW) == 1
    assert certificates.issue_missing(by=None, at=NOW) == 0
    assert verdict(Certificate.objects.latest("pk")) == Verdict.VALID
    with pytest.raises(Refused):
        signing_keys.revoke(key=key, reason="again", by=None, at=NOW)


def test_a_key_whose_file_is_not_here_or_is_another_signs_nothing():
    first, second = signing_keys.create(by=None, at=NOW), signing_keys.create(by=None, at=NOW)
    assert signing_keys.usable_key(NOW)[0] == second
    signing_keys.file_of(second).write_bytes(signing_keys.file_of(first).read_bytes())
    assert signing_keys.usable_key(NOW)[0] == first
    signing_keys.file_of(first).unlink()
    assert signing_keys.usable_key(NOW) is None


def test_the_whole_drill_by_the_command(licence):
    def said(*words):
        out = StringIO()
        call_command("signing_keys", *words, stdout=out)
        return out.getvalue()

    SigningKey.objects.update(retired_at=NOW)
    assert "signs" in said("ensure") and said("ensure") == said("ensure")
    assert said("issue-missing") == "1 certificates issued.\n" and said("issue-missing") == "0 certificates issued.\n"
    old = Certificate.objects.get().key
    said("rotate")
    with pytest.raises(CommandError):
        said("revoke", "0000000000000000", "--reason", "unknown")
    said("revoke", old.number, "--reason", "copied")
    assert said("issue-missing") == "1 certificates issued.\n"
    assert "revoked" in said("list") and verdict(Certificate.objects.latest("pk")) == Verdict.VALID
