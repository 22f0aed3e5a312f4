"""Who must not decide, for the database: the law of `policies.check_has_no_interest` in SQL."""

from registry.core.dates import TODAY_IN_SQL

NO_INTEREST = """
    IF EXISTS (
        SELECT 1 FROM registry_interest i JOIN registry_facility f ON f.id = {facility}
        WHERE (i.facility_id = f.id OR i.operator_id = f.operator_id) AND i.person_id = {person}
          AND i.declared_on <= {today} AND (i.ended_on IS NULL OR i.ended_on > {today})
    ) THEN
        RAISE EXCEPTION 'person % has an interest in facility %', {person}, {facility}
            USING ERRCODE = 'restrict_violation';
    END IF;
""".replace("{today}", TODAY_IN_SQL)
"""`{facility}` and `{person}` are SQL; where either is null nobody is refused."""

NOBODY_UNFIT = """
    IF EXISTS (
        WITH RECURSIVE visit AS (
            SELECT {application}.visit_id AS id
            UNION SELECT v.id FROM inspections_visit v JOIN visit ON v.amends_id = visit.id
        )
        SELECT 1 FROM visit JOIN inspections_visit v ON v.id = visit.id
        LEFT JOIN inspections_visitmember m ON m.visit_id = v.id
        WHERE v.inspector_id IN ({people}) OR m.person_id IN ({people})
    ) THEN
        RAISE EXCEPTION 'who visited for application % does not sign it', {application}.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM registry_interest i
        LEFT JOIN registry_facility f ON f.id IN ({application}.facility_id, (
            SELECT l.facility_id FROM licensing_licence l WHERE l.id = {application}.concerns_id
        ))
        WHERE i.person_id IN ({people})
          AND (i.facility_id = f.id OR i.operator_id IN (f.operator_id, {application}.operator_id))
          AND i.declared_on <= {today} AND (i.ended_on IS NULL OR i.ended_on > {today})
    ) THEN
        RAISE EXCEPTION 'who has an interest in application % does not sign it', {application}.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM accounts_user u WHERE u.id IN ({people}) AND u.role = 'operator') OR EXISTS (
        SELECT 1 FROM registry_representative r
        WHERE r.person_id IN ({people}) AND r.operator_id = {application}.operator_id
    ) THEN
        RAISE EXCEPTION 'who acts for the operator of application % does not sign it', {application}.number
            USING ERRCODE = 'restrict_violation';
    END IF;
""".replace("{today}", TODAY_IN_SQL)
"""`{application}` is a row and `{people}` a query: none of them was on its visit or on one that amended it, has an
interest in its site, in the one it moves from or in an operator of these, acts or acted for the applicant."""
