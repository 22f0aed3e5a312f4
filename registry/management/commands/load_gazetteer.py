from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.areas.actions import gazetteer
from registry.core.errors import Refused


class Command(BaseCommand):
    help = "Load Cambodia's provinces, districts, communes and villages. Safe to repeat."

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            counts = gazetteer.load(by=None, at=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"{counts['created']} created, {counts['changed']} changed, {counts['unchanged']} unchanged. "
            f"Source: {gazetteer.SOURCE}, Ministry of Economy and Finance (data.mef.gov.kh)."
        )
