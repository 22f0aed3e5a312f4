from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inspections.models.checklist import Checklist
from inspections.querysets import CompetenceQuerySet, RulebookQuerySet
from registry.areas.models import Area
from registry.core.history import keep_history


@keep_history()
class Course(models.Model):
    """What inspectors are taught, and for which checklists it makes them competent."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    checklists = models.ManyToManyField(Checklist, related_name="courses", blank=True, verbose_name=_("checklists"))
    valid_months = models.PositiveSmallIntegerField(_("competence lasts, in months"), default=24)

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        constraints = [models.CheckConstraint(condition=Q(valid_months__gte=1), name="a_course_lasts_a_month_or_more")]

    def __str__(self) -> str:

        return self.name_km if (get_language() or "").startswith("km") else self.name_en


@keep_history()
class TrainingSession(models.Model):
    """A course as held once, for one province or for all."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions", verbose_name=_("course"))
    held_on = models.DateField(_("held on"))
    province = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name=_("province"))
    place = models.CharField(_("place"), max_length=200)
    trainer = models.CharField(_("trainer"), max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")

    def __str__(self) -> str:
        return f"{self.course} {self.held_on}"


@keep_history()
class Competence(models.Model):
    """From when to when a person may inspect with a checklist."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="competences", verbose_name=_("person"))
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="competences", verbose_name=_("checklist"))
    session = models.ForeignKey(TrainingSession, models.PROTECT, null=True, related_name="competences")
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    basis = models.CharField(_("basis"), max_length=300, blank=True, help_text=_("Where no training session says so."))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        indexes = [models.Index(fields=["person", "checklist", "valid_until"], name="competences_of_a_person")]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="competence_period_is_whole"),
            models.CheckConstraint(
                condition=Q(session__isnull=False) | ~Q(basis=""), name="a_competence_rests_on_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.checklist}"
