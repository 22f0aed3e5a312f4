"""What the rules read of each facility as of a day, in SQL; `%(as_of)s` is the day asked about."""

COUNTING = "v.state = 'approved' AND v.outcome = 'completed' AND v.purpose <> 'back_check'"
HELD = """
    SELECT {keys},
           max(g.until_on) FILTER (WHERE g.valid_from <= %(as_of)s) AS until_on,
           (array_agg(g.ended_early ORDER BY g.until_on DESC, g.valid_from DESC)
               FILTER (WHERE g.valid_from <= %(as_of)s))[1] AS ended_early,
           min(g.next_on) AS next_on
    FROM (
        SELECT {keys}, g.valid_from,
               CASE WHEN s.from_on IS NULL OR g.last_day < %(as_of)s THEN g.last_day ELSE s.from_on - 1 END AS until_on,
               g.ended_on IS NOT NULL OR (s.from_on IS NOT NULL AND g.last_day >= %(as_of)s) AS ended_early,
               LEAST(
                   CASE WHEN g.valid_from > %(as_of)s THEN g.valid_from END,
                   CASE WHEN g.last_day >= %(as_of)s THEN g.last_day + 1 END,
                   s.next_on
               ) AS next_on
        FROM {table} g
        LEFT JOIN (
            SELECT s.{column},
                   max(s.from_on) FILTER (WHERE s.from_on <= %(as_of)s AND s.until_on > %(as_of)s) AS from_on,
                   LEAST(
                       min(s.from_on) FILTER (WHERE s.from_on > %(as_of)s),
                       min(s.until_on) FILTER (WHERE s.until_on > %(as_of)s AND s.until_on < 'infinity')
                   ) AS next_on
            FROM (
                SELECT s.{column}, s.from_on, COALESCE(s.ends_on, 'infinity') AS until_on
                FROM {table} g JOIN licensing_suspension s ON s.{column} = g.id
                WHERE g.facility_id IN (SELECT facility_id FROM asked)
            ) s
            GROUP BY s.{column}
        ) s ON s.{column} = g.id
        WHERE g.facility_id IN (SELECT facility_id FROM asked)
          AND g.state IN ('issued', 'suspended', 'revoked', 'surrendered', 'expired')
    ) g
    GROUP BY {keys}
"""
"""Until which day licences, or authorisations, were held: the last day of the latest that has begun, or the day before
it was suspended while that lasts."""

LICENCES = HELD.format(table="licensing_licence", column="licence_id", keys="g.facility_id")
AUTHORISATIONS = HELD.format(
    table="licensing_serviceauthorisation", column="authorisation_id", keys="g.facility_id, g.service_id"
)

OFFERED = f"""
    SELECT o.facility_id, o.service_id,
           bool_or(o.from_on <= %(as_of)s AND o.until_on > %(as_of)s) AS here,
           min(o.from_on) FILTER (WHERE o.from_on <= %(as_of)s AND o.until_on > %(as_of)s) AS since_on,
           LEAST(
               min(o.from_on) FILTER (WHERE o.from_on > %(as_of)s),
               min(o.until_on) FILTER (WHERE o.until_on > %(as_of)s AND o.until_on < 'infinity')
           ) AS next_on
    FROM (
        SELECT d.facility_id, d.service_id, d.declared_on AS from_on, COALESCE(d.withdrawn_on, 'infinity') AS until_on
        FROM registry_facilityservice d
        WHERE d.facility_id IN (SELECT facility_id FROM asked)
          AND d.service_id IN (SELECT id FROM registry_service WHERE needs_authorisation)
        UNION ALL
        SELECT seen.facility_id, service.id, seen.visited_on, 'infinity'
        FROM (
            SELECT s.facility_id, s.last_visit_on AS visited_on, s.services
            FROM inspections_standing s
            WHERE s.facility_id IN (SELECT facility_id FROM asked) AND s.last_visit_on <= %(as_of)s
            UNION ALL
            SELECT s.facility_id, past.visited_on, past.services
            FROM inspections_standing s CROSS JOIN LATERAL (
                SELECT v.visited_on, v.services FROM inspections_visit v
                WHERE v.facility_id = s.facility_id AND v.visited_on <= %(as_of)s AND {COUNTING}
                ORDER BY v.visited_on DESC, v.id DESC LIMIT 1
            ) past
            WHERE s.facility_id IN (SELECT facility_id FROM asked) AND s.last_visit_on > %(as_of)s
        ) seen
        CROSS JOIN LATERAL jsonb_array_elements_text(seen.services) AS found (code)
        JOIN registry_service service ON service.code = found.code AND service.needs_authorisation
        WHERE seen.services <> '[]'
    ) o
    GROUP BY o.facility_id, o.service_id
"""
"""Services that need an authorisation and are declared, or were found by the last visit."""

UNAUTHORISED = f"""
    SELECT n.facility_id,
           array_agg(n.code ORDER BY n.code) FILTER (WHERE n.is_lacking) AS services,
           min(n.since_on) FILTER (WHERE n.is_lacking) AS since_on,
           min(n.next_on) AS next_on
    FROM (
        SELECT offered.facility_id, service.code,
               offered.here AND COALESCE(held.until_on < %(as_of)s, true) AS is_lacking,
               GREATEST(offered.since_on, held.until_on + 1) AS since_on,
               LEAST(offered.next_on, held.next_on) AS next_on
        FROM ({OFFERED}) offered
        JOIN registry_service service ON service.id = offered.service_id
        LEFT JOIN ({AUTHORISATIONS}) held USING (facility_id, service_id)
    ) n
    GROUP BY n.facility_id
"""

CONDITIONS = """
    SELECT c.facility_id,
           min(c.due_on) FILTER (WHERE c.opened_on <= %(as_of)s AND c.closed_on > %(as_of)s) AS due_on,
           LEAST(
               min(c.opened_on) FILTER (WHERE c.opened_on > %(as_of)s),
               min(c.closed_on) FILTER (WHERE c.closed_on > %(as_of)s AND c.closed_on < 'infinity'),
               min(c.due_on + 1) FILTER (WHERE c.due_on >= %(as_of)s AND c.closed_on > %(as_of)s)
           ) AS next_on
    FROM (
        SELECT c.facility_id, c.due_on, (c.imposed_at AT TIME ZONE 'Asia/Phnom_Penh')::date AS opened_on,
               LEAST(c.last_day + 1, (c.closed_at AT TIME ZONE 'Asia/Phnom_Penh')::date) AS closed_on
        FROM (
            SELECT l.facility_id, l.last_day, c.due_on, c.imposed_at, c.closed_at
            FROM licensing_licence l JOIN licensing_condition c ON c.licence_id = l.id
            WHERE l.facility_id IN (SELECT facility_id FROM asked) AND c.due_on IS NOT NULL
            UNION ALL
            SELECT a.facility_id, a.last_day, c.due_on, c.imposed_at, c.closed_at
            FROM licensing_serviceauthorisation a JOIN licensing_condition c ON c.authorisation_id = a.id
            WHERE a.facility_id IN (SELECT facility_id FROM asked) AND c.due_on IS NOT NULL
        ) c
    ) c
    GROUP BY c.facility_id
"""
"""Conditions that are not met yet; with the licence, or the authorisation, ends what it was tied to."""

FACTS = f"""
WITH asked (facility_id) AS ({{facilities}})
SELECT f.id AS facility_id,
       COALESCE(status.status IN ('operating', 'suspected_unlicensed'), false) AS operating,
       status.effective_on AS operating_since,
       (type.licence_needed OR COALESCE(status.status = 'suspected_unlicensed', false)) AS licence_needed,
       visit.visited_on AS last_visit_on,
       visit.next_due_on AS inspection_due_on,
       COALESCE(visit.band, '') AS band,
       licence.until_on AS licensed_until,
       COALESCE(licence.ended_early, false) AS licence_ended_early,
       correction.due_on AS correction_due_on,
       COALESCE(cardinality(refused.since), 0) AS refused_visits,
       refused.since[3] AS third_refusal_on,
       COALESCE(visit.closure_proposed, false) AS closure_proposed,
       service.services AS unauthorised_services,
       service.since_on AS unauthorised_since,
       condition.due_on AS condition_due_on,
       LEAST(
           status.next_on,
           CASE WHEN standing.last_visit_on > %(as_of)s THEN visit.next_on END,
           CASE WHEN visit.next_due_on >= %(as_of)s THEN visit.next_due_on + 1 END,
           licence.next_on,
           service.next_on,
           condition.next_on,
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
                       WHERE v.facility_id = f.id AND v.visited_on <= %(as_of)s AND {COUNTING}
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
        WHERE v.facility_id = f.id AND {COUNTING}
    ) past
    WHERE standing.last_visit_on > %(as_of)s
) visit ON true
LEFT JOIN ({LICENCES}) licence ON licence.facility_id = f.id
LEFT JOIN ({UNAUTHORISED}) service ON service.facility_id = f.id
LEFT JOIN ({CONDITIONS}) condition ON condition.facility_id = f.id
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
"""
"""What the rules read of each facility as of a day, from the base tables, and the next day on which it may differ.

Standing answers for today and later; days before the last visit are answered from the visits themselves.
"""
