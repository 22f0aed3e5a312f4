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
    TEXT = "text", _("Text")


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


class VisitState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Waiting for approval")
    RETURNED = "returned", _("Returned for correction")
    APPROVED = "approved", _("Approved")
    CANCELLED = "cancelled", _("Cancelled")


VISIT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    VisitState.PLANNED: (VisitState.IN_PROGRESS, VisitState.CANCELLED),
    VisitState.IN_PROGRESS: (VisitState.SUBMITTED, VisitState.CANCELLED),
    VisitState.SUBMITTED: (VisitState.APPROVED, VisitState.RETURNED),
    VisitState.RETURNED: (VisitState.SUBMITTED,),
    VisitState.APPROVED: (),
    VisitState.CANCELLED: (),
}


class VisitOutcome(models.TextChoices):
    COMPLETED = "completed", _("Completed")
    REFUSED = "refused", _("Entry refused")
    CLOSED_ON_ARRIVAL = "closed_on_arrival", _("Closed on arrival")
    NOT_FOUND = "not_found", _("Not found")


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
"""Letters of severity × scope, row by row (42 CFR 488.404)."""

EVENTS = {
    "visit.planned": _("Visit planned"),
    "visit.started": _("Visit begun"),
    "visit.draft_saved": _("Answers saved"),
    "visit.submitted": _("Visit handed in"),
    "visit.approved": _("Visit approved"),
    "visit.returned": _("Visit returned for correction"),
    "visit.cancelled": _("Visit cancelled"),
    "checklist_version.drafted": _("Checklist version drafted"),
    "checklist_version.published": _("Checklist version published"),
    "ruleset.published": _("Ruleset published"),
}
"""What the events of this floor are called."""
