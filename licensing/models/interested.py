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
