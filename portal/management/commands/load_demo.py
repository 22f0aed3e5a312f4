from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.demonstration import loading, people
from registry.core.errors import Refused


class Command(BaseCommand):
    help = "Fill an empty register with made-up facilities, licences and visits. Does nothing the second time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--facilities", type=int, default=loading.FACILITIES, metavar="NUMBER")

    def handle(self, *, facilities: int, **_: Any) -> None:
        at = timezone.now()
        try:
            loading.load(facilities=facilities, today=timezone.localdate(at), at=at, say=self.say)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(people.in_words())

    def say(self, line: str) -> None:
        """Progress goes beside the result, so that the accounts can be kept apart from it."""
        self.stderr.write(f"  {line}", lambda text: text)
