from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.management import messages


class Command(BaseCommand):
    help = (
        "Bring locale/ up to date with code and templates; --check changes nothing and fails where a sentence is wrong."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where a translation is wrong")

    def handle(self, *arguments: Any, check: bool, **options: Any) -> None:
        wrong = 0
        for language in messages.LANGUAGES:
            if not check:
                path = messages.path_of(language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(messages.written(messages.collected(language)))
            for complaint in messages.complaints(language):
                wrong += 1
                self.stderr.write(f"{language}: {complaint}")
        if check and wrong:
            raise CommandError("Run manage.py update_translations and put the sentences above right in locale/.")
