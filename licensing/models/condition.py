from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.of_grant import OfGrant, decided_by_the_fit, of_one
from licensing.querysets import OfGrantQuerySet
from licensing.states import CONDITION_TRANSITIONS, ConditionPhase, ConditionState
from registry.core.history import keep_history
from registry.files.models import StoredFile


@keep_history()
class Condition(OfGrant):
    """What a facility has to do or to keep to under a licence or an authorisation; with a due day or for ever."""

    text = models.TextField(_("condition"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ConditionState, default=ConditionState.OPEN)
    imposed_at = models.DateTimeField()
    imposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    evidence = models.TextField(_("how it was met, or why it was lifted"), blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        indexes = [models.Index(fields=["due_on", "id"], name="conditions_by_due_day")]
        constraints = [
            of_one("a_condition_is_of_one_thing"),
            models.CheckConstraint(condition=Q(state__in=ConditionState.values), name="condition_state_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="a_condition_says_what"),
            models.CheckConstraint(
                condition=Q(state=ConditionState.OPEN, closed_at=None)
                | (~Q(state=ConditionState.OPEN) & Q(closed_at__isnull=False) & ~Q(evidence="")),
                name="a_closed_condition_says_how",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="conditions_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="conditions_are_kept_by_the_fit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("imposed_by_id", "closed_by_id"),
                func=decided_by_the_fit("imposed_by", "closed_by"),
            ),
            pgtrigger.FSM(
                name="condition_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in CONDITION_TRANSITIONS.items() for b in reached],
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def phase(self, on: date) -> ConditionPhase:
        """Overdue from the day after its last day."""
        if self.state != ConditionState.OPEN:
            return ConditionPhase(self.state)
        return ConditionPhase.OVERDUE if self.due_on is not None and self.due_on < on else ConditionPhase.REQUIRED
