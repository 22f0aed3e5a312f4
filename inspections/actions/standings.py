"""Where facilities stand: always what their counting visits say, whatever order those came in."""

from collections.abc import Collection

from django.db import connection, transaction

from inspections.models import Standing, Visit
from inspections.models.standing import COLUMNS, SAYS
from registry.models import Facility

KEPT = COLUMNS.split(", ")
REFRESH = f"""
INSERT INTO inspections_standing AS s (facility_id, {COLUMNS})
SELECT facility_id, {COLUMNS} FROM ({SAYS.format(facilities="SELECT unnest(%s::bigint[])")}) said
ON CONFLICT (facility_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in KEPT)}
WHERE ({", ".join(f"s.{name}" for name in KEPT)}) IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in KEPT)})
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
