import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inspections.models.checklist import Checklist
from inspections.querysets import CampaignQuerySet, OfFacilityQuerySet
from inspections.states import CAMPAIGN_TRANSITIONS, CampaignState
from registry.areas.models import Area
from registry.core.history import keep_history
from registry.models import Facility, FacilityType, Service

MAY_CHANGE = "{state,launched_at,launched_by_id}"
A_DIRECTIVE_STAYS = f"""
    IF OLD.state <> 'draft' AND to_jsonb(NEW) - '{MAY_CHANGE}'::text[] <> to_jsonb(OLD) - '{MAY_CHANGE}'::text[] THEN
        RAISE EXCEPTION 'launched campaign % stays as it is', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


@keep_history()
class Campaign(models.Model):
    """A directive to inspect certain facilities by a certain day."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    letter_number = models.CharField(_("number of the letter"), max_length=80)
    letter_on = models.DateField(_("date of the letter"))
    text = models.TextField(_("text of the letter"))
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="campaigns", verbose_name=_("checklist"))
    facility_types = models.ManyToManyField(
        FacilityType, related_name="+", blank=True, verbose_name=_("facility types"), help_text=_("None: all of them.")
    )
    services = models.ManyToManyField(
        Service, related_name="+", blank=True, verbose_name=_("services"), help_text=_("None: whatever they offer.")
    )
    provinces = models.ManyToManyField(
        Area, related_name="+", blank=True, verbose_name=_("provinces"), help_text=_("None: the whole country.")
    )
    begins_on = models.DateField(_("begins on"))
    deadline = models.DateField(_("to be done by"))
    state = models.CharField(_("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    launched_at = models.DateTimeField(_("launched at"), null=True)
    launched_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=Q(deadline__gte=F("begins_on")), name="campaign_period_is_whole"),
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_is_known"),
        ]
        triggers = [
            pgtrigger.Protect(name="campaigns_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="campaign_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in CAMPAIGN_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.Trigger(
                name="a_launched_campaign_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=A_DIRECTIVE_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en

    @property
    def number(self) -> str:
        return self.code


@keep_history()
class CampaignTarget(models.Model):
    """One facility that a campaign reaches, as drawn on the day it was launched."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="targets")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="campaign_targets")

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("target of a campaign")
        verbose_name_plural = _("targets of campaigns")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "facility"], name="a_campaign_reaches_a_facility_once")
        ]
        triggers = [
            pgtrigger.Protect(name="targets_stay_as_drawn", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.facility}"


@keep_history()
class CampaignAcknowledgement(models.Model):
    """That a provincial department has, or has not yet, read a directive."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="acknowledgements")
    province = models.ForeignKey(Area, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    acknowledged_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("acknowledgement of a campaign")
        verbose_name_plural = _("acknowledgements of campaigns")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "province"], name="a_province_acknowledges_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(acknowledged_by__isnull=False),
                name="somebody_acknowledges",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.province}"
