"""Where facilities stand: always what their counting visits say, whatever order those came in."""

from collections.abc import Collection

from django.db import connection, transaction

from inspections.models import Standing, Visit
from registry.models import Facility

REFRESH = """
WITH counting AS (
    SELECT id, facility_id, visited_on, score, band, next_due_on,
           row_number() OVER latest_first AS place,
           first_value(band) OVER latest_first AS latest_band
    FROM inspections_visit
    WHERE facility_id = ANY(%s) AND state = 'approved' AND outcome = 'completed' AND purpose <> 'back_check'
    WINDOW latest_first AS (PARTITION BY facility_id ORDER BY visited_on DESC, id DESC)
), runs AS (
    SELECT facility_id, COALESCE(min(place) FILTER (WHERE band <> latest_band) - 1, count(*)) AS visits_in_band
    FROM counting GROUP BY facility_id
)
INSERT INTO inspections_standing AS s
    (facility_id, visit_id, last_visit_on, score, band, visits_in_band, next_due_on)
SELECT facility_id, id, visited_on, score, band, visits_in_band, next_due_on
FROM counting JOIN runs USING (facility_id) WHERE place = 1
ON CONFLICT (facility_id) DO UPDATE SET
    visit_id = EXCLUDED.visit_id, last_visit_on = EXCLUDED.last_visit_on, score = EXCLUDED.score,
    band = EXCLUDED.band, visits_in_band = EXCLUDED.visits_in_band, next_due_on = EXCLUDED.next_due_on
WHERE (s.visit_id, s.last_visit_on, s.score, s.band, s.visits_in_band, s.next_due_on)
    IS DISTINCT FROM (EXCLUDED.visit_id, EXCLUDED.last_visit_on, EXCLUDED.score, EXCLUDED.band,
                      EXCLUDED.visits_in_band, EXCLUDED.next_due_on)
"""


@transaction.atomic
def refresh(facility_ids: Collection[int]) -> int:
    """Make the standings of these facilities what their counting visits say; returns how many moved.

    The last visit decides, the later entered one of two on the same day. A facility without a counting visit has no
    standing. Safe to repeat: what is already so is not written again. The facilities are locked in the order of
    their keys, so that of two visits decided at once the second sees the first, and neither waits for ever.
    """
    ids = sorted(set(facility_ids))
    locked = Facility.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    list(locked.values_list("pk", flat=True))
    without_visit = Standing.objects.filter(facility__in=ids).exclude(
        facility__in=Visit.objects.counting().filter(facility__in=ids).values("facility")
    )
    removed, _ = without_visit.delete()
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, [ids])
        return removed + cursor.rowcount
