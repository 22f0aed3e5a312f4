"""Keeping the keys that sign certificates; docs/certificates.md says when to do what."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from licensing.actions import certificates, signing_keys
from licensing.models import SigningKey
from registry.accounts.models import User
from registry.core.errors import Refusal


class Command(BaseCommand):
    help = "List the keys that sign certificates, make the first one, rotate them, revoke one; issue what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--by", metavar="USERNAME", help="the administrator who does it; whoever keeps the machine otherwise"
        )
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="the keys, and which of their private halves are on this machine")
        what.add_parser("ensure", help="make a key where none signs; safe to repeat")
        what.add_parser("rotate", help="make a new key and retire those before it, which still verify")
        revoke = what.add_parser(
            "revoke", help="trust a key no more, nor what it signed; then issue anew what it signed"
        )
        revoke.add_argument("key")
        revoke.add_argument("--reason", required=True)
        what.add_parser("issue-missing", help="certificates for licences that have none that counts; safe to repeat")

    def handle(self, *arguments: Any, what: str, by: str | None, **options: Any) -> None:
        try:
            getattr(self, what.replace("-", "_"))(by=_person(by), **options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def list(self, **options: Any) -> None:
        for key in SigningKey.objects.order_by("valid_from"):
            life = "revoked" if key.revoked_at else "retired" if key.retired_at else "signs"
            here = "here" if signing_keys.file_of(key).is_file() else "not here"
            self.stdout.write(f"{key.number}  from {key.valid_from:%Y-%m-%d %H:%M}  {life:8} private half {here}")

    def ensure(self, *, by: User | None, **options: Any) -> None:
        self.stdout.write(f"Key {signing_keys.ensure(by=by, at=timezone.now())} signs.")

    def rotate(self, *, by: User | None, **options: Any) -> None:
        self.stdout.write(f"Key {signing_keys.rotate(by=by, at=timezone.now())} signs from now on.")

    def revoke(self, *, by: User | None, key: str, reason: str, **options: Any) -> None:
        found = SigningKey.objects.filter(number=key).first()
        if found is None:
            raise CommandError(f"There is no key {key}.")
        signing_keys.revoke(key=found, reason=reason, by=by, at=timezone.now())
        self.stdout.write(f"Key {key} is revoked. Now: signing_keys ensure, then signing_keys issue-missing.")

    def issue_missing(self, *, by: User | None, **options: Any) -> None:
        self.stdout.write(f"{certificates.issue_missing(by=by, at=timezone.now())} certificates issued.")


def _person(username: str | None) -> User | None:
    if username is None:
        return None
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is no person with the user name {username}.")
    return person
