"""What the rules ask for on any day, worked out from the base tables alone; nothing is written."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db import connection

from enforcement.sweeps.facts import FACTS
from enforcement.sweeps.report import RuleCount, SweepReport, WouldFlag
from enforcement.sweeps.statements import COMPARE, WOULD_FLAG, chosen, wanted

EVERYTHING = FACTS.format(facilities="SELECT id FROM registry_facility")


def dry_run(*, as_of: date, rules: Sequence[str] = ()) -> SweepReport:
    """What `sweep` would do, worked out from the base tables alone; writes nothing. Any day, past or future."""
    asked = chosen(rules)
    report = SweepReport(as_of=as_of, counts={rule.code: RuleCount() for rule in asked})
    query = COMPARE.format(facts=EVERYTHING, wanted=wanted(asked))
    with connection.cursor() as cursor:
        cursor.execute(query, {"as_of": as_of, "rules": [rule.code for rule in asked]})
        for code, raised, cleared, escalated, open_ in cursor.fetchall():
            report.counts[code] = RuleCount(raised=raised, cleared=cleared, escalated=escalated, open=open_)
    return report


def would_flag(*, as_of: date, rules: Sequence[str] = ()) -> Iterator[WouldFlag]:
    """Every flag that the rules ask for on a day, with the facts, ordered by rule and facility number."""
    with connection.cursor() as cursor:
        cursor.execute(WOULD_FLAG.format(facts=EVERYTHING, wanted=wanted(chosen(rules))), {"as_of": as_of})
        for row in cursor:
            yield WouldFlag(*row)
