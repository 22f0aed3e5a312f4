import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import kept_once_handed_in
from inspections.models.visit import Visit
from registry.core.history import keep_history

FIT_FOR_THE_TEAM = """
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN registry_facility f ON f.id = v.facility_id
        JOIN registry_interest i ON i.facility_id = f.id OR i.operator_id = f.operator_id
        WHERE v.id = NEW.visit_id AND i.person_id = NEW.person_id
          AND i.declared_on <= COALESCE(v.planned_on, v.visited_on, CURRENT_DATE)
          AND (i.ended_on IS NULL OR i.ended_on > COALESCE(v.planned_on, v.visited_on, CURRENT_DATE))
    ) THEN
        RAISE EXCEPTION 'person % has an interest in the facility of visit %', NEW.person_id, NEW.visit_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN inspections_checklistversion e ON e.id = v.checklist_version_id
        JOIN inspections_checklist c ON c.id = e.checklist_id
        WHERE v.id = NEW.visit_id AND c.training_needed AND NOT EXISTS (
            SELECT 1 FROM inspections_competence k
            WHERE k.person_id = NEW.person_id AND k.checklist_id = c.id
              AND COALESCE(v.planned_on, v.visited_on, CURRENT_DATE) BETWEEN k.valid_from AND k.valid_until
        )
    ) THEN
        RAISE EXCEPTION 'person % is not trained for the checklist of visit %', NEW.person_id, NEW.visit_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_visit v JOIN registry_facility f ON f.id = v.facility_id
        JOIN accounts_user u ON u.id = NEW.person_id
        WHERE v.id = NEW.visit_id AND u.province_id IS DISTINCT FROM f.province_id
    ) THEN
        RAISE EXCEPTION 'person % works in another province than the facility of visit %', NEW.person_id, NEW.visit_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM inspections_backcheck k JOIN inspections_visit o ON o.id = k.original_id
        WHERE k.repeat_id = NEW.visit_id AND (
            o.inspector_id = NEW.person_id
            OR EXISTS (SELECT 1 FROM inspections_visitmember m WHERE m.visit_id = o.id AND m.person_id = NEW.person_id)
        )
    ) THEN
        RAISE EXCEPTION 'person % made the visit that visit % repeats', NEW.person_id, NEW.visit_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM inspections_visit v WHERE v.id = NEW.visit_id AND v.decided_by_id = NEW.person_id) THEN
        RAISE EXCEPTION 'person % has decided about visit %', NEW.person_id, NEW.visit_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


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
                func=FIT_FOR_THE_TEAM,
            ),
            kept_once_handed_in("members"),
        ]

    def __str__(self) -> str:
        return str(self.person)
