import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from inspections.models.fit import FIT
from inspections.models.frozen import kept_once_handed_in
from inspections.models.visit import Visit
from registry.core.history import keep_history


@keep_history()
class VisitMember(models.Model):
    """One inspector in the team of a visit, with the statement of interests and the sections to answer."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="members")
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="visit_memberships")
    sections = models.JSONField(default=list, blank=True)
    """Codes of the sections that only this person answers; a section that nobody owns is everybody's."""
    stated_at = models.DateTimeField(_("statement of interests made at"), null=True)
    """When the person stated to have no interest in this facility; nobody begins a visit without it."""

    class Meta:
        verbose_name = _("member of the team")
        verbose_name_plural = _("team")
        constraints = [models.UniqueConstraint(fields=["visit", "person"], name="a_team_has_a_person_once")]
        triggers = [
            pgtrigger.Trigger(
                name="only_the_fit_join_a_team",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("person_id", "visit_id"),
                func=FIT.format(visit="NEW.visit_id", person="NEW.person_id"),
            ),
            kept_once_handed_in("members"),
        ]

    def __str__(self) -> str:
        return str(self.person)
