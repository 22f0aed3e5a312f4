"""The statements that compare staged facilities with the register, and load them."""

TEXTS = ("name_km", "name_en", "address", "opening_hours", "phone", "email", "website", "brand")
OTHERS = ("type_id", "ownership", "operational_district_id", "point_accuracy_m", "beds", "opened_on")
PAIRS = (("area_id", "province_id"), ("latitude", "longitude"))
COMPARED = (*TEXTS, *OTHERS, *(column for pair in PAIRS for column in pair), "operational_status")
FACTS = (*COMPARED, "search_key", "sort_key")


def listed(names: tuple[str, ...], table: str = "") -> str:
    return ", ".join(f"{table}{name}" for name in names)


CREATE = f"""
CREATE TEMPORARY TABLE import_staged AS SELECT {listed(FACTS)} FROM registry_facility WITH NO DATA;
ALTER TABLE import_staged
    ADD row_number integer PRIMARY KEY, ADD original jsonb NOT NULL, ADD key text NOT NULL, ADD services bigint[],
    ADD facility_id bigint, ADD former_status text, ADD action text, ADD fault text, ADD detail text,
    ADD candidates jsonb;
"""

MATCH = """
UPDATE import_staged s SET facility_id = i.facility_id
FROM registry_facilityidentifier i WHERE i.system = %(system)s AND i.value = s.key;
CREATE INDEX ON import_staged (facility_id);
ANALYZE import_staged;
"""
LOCK = """
SELECT count(*) FROM (
    SELECT f.id FROM registry_facility f JOIN import_staged s ON s.facility_id = f.id
    ORDER BY f.id FOR NO KEY UPDATE OF f
) locked
"""

# A cell that is empty leaves what the register knows.
COMPLETE = f"""
UPDATE import_staged s SET
    {", ".join(f"{name} = COALESCE(s.{name}, f.{name})" for name in (*TEXTS, *OTHERS))},
    {", ".join(f"{b} = CASE WHEN s.{a} IS NULL THEN f.{b} ELSE s.{b} END" for a, c in PAIRS for b in (a, c))},
    operational_status = CASE WHEN %(keep_status)s THEN f.operational_status
                              ELSE COALESCE(s.operational_status, f.operational_status) END,
    former_status = f.operational_status
FROM registry_facility f WHERE f.id = s.facility_id
"""
BEGIN = f"""
UPDATE import_staged SET
    {", ".join(f"{name} = COALESCE({name}, '')" for name in TEXTS)},
    ownership = COALESCE(ownership, %(ownership)s), operational_status = COALESCE(operational_status, %(status)s)
WHERE facility_id IS NULL
"""

FAULTS = (
    """
    UPDATE import_staged s SET fault = 'identifier_twice', detail = twice.first
    FROM (
        SELECT row_number, min(row_number) OVER (PARTITION BY COALESCE(facility_id::text, 'new ' || key)) AS first
        FROM import_staged
    ) twice
    WHERE twice.row_number = s.row_number AND twice.first < s.row_number
    """,
    """
    UPDATE import_staged s SET fault = 'another_province'
    WHERE %(provincial)s AND fault IS NULL AND (
        s.province_id IS DISTINCT FROM %(province)s
        OR EXISTS (SELECT 1 FROM registry_facility f
                   WHERE f.id = s.facility_id AND f.province_id IS DISTINCT FROM %(province)s)
    )
    """,
    """
    UPDATE import_staged SET fault = 'no_name'
    WHERE fault IS NULL AND facility_id IS NULL AND name_km = '' AND name_en = ''
    """,
    """
    UPDATE import_staged SET fault = 'no_type' WHERE fault IS NULL AND facility_id IS NULL AND type_id IS NULL
    """,
    """
    UPDATE import_staged s SET fault = 'district_elsewhere'
    FROM areas_operationaldistrict o
    WHERE fault IS NULL AND o.id = s.operational_district_id AND o.province_id IS DISTINCT FROM s.province_id
    """,
    """
    UPDATE import_staged s SET fault = 'status_not_reachable', detail = former_status
    WHERE fault IS NULL AND former_status <> operational_status AND (
        former_status || ' ' || operational_status <> ALL(%(reachable)s::text[])
        OR EXISTS (SELECT 1 FROM registry_operationalstatuschange c
                   WHERE c.facility_id = s.facility_id AND c.effective_on >= %(day)s)
    )
    """,
)

DECIDE = f"""
UPDATE import_staged s SET action = 'create' WHERE facility_id IS NULL;
UPDATE import_staged s SET action = CASE
    WHEN ({listed(COMPARED, "s.")}) IS DISTINCT FROM ({listed(COMPARED, "f.")})
        OR s.services IS DISTINCT FROM COALESCE((
            SELECT array_agg(d.service_id ORDER BY d.service_id) FROM registry_facilityservice d
            WHERE d.facility_id = f.id AND d.withdrawn_on IS NULL AND s.services IS NOT NULL
              AND (%(spoken)s::bigint[] IS NULL OR d.service_id = ANY(%(spoken)s::bigint[]))
        ), CASE WHEN s.services IS NOT NULL THEN ARRAY[]::bigint[] END) THEN 'update'
    ELSE 'unchanged' END
FROM registry_facility f WHERE f.id = s.facility_id;
"""
RENEW_KEYS = """
UPDATE import_staged s SET search_key = renewed.search_key, sort_key = renewed.sort_key
FROM unnest(%s::integer[], %s::text[], %s::text[]) AS renewed (row_number, search_key, sort_key)
WHERE s.row_number = renewed.row_number
"""

LOADED = "s.fault IS NULL AND s.action"
LOAD = (
    f"""
    UPDATE registry_facility f SET
        {", ".join(f"{name} = s.{name}" for name in FACTS)}, revision = f.revision + 1, changed_at = %(at)s
    FROM import_staged s WHERE {LOADED} = 'update' AND f.id = s.facility_id
    """,
    f"""
    UPDATE import_staged s SET facility_id = numbered.id
    FROM (
        SELECT row_number, nextval(pg_get_serial_sequence('registry_facility', 'id')) AS id
        FROM (SELECT row_number FROM import_staged s WHERE {LOADED} = 'create' ORDER BY row_number) in_order
    ) numbered
    WHERE s.row_number = numbered.row_number
    """,
    f"""
    INSERT INTO registry_facility (id, {listed(FACTS)}, revision, registered_at, changed_at)
    SELECT facility_id, {listed(FACTS)}, 1, %(at)s, %(at)s
    FROM import_staged s WHERE {LOADED} = 'create' ORDER BY row_number
    """,
    f"""
    INSERT INTO registry_facilityidentifier (facility_id, system, value)
    SELECT facility_id, %(system)s, key FROM import_staged s WHERE {LOADED} = 'create' ORDER BY row_number
    """,
    f"""
    INSERT INTO registry_operationalstatuschange
        (facility_id, status, effective_on, reason, recorded_at, recorded_by_id)
    SELECT facility_id, operational_status, CASE WHEN action = 'update' THEN %(day)s::date END,
           %(reason)s, %(at)s, %(by)s
    FROM import_staged s
    WHERE {LOADED} = 'create' OR ({LOADED} = 'update' AND former_status <> operational_status)
    ORDER BY row_number
    """,
    f"""
    UPDATE registry_facilityservice d SET withdrawn_on = GREATEST(%(day)s, d.declared_on)
    FROM import_staged s
    WHERE {LOADED} = 'update' AND d.facility_id = s.facility_id AND d.withdrawn_on IS NULL
      AND s.services IS NOT NULL AND d.service_id <> ALL(s.services)
      AND (%(spoken)s::bigint[] IS NULL OR d.service_id = ANY(%(spoken)s::bigint[]))
    """,
    f"""
    INSERT INTO registry_facilityservice (facility_id, service_id, declared_on)
    SELECT s.facility_id, told.service_id, %(day)s
    FROM import_staged s CROSS JOIN LATERAL unnest(s.services) AS told (service_id)
    WHERE {LOADED} IN ('create', 'update') AND NOT EXISTS (
        SELECT 1 FROM registry_facilityservice d
        WHERE d.facility_id = s.facility_id AND d.service_id = told.service_id AND d.withdrawn_on IS NULL
    )
    ORDER BY s.row_number, told.service_id
    """,
)

# Candidates are looked for from one place of each name and spot, and not where so many share a neighbourhood that
# nearness says nothing: work grows with the rows, not with their square. Cells are 0.004°, about 440 m high.
METRES = """111320 * sqrt(
    power(fresh.latitude::float8 - known.latitude::float8, 2)
    + power((fresh.longitude::float8 - known.longitude::float8) * cos(radians(fresh.latitude::float8)), 2))"""
ROW_OF_CELLS = 1_000_000
NEIGHBOURS = ", ".join(str(up * ROW_OF_CELLS + across) for up in (-1, 0, 1) for across in (-1, 0, 1))
NEAR_M, ALIKE, MOST_NEIGHBOURS, MOST_CANDIDATES = 150, 0.6, 50, 5
DUPLICATES = f"""
WITH places AS (
    SELECT 0 AS row_number, f.number, f.name_km, f.name_en, f.search_key, f.type_id, f.latitude, f.longitude,
           COALESCE(left(a.code, 4), lower(NULLIF(f.address, ''))) AS place
    FROM registry_facility f LEFT JOIN areas_area a ON a.id = f.area_id
    UNION ALL
    SELECT s.row_number, NULL, s.name_km, s.name_en, s.search_key, s.type_id, s.latitude, s.longitude,
           COALESCE(left(a.code, 4), lower(NULLIF(s.address, '')))
    FROM import_staged s LEFT JOIN areas_area a ON a.id = s.area_id WHERE {LOADED} = 'create'
), placed AS MATERIALIZED (
    SELECT *, floor(latitude * 250)::bigint * {ROW_OF_CELLS} + floor(longitude * 250)::bigint AS cell FROM places
), fresh AS MATERIALIZED (
    SELECT * FROM placed WHERE row_number > 0
), named AS MATERIALIZED (
    SELECT DISTINCT ON (search_key, type_id, place) * FROM placed WHERE place IS NOT NULL
    ORDER BY search_key, type_id, place, row_number, number
), spots AS MATERIALIZED (
    SELECT * FROM (
        SELECT *, count(*) OVER (PARTITION BY cell) AS neighbours FROM (
            SELECT DISTINCT ON (search_key, type_id, round(latitude, 4), round(longitude, 4)) * FROM placed
            WHERE latitude IS NOT NULL
            ORDER BY search_key, type_id, round(latitude, 4), round(longitude, 4), row_number, number
        ) spot
    ) counted WHERE neighbours <= {MOST_NEIGHBOURS}
), pairs AS (
    SELECT fresh.row_number AS of_row, known.row_number, known.number, known.name_km, known.name_en
    FROM fresh JOIN named known USING (search_key, type_id, place) WHERE known.row_number < fresh.row_number
    UNION
    SELECT fresh.row_number, known.row_number, known.number, known.name_km, known.name_en
    FROM (SELECT *, cell + unnest(ARRAY[{NEIGHBOURS}]) AS beside FROM fresh) fresh
    JOIN spots known ON known.cell = fresh.beside
    WHERE known.row_number < fresh.row_number AND {METRES} <= {NEAR_M}
      AND (known.search_key = fresh.search_key
           OR (known.type_id = fresh.type_id AND similarity(known.search_key, fresh.search_key) >= {ALIKE}))
), listed AS (
    SELECT of_row, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'number', number, 'row', NULLIF(row_number, 0),
               'label', concat_ws(' / ', NULLIF(name_km, ''), NULLIF(name_en, ''))
           )) ORDER BY place) AS candidates
    FROM (SELECT *, row_number() OVER (PARTITION BY of_row ORDER BY row_number, number) AS place FROM pairs) ranked
    WHERE place <= {MOST_CANDIDATES} GROUP BY of_row
)
UPDATE import_staged s SET candidates = listed.candidates FROM listed WHERE listed.of_row = s.row_number
"""
