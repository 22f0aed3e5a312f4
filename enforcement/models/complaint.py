import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from enforcement.querysets import ComplaintQuerySet
from enforcement.states import COMPLAINT_TRANSITIONS, ComplaintKind, ComplaintState
from inspections.models import Visit
from registry.areas.models import Area
from registry.core.history import keep_history
from registry.models import Facility

VISIT_FITS = """
    IF NEW.visit_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM inspections_visit v
        WHERE v.id = NEW.visit_id AND v.purpose = 'complaint' AND v.facility_id = NEW.facility_id
    ) THEN
        RAISE EXCEPTION 'visit % is not made for complaint %', NEW.visit_id, NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
LEADS_TO_THE_LEADING = """
    IF EXISTS (SELECT 1 FROM enforcement_complaint c WHERE c.id = NEW.merged_into_id AND c.state = 'merged') THEN
        RAISE EXCEPTION 'complaint % is merged itself', NEW.merged_into_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
HAS_AN_ANSWER = """
    IF NOT EXISTS (
        SELECT 1 FROM enforcement_complaintmessage m WHERE m.complaint_id = NEW.id AND m.kind = 'answer'
    ) THEN
        RAISE EXCEPTION 'complaint % has no answer', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
AS_IT_CAME = ("code_hash", "kind", "text", "since_on", "place", "latitude", "longitude", "confidential", "received_at")


@keep_history(exclude=["number", *AS_IT_CAME])
class Complaint(models.Model):
    """What somebody of the public says about a facility, or about a place that the register may not know."""

    number = models.GeneratedField(
        verbose_name=_("number"),
        # Check digits as in the numbers of facilities.
        expression=RawSQL("'C' || lpad(id::text, 7, '0') || lpad((98 - mod(id * 100, 97))::text, 2, '0')", ()),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        unique=True,
    )
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    """SHA-256 of the tracking code, which nobody but the complainant has."""
    kind = models.CharField(_("about"), max_length=10, choices=ComplaintKind)
    text = models.TextField(_("what happened"))
    since_on = models.DateField(_("since"), null=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, related_name="complaints", verbose_name=_("facility")
    )
    place = models.TextField(_("place as described"), blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("area"))
    province = models.ForeignKey(
        Area, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("province")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    confidential = models.BooleanField(_("wishes to stay unnamed"))
    state = models.CharField(_("state"), max_length=13, choices=ComplaintState, default=ComplaintState.RECEIVED)
    urgent = models.BooleanField(_("urgent"))
    due_on = models.DateField(_("to be looked into by"))
    received_at = models.DateTimeField(_("received"))
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("handled by")
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="complaints", verbose_name=_("visit"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="duplicates", verbose_name=_("handled with")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="complaints_newest_first"),
            models.Index(fields=["due_on", "id"], name="complaints_by_due_day"),
            models.Index(fields=["province", "state", "due_on"], name="complaints_of_a_province"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ComplaintKind.values), name="complaint_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=ComplaintState.values), name="complaint_state_is_known"),
            models.CheckConstraint(condition=Q(code_hash__regex="^[0-9a-f]{64}$"), name="tracking_code_is_hashed"),
            models.CheckConstraint(condition=~Q(text=""), name="a_complaint_says_what_happened"),
            models.CheckConstraint(condition=~Q(facility=None, place=""), name="a_complaint_says_where"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="complaint_point_is_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(state=ComplaintState.MERGED, merged_into__isnull=False)
                | Q(~Q(state=ComplaintState.MERGED), merged_into=None),
                name="only_a_merged_complaint_has_a_leading_one",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="a_complaint_does_not_lead_itself"),
            models.CheckConstraint(
                condition=~Q(state__in=(ComplaintState.ASSIGNED, ComplaintState.INVESTIGATING))
                | Q(handler__isnull=False)
                | Q(province__isnull=False),
                name="an_assigned_complaint_has_an_office",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ComplaintState.ANSWERED, ComplaintState.CLOSED)) | Q(answered_at__isnull=False),
                name="an_answered_complaint_says_when",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(ComplaintState.CLOSED, ComplaintState.REJECTED, ComplaintState.MERGED),
                    ended_at__isnull=False,
                )
                | Q(
                    ~Q(state__in=(ComplaintState.CLOSED, ComplaintState.REJECTED, ComplaintState.MERGED)),
                    ended_at=None,
                ),
                name="only_an_ended_complaint_says_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="complaints_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="complaints_stay_as_they_came", fields=list(AS_IT_CAME)),
            pgtrigger.FSM(
                name="complaint_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in COMPLAINT_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.Trigger(
                name="its_visit_is_made_for_it",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("visit_id", "facility_id"),
                func=VISIT_FITS,
            ),
            pgtrigger.Trigger(
                name="a_leading_complaint_is_not_merged",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                func=LEADS_TO_THE_LEADING,
            ),
            pgtrigger.Trigger(
                name="an_answered_complaint_has_an_answer",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state="answered", old__state__df=pgtrigger.F("new__state")),
                func=HAS_AN_ANSWER,
            ),
        ]

    def __str__(self) -> str:
        return self.number or ""
