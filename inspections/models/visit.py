import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inspections.models.campaign import Campaign
from inspections.models.checklist import ChecklistVersion
from inspections.models.fit import FIT
from inspections.models.ruleset import Ruleset
from inspections.querysets import VisitQuerySet
from inspections.states import VISIT_TRANSITIONS, BandCode, Grace, LicenceSeen, Purpose, VisitOutcome, VisitState
from registry.core.history import keep_history
from registry.models import Facility

DECISION = "{state,decided_at,decided_by_id,reason,score,section_scores,failed_critical,band,next_due_on,grace}"
REFUSE_TO_REWRITE = f"""
    IF OLD.source = '' AND (
        (OLD.state IN ('approved', 'cancelled', 'superseded') AND to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state')
        OR (OLD.state = 'submitted' AND to_jsonb(NEW) - '{DECISION}'::text[] <> to_jsonb(OLD) - '{DECISION}'::text[])
    ) THEN
        RAISE EXCEPTION 'visit % is %', OLD.uuid, OLD.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
"""An imported visit has a source and may be corrected by a later import of the same source."""
NOT_BY_THE_TEAM = """
    IF EXISTS (
        SELECT 1 FROM inspections_visitmember WHERE visit_id = NEW.id AND person_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'person % is in the team of visit %', NEW.decided_by_id, NEW.uuid
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
LED_BY_THE_FIT = f"""
    IF TG_OP = 'UPDATE' AND NEW.inspector_id IS NOT DISTINCT FROM OLD.inspector_id THEN RETURN NEW; END IF;
    {FIT.format(visit="NEW.id", person="NEW.inspector_id").strip()}
"""
"""Not asked of an amendment, which whoever led the visit leads, nor of an imported visit."""


@keep_history()
class Visit(models.Model):
    """One inspection of one facility, from plan to approval, with all its answers in one document."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="visits", verbose_name=_("facility"))
    purpose = models.CharField(_("purpose"), max_length=14, choices=Purpose, default=Purpose.ROUTINE)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("campaign")
    )
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="amendments", verbose_name=_("amends")
    )
    """The approved visit that this one replaces once it is approved itself; `note_of_amendment` says why."""
    note_of_amendment = models.TextField(_("reason for the amendment"), blank=True, db_default="")
    announced = models.BooleanField(_("announced"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=VisitState, default=VisitState.PLANNED)
    outcome = models.CharField(_("outcome"), max_length=18, choices=VisitOutcome, blank=True)
    checklist_version = models.ForeignKey(
        ChecklistVersion, models.PROTECT, null=True, related_name="visits", verbose_name=_("checklist")
    )
    ruleset = models.ForeignKey(Ruleset, models.PROTECT, related_name="visits", verbose_name=_("ruleset"))
    inspector = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("inspector")
    )
    """Leads the team. Nobody yet, where the next visit was planned by approval of the last."""
    planned_on = models.DateField(_("planned for"), null=True)
    visited_on = models.DateField(_("visited on"), null=True)
    started_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(_("accuracy in metres"), null=True)
    distance_m = models.PositiveIntegerField(_("metres from the registered point"), null=True)
    """Where the inspector's device said it was on arrival, and how far that is from the facility's point."""
    facility_type = models.CharField(_("facility type"), max_length=40, blank=True, db_default="")
    facility_level = models.CharField(_("level"), max_length=20, blank=True, db_default="")
    """Code of the type and its level on the day the visit began; they decide which items apply."""
    services = models.JSONField(default=list)
    """Codes of the services offered here, as declared on the day the visit began and as the inspector found them."""
    licence_seen = models.CharField(_("licence at the site"), max_length=10, choices=LicenceSeen, blank=True)
    answers = models.JSONField(default=dict)
    """{section code and item code: what was answered}. A question of compliance: {"answer": "no", "note": "",
    "severity": "3", "scope": "2", "corrected": "yes"}, the last three only for no and partly, and only where the
    inspector said so; other kinds: {"value": "12", "note": ""}. All texts."""
    carried = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    """Of the findings that were open when the visit began: {key of the finding: {"mended": "no", "note": ""}}."""
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(_("fingerprint of the content"), max_length=64, blank=True, db_default="")
    """SHA-256 of all that was answered, as handed in and signed (`rules.content_hash`)."""
    grace = models.CharField(_("expired licence"), max_length=5, choices=Grace, blank=True, db_default="")
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True)
    section_scores = models.JSONField(default=dict)
    failed_critical = models.BooleanField(_("a critical item failed"), default=False, db_default=False)
    band = models.CharField(_("band"), max_length=30, choices=BandCode, blank=True)
    next_due_on = models.DateField(_("next visit due on"), null=True)
    source = models.CharField(max_length=60, blank=True)
    source_key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["facility", "-visited_on", "-id"], name="visits_of_a_facility"),
            models.Index(
                fields=["facility", "-visited_on", "-id"],
                condition=Q(state=VisitState.APPROVED, outcome=VisitOutcome.COMPLETED) & ~Q(purpose=Purpose.BACK_CHECK),
                name="counting_visits",
            ),
            models.Index(fields=["-created_at", "-id"], name="visits_newest_first"),
            models.Index(fields=["state", "planned_on", "id"], name="visits_by_state"),
            models.Index(
                fields=["facility", "visited_on"],
                condition=Q(state=VisitState.APPROVED, outcome=VisitOutcome.REFUSED),
                name="refusals_of_a_facility",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VisitState.values), name="visit_state_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(submitted_by=None) | ~Q(decided_by=F("submitted_by")),
                name="nobody_decides_an_own_visit",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(inspector=None) | ~Q(decided_by=F("inspector")),
                name="the_inspector_does_not_decide",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.APPROVED)
                | Q(visited_on__isnull=False, decided_at__isnull=False, outcome__in=VisitOutcome.values),
                name="an_approved_visit_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.APPROVED) | Q(decided_by__isnull=False) | ~Q(source=""),
                name="a_visit_is_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.SUBMITTED) | Q(submitted_at__isnull=False, visited_on__isnull=False),
                name="a_submitted_visit_is_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.APPROVED, outcome=VisitOutcome.COMPLETED)
                | Q(next_due_on__gte=F("visited_on")),
                name="a_counting_visit_has_a_next_date",
            ),
            models.CheckConstraint(
                condition=Q(licence_seen="") | Q(licence_seen__in=LicenceSeen.values), name="licence_seen_is_known"
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__range=(0, 100)), name="score_is_a_percentage"),
            models.CheckConstraint(condition=Q(band="") | Q(band__in=BandCode.values), name="visit_band_is_known"),
            models.UniqueConstraint(
                fields=["source", "source_key"], condition=~Q(source=""), name="an_imported_visit_comes_once"
            ),
            models.UniqueConstraint(
                fields=["facility"],
                condition=Q(state=VisitState.IN_PROGRESS),
                name="one_visit_in_progress_per_facility",
            ),
            models.UniqueConstraint(
                fields=["facility", "purpose"],
                condition=Q(state=VisitState.PLANNED),
                name="one_planned_visit_per_facility_and_purpose",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[VisitState.PLANNED, VisitState.CANCELLED])
                | Q(inspector__isnull=False)
                | ~Q(source=""),
                name="a_visit_begins_with_an_inspector",
            ),
            models.CheckConstraint(condition=Q(grace="") | Q(grace__in=Grace.values), name="grace_is_known"),
            models.CheckConstraint(
                condition=Q(amends=None) | ~Q(note_of_amendment=""), name="an_amendment_has_a_reason"
            ),
            models.UniqueConstraint(
                fields=["amends"], condition=~Q(state=VisitState.CANCELLED), name="a_visit_is_amended_once"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="place_of_arrival_is_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="visits_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="visit_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in VISIT_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.Trigger(
                name="handed_in_answers_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=REFUSE_TO_REWRITE,
            ),
            pgtrigger.Trigger(
                name="only_the_fit_lead_a_visit",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("inspector_id"),
                condition=pgtrigger.Q(new__source="", new__amends=None, new__inspector__isnull=False),
                func=LED_BY_THE_FIT,
            ),
            pgtrigger.Trigger(
                name="nobody_in_the_team_decides",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("decided_by_id"),
                func=NOT_BY_THE_TEAM,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.visited_on or self.planned_on or ''}"

    @property
    def number(self) -> str:
        return str(self.uuid)
