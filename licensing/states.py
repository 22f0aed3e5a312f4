from django.db import models
from django.utils.translation import gettext_lazy as _


class LicenceState(models.TextChoices):
    """Of a licence and of an authorisation for a service alike."""

    RECORDED = "recorded", _("Waiting for approval")
    ISSUED = "issued", _("Issued")
    REJECTED = "rejected", _("Rejected")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    SURRENDERED = "surrendered", _("Surrendered")
    EXPIRED = "expired", _("Expired")


LICENCE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    LicenceState.RECORDED: (LicenceState.ISSUED, LicenceState.REJECTED),
    LicenceState.ISSUED: (
        LicenceState.SUSPENDED,
        LicenceState.REVOKED,
        LicenceState.SURRENDERED,
        LicenceState.EXPIRED,
    ),
    LicenceState.SUSPENDED: (
        LicenceState.ISSUED,
        LicenceState.REVOKED,
        LicenceState.SURRENDERED,
        LicenceState.EXPIRED,
    ),
    LicenceState.REJECTED: (),
    LicenceState.REVOKED: (),
    LicenceState.SURRENDERED: (),
    LicenceState.EXPIRED: (),
}

ONCE_IN_FORCE = (
    LicenceState.ISSUED,
    LicenceState.SUSPENDED,
    LicenceState.REVOKED,
    LicenceState.SURRENDERED,
    LicenceState.EXPIRED,
)
"""States of licences that were in force for a while, up to their last day."""

ENDED_EARLY = (LicenceState.REVOKED, LicenceState.SURRENDERED)

RENEWABLE_DAYS = 120
"""So many days before its last day a licence may be renewed, and at any time after it."""
RUNNING = (LicenceState.ISSUED, LicenceState.SUSPENDED)
"""Issued and not ended; past their last day they wait for the nightly sweep to say that they expired."""

ENDED = (*ENDED_EARLY, LicenceState.EXPIRED)


class LicencePhase(models.TextChoices):
    """What a licence or an authorisation is on one day, read off its state and its dates; never stored."""

    RECORDED = "recorded", _("Waiting for approval")
    UPCOMING = "upcoming", _("Not yet in force")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Expired")
    REJECTED = "rejected", _("Rejected")
    REVOKED = "revoked", _("Revoked")
    SURRENDERED = "surrendered", _("Surrendered")


class SiteStanding(models.TextChoices):
    """Whether a site of a branch network has the licence it needs on one day; never stored."""

    LICENSED = "in_force", _("Licensed")
    SUSPENDED = "suspended", _("Suspended")
    UNLICENSED = "unlicensed", _("Without a licence")
    NOT_NEEDED = "unknown", _("Needs no licence")


class ConditionState(models.TextChoices):
    OPEN = "open", _("To be met")
    MET = "met", _("Met")
    LIFTED = "lifted", _("Lifted")


class ConditionPhase(models.TextChoices):
    """What a condition is on one day; never stored."""

    REQUIRED = "required", _("To be met")
    OVERDUE = "overdue", _("Overdue")
    MET = "met", _("Met")
    LIFTED = "lifted", _("Lifted")


CONDITION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ConditionState.OPEN: (ConditionState.MET, ConditionState.LIFTED),
    ConditionState.MET: (),
    ConditionState.LIFTED: (),
}


class ApplicationKind(models.TextChoices):
    NEW = "new", _("New licence")
    RENEWAL = "renewal", _("Renewal")
    VARIATION = "variation", _("Variation")
    RELOCATION = "relocation", _("Relocation")
    CHANGE_OF_OWNER = "change_of_owner", _("Change of owner")
    ADDED_SERVICE = "added_service", _("Added service")
    CHANGE_OF_TYPE = "change_of_type", _("Upgrade or downgrade")
    SURRENDER = "surrender", _("Surrender")


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Handed in")
    UNDER_REVIEW = "under_review", _("Under review")
    QUERIED = "queried", _("Question to the applicant")
    VISIT_REQUESTED = "visit_requested", _("Waiting for the visit")
    REVIEWED = "reviewed", _("Reviewed")
    RECOMMENDED = "recommended", _("Recommended")
    APPROVED = "approved", _("Waiting for the countersignature")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


APPLICATION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ApplicationState.DRAFT: (ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN),
    ApplicationState.SUBMITTED: (ApplicationState.UNDER_REVIEW, ApplicationState.WITHDRAWN),
    ApplicationState.UNDER_REVIEW: (
        ApplicationState.QUERIED,
        ApplicationState.VISIT_REQUESTED,
        ApplicationState.REVIEWED,
        ApplicationState.WITHDRAWN,
    ),
    ApplicationState.QUERIED: (ApplicationState.UNDER_REVIEW, ApplicationState.WITHDRAWN),
    ApplicationState.VISIT_REQUESTED: (ApplicationState.UNDER_REVIEW, ApplicationState.WITHDRAWN),
    ApplicationState.REVIEWED: (
        ApplicationState.RECOMMENDED,
        ApplicationState.UNDER_REVIEW,
        ApplicationState.WITHDRAWN,
    ),
    ApplicationState.RECOMMENDED: (
        ApplicationState.APPROVED,
        ApplicationState.GRANTED,
        ApplicationState.REFUSED,
        ApplicationState.UNDER_REVIEW,
        ApplicationState.WITHDRAWN,
    ),
    ApplicationState.APPROVED: (ApplicationState.GRANTED, ApplicationState.UNDER_REVIEW, ApplicationState.WITHDRAWN),
    ApplicationState.GRANTED: (),
    ApplicationState.REFUSED: (ApplicationState.UNDER_REVIEW,),
    ApplicationState.WITHDRAWN: (),
}
"""A ministry's licence is approved, then granted by the countersignature; a province's is granted at once. An appeal
that is upheld takes a refused application up again."""

WITH_THE_APPLICANT = (ApplicationState.DRAFT, ApplicationState.QUERIED)
"""In these states the applicant may change what is applied for, and the clock of the authority stands still."""

AT_THE_AUTHORITY = (
    ApplicationState.SUBMITTED,
    ApplicationState.UNDER_REVIEW,
    ApplicationState.VISIT_REQUESTED,
    ApplicationState.REVIEWED,
    ApplicationState.RECOMMENDED,
    ApplicationState.APPROVED,
)


IN_REVIEW = (ApplicationState.UNDER_REVIEW, ApplicationState.QUERIED, ApplicationState.VISIT_REQUESTED)
"""While the reviewer works on an application: documents are checked, and advice comes in."""

KINDS_TO_VISIT = (
    ApplicationKind.NEW,
    ApplicationKind.RELOCATION,
    ApplicationKind.ADDED_SERVICE,
    ApplicationKind.CHANGE_OF_TYPE,
)
"""What these ask for is seen at the site first, where the terms say so; a site that stays the same has its standing."""

KINDS_OF_ANOTHER_SITE = (ApplicationKind.NEW, ApplicationKind.RELOCATION)
"""The site is put on the register by the review, if it is not there."""


class Part(models.TextChoices):
    """What somebody signs in an application; four different people, none of them from the visit."""

    REVIEW = "review", _("Review")
    RECOMMENDATION = "recommendation", _("Recommendation")
    DECISION = "decision", _("Decision")
    COUNTERSIGNATURE = "countersignature", _("Countersignature")


NEXT_PART = {
    ApplicationState.REVIEWED: Part.RECOMMENDATION,
    ApplicationState.RECOMMENDED: Part.DECISION,
    ApplicationState.APPROVED: Part.COUNTERSIGNATURE,
}
"""What somebody else signs next; that person may send the application back instead."""


class Opinion(models.TextChoices):
    GRANT = "grant", _("Grant")
    REFUSE = "refuse", _("Refuse")


class AdviceOpinion(models.TextChoices):
    NO_OBJECTION = "no_objection", _("No objection")
    WITH_CONDITIONS = "with_conditions", _("No objection under conditions")
    OBJECTION = "objection", _("Objection")


class AppealOutcome(models.TextChoices):
    UPHELD = "upheld", _("Upheld: the application is taken up again")
    DISMISSED = "dismissed", _("Dismissed: the refusal stands")


class InvoiceState(models.TextChoices):
    OPEN = "unpaid", _("To be paid")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Paid back")


INVOICE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    InvoiceState.OPEN: (InvoiceState.PAID, InvoiceState.CANCELLED),
    InvoiceState.PAID: (InvoiceState.REFUNDED,),
    InvoiceState.CANCELLED: (),
    InvoiceState.REFUNDED: (),
}


class InvoicePhase(models.TextChoices):
    """What an invoice is on one day; never stored."""

    OPEN = "unpaid", _("To be paid")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Paid back")


class PaymentMethod(models.TextChoices):
    KHQR = "khqr", _("KHQR")
    BANK = "bank", _("Bank transfer")
    CASH = "cash", _("Cash")


class Verdict(models.TextChoices):
    """What a certificate is worth to whoever holds the paper; never stored."""

    VALID = "valid", _("Valid")
    UPCOMING = "upcoming", _("Not in force yet")
    EXPIRED = "expired", _("Expired")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    SURRENDERED = "surrendered", _("Given back")
    REPLACED = "replaced", _("Replaced by a newer certificate")
    UNTRUSTED = "untrusted", _("No longer trusted")
    FORGED = "forged", _("Not genuine")
    UNKNOWN = "unknown", _("Not on record")


EVENTS = {
    "application.advice_asked": _("Advice asked for"),
    "application.advice_given": _("Advice entered"),
    "application.answered": _("Question answered"),
    "application.appeal_dismissed": _("Appeal dismissed"),
    "application.appeal_upheld": _("Appeal upheld"),
    "application.appealed": _("Appeal lodged"),
    "application.approved": _("Decided to grant"),
    "application.begun": _("Application begun"),
    "application.changed": _("Application changed"),
    "application.document_added": _("Document added"),
    "application.countersigned": _("Countersigned"),
    "application.document_checked": _("Document checked"),
    "application.document_removed": _("Document removed"),
    "application.granted": _("Application granted"),
    "application.handed_in": _("Application handed in"),
    "application.placed": _("Site on the register"),
    "application.queried": _("Question to the applicant"),
    "application.recommended": _("Recommended"),
    "application.refused": _("Application refused"),
    "application.released": _("Given to another reviewer"),
    "application.reviewed": _("Review signed"),
    "application.sent_back": _("Sent back to the review"),
    "application.taken_up": _("Taken up for review"),
    "application.visit_read": _("Result of the visit read"),
    "application.visit_requested": _("Visit requested"),
    "application.withdrawn": _("Application withdrawn"),
    "certificate.issued": _("Certificate issued"),
    "signing_key.created": _("Signing key made"),
    "signing_key.retired": _("Signing key retired"),
    "signing_key.revoked": _("Signing key revoked"),
    "invoice.issued": _("Invoice issued"),
    "invoice.paid": _("Payment recorded"),
    "invoice.cancelled": _("Invoice cancelled"),
    "invoice.refunded": _("Payment paid back"),
    "invoice.refunded_in_part": _("Payment paid back in part"),
    "licence.recorded": _("Licence recorded"),
    "licence.approved": _("Licence approved"),
    "licence.issued": _("Licence issued"),
    "licence.rejected": _("Licence rejected"),
    "licence.suspended": _("Licence suspended"),
    "licence.reinstated": _("Licence reinstated"),
    "licence.revoked": _("Licence revoked"),
    "licence.surrendered": _("Licence given back"),
    "licence.expired": _("Licence expired"),
    "licence.condition_imposed": _("Condition of the licence imposed"),
    "licence.condition_met": _("Condition of the licence met"),
    "licence.condition_lifted": _("Condition of the licence lifted"),
    "authorisation.recorded": _("Authorisation recorded"),
    "authorisation.approved": _("Authorisation approved"),
    "authorisation.issued": _("Authorisation issued"),
    "authorisation.rejected": _("Authorisation rejected"),
    "authorisation.suspended": _("Authorisation suspended"),
    "authorisation.reinstated": _("Authorisation reinstated"),
    "authorisation.revoked": _("Authorisation revoked"),
    "authorisation.surrendered": _("Authorisation given back"),
    "authorisation.expired": _("Authorisation expired"),
    "authorisation.condition_imposed": _("Condition of the authorisation imposed"),
    "authorisation.condition_met": _("Condition of the authorisation met"),
    "authorisation.condition_lifted": _("Condition of the authorisation lifted"),
    "licence_type.created": _("Licence type added"),
    "licence_type.changed": _("Licence type changed"),
    "licence_terms.set": _("Terms set"),
    "licence_terms.deleted": _("Terms deleted before they held"),
    "refusal_reason.created": _("Reason for refusal added"),
    "refusal_reason.withdrawn": _("Reason for refusal withdrawn"),
    "advice_body.created": _("Adviser added"),
    "advice_body.withdrawn": _("Adviser withdrawn"),
}
"""What the events of this floor are called."""

LETTERS = {
    "application.taken_up": (
        _("Application %(number)s is being reviewed"),
        _("Application %(number)s is being reviewed. A decision is due on %(due_on)s."),
    ),
    "application.queried": (
        _("A question about application %(number)s"),
        _("Please answer this question about application %(number)s: %(question)s"),
    ),
    "application.granted": (
        _("Application %(number)s is granted"),
        _("Application %(number)s (%(what)s) is granted."),
    ),
    "application.refused": (
        _("Application %(number)s is refused"),
        _("Application %(number)s is refused: %(reason)s An appeal is possible until %(until)s, that day included."),
    ),
    "application.appeal_upheld": (
        _("The appeal about application %(number)s is upheld"),
        _("The appeal about application %(number)s is upheld, and the application is taken up again: %(reason)s"),
    ),
    "application.appeal_dismissed": (
        _("The appeal about application %(number)s is dismissed"),
        _("The appeal about application %(number)s is dismissed, and the refusal stands: %(reason)s"),
    ),
    "licence.approved": (
        _("Licence %(number)s is approved"),
        _("Licence %(number)s of %(facility)s, which you recorded, is approved."),
    ),
    "licence.rejected": (
        _("Licence %(number)s is rejected"),
        _("Licence %(number)s of %(facility)s, which you recorded, is rejected: %(reason)s"),
    ),
    "grant.suspended": (
        _("%(number)s of %(facility)s is suspended"),
        _("%(number)s of %(facility)s is suspended from %(day)s: %(reason)s"),
    ),
    "grant.reinstated": (
        _("%(number)s of %(facility)s holds again"),
        _("%(number)s of %(facility)s holds again from %(day)s: %(reason)s"),
    ),
    "grant.revoked": (
        _("%(number)s of %(facility)s is revoked"),
        _("%(number)s of %(facility)s is revoked. The first day without it is %(day)s: %(reason)s"),
    ),
    "licence.to_renew": (
        _("The licence of %(facility)s ends on %(day)s"),
        _(
            "Licence %(number)s of %(facility)s ends on %(day)s. Apply for its renewal in time: without a licence in "
            "force the facility may not operate."
        ),
    ),
    "licence.not_renewed": (
        _("The licence of %(facility)s has ended"),
        _(
            "Licence %(number)s of %(facility)s ended on %(day)s and was not renewed. Without a licence in force the "
            "facility may not operate. Apply for its renewal at once."
        ),
    ),
    "licence.reminders_sent": (
        _("Reminders to renew, %(day)s"),
        _(
            "Reminders to renew a licence were sent today. Licences that will end: %(before)s. "
            "Licences that have ended: %(after)s."
        ),
    ),
}
"""What each kind of letter of this floor says: its subject and its text."""
