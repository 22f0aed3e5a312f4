"""The view of branch networks: facilities that share an operator or its parent, a brand, a telephone, a person."""

from django.db import migrations

VIEW = """
CREATE VIEW registry_network AS
WITH RECURSIVE above AS (
    SELECT id, id AS root FROM registry_operator WHERE parent_id IS NULL
    UNION ALL
    SELECT o.id, above.root FROM registry_operator o JOIN above ON o.parent_id = above.id
), open_facility AS (
    SELECT id, province_id, operator_id, brand, brand_key, phone, phone_key
    FROM registry_facility WHERE operational_status <> 'closed'
), member AS (
    SELECT 'operator' AS kind, above.root::text AS key, NULL AS said, f.id, f.province_id
    FROM open_facility f JOIN above ON above.id = f.operator_id
    UNION ALL
    SELECT 'brand', brand_key, brand, id, province_id FROM open_facility WHERE brand_key <> ''
    UNION ALL
    SELECT 'phone', phone_key, phone_key, id, province_id FROM open_facility WHERE length(phone_key) >= 8
    UNION ALL
    SELECT 'responsible', p.practitioner_id::text, NULL, f.id, f.province_id
    FROM registry_posting p JOIN open_facility f ON f.id = p.facility_id
    WHERE p.is_responsible AND p.valid_until IS NULL
), shared AS (
    SELECT kind, key, min(said) AS said, array_agg(id ORDER BY id) AS facility_ids,
           array_agg(DISTINCT province_id) FILTER (WHERE province_id IS NOT NULL) AS province_ids, count(*) AS sites
    FROM member GROUP BY kind, key HAVING count(*) > 1
)
SELECT s.kind || '-' || CASE s.kind WHEN 'brand' THEN substr(md5(s.key), 1, 16) ELSE s.key END AS code,
       s.kind,
       COALESCE(o.name_km, p.name_km, '') AS name_km,
       COALESCE(o.name_en, p.name_en, s.said) AS name_en,
       COALESCE(o.search_key, p.search_key, s.key) AS sort_key,
       s.facility_ids,
       COALESCE(s.province_ids, ARRAY[]::bigint[]) AS province_ids,
       s.sites::integer AS sites
FROM shared s
LEFT JOIN registry_operator o ON o.id = CASE s.kind WHEN 'operator' THEN s.key::bigint END
LEFT JOIN registry_practitioner p ON p.id = CASE s.kind WHEN 'responsible' THEN s.key::bigint END
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_scope")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW registry_network")]
