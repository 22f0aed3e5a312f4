"""A synthetic register, made by PostgreSQL itself: several licences and visits a facility, all with different dates.

On CHANGE_DAY exactly CHANGES facilities come to a threshold, whatever the size of the register, so that the
next-day sweep can be compared between sizes.
"""

from datetime import date
from typing import Any

from django.db import connections

from registry.core.khmer import search_key
from tests import factories

TODAY = date(2026, 11, 22)
CHANGES = 400
KHMER = [
    "សុខភាព",
    "មន្ទីរ",
    "ពេទ្យ",
    "គ្លីនិក",
    "មង្គល",
    "សែនជ័យ",
    "ដូនពេញ",
    "ចំការ",
    "បឹង",
    "កេង",
    "ទួល",
    "គោក",
    "ព្រែក",
    "ព្នៅ",
    "ច្បារ",
    "អំពៅ",
]
LATIN = [
    "sokha",
    "montir",
    "pet",
    "klinik",
    "mongkol",
    "sensok",
    "daun",
    "penh",
    "chamkar",
    "boeung",
    "keng",
    "tuol",
    "kork",
    "prek",
    "pnov",
    "chbar",
]
TABLES = (
    "registry_facility",
    "registry_operationalstatuschange",
    "inspections_visit",
    "inspections_standing",
    "inspections_finding",
    "inspections_correctiveaction",
    "licensing_licence",
    "licensing_suspension",
    "licensing_condition",
    "licensing_serviceauthorisation",
    "registry_facilityservice",
)

FACILITIES = """
INSERT INTO registry_facility (id, name_km, name_en, type_id, ownership, area_id, province_id, address, opening_hours,
    phone, email, website, operational_status, revision, registered_at, changed_at, search_key, sort_key)
SELECT n, km, en, CASE WHEN n %% 5 = 0 THEN %(centre)s ELSE %(clinic)s END, 'private',
    (%(provinces)s::int[])[n %% 25 + 1], (%(provinces)s::int[])[n %% 25 + 1], '', '', '', '', '',
    'operating', 1, now(), now(), lower(en) || ' ' || kkm || ' kh' || lpad(n::text, 7, '0'), km || lpad(n::text, 8, '0')
FROM (
    SELECT n, (%(km)s::text[])[h1 %% 16 + 1] || ' ' || (%(km)s::text[])[h2 %% 16 + 1] || ' ' || n AS km,
           (%(kkm)s::text[])[h1 %% 16 + 1] || ' ' || (%(kkm)s::text[])[h2 %% 16 + 1] || ' ' || n AS kkm,
           (%(en)s::text[])[h3 %% 16 + 1] || ' ' || (%(en)s::text[])[h4 %% 16 + 1] || ' ' || n AS en
    FROM (SELECT n, abs(hashint4(n)) AS h1, abs(hashint4(n + 1)) AS h2,
                 abs(hashint4(n + 2)) AS h3, abs(hashint4(n + 3)) AS h4
          FROM generate_series(1, %(size)s) n) hashes) names
"""
# Thresholds of all but the first CHANGES facilities fall on even distances from the change day, so never on it.
FACTS = """
INSERT INTO registry_operationalstatuschange (facility_id, status, reason, recorded_at)
SELECT id, CASE WHEN id %% 50 = 7 THEN 'closed' ELSE 'operating' END, '', now() FROM registry_facility;

INSERT INTO inspections_visit (uuid, facility_id, purpose, announced, state, outcome, ruleset_id, visited_on,
    services, licence_seen, answers, note, revision, submitted_at, decided_at, reason, score, section_scores, band,
    next_due_on, source, source_key, created_at)
SELECT gen_random_uuid(), f.id, 'routine', false, 'approved', 'completed', %(ruleset)s, seen,
    '[]', '', '{}', '', 1, now(), now(), '', 70, '{}',
    CASE WHEN f.id %% 40 = 3 THEN 'non_compliant' ELSE 'substantially_compliant' END, seen + 365, 'benchmark',
    f.id || '-' || v, now()
FROM registry_facility f CROSS JOIN generate_series(0, 2) v
CROSS JOIN LATERAL (SELECT CASE WHEN f.id <= %(changes)s THEN %(today)s::date - 365 - 400 * v
    ELSE %(today)s::date - 32 - 2 * ((f.id * 7) %% 198)::int - 400 * v END AS seen) d
WHERE f.id %% 30 <> 11;

INSERT INTO inspections_standing (facility_id, visit_id, last_visit_on, score, band, visits_in_band, closure_proposed,
    next_due_on)
SELECT DISTINCT ON (facility_id) facility_id, id, visited_on, score, band, 3, band = 'non_compliant', next_due_on
FROM inspections_visit ORDER BY facility_id, visited_on DESC;

INSERT INTO inspections_visit (uuid, facility_id, purpose, announced, state, outcome, ruleset_id, visited_on,
    services, licence_seen, answers, note, revision, submitted_at, decided_at, reason, section_scores, band,
    source, source_key, created_at)
SELECT gen_random_uuid(), f.id, 'follow_up', false, 'approved', 'refused', %(ruleset)s, %(today)s::date - 5 * v,
    '[]', '', '{}', '', 1, now(), now(), '', '{}', '', 'benchmark', f.id || '-refused-' || v, now()
FROM registry_facility f CROSS JOIN generate_series(1, 1 + (f.id %% 4)::int) v WHERE f.id %% 35 = 6;

INSERT INTO inspections_finding (visit_id, facility_id, item_code, clause, text, severity, scope, grid, recorded_at)
SELECT visit_id, facility_id, 'S01.' || n, '1', '', 2, 2, 'E', now()
FROM inspections_standing CROSS JOIN generate_series(1, 2) n WHERE facility_id %% 6 = 1 AND facility_id > %(changes)s;

INSERT INTO inspections_correctiveaction (uuid, finding_id, facility_id, state, text, due_on, opened_at, decided_at,
    verified_how, decided_by_id, reason)
SELECT gen_random_uuid(), id, facility_id, CASE WHEN id %% 3 = 0 THEN 'withdrawn' ELSE 'required' END, '',
    %(today)s::date + 2 * ((id * 13) %% 120)::int - 39, %(today)s::date - 90,
    CASE WHEN id %% 3 = 0 THEN %(today)s::date - 30 END, '', NULL, ''
FROM inspections_finding;

INSERT INTO licensing_licence (number, facility_id, type_id, state, valid_from, valid_until, ended_on, reason,
    recorded_at, source)
SELECT 'L-' || f.id || '-' || n, f.id, %(licence_type)s,
    CASE WHEN n = 0 AND f.id %% 60 = 13 THEN 'revoked' ELSE 'issued' END,
    until - 700, until, CASE WHEN n = 0 AND f.id %% 60 = 13 THEN until - 101 END, '', now(), 'benchmark'
FROM registry_facility f CROSS JOIN generate_series(0, 1) n
CROSS JOIN LATERAL (SELECT %(today)s::date + 1 + 2 * ((f.id * 11) %% 330)::int - 120 - 800 * n AS until) d
WHERE f.id %% 20 <> 19;

INSERT INTO licensing_suspension (licence_id, grounds, notice_on, from_on, ends_on, decided_at, ended_at, reason_of_end)
SELECT id, 'x', valid_from, %(today)s::date - 20, CASE WHEN facility_id %% 3 = 0 THEN %(today)s::date - 4 END, now(),
    CASE WHEN facility_id %% 3 = 0 THEN now() END, 'x'
FROM licensing_licence WHERE facility_id %% 45 = 9 AND state = 'issued'
    AND valid_from < %(today)s::date - 20 AND valid_until > %(today)s::date;
UPDATE licensing_licence SET state = 'suspended', suspended_from = %(today)s::date - 20
WHERE id IN (SELECT licence_id FROM licensing_suspension WHERE ends_on IS NULL);

INSERT INTO licensing_condition (licence_id, text, due_on, state, imposed_at, evidence)
SELECT id, 'x', %(today)s::date - 41 + 2 * (facility_id %% 60)::int, 'open', %(today)s::date - 90, ''
FROM licensing_licence WHERE facility_id %% 25 = 12 AND state = 'issued';

INSERT INTO registry_facilityservice (facility_id, service_id, declared_on)
SELECT id, %(service)s, %(today)s::date - 900 FROM registry_facility WHERE id %% 8 = 2;
INSERT INTO licensing_serviceauthorisation (number, facility_id, service_id, state, valid_from, valid_until, reason,
    recorded_at, source)
SELECT 'A-' || id, id, %(service)s, 'issued', %(today)s::date - 700,
    %(today)s::date + 1 + 2 * ((id * 17) %% 300)::int - 60, '', now(), 'benchmark'
FROM registry_facility WHERE id %% 8 = 2 AND id %% 5 <> 0;

INSERT INTO enforcement_complianceclock (facility_id, operating, licence_needed, band, licence_ended_early, mask,
    next_change_on)
SELECT id, false, false, '', false, 0, '-infinity' FROM registry_facility;
"""


def fill(facilities: int) -> None:
    """Fill an empty database; a database that is already full stays as it is."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_facility")
        if cursor.fetchone()[0] == facilities:
            return
        print(f"Filling a register of {facilities:,} facilities …", flush=True)
        # The row history and the marks on the clock would only double the time it takes to fill.
        cursor.execute("BEGIN")
        for table in TABLES:
            cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        values: dict[str, Any] = {
            "provinces": [factories.a_province(f"{n:02d}", f"ខេត្ត {n}", f"Province {n}").pk for n in range(1, 26)],
            "clinic": factories.a_facility_type("clinic").pk,
            "centre": factories.a_facility_type("health-centre", licence_needed=False).pk,
            "ruleset": factories.a_ruleset("benchmark").pk,
            "licence_type": factories.a_licence_type().pk,
            "service": factories.a_service().pk,
            "size": facilities,
            "today": TODAY,
            "changes": CHANGES,
            "km": KHMER,
            "kkm": [search_key(word) for word in KHMER],
            "en": LATIN,
        }
        cursor.execute(FACILITIES, values)
        cursor.execute(FACTS, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("COMMIT")
        cursor.execute("VACUUM ANALYZE")
