import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models import Visit
from licensing.models.interested import NOBODY_UNFIT
from licensing.models.licence_type import LicenceType
from licensing.models.reasons import RefusalReason
from licensing.models.terms import LicenceTerms
from licensing.querysets import ApplicationQuerySet
from licensing.states import APPLICATION_TRANSITIONS, ApplicationKind, ApplicationState, Opinion
from registry.core.history import keep_history
from registry.models import Facility, Operator, Service

CONTENT = (
    *("kind", "type_id", "terms_id", "operator_id", "facility_id", "concerns_id", "visit_id"),
    *("proposal", "begins_on"),
)
"""What the signatures are for. Services and documents belong to it too: their tables raise the revision themselves."""

AN_EDIT_VOIDS_SIGNATURES = f"""
    IF ({", ".join(f"NEW.{column}" for column in CONTENT)})
       IS DISTINCT FROM ({", ".join(f"OLD.{column}" for column in CONTENT)}) THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    IF NEW.revision < OLD.revision THEN
        RAISE EXCEPTION 'the signatures of application % do not come back', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.revision <> OLD.revision AND OLD.state IN ('granted', 'refused', 'withdrawn') THEN
        RAISE EXCEPTION 'application % is decided', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.revision <> OLD.revision AND OLD.state IN ('reviewed', 'recommended', 'approved') THEN
        IF NEW.state NOT IN (OLD.state, 'under_review') THEN
            RAISE EXCEPTION 'application % changed under its signatures', OLD.number
                USING ERRCODE = 'restrict_violation';
        END IF;
        NEW.state := 'under_review';
    END IF;
    IF NEW.state = 'under_review' AND OLD.state IN ('reviewed', 'recommended', 'approved', 'refused') THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    IF NEW.state = 'under_review' AND OLD.state = 'refused' AND NOT EXISTS (
        SELECT 1 FROM licensing_appeal p
        WHERE p.application_id = OLD.id AND p.outcome = 'upheld' AND p.decided_at >= OLD.decided_at
    ) THEN
        RAISE EXCEPTION 'no appeal against the refusal of % was upheld', OLD.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
"""A signature is good for one revision: whatever changes the content takes the application back, and whatever takes it
back has everybody sign anew."""

SIGNERS = """
    SELECT s.person_id FROM licensing_applicationsignature s
    WHERE s.application_id = NEW.id AND s.revision = NEW.revision
"""
SIGNED_BY_DIFFERENT_PEOPLE = f"""
    IF NEW.state = OLD.state THEN RETURN NEW; END IF;
    IF NEW.state IN ('reviewed', 'recommended', 'approved', 'granted', 'refused') AND EXISTS (
        SELECT 1 FROM unnest(CASE
            WHEN NEW.state = 'reviewed' THEN ARRAY['review']
            WHEN NEW.state = 'recommended' THEN ARRAY['review', 'recommendation']
            WHEN NEW.state = 'granted' AND (
                SELECT t.authority = 'ministry' FROM licensing_licencetype t WHERE t.id = NEW.type_id
            ) THEN ARRAY['review', 'recommendation', 'decision', 'countersignature']
            ELSE ARRAY['review', 'recommendation', 'decision'] END) AS needed (part)
        WHERE NOT EXISTS (
            SELECT 1 FROM licensing_applicationsignature s
            WHERE s.application_id = NEW.id AND s.revision = NEW.revision AND s.part = needed.part
        )
    ) THEN
        RAISE EXCEPTION 'application % lacks a signature to become %', NEW.number, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('approved', 'granted', 'refused') THEN
{NOBODY_UNFIT.format(application="NEW", people=SIGNERS)}
    END IF;
    RETURN NEW;
"""


@keep_history()
class Application(models.Model):
    """What an operator asks of the authority, from the first draft to the decision."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("reference number"), max_length=40, unique=True)
    kind = models.CharField(_("application"), max_length=16, choices=ApplicationKind)
    state = models.CharField(_("state"), max_length=16, choices=ApplicationState, default=ApplicationState.DRAFT)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="applications", verbose_name=_("operator"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("facility")
    )
    """None while a new site is not on the register: `proposal` describes it, and the review registers it."""
    type = models.ForeignKey(
        LicenceType, models.PROTECT, null=True, related_name="applications", verbose_name=_("licence type")
    )
    terms = models.ForeignKey(LicenceTerms, models.PROTECT, null=True, related_name="applications")
    """Those in force on the day it was handed in."""
    concerns = models.ForeignKey(
        "licensing.Licence",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="concerned_by",
        verbose_name=_("licence"),
    )
    """The licence that is to be renewed, varied, moved, handed over or given back."""
    services = models.ManyToManyField(Service, through="ApplicationService", related_name="applications")
    proposal = models.JSONField(_("what is proposed"), default=dict)
    """{field: value}, all texts; which fields depends on the kind (`rules.proposals`)."""
    begins_on = models.DateField(_("wanted from"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(_("handed in at"), null=True)
    submitted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    declared_by_name = models.CharField(_("name of who declares"), max_length=200, blank=True)
    due_on = models.DateField(_("decision due on"), null=True)
    """The last working day for the decision; None while the clock stands still."""
    days_left = models.SmallIntegerField(_("working days left"), null=True)
    """Set while a question to the applicant has stopped the clock."""
    reviewer = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("reviewer")
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("visit")
    )
    opinion = models.CharField(_("recommendation"), max_length=8, choices=Opinion, blank=True)
    opinion_text = models.TextField(_("why"), blank=True)
    refusal_reasons = models.ManyToManyField(RefusalReason, related_name="applications", blank=True)
    refusal_text = models.TextField(_("explanation"), blank=True)
    appeal_until = models.DateField(_("appeal possible until"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    source = models.CharField(max_length=60, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="applications_by_due_day"),
            models.Index(fields=["-created_at", "-id"], name="applications_newest_first"),
            models.Index(fields=["facility", "-created_at"], name="applications_of_a_facility"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="application_state_is_known"),
            models.CheckConstraint(condition=Q(kind__in=ApplicationKind.values), name="application_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | (Q(submitted_at__isnull=False, type__isnull=False, terms__isnull=False) & ~Q(declared_by_name="")),
                name="an_application_at_the_authority_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.REFUSED) | ~Q(refusal_text="") & Q(appeal_until__isnull=False),
                name="a_refusal_explains_itself",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.GRANTED) | Q(facility__isnull=False, decided_at__isnull=False),
                name="a_granted_application_has_a_site",
            ),
            models.UniqueConstraint(
                fields=["facility", "kind"],
                condition=Q(facility__isnull=False)
                & ~Q(
                    state__in=[
                        ApplicationState.DRAFT,
                        ApplicationState.GRANTED,
                        ApplicationState.REFUSED,
                        ApplicationState.WITHDRAWN,
                    ]
                ),
                name="one_open_application_of_a_kind_per_facility",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="applications_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="application_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in APPLICATION_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.Protect(
                name="an_application_begins_as_a_draft",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__source="") & ~pgtrigger.Q(new__state=ApplicationState.DRAFT),
            ),
            # Triggers of one moment run by name: the edit first, then the look at the signatures.
            pgtrigger.Trigger(
                name="an_edit_voids_signatures",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=AN_EDIT_VOIDS_SIGNATURES,
            ),
            pgtrigger.Trigger(
                name="signed_by_different_people",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=SIGNED_BY_DIFFERENT_PEOPLE,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def token(self) -> str:
        """Another after every change: a page carries it, so that nobody acts upon what is no longer so."""
        return f"{self.revision} {self.changed_at.isoformat()}"
