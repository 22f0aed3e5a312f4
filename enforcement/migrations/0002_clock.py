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
    "inspections_standing",
    "inspections_correctiveaction",
    "licensing_licence",
)
MARK = "".join(
    f"""
CREATE TRIGGER clock_marked_by_{verb.lower()} AFTER {verb} ON {table}
    REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION enforcement_mark_clock();
"""
    for table in TABLES
    for verb, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
)
STOP = """
DROP FUNCTION enforcement_start_clock() CASCADE;
DROP FUNCTION enforcement_mark_facility() CASCADE;
DROP FUNCTION enforcement_mark_type() CASCADE;
DROP FUNCTION enforcement_mark_clock() CASCADE;
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
