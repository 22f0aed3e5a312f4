from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import frozen_once_published, refuse_in_frozen
from inspections.querysets import RulebookQuerySet, VersionQuerySet
from inspections.states import AnswerKind, Severity, VersionState
from registry.models import FacilityType


class Checklist(models.Model):
    """What is looked at in one kind of facility; its content is in its versions."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    facility_types = models.ManyToManyField(FacilityType, related_name="checklists", blank=True)
    ruleset_code = models.SlugField(
        _("ruleset"),
        max_length=60,
        help_text=_("Code of the ruleset; its version in force on the day a visit begins scores that visit."),
    )
    training_needed = models.BooleanField(
        _("only for trained inspectors"),
        default=False,
        help_text=_("Only inspectors with a competence for this checklist can be put into the team of a visit."),
    )

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en


class ChecklistVersion(models.Model):
    """One edition of a checklist; frozen for ever once published."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions", verbose_name=_("checklist"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT)
    source = models.CharField(_("source"), max_length=300, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"), null=True)
    drafted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published at"), null=True)
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("checklist version")
        verbose_name_plural = _("checklist versions")
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="checklist_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["checklist"],
                condition=Q(state=VersionState.PUBLISHED),
                name="one_published_version_per_checklist",
            ),
            models.UniqueConstraint(
                fields=["checklist"], condition=Q(state=VersionState.DRAFT), name="one_draft_per_checklist"
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT) | Q(published_at__isnull=False),
                name="a_published_version_is_dated",
            ),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="version_state_is_known"),
        ]
        triggers = frozen_once_published("version")

    def __str__(self) -> str:
        return f"{self.checklist} v{self.number}"


class ChecklistSection(models.Model):
    """A part of a checklist; it counts only where it applies."""

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField()
    code = models.CharField(_("code"), max_length=20)
    name_km = models.CharField(_("name in Khmer"), max_length=300, blank=True)
    name_en = models.CharField(_("name in English"), max_length=300)
    applies_when = models.JSONField(_("applies to"), default=dict, blank=True)
    """Codes under "types", "levels" and "services"; what is not named, or empty, does not matter. One service of
    those named is enough: {"types": ["clinic"], "services": ["surgery", "delivery"]}."""
    scored = models.BooleanField(_("counts towards the score"), default=True)

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="section_codes_differ"),
            models.UniqueConstraint(fields=["version", "position"], name="section_positions_differ"),
        ]
        triggers = [
            refuse_in_frozen(
                "sections", table="inspections_checklistversion", keys="NEW.version_id", former="OLD.version_id"
            )
        ]

    def __str__(self) -> str:
        return (self.name_km or self.name_en) if (get_language() or "").startswith("km") else self.name_en


class ChecklistItem(models.Model):
    """One question of a checklist, the clause it rests on and what it weighs."""

    section = models.ForeignKey(ChecklistSection, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    code = models.CharField(_("code"), max_length=30)
    heading_km = models.CharField(_("heading in Khmer"), max_length=400, blank=True)
    heading_en = models.CharField(_("heading in English"), max_length=400, blank=True)
    label_km = models.TextField(_("question in Khmer"), blank=True)
    label_en = models.TextField(_("question in English"))
    kind = models.CharField(_("kind of answer"), max_length=12, choices=AnswerKind, default=AnswerKind.COMPLIANCE)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    """Of a choice: [{"code": "well", "label_km": "អណ្តូង", "label_en": "Well"}, …]."""
    required = models.BooleanField(
        _("must be answered"),
        default=False,
        help_text=_("Questions of compliance must always be answered; this is about the other kinds."),
    )
    applies_when = models.JSONField(_("applies to"), default=dict, blank=True)
    """As for a section; what the section does not apply to, its items do not either."""
    asked_if = models.JSONField(_("asked if"), default=list, blank=True)
    """Conditions on earlier items of the same checklist, all of which must hold:
    [{"item": "S01.A02", "is": ["yes", "partial"]}]."""
    weight = models.DecimalField(_("weight"), max_digits=7, decimal_places=3, default=1)
    critical = models.BooleanField(_("critical"), default=False)
    clause = models.CharField(_("clause"), max_length=120, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.POTENTIAL)
    guidance_km = models.TextField(_("guidance in Khmer"), blank=True)
    guidance_en = models.TextField(_("guidance in English"), blank=True)

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["section", "code"], name="item_codes_differ"),
            models.UniqueConstraint(fields=["section", "position"], name="item_positions_differ"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="weight_is_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="answer_kind_is_known"),
        ]
        triggers = [
            refuse_in_frozen(
                "items",
                table="inspections_checklistversion",
                keys="SELECT version_id FROM inspections_checklistsection WHERE id = NEW.section_id",
                former="SELECT version_id FROM inspections_checklistsection WHERE id = OLD.section_id",
            )
        ]

    def __str__(self) -> str:
        return (self.label_km or self.label_en) if (get_language() or "").startswith("km") else self.label_en
