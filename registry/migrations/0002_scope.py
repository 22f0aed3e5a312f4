"""What ties a facility's province to its area, so that scope cannot be got round by a wrong province."""

from django.db import migrations

COMPOSITE = """
ALTER TABLE registry_facility
    ADD CONSTRAINT facility_is_in_the_province_of_its_area
    FOREIGN KEY (area_id, province_id) REFERENCES areas_area (id, province_id) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE registry_facility
    ADD CONSTRAINT operational_district_is_in_the_province
    FOREIGN KEY (operational_district_id, province_id) REFERENCES areas_operationaldistrict (id, province_id)
    DEFERRABLE INITIALLY IMMEDIATE;
"""
APART = """
ALTER TABLE registry_facility DROP CONSTRAINT facility_is_in_the_province_of_its_area;
ALTER TABLE registry_facility DROP CONSTRAINT operational_district_is_in_the_province;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("areas", "0002_initial")]
    operations = [migrations.RunSQL(COMPOSITE, APART)]
