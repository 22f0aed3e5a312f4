from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inspections.models import RiskModel
from inspections.reports.replay import replay
from inspections.reports.risk import in_force


class Command(BaseCommand):
    help = "Say how much earlier serious findings would have been met by points than by due day. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="from_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--until", dest="until_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--per-week", type=int, help="visits that can be made in a week; as many as were made")
        parser.add_argument("--model", type=int, metavar="NUMBER", help="version of the weights; the one in force")

    def handle(self, *arguments: Any, **options: Any) -> None:
        number = options["model"]
        model = RiskModel.objects.filter(number=number).first() if number else in_force(timezone.localdate())
        if model is None:
            raise CommandError("There are no such weights. load_reference_data loads the first ones.")
        period = {name: options[name] for name in ("from_on", "until_on", "per_week")}
        found = replay(model, **period)
        if not found.findings:
            raise CommandError("In this period no ordinary visit that had one before it met a serious finding.")
        say = self.stdout.write
        say(f"{model}: {found.visits} visits, {found.per_week} a week, {found.findings} serious findings (G to L)")
        say(
            f"The mean serious finding is met {found.mean_days_earlier:.1f} days earlier than by due day"
            f" ({found.best_possible:.1f} with hindsight)"
        )
        say(
            f"The first half of the visits meets {found.first_half_by_due:.1%} of the serious findings by due day,"
            f" {found.first_half_by_points:.1%} by points"
        )
