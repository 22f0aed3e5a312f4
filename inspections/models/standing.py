import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import StandingQuerySet
from inspections.states import BandCode
from registry.core.history import keep_history
from registry.models import Facility

COLUMNS = "visit_id, last_visit_on, score, band, visits_in_band, closure_proposed, next_due_on, services"
SAYS = """
SELECT facility_id, visit_id, last_visit_on, score, band, visits_in_band, next_due_on, services,
       EXISTS (
           SELECT FROM inspections_band rule
           WHERE rule.ruleset_id = latest_ruleset AND rule.closure_at_visit <= cardinality(low)
               AND rule.from_percent >= ALL (low[1:rule.closure_at_visit])
       ) AS closure_proposed
FROM ({facilities}) AS asked (facility_id)
CROSS JOIN LATERAL (
    SELECT max(visit.id) FILTER (WHERE place = 1) AS visit_id,
           max(visited_on) AS last_visit_on,
           max(score) FILTER (WHERE place = 1) AS score,
           max(next_due_on) FILTER (WHERE place = 1) AS next_due_on,
           (array_agg(services ORDER BY place))[1] AS services,
           max(latest_band) AS band,
           max(latest_ruleset) AS latest_ruleset,
           COALESCE(min(place) FILTER (WHERE band <> latest_band) - 1, count(*)) AS visits_in_band,
           array_agg(own.from_percent ORDER BY place) AS low
    FROM (
        SELECT id, visited_on, score, band, next_due_on, services,
               row_number() OVER latest_first AS place,
               first_value(band) OVER latest_first AS latest_band,
               first_value(ruleset_id) OVER latest_first AS latest_ruleset
        FROM inspections_visit
        WHERE facility_id = asked.facility_id
            AND state = 'approved' AND outcome = 'completed' AND purpose <> 'back_check'
        WINDOW latest_first AS (ORDER BY visited_on DESC, id DESC)
    ) visit
    LEFT JOIN inspections_band own ON own.ruleset_id = latest_ruleset AND own.code = visit.band
    HAVING count(*) > 0
) said
"""
"""What the counting visits of some facilities say about where they stand: the law for every row of this table.

Each facility by itself, through the index of its counting visits: so it stays quick in the transaction that imports a
whole country, before PostgreSQL knows how many visits there are."""

CONTRADICTED = f"""
    IF EXISTS (
        SELECT facility_id, {COLUMNS} FROM changed
        EXCEPT ALL
        SELECT facility_id, {COLUMNS} FROM ({SAYS.format(facilities="SELECT facility_id FROM changed")}) said
    ) THEN
        RAISE EXCEPTION 'a standing says what the visits say' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
"""
STILL_SAID = """
    IF EXISTS (
        SELECT 1 FROM changed JOIN inspections_visit visit USING (facility_id)
        WHERE state = 'approved' AND outcome = 'completed' AND purpose <> 'back_check'
    ) THEN
        RAISE EXCEPTION 'a standing stays while a visit says it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
"""


def after(name: str, operation: pgtrigger.Operation, func: str, **rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**rows),
        func=func,
    )


@keep_history()
class Standing(models.Model):
    """Where a facility stands after its last completed and approved visit; written by approval only."""

    facility = models.OneToOneField(Facility, models.PROTECT, primary_key=True, related_name="standing")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="+")
    last_visit_on = models.DateField(_("last visit"))
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True)
    band = models.CharField(_("band"), max_length=30, choices=BandCode, blank=True)
    visits_in_band = models.PositiveIntegerField(_("visits in this band"), default=1)
    closure_proposed = models.BooleanField(_("closure is proposed"), default=False, db_default=False)
    """By the bands of the last visit's ruleset (`Band.closure_at_visit`); the same as `rules.closure_proposed`."""
    next_due_on = models.DateField(_("next visit due on"))
    services = models.JSONField(default=list, db_default=[])
    """Codes of the services that the last visit found."""

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [models.Index(fields=["next_due_on"], name="standing_by_due_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_due_on__gte=models.F("last_visit_on")), name="due_after_the_last_visit"
            ),
            models.CheckConstraint(condition=Q(band="") | Q(band__in=BandCode.values), name="standing_band_is_known"),
        ]
        triggers = [
            after("a_new_standing_is_what_visits_say", pgtrigger.Insert, CONTRADICTED, new="changed"),
            after("a_standing_stays_what_visits_say", pgtrigger.Update, CONTRADICTED, new="changed"),
            after("a_standing_is_kept", pgtrigger.Delete, STILL_SAID, old="changed"),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.get_band_display()}"
