"""The statements that compare staged visits and findings with the register, and load them."""

CREATE = """
CREATE TEMPORARY TABLE import_staged AS
    SELECT v.source_key, v.visited_on, v.purpose, v.outcome, v.note, v.score, v.band, v.next_due_on,
           f.item_code, f.clause, f.text, f.severity, f.scope, f.corrected_on
    FROM inspections_visit v JOIN inspections_finding f ON f.visit_id = v.id WITH NO DATA;
ALTER TABLE import_staged
    ADD row_number integer PRIMARY KEY, ADD original jsonb NOT NULL, ADD key text NOT NULL, ADD facility_id bigint,
    ADD finding_id bigint, ADD action text, ADD fault text, ADD detail text, ADD candidates jsonb;
CREATE TEMPORARY TABLE import_visits AS
    SELECT source_key, facility_id, visited_on, purpose, outcome, note, score, band, next_due_on,
           id AS visit_id, ''::text AS action, 0 AS row_number FROM inspections_visit WITH NO DATA;
CREATE INDEX ON import_visits (source_key);
"""

FAULTS = (
    """
    CREATE INDEX ON import_staged (source_key);
    ANALYZE import_staged
    """,
    """
    UPDATE import_staged s SET facility_id = i.facility_id
    FROM registry_facilityidentifier i JOIN registry_facility f ON f.id = i.facility_id
    WHERE i.system = %(system)s AND i.value = s.key AND (NOT %(provincial)s OR f.province_id = %(province)s)
    """,
    """
    UPDATE import_staged SET fault = 'unknown_facility', detail = key WHERE facility_id IS NULL
    """,
    """
    UPDATE import_staged s SET fault = 'row_twice', detail = twice.first
    FROM (
        SELECT row_number, min(row_number) OVER (PARTITION BY source_key, item_code) AS first
        FROM import_staged WHERE fault IS NULL
    ) twice
    WHERE twice.row_number = s.row_number AND twice.first < s.row_number
    """,
    """
    UPDATE import_staged s SET fault = 'rows_disagree', detail = visit.first
    FROM (
        SELECT row_number, first_value(row_number) OVER whole AS first,
               (facility_id, visited_on, outcome, note, score) AS facts,
               first_value((facility_id, visited_on, outcome, note, score)) OVER whole AS first_facts,
               array_position(%(purposes)s::text[], purpose::text) IS NULL
                   AND purpose <> first_value(purpose) OVER whole AS purposes_differ
        FROM import_staged WHERE fault IS NULL WINDOW whole AS (PARTITION BY source_key ORDER BY row_number)
    ) visit
    WHERE visit.row_number = s.row_number AND (facts IS DISTINCT FROM first_facts OR purposes_differ)
    """,
    """
    UPDATE import_staged s SET fault = 'visit_elsewhere'
    FROM inspections_visit v
    WHERE s.fault IS NULL AND v.source = %(source)s AND v.source_key = s.source_key AND v.facility_id <> s.facility_id
    """,
)

DECIDE = """
INSERT INTO import_visits
    SELECT DISTINCT ON (s.source_key) s.source_key, s.facility_id, s.visited_on, s.purpose, s.outcome, s.note,
           s.score, s.band, s.next_due_on, v.id,
           CASE WHEN v.id IS NULL THEN 'create'
                WHEN (s.visited_on, s.purpose, s.outcome, s.note, s.score, s.band, s.next_due_on, %(ruleset)s::bigint)
                     IS DISTINCT FROM
                     (v.visited_on, v.purpose, v.outcome, v.note, v.score, v.band, v.next_due_on, v.ruleset_id)
                THEN 'update' ELSE 'unchanged' END,
           min(s.row_number) OVER (PARTITION BY s.source_key)
    FROM import_staged s
    LEFT JOIN inspections_visit v ON v.source = %(source)s AND v.source_key = s.source_key
    WHERE s.fault IS NULL
    ORDER BY s.source_key, array_position(%(purposes)s::text[], s.purpose::text), s.row_number;
ANALYZE import_visits;
UPDATE import_staged s SET finding_id = f.id
    FROM import_visits v JOIN inspections_finding f ON f.visit_id = v.visit_id
    WHERE s.fault IS NULL AND v.source_key = s.source_key AND f.item_code = s.item_code;
UPDATE import_staged s SET action = CASE
        WHEN v.action = 'create' OR (s.clause IS NOT NULL AND s.finding_id IS NULL) THEN 'create'
        WHEN v.action = 'update' THEN 'update' ELSE 'unchanged' END
    FROM import_visits v WHERE s.fault IS NULL AND v.source_key = s.source_key;
UPDATE import_staged s SET action = 'update'
    FROM inspections_finding f
    WHERE s.finding_id = f.id AND s.action = 'unchanged'
      AND (s.clause, s.text, s.severity, s.scope, s.corrected_on)
          IS DISTINCT FROM (f.clause, f.text, f.severity, f.scope, f.corrected_on);
"""

LOAD = (
    """
    INSERT INTO inspections_visit (
        uuid, facility_id, purpose, announced, state, outcome, ruleset_id, visited_on, services, licence_seen,
        answers, note, revision, decided_at, reason, score, section_scores, band, next_due_on,
        source, source_key, created_at
    )
    SELECT gen_random_uuid(), facility_id, purpose, false, 'approved', outcome, %(ruleset)s, visited_on, '[]', '',
           '{}', note, 1, %(at)s, '', score, '{}', band, next_due_on, %(source)s, source_key, %(at)s
    FROM import_visits WHERE action = 'create' ORDER BY row_number
    """,
    """
    UPDATE inspections_visit v SET
        visited_on = s.visited_on, purpose = s.purpose, outcome = s.outcome, note = s.note, score = s.score,
        band = s.band, next_due_on = s.next_due_on, ruleset_id = %(ruleset)s, revision = v.revision + 1
    FROM import_visits s WHERE s.action = 'update' AND v.id = s.visit_id
    """,
    """
    INSERT INTO inspections_finding
        (visit_id, facility_id, item_code, clause, text, severity, scope, grid, corrected_on, recorded_at)
    SELECT v.id, v.facility_id, s.item_code, s.clause, s.text, s.severity, s.scope,
           substr(%(letters)s, (s.severity - 1) * 3 + s.scope, 1), s.corrected_on, %(at)s
    FROM import_staged s JOIN inspections_visit v ON v.source = %(source)s AND v.source_key = s.source_key
    WHERE s.fault IS NULL AND s.clause IS NOT NULL AND s.finding_id IS NULL ORDER BY s.row_number
    """,
    """
    UPDATE inspections_finding f SET
        clause = s.clause, text = s.text, severity = s.severity, scope = s.scope, corrected_on = s.corrected_on,
        grid = substr(%(letters)s, (s.severity - 1) * 3 + s.scope, 1)
    FROM import_staged s
    WHERE s.fault IS NULL AND f.id = s.finding_id
      AND (s.clause, s.text, s.severity, s.scope, s.corrected_on)
          IS DISTINCT FROM (f.clause, f.text, f.severity, f.scope, f.corrected_on)
    """,
)

MOVED = "SELECT DISTINCT facility_id FROM import_visits WHERE action <> 'unchanged'"
