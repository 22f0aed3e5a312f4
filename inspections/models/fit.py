"""Who can be in the team of a visit, for the database: the law of `policies.check_fit_for_team` in SQL."""

from registry.core.dates import TODAY_IN_SQL

FIT = """
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN registry_facility f ON f.id = v.facility_id
        JOIN registry_interest i ON i.facility_id = f.id OR i.operator_id = f.operator_id
        WHERE v.id = {visit} AND i.person_id = {person}
          AND i.declared_on <= COALESCE(v.planned_on, v.visited_on, CURRENT_DATE)
          AND (i.ended_on IS NULL OR i.ended_on > COALESCE(v.planned_on, v.visited_on, CURRENT_DATE))
    ) THEN
        RAISE EXCEPTION 'person % has an interest in the facility of visit %', {person}, {visit}
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN inspections_checklistversion e ON e.id = v.checklist_version_id
        JOIN inspections_checklist c ON c.id = e.checklist_id
        WHERE v.id = {visit} AND c.training_needed AND NOT EXISTS (
            SELECT 1 FROM inspections_competence k
            WHERE k.person_id = {person} AND k.checklist_id = c.id
              AND COALESCE(v.planned_on, v.visited_on, CURRENT_DATE) BETWEEN k.valid_from AND k.valid_until
        )
    ) THEN
        RAISE EXCEPTION 'person % is not trained for the checklist of visit %', {person}, {visit}
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN registry_facility f ON f.id = v.facility_id
        JOIN accounts_user u ON u.id = {person}
        WHERE v.id = {visit} AND u.province_id IS DISTINCT FROM f.province_id
    ) THEN
        RAISE EXCEPTION 'person % works in another province than the facility of visit %', {person}, {visit}
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_backcheck k JOIN inspections_visit o ON o.id = k.original_id
        WHERE k.repeat_id = {visit} AND (
            o.inspector_id = {person}
            OR EXISTS (SELECT 1 FROM inspections_visitmember m WHERE m.visit_id = o.id AND m.person_id = {person})
        )
    ) THEN
        RAISE EXCEPTION 'person % made the visit that visit % repeats', {person}, {visit}
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM inspections_visit v WHERE v.id = {visit} AND v.decided_by_id = {person}) THEN
        RAISE EXCEPTION 'person % has decided about visit %', {person}, {visit}
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
""".replace("CURRENT_DATE", TODAY_IN_SQL)
