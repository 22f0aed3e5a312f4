"""Every change of a fact that a rule reads marks the facility's compliance clock, whoever makes the change."""

from django.db import migrations

START = """
CREATE FUNCTION enforcement_start_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO enforcement_complianceclock
        (facility_id, operating, licence_needed, band, licence_ended_early, mask, next_change_on)
    SELECT id, false, false, '', false, 0, '-infinity' FROM changed
    ON CONFLICT (facility_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER clock_starts AFTER INSERT ON registry_facility
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION enforcement_start_clock();

CREATE FUNCTION enforcement_mark_facility() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
    FROM changed n JOIN former o USING (id)
    WHERE c.facility_id = n.id
      AND (n.type_id, n.operational_status, n.opened_on, n.registered_at)
          IS DISTINCT FROM (o.type_id, o.operational_status, o.opened_on, o.registered_at);
    RETURN NULL;
END $$;
CREATE TRIGGER clock_marked AFTER UPDATE ON registry_facility
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION enforcement_mark_facility();

CREATE FUNCTION enforcement_mark_type() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
    FROM registry_facility f JOIN changed n ON f.type_id = n.id JOIN former o ON o.id = n.id
    WHERE c.facility_id = f.id AND n.licence_needed IS DISTINCT FROM o.licence_needed;
    RETURN NULL;
END $$;
CREATE TRIGGER clock_marked AFTER UPDATE ON registry_facilitytype
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION enforcement_mark_type();

CREATE FUNCTION enforcement_mark_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
    FROM (SELECT DISTINCT facility_id FROM changed) n WHERE c.facility_id = n.facility_id;
    RETURN NULL;
END $$;

CREATE FUNCTION enforcement_mark_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
    FROM (
        SELECT l.facility_id FROM changed JOIN licensing_licence l ON l.id = changed.licence_id
        UNION
        SELECT a.facility_id FROM changed JOIN licensing_serviceauthorisation a ON a.id = changed.authorisation_id
    ) n
    WHERE c.facility_id = n.facility_id;
    RETURN NULL;
END $$;

CREATE FUNCTION enforcement_mark_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH news AS (
        SELECT n.id, n.code FROM changed n JOIN former o USING (id)
        WHERE (n.code, n.needs_authorisation) IS DISTINCT FROM (o.code, o.needs_authorisation)
    )
    UPDATE enforcement_complianceclock c SET next_change_on = '-infinity'
    FROM (
        SELECT d.facility_id FROM news JOIN registry_facilityservice d ON d.service_id = news.id
        UNION
        SELECT s.facility_id FROM news JOIN inspections_standing s ON s.services ? news.code
    ) n
    WHERE c.facility_id = n.facility_id;
    RETURN NULL;
END $$;
CREATE TRIGGER clock_marked AFTER UPDATE ON registry_service
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION enforcement_mark_service();

CREATE FUNCTION enforcement_mark_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE enforcement_complianceclock SET next_change_on = '-infinity' WHERE facility_id = NEW.facility_id;
    RETURN NULL;
END $$;
CREATE TRIGGER clock_marked_by_refusal AFTER INSERT ON inspections_visit FOR EACH ROW
    WHEN (NEW.state = 'approved' AND NEW.outcome = 'refused') EXECUTE FUNCTION enforcement_mark_refused();
CREATE TRIGGER clock_marked_by_refusal_decided AFTER UPDATE ON inspections_visit FOR EACH ROW
    WHEN ((NEW.state = 'approved' AND NEW.outcome = 'refused') OR (OLD.state = 'approved' AND OLD.outcome = 'refused'))
    EXECUTE FUNCTION enforcement_mark_refused();
"""
TABLES = (
    "registry_operationalstatuschange",
    "registry_facilityservice",
    "inspections_standing",
    "inspections_correctiveaction",
    "licensing_licence",
    "licensing_serviceauthorisation",
)
OF_GRANTS = ("licensing_suspension", "licensing_condition")
MARKED_BY = dict.fromkeys(TABLES, "enforcement_mark_clock") | dict.fromkeys(OF_GRANTS, "enforcement_mark_grant")
MARK = "".join(
    f"""
CREATE TRIGGER clock_marked_by_{verb.lower()} AFTER {verb} ON {table}
    REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""
    for table, function in MARKED_BY.items()
    for verb, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
)
STOP = """
DROP FUNCTION enforcement_start_clock() CASCADE;
DROP FUNCTION enforcement_mark_facility() CASCADE;
DROP FUNCTION enforcement_mark_type() CASCADE;
DROP FUNCTION enforcement_mark_service() CASCADE;
DROP FUNCTION enforcement_mark_clock() CASCADE;
DROP FUNCTION enforcement_mark_grant() CASCADE;
DROP FUNCTION enforcement_mark_refused() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enforcement", "0001_initial"),
        ("inspections", "0001_initial"),
        ("licensing", "0001_initial"),
        ("registry", "0001_initial"),
    ]
    operations = [migrations.RunSQL(START + MARK, STOP)]
