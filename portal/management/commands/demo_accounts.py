from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demonstration import loading, people
from registry.core.errors import Refused


class Command(BaseCommand):
    help = "Say which demonstration accounts there are, and their password."

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            loading.check_is_demonstration()
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        if not loading.is_loaded():
            raise CommandError("The demonstration is not loaded yet: run `manage.py load_demo` first.")
        self.stdout.write(people.in_words())
