"""Why a facility stands where it does in the order of work, of the register as it is on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, DateField, F, Func, IntegerField, JSONField, QuerySet, Value, When
from django.db.models.functions import Cast

from inspections.models import RiskModel
from inspections.rules.risk import DAYS_OF_A_MONTH, DAYS_OF_A_YEAR, FACTORS, Reason
from inspections.states import BandCode, LicenceSeen, Severity
from registry.models import Facility

SERIOUS_DAYS = 730
"""So far back mended findings of actual harm or jeopardy still count."""

QUANTITIES = {
    "never_inspected": "(s.facility_id IS NULL)::int",
    "taken_over": "(s.facility_id IS NULL AND f.predecessor_id IS NOT NULL)::int",
    "months_overdue": f"greatest(0, (asked.day - s.next_due_on) / {DAYS_OF_A_MONTH})",
    "years_since_visit": f"greatest(0, (asked.day - s.last_visit_on) / {DAYS_OF_A_YEAR})",
    "closure_proposed": "COALESCE(s.closure_proposed, false)::int",
    "band_non_compliant": f"COALESCE(s.band = '{BandCode.NON_COMPLIANT.value}', false)::int",
    "band_minimally_compliant": f"COALESCE(s.band = '{BandCode.MINIMALLY_COMPLIANT.value}', false)::int",
    "band_partially_compliant": f"COALESCE(s.band = '{BandCode.PARTIALLY_COMPLIANT.value}', false)::int",
    "findings_potential": "found.potential",
    "findings_actual": "found.actual",
    "findings_jeopardy": "found.jeopardy",
    "serious_before": "found.serious",
    "actions_overdue": """(
        SELECT count(*) FROM inspections_correctiveaction a
        WHERE a.facility_id = f.id AND a.state IN ('required', 'evidence_given') AND a.due_on < asked.day)""",
    "refusals": """(
        SELECT count(*) FROM inspections_visit r
        WHERE r.facility_id = f.id AND r.state = 'approved' AND r.outcome = 'refused'
            AND r.visited_on > COALESCE(s.last_visit_on, '-infinity'))""",
    "services_authorised": """(
        SELECT count(*) FROM registry_facilityservice d JOIN registry_service e ON e.id = d.service_id
        WHERE d.facility_id = f.id AND d.withdrawn_on IS NULL AND e.needs_authorisation)""",
    "licence_not_valid": (
        f"COALESCE(v.licence_seen IN ('{LicenceSeen.EXPIRED.value}', '{LicenceSeen.NONE.value}'), false)::int"
    ),
}
"""How often each factor of `rules.FACTORS` holds, over the facility `f`, its standing `s`, that standing's visit `v`,
its findings `found` and the day `asked`."""

OF_ONE = f"""
FROM (SELECT %(expressions)s) AS asked (facility_id, day, weights)
JOIN registry_facility f ON f.id = asked.facility_id
LEFT JOIN inspections_standing s ON s.facility_id = f.id
LEFT JOIN inspections_visit v ON v.id = s.visit_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE g.corrected_on IS NULL AND g.severity = {Severity.POTENTIAL.value}) AS potential,
           count(*) FILTER (WHERE g.corrected_on IS NULL AND g.severity = {Severity.ACTUAL.value}) AS actual,
           count(*) FILTER (WHERE g.corrected_on IS NULL AND g.severity = {Severity.JEOPARDY.value}) AS jeopardy,
           count(*) FILTER (WHERE g.severity >= {Severity.ACTUAL.value}
                            AND w.visited_on >= asked.day - {SERIOUS_DAYS}) AS serious
    FROM inspections_finding g JOIN inspections_visit w ON w.id = g.visit_id AND w.state = 'approved'
    WHERE g.facility_id = f.id
) found
"""
COUNTED = {code: f"least({sql}, {FACTORS[code].most})" for code, sql in QUANTITIES.items()}
WEIGHED = f"""{OF_ONE}
CROSS JOIN LATERAL (
    VALUES {", ".join(f"('{code}', {sql})" for code, sql in COUNTED.items())}
) AS q (code, quantity)
CROSS JOIN LATERAL (SELECT (asked.weights ->> q.code)::int * q.quantity AS points) p
WHERE p.points > 0
"""


class Points(Func):
    """All points of one facility: of (its key, the day, the weights); a plain sum, as thousands are sorted by it."""

    template = "(SELECT ({})::int {})".format(
        " + ".join(f"COALESCE((asked.weights ->> '{code}')::int, 0) * {sql}" for code, sql in COUNTED.items()), OF_ONE
    )
    output_field = IntegerField()


class Reasons(Func):
    """[[code, quantity, points], …] of one facility, the weightiest first."""

    template = f"""(SELECT COALESCE(jsonb_agg(jsonb_build_array(q.code, q.quantity, p.points)
                    ORDER BY p.points DESC, q.code), '[]'::jsonb) {WEIGHED})"""
    output_field = JSONField()


def in_force(as_of: date) -> RiskModel | None:
    """The weights of that day; at most one, by a constraint."""
    model: RiskModel | None = RiskModel.objects.in_force(as_of).first()
    return model


def with_points(rows: QuerySet[Any], as_of: date, *, facility: str = "facility_id") -> QuerySet[Any]:
    """`rows` with `risk_points`, to be ordered by: the points of each row's facility under the weights of that day.

    `facility` is the path to the facility's key. Chain it after the filters: points are worked out row by row, with
    eight look-ups by index each. All are 0 where no weights are in force.
    """
    return rows.annotate(risk_points=Points(*_asked(facility, as_of)))


IN_ORDER = ("is_overdue", "risk_points", "lateness")
"""What `in_order` adds, each to be sorted by descending: overdue first, among these by points, then by due day."""


def in_order(due: QuerySet[Any], as_of: date) -> QuerySet[Any]:
    """Facilities of the due list with what the order of work sorts by (`IN_ORDER`)."""
    overdue = Case(When(due_on__lt=as_of, then=1), default=0, output_field=IntegerField())
    lateness = Func(F("due_on"), template="(DATE '2000-01-01' - %(expressions)s)", output_field=IntegerField())
    return with_points(due, as_of, facility="pk").annotate(is_overdue=overdue, lateness=lateness)


def reasons_of(facilities: Iterable[int], as_of: date) -> dict[int, list[Reason]]:
    """The reasons of each of these facilities (keys), the weightiest first; two queries for all of them."""
    rows = Facility.objects.filter(pk__in=list(facilities)).annotate(reasons=Reasons(*_asked("pk", as_of)))
    return {key: [Reason(*reason) for reason in reasons] for key, reasons in rows.values_list("pk", "reasons")}


def _asked(facility: str, as_of: date) -> tuple[Any, ...]:
    model = in_force(as_of)
    weights = Value(model.weights if model else {}, output_field=JSONField())
    return F(facility), Cast(Value(as_of), DateField()), weights
