"""The SQL of the sweep, made of the rules. Values are always parameters; `%(as_of)s` is the day asked about."""

from collections.abc import Sequence

from enforcement.rules import BY_CODE, RULES, Rule
from enforcement.sweeps.facts import FACTS
from registry.core.errors import Refused

MASK = " + ".join(f"CASE WHEN {rule.holds} THEN {rule.bit} ELSE 0 END" for rule in RULES)

LOCK_DUE = """
SELECT facility_id FROM enforcement_complianceclock
WHERE next_change_on <= %(as_of)s LIMIT %(size)s FOR UPDATE SKIP LOCKED
"""
LOCK_ALL = """
SELECT facility_id FROM enforcement_complianceclock
WHERE facility_id > %(after)s ORDER BY facility_id LIMIT %(size)s FOR UPDATE
"""
MARK_ALL = "UPDATE enforcement_complianceclock SET next_change_on = '-infinity'"
MARK_DIFFERENT = f"""
UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
WHERE c.mask IS DISTINCT FROM ({MASK}) AND (c.next_change_on IS NULL OR c.next_change_on > %(as_of)s)
"""
TICK = f"""
WITH c AS (
    UPDATE enforcement_complianceclock clock
    SET operating = c.operating, operating_since = c.operating_since, licence_needed = c.licence_needed,
        last_visit_on = c.last_visit_on, inspection_due_on = c.inspection_due_on, band = c.band,
        licensed_until = c.licensed_until, licence_ended_early = c.licence_ended_early,
        correction_due_on = c.correction_due_on, refused_visits = c.refused_visits,
        third_refusal_on = c.third_refusal_on, closure_proposed = c.closure_proposed,
        unauthorised_services = c.unauthorised_services, unauthorised_since = c.unauthorised_since,
        condition_due_on = c.condition_due_on,
        mask = {MASK},
        next_change_on = CASE WHEN %(partial)s THEN '-infinity'::date ELSE c.next_change_on END
    FROM ({FACTS.format(facilities="SELECT unnest(%(ids)s)")}) c
    WHERE clock.facility_id = c.facility_id
    RETURNING clock.*
), open AS MATERIALIZED (
    SELECT o.id, o.facility_id, o.rule FROM enforcement_flag o
    WHERE o.facility_id = ANY(%(ids)s) AND o.cleared_on IS NULL
), cleared AS (
    UPDATE enforcement_flag o SET cleared_on = GREATEST(o.raised_on, %(as_of)s), cleared_by_id = %(run)s
    FROM open JOIN c USING (facility_id) JOIN (VALUES {{bits}}) AS asked (rule, bit) USING (rule)
    WHERE o.id = open.id AND c.mask & asked.bit = 0
    RETURNING o.rule
), raised AS (
    INSERT INTO enforcement_flag
        (rule, facility_id, subject, severity, facts, since_on, raised_on, raised_by_id, level, escalates_on)
    SELECT r.rule, c.facility_id, '', r.severity, r.facts, r.since_on, %(as_of)s, %(run)s, 0, %(as_of)s + r.days
    FROM c CROSS JOIN LATERAL ({{wanted}}) r
    WHERE c.mask <> 0 AND (c.facility_id, r.rule) NOT IN (SELECT facility_id, rule FROM open)
    ON CONFLICT (rule, facility_id, subject) WHERE cleared_on IS NULL DO NOTHING
    RETURNING rule
)
SELECT rule, count(*) FILTER (WHERE news = 'raised'), count(*) FILTER (WHERE news = 'cleared')
FROM (SELECT rule, 'raised' AS news FROM raised UNION ALL SELECT rule, 'cleared' FROM cleared) news GROUP BY rule
"""
"""One batch: write the facts into the clock, and from them raise and clear flags, in one statement."""
ESCALATE = """
UPDATE enforcement_flag o
SET level = CASE WHEN o.raised_on + ladder.minister <= %(as_of)s THEN 2 ELSE 1 END,
    escalates_on = CASE WHEN o.raised_on + ladder.minister <= %(as_of)s THEN NULL
                        ELSE o.raised_on + ladder.minister END
FROM (VALUES {ladders}) AS ladder (rule, department, minister)
WHERE o.cleared_on IS NULL AND o.escalates_on <= %(as_of)s AND o.rule = ladder.rule
RETURNING o.rule
"""
OPEN = """
SELECT rule, count(*) FROM enforcement_flag WHERE cleared_on IS NULL AND rule = ANY(%(rules)s) GROUP BY rule
"""
WOULD_FLAG = """
SELECT r.rule, f.number, r.since_on, r.facts
FROM ({facts}) c CROSS JOIN LATERAL ({wanted}) r JOIN registry_facility f ON f.id = c.facility_id
ORDER BY r.rule, f.number
"""
COMPARE = """
WITH c AS MATERIALIZED ({facts}),
wanted AS (SELECT c.facility_id, r.rule FROM c CROSS JOIN LATERAL ({wanted}) r),
standing AS (
    SELECT id, facility_id, rule, escalates_on <= %(as_of)s AS escalates
    FROM enforcement_flag WHERE cleared_on IS NULL AND rule = ANY(%(rules)s)
)
SELECT COALESCE(w.rule, s.rule),
       count(*) FILTER (WHERE s.id IS NULL),
       count(*) FILTER (WHERE w.rule IS NULL),
       count(*) FILTER (WHERE w.rule IS NOT NULL AND s.escalates),
       count(*) FILTER (WHERE w.rule IS NOT NULL)
FROM wanted w FULL JOIN standing s ON s.facility_id = w.facility_id AND s.rule = w.rule
GROUP BY 1
"""


def chosen(rules: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of these codes, all where none is named. Raises Refused for a code that is not a rule."""
    for code in rules:
        if code not in BY_CODE:
            known = ", ".join(BY_CODE)
            raise Refused(f"There is no rule “{code}”. The rules are: {known}.", code="unknown_rule")
    return tuple(BY_CODE[code] for code in rules) or RULES


def wanted(rules: Sequence[Rule]) -> str:
    """SQL: one row for each of `rules` that holds for the clock row `c`."""
    return " UNION ALL ".join(
        f"SELECT '{r.code}' AS rule, {int(r.severity)} AS severity, {r.facts} AS facts, {r.since_on} AS since_on,"
        f" {r.escalates_after[0]} AS days WHERE {r.holds}"
        for r in rules
    )
