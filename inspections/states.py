from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


VERSION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    VersionState.DRAFT: (VersionState.PUBLISHED,),
    VersionState.PUBLISHED: (VersionState.RETIRED,),
    VersionState.RETIRED: (),
}


class AnswerKind(models.TextChoices):
    COMPLIANCE = "compliance", _("Yes, partly, no or not applicable")
    COUNT = "count", _("Count")
    MEASURE = "measure", _("Measure")
    CHOICE = "choice", _("Choice")
    TEXT = "text", _("Text")
    PHOTO = "photo", _("Photo")


class Answer(models.TextChoices):
    YES = "yes", _("Yes")
    PARTIAL = "partial", _("Partly")
    NO = "no", _("No")
    NOT_APPLICABLE = "na", _("Not applicable")


class Purpose(models.TextChoices):
    ROUTINE = "routine", _("Routine")
    PRE_LICENSING = "pre_licensing", _("Before licensing")
    FOLLOW_UP = "follow_up", _("Follow-up")
    COMPLAINT = "complaint", _("After a complaint")
    CAMPAIGN = "campaign", _("Campaign")
    EXTRAORDINARY = "extraordinary", _("Extraordinary")
    REINSPECTION = "reinspection", _("Re-inspection on request")
    BACK_CHECK = "back_check", _("Back-check")


class VisitState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Waiting for approval")
    RETURNED = "returned", _("Returned for correction")
    APPROVED = "approved", _("Approved")
    CANCELLED = "cancelled", _("Cancelled")
    SUPERSEDED = "superseded", _("Replaced by an amendment")


VISIT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    VisitState.PLANNED: (VisitState.IN_PROGRESS, VisitState.CANCELLED),
    VisitState.IN_PROGRESS: (VisitState.SUBMITTED, VisitState.CANCELLED),
    VisitState.SUBMITTED: (VisitState.APPROVED, VisitState.RETURNED),
    VisitState.RETURNED: (VisitState.SUBMITTED,),
    VisitState.APPROVED: (VisitState.SUPERSEDED,),
    VisitState.CANCELLED: (),
    VisitState.SUPERSEDED: (),
}


class VisitOutcome(models.TextChoices):
    COMPLETED = "completed", _("Completed")
    REFUSED = "refused", _("Entry refused")
    CLOSED_ON_ARRIVAL = "closed_on_arrival", _("Closed on arrival")
    NOT_FOUND = "not_found", _("Not found")
    UNSAFE = "unsafe", _("Unsafe to enter")


class LicenceSeen(models.TextChoices):
    """What the inspector was shown at the door."""

    VALID = "valid", _("A valid licence")
    EXPIRED = "expired", _("An expired licence")
    NONE = "none", _("No licence at all")
    NOT_NEEDED = "not_needed", _("No licence is needed here")


class BandCode(models.TextChoices):
    NON_COMPLIANT = "non_compliant", _("Non-compliant")
    MINIMALLY_COMPLIANT = "minimally_compliant", _("Minimally compliant")
    PARTIALLY_COMPLIANT = "partially_compliant", _("Partially compliant")
    SUBSTANTIALLY_COMPLIANT = "substantially_compliant", _("Substantially compliant")
    FULLY_COMPLIANT = "fully_compliant", _("Fully compliant")


class Severity(models.IntegerChoices):
    NO_HARM = 1, _("No actual harm, potential for minimal harm")
    POTENTIAL = 2, _("No actual harm, potential for more than minimal harm")
    ACTUAL = 3, _("Actual harm")
    JEOPARDY = 4, _("Immediate jeopardy")


class Scope(models.IntegerChoices):
    ISOLATED = 1, _("Isolated")
    PATTERN = 2, _("Pattern")
    WIDESPREAD = 3, _("Widespread")


GRID = "ABCDEFGHIJKL"
"""Letters of severity × scope, row by row (42 CFR 488.404), where a ruleset does not say others."""


class Grace(models.TextChoices):
    """What an expired licence meant on a visit."""

    GIVEN = "given", _("Time was given, once, to renew the licence")
    SPENT = "spent", _("The time given once is over: as without a licence")


class Mended(models.TextChoices):
    """What an inspector says of a finding that an earlier visit left open."""

    YES = "yes", _("Mended")
    NO = "no", _("Not mended")


class CorrectedHow(models.TextChoices):
    ON_THE_SPOT = "on_the_spot", _("On the spot, during the visit")
    DESK = "desk", _("Shown by evidence")
    VISIT = "visit", _("Seen on a later visit")
    WITHDRAWN = "withdrawn", _("Withdrawn: the visit was amended")


class ActionState(models.TextChoices):
    REQUIRED = "required", _("To be done")
    EVIDENCE_GIVEN = "evidence_given", _("Evidence waits to be looked at")
    VERIFIED = "verified", _("Verified")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ACTION_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ActionState.REQUIRED: (ActionState.EVIDENCE_GIVEN, ActionState.VERIFIED, ActionState.WITHDRAWN),
    ActionState.EVIDENCE_GIVEN: (ActionState.REQUIRED, ActionState.VERIFIED, ActionState.WITHDRAWN),
    ActionState.VERIFIED: (ActionState.REQUIRED,),  # only where the visit that verified it is amended
    ActionState.WITHDRAWN: (),
}


class SignerKind(models.TextChoices):
    RESPONSIBLE = "responsible", _("Responsible person of the facility")
    INSPECTOR = "inspector", _("Inspector")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


CAMPAIGN_TRANSITIONS: dict[str, tuple[str, ...]] = {
    CampaignState.DRAFT: (CampaignState.RUNNING, CampaignState.CANCELLED),
    CampaignState.RUNNING: (CampaignState.CLOSED, CampaignState.CANCELLED),
    CampaignState.CLOSED: (),
    CampaignState.CANCELLED: (),
}


class RequestState(models.TextChoices):
    """A facility's wish to be inspected again."""

    WAITING = "waiting", _("Waiting for a decision")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")


REQUEST_TRANSITIONS: dict[str, tuple[str, ...]] = {
    RequestState.WAITING: (RequestState.GRANTED, RequestState.DECLINED),
    RequestState.GRANTED: (),
    RequestState.DECLINED: (),
}

EVENTS = {
    "visit.planned": _("Visit planned"),
    "visit.assigned": _("Team of the visit chosen"),
    "visit.moved": _("Day of the planned visit moved"),
    "visit.no_interest_stated": _("Stated to have no interest"),
    "visit.member_left": _("Left the team, with an interest"),
    "course.created": _("Course added"),
    "training.recorded": _("Training recorded"),
    "competence.recorded": _("Competence recorded"),
    "competence.ended": _("Competence ended"),
    "visit.started": _("Visit started"),
    "visit.arrived": _("Inspector arrived"),
    "visit.draft_saved": _("Answers saved"),
    "visit.submitted": _("Visit submitted for approval"),
    "visit.approved": _("Visit approved"),
    "visit.returned": _("Visit returned for correction"),
    "visit.cancelled": _("Visit cancelled"),
    "visit.amendment_begun": _("Amendment begun"),
    "visit.photo_added": _("Photo added"),
    "visit.photo_removed": _("Photo removed"),
    "visit.signed": _("Visit signed"),
    "visit.signature_refused": _("Signature refused"),
    "checklist.changed": _("Checklist changed"),
    "checklist.created": _("Checklist added"),
    "checklist_version.discarded": _("Draft of a checklist thrown away"),
    "checklist_version.drafted": _("Checklist version drafted"),
    "checklist_version.edited": _("Draft of a checklist changed"),
    "checklist_version.published": _("Checklist version published"),
    "checklist_version.retired": _("Checklist taken out of use"),
    "ruleset.drafted": _("Ruleset drafted"),
    "ruleset.changed": _("Draft of a ruleset changed"),
    "ruleset.discarded": _("Draft of a ruleset thrown away"),
    "ruleset.published": _("Ruleset published"),
    "reinspection_request.recorded": _("Re-inspection asked for"),
    "reinspection_request.granted": _("Re-inspection granted"),
    "reinspection_request.declined": _("Re-inspection declined"),
    "ruleset.kept_for_history": _("Ruleset kept for history"),
    "campaign.drafted": _("Campaign drafted"),
    "campaign.redrafted": _("Draft of the campaign changed"),
    "campaign.launched": _("Campaign launched"),
    "campaign.acknowledged": _("Campaign acknowledged by a department"),
    "campaign.closed": _("Campaign closed"),
    "campaign.cancelled": _("Campaign cancelled"),
    "back_check_round.drawn": _("Visits drawn to be repeated"),
    "back_check.assigned": _("Repeat of a visit assigned"),
    "risk_model.published": _("Order of work published"),
    "finding.mended": _("Finding mended"),
    "finding.withdrawn": _("Finding withdrawn"),
    "finding.reopened": _("Finding open again"),
    "corrective_action.required": _("Corrective action asked for"),
    "corrective_action.evidence_given": _("Evidence handed in"),
    "corrective_action.evidence_refused": _("Evidence refused"),
    "corrective_action.verified": _("Corrective action verified"),
    "corrective_action.withdrawn": _("Corrective action withdrawn"),
    "corrective_action.reopened": _("Corrective action asked for again"),
    "corrective_action.extended": _("More time given"),
}
"""What the events of this floor are called."""

LETTERS = {
    "visit.assigned": (
        _("You are in the team of a visit to %(facility)s"),
        _("%(facility)s is to be visited on %(day)s, and you are in the team."),
    ),
    "visit.requested": (
        _("A visit to %(facility)s needs a team"),
        _("%(facility)s is to be visited by %(day)s. Choose who goes."),
    ),
    "visit.submitted": (
        _("A visit to %(facility)s waits for approval"),
        _("The visit to %(facility)s of %(day)s is handed in and waits for approval."),
    ),
    "visit.approved": (
        _("The visit to %(facility)s is approved"),
        _("The visit to %(facility)s of %(day)s, in which you took part, is approved."),
    ),
    "visit.returned": (
        _("The visit to %(facility)s is returned for correction"),
        _("The visit to %(facility)s of %(day)s is returned for correction: %(reason)s"),
    ),
    "campaign.launched": (
        _("A campaign begins: %(campaign)s"),
        _(
            "The ministry has launched the campaign %(campaign)s. It is to be worked through until %(deadline)s. "
            "Please acknowledge it for your province."
        ),
    ),
}
"""What each kind of letter of this floor says: its subject and its text."""
