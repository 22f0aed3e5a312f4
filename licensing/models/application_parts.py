"""What belongs to one application."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from licensing.models.application import Application
from licensing.models.interested import NOBODY_UNFIT
from licensing.models.reasons import AdviceBody
from licensing.models.terms import RequiredDocument
from licensing.querysets import OfApplicationQuerySet
from licensing.states import AdviceOpinion, AppealOutcome, Part
from registry.core.history import keep_history
from registry.files.models import StoredFile
from registry.models import Service

RAISE_REVISION = """
    UPDATE licensing_application SET revision = revision + 1
    WHERE id = COALESCE(NEW.application_id, OLD.application_id);
    RETURN COALESCE(NEW, OLD);
"""
THE_APPLICATION = [("application", "record")]
SIGNED_BY_THE_FIT = (
    """
    SELECT * INTO application FROM licensing_application a WHERE a.id = NEW.application_id;
    IF application.revision <> NEW.revision THEN
        RAISE EXCEPTION 'application % has changed since', NEW.application_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF application.state <> (
        CASE NEW.part WHEN 'review' THEN 'under_review' WHEN 'recommendation' THEN 'reviewed'
        WHEN 'decision' THEN 'recommended' ELSE 'approved' END
    ) THEN
        RAISE EXCEPTION 'it is not the turn of the %', NEW.part USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.part IN ('decision', 'countersignature')
       AND NEW.person_id IN (application.created_by_id, application.submitted_by_id) THEN
        RAISE EXCEPTION 'person % made application %', NEW.person_id, NEW.application_id
            USING ERRCODE = 'restrict_violation';
    END IF;
"""
    + NOBODY_UNFIT.format(application="application", people="SELECT NEW.person_id")
    + "    RETURN NEW;"
)


@keep_history()
class ApplicationService(models.Model):
    """A service with an authorisation of its own that is asked for."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="asked_services")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "service"], name="a_service_is_asked_for_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="asking_for_a_service_voids_signatures",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=RAISE_REVISION,
            ),
        ]

    def __str__(self) -> str:
        return str(self.service)


@keep_history()
class ApplicationDocument(models.Model):
    """A file handed in with an application, and what the review says of it. A newer one replaces it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    required = models.ForeignKey(
        RequiredDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    """Which of the required documents it is; None for another."""
    title = models.CharField(_("title"), max_length=200, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    """Removed or replaced by the applicant; the file itself is kept."""
    accepted = models.BooleanField(_("in order"), null=True)
    remark = models.TextField(_("remark"), blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "required"],
                condition=Q(removed_at=None, required__isnull=False),
                name="a_required_document_is_there_once",
            ),
            models.CheckConstraint(condition=~Q(accepted=False) | ~Q(remark=""), name="what_is_not_in_order_is_said"),
        ]
        triggers = [
            pgtrigger.Protect(name="documents_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="another_document_voids_signatures",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("file_id", "required_id", "removed_at"),
                func=RAISE_REVISION,
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.required)


@keep_history()
class ApplicationQuery(models.Model):
    """A question to the applicant; while it is open the clock of the authority stands still."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="queries")
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(answered_at=None), name="one_open_question_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.text


@keep_history()
class Advice(models.Model):
    """What another department or a council says about an application."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="advice")
    body = models.ForeignKey(AdviceBody, models.PROTECT, related_name="advice", verbose_name=_("adviser"))
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    question = models.TextField(_("question"), blank=True)
    due_on = models.DateField(_("wanted by"))
    opinion = models.CharField(_("advice"), max_length=16, choices=AdviceOpinion, blank=True)
    text = models.TextField(_("in their words"), blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(null=True)
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("advice")
        verbose_name_plural = _("advice")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "body"], condition=Q(given_at=None), name="an_adviser_is_asked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(given_at=None, opinion="") | Q(given_at__isnull=False, opinion__in=AdviceOpinion.values),
                name="advice_given_has_an_opinion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.get_opinion_display()}"


@keep_history()
class ApplicationSignature(models.Model):
    """Somebody answers for one part of an application, as it was at one revision."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="signatures")
    part = models.CharField(_("part"), max_length=16, choices=Part)
    revision = models.PositiveIntegerField()
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("person"))
    signed_at = models.DateTimeField(_("signed at"))
    note = models.TextField(_("note"), blank=True)

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(condition=Q(part__in=Part.values), name="signed_part_is_known"),
            models.UniqueConstraint(fields=["application", "revision", "part"], name="each_part_is_signed_once"),
            ExclusionConstraint(
                name="nobody_signs_two_parts_of_an_application",
                expressions=[
                    ("application", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("part", RangeOperators.NOT_EQUAL),
                ],
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="signatures_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_the_fit_sign",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=THE_APPLICATION,
                func=SIGNED_BY_THE_FIT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.person}"


@keep_history()
class Appeal(models.Model):
    """The applicant does not accept a refusal; somebody who had no part in it decides."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="appeals")
    grounds = models.TextField(_("grounds"))
    lodged_on = models.DateField(_("lodged on"))
    lodged_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    due_on = models.DateField(_("decision due on"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=AppealOutcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(decided_at=None), name="one_open_appeal"),
            models.CheckConstraint(
                condition=Q(decided_at=None, outcome="")
                | (Q(decided_at__isnull=False, outcome__in=AppealOutcome.values) & ~Q(reason="")),
                name="a_decided_appeal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("lodged_by")), name="nobody_decides_an_own_appeal"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="appeals_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="who_signed_hears_no_appeal",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("decided_by_id"),
                declare=THE_APPLICATION,
                func="""
    SELECT * INTO application FROM licensing_application a WHERE a.id = NEW.application_id;
    IF EXISTS (
        SELECT 1 FROM licensing_applicationsignature s
        WHERE s.application_id = NEW.application_id AND s.person_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'person % signed application %', NEW.decided_by_id, NEW.application_id
            USING ERRCODE = 'restrict_violation';
    END IF;
"""
                + NOBODY_UNFIT.format(application="application", people="SELECT NEW.decided_by_id")
                + "    RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.lodged_on}"
