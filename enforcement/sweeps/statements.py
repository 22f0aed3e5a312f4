"""The SQL of the sweep, made of the rules. Values are always parameters; `%(as_of)s` is the day asked about."""

from collections.abc import Sequence

from enforcement.rules import BY_CODE, RULES, Rule
from registry.core.errors import Refused

COUNTING = "v.state = 'approved' AND v.outcome = 'completed' AND v.purpose <> 'back_check'"
FACTS = """
WITH asked (facility_id) AS ({facilities})
SELECT f.id AS facility_id,
       COALESCE(status.status IN ('operating', 'suspected_unlicensed'), false) AS operating,
       status.effective_on AS operating_since,
       (type.licence_needed OR COALESCE(status.status = 'suspected_unlicensed', false)) AS licence_needed,
       visit.visited_on AS last_visit_on,
       visit.next_due_on AS inspection_due_on,
       COALESCE(visit.band, '') AS band,
       licence.licensed_until,
       COALESCE(licence.ended_early, false) AS licence_ended_early,
       correction.due_on AS correction_due_on,
       COALESCE(cardinality(refused.since), 0) AS refused_visits,
       refused.since[3] AS third_refusal_on,
       COALESCE(visit.closure_proposed, false) AS closure_proposed,
       LEAST(
           status.next_on,
           CASE WHEN standing.last_visit_on > %(as_of)s THEN visit.next_on END,
           CASE WHEN visit.next_due_on >= %(as_of)s THEN visit.next_due_on + 1 END,
           CASE WHEN licence.licensed_until >= %(as_of)s THEN licence.licensed_until + 1 END,
           licence.next_on,
           correction.next_on,
           refused.next_on
       ) AS next_change_on
FROM asked
JOIN registry_facility f ON f.id = asked.facility_id
JOIN registry_facilitytype type ON type.id = f.type_id
LEFT JOIN inspections_standing standing ON standing.facility_id = f.id
LEFT JOIN (
    SELECT s.facility_id,
           (array_agg(s.status ORDER BY s.effective_on DESC NULLS LAST)
               FILTER (WHERE s.effective_on IS NULL OR s.effective_on <= %(as_of)s))[1] AS status,
           max(s.effective_on) FILTER (WHERE s.effective_on <= %(as_of)s) AS effective_on,
           min(s.effective_on) FILTER (WHERE s.effective_on > %(as_of)s) AS next_on
    FROM registry_operationalstatuschange s
    WHERE s.facility_id IN (SELECT facility_id FROM asked) GROUP BY s.facility_id
) status ON status.facility_id = f.id
LEFT JOIN LATERAL (
    SELECT standing.last_visit_on AS visited_on, standing.next_due_on, standing.band, standing.closure_proposed,
           NULL::date AS next_on
    WHERE standing.last_visit_on <= %(as_of)s
    UNION ALL
    SELECT past.visited_on, past.next_due_on, past.band, EXISTS (
               SELECT FROM inspections_band rule
               WHERE rule.ruleset_id = past.ruleset_id AND rule.closure_at_visit = (
                   SELECT count(*)
                   FROM (
                       SELECT v.band, row_number() OVER (ORDER BY v.visited_on DESC, v.id DESC) AS place
                       FROM inspections_visit v
                       WHERE v.facility_id = f.id AND v.visited_on <= %(as_of)s AND {counting}
                   ) latest
                   JOIN inspections_band own ON own.ruleset_id = rule.ruleset_id AND own.code = latest.band
                   WHERE latest.place <= rule.closure_at_visit AND own.from_percent <= rule.from_percent
               )
           ), past.next_on
    FROM (
        SELECT max(v.visited_on) FILTER (WHERE v.visited_on <= %(as_of)s) AS visited_on,
               (array_agg(v.next_due_on ORDER BY v.visited_on DESC, v.id DESC)
                   FILTER (WHERE v.visited_on <= %(as_of)s))[1] AS next_due_on,
               (array_agg(v.band ORDER BY v.visited_on DESC, v.id DESC)
                   FILTER (WHERE v.visited_on <= %(as_of)s))[1] AS band,
               (array_agg(v.ruleset_id ORDER BY v.visited_on DESC, v.id DESC)
                   FILTER (WHERE v.visited_on <= %(as_of)s))[1] AS ruleset_id,
               min(v.visited_on) FILTER (WHERE v.visited_on > %(as_of)s) AS next_on
        FROM inspections_visit v
        WHERE v.facility_id = f.id AND {counting}
    ) past
    WHERE standing.last_visit_on > %(as_of)s
) visit ON true
LEFT JOIN (
    SELECT l.facility_id,
           max(l.last_day) FILTER (WHERE l.valid_from <= %(as_of)s) AS licensed_until,
           (array_agg(l.ended_on IS NOT NULL ORDER BY l.last_day DESC)
               FILTER (WHERE l.valid_from <= %(as_of)s))[1] AS ended_early,
           min(l.valid_from) FILTER (WHERE l.valid_from > %(as_of)s) AS next_on
    FROM licensing_licence l
    WHERE l.facility_id IN (SELECT facility_id FROM asked) AND l.state IN ('issued', 'revoked', 'surrendered')
    GROUP BY l.facility_id
) licence ON licence.facility_id = f.id
LEFT JOIN (
    SELECT a.facility_id,
           min(a.due_on) FILTER (WHERE a.opened_on <= %(as_of)s AND a.closed_on > %(as_of)s) AS due_on,
           LEAST(
               min(a.opened_on) FILTER (WHERE a.opened_on > %(as_of)s),
               min(a.closed_on) FILTER (WHERE a.closed_on > %(as_of)s AND a.closed_on < 'infinity'),
               min(a.due_on + 1) FILTER (WHERE a.due_on >= %(as_of)s AND a.closed_on > %(as_of)s)
           ) AS next_on
    FROM (
        SELECT facility_id, due_on, (opened_at AT TIME ZONE 'Asia/Phnom_Penh')::date AS opened_on,
               CASE WHEN state IN ('verified', 'withdrawn')
                   THEN (decided_at AT TIME ZONE 'Asia/Phnom_Penh')::date ELSE 'infinity'::date END AS closed_on
        FROM inspections_correctiveaction WHERE facility_id IN (SELECT facility_id FROM asked)
    ) a
    GROUP BY a.facility_id
) correction ON correction.facility_id = f.id
LEFT JOIN (
    SELECT v.facility_id, array_agg(v.visited_on) AS days
    FROM inspections_visit v
    WHERE v.facility_id IN (SELECT facility_id FROM asked)
      AND v.state = 'approved' AND v.outcome = 'refused' AND v.purpose <> 'back_check'
    GROUP BY v.facility_id
) refusals ON refusals.facility_id = f.id
LEFT JOIN LATERAL (
    SELECT array_agg(r.visited_on ORDER BY r.visited_on)
               FILTER (WHERE r.visited_on <= %(as_of)s AND r.visited_on > COALESCE(visit.visited_on, '-infinity'))
               AS since,
           min(r.visited_on) FILTER (WHERE r.visited_on > %(as_of)s) AS next_on
    FROM unnest(refusals.days) AS r (visited_on)
) refused ON refusals.days IS NOT NULL
""".replace("{counting}", COUNTING)
"""What the rules read of each facility as of a day, from the base tables, and the next day on which it may differ.

Standing answers for today and later; days before the last visit are answered from the visits themselves.
"""

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
