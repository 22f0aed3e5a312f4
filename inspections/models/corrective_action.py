import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.finding import Finding
from inspections.querysets import CorrectiveActionQuerySet
from inspections.states import ACTION_TRANSITIONS, ActionState, CorrectedHow
from registry.core.history import keep_history
from registry.files.models import StoredFile
from registry.models import Facility

NOT_OWN_EVIDENCE = """
    IF EXISTS (
        SELECT 1 FROM inspections_actionevidence e WHERE e.action_id = NEW.id AND e.entered_by_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'person % entered the evidence of action %', NEW.decided_by_id, NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


@keep_history()
class CorrectiveAction(models.Model):
    """What a facility has to do about one finding, and by when."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    """Whoever knows it, from the receipt of the visit, can hand in evidence; it is not shown in lists."""
    finding = models.OneToOneField(Finding, models.PROTECT, related_name="corrective_action", verbose_name=_("finding"))
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="corrective_actions")
    state = models.CharField(_("state"), max_length=14, choices=ActionState, default=ActionState.REQUIRED)
    text = models.TextField(_("what is to be done"), blank=True)
    due_on = models.DateField(_("due on"))
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    verified_how = models.CharField(_("how it was verified"), max_length=11, choices=CorrectedHow, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = CorrectiveActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("corrective action")
        verbose_name_plural = _("corrective actions")
        indexes = [
            models.Index(fields=["facility", "state", "due_on"], name="actions_of_a_facility"),
            models.Index(fields=["due_on", "id"], name="actions_by_due_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=ActionState.VERIFIED)
                | Q(decided_at__isnull=False, decided_by__isnull=False, verified_how__in=CorrectedHow.values),
                name="a_verified_action_says_how",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="actions_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="action_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in ACTION_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.Trigger(
                name="nobody_verifies_own_evidence",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    new__state="verified", new__verified_how="desk", old__state__df=pgtrigger.F("new__state")
                ),
                func=NOT_OWN_EVIDENCE,
            ),
        ]

    def __str__(self) -> str:
        return self.text or str(self.finding)


@keep_history()
class ActionEvidence(models.Model):
    """What a facility shows to prove that a corrective action is done."""

    action = models.ForeignKey(CorrectiveAction, models.PROTECT, related_name="evidence")
    text = models.TextField(_("what was done"))
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    given_by_name = models.CharField(_("name"), max_length=200)
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    """Nobody where the facility handed it in itself."""
    given_at = models.DateTimeField(_("handed in at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.text[:80]
