"""How far a campaign is, by province, and which departments are silent."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inspections.models import Campaign, CampaignAcknowledgement, CampaignTarget, Visit
from inspections.states import CampaignState, VisitOutcome, VisitState
from registry.accounts.states import PROVINCIAL_ROLES

SILENT_AFTER_DAYS = 7
"""A department that has not acknowledged a directive after so many days is silent."""

STAGES = {
    VisitState.PLANNED: _("Planned"),
    VisitState.IN_PROGRESS: _("Planned"),
    VisitState.RETURNED: _("Visited"),
    VisitState.SUBMITTED: _("Visited"),
    VisitState.APPROVED: _("Approved"),
}

PROGRESS = """
SELECT f.province_id, count(*), count(*) FILTER (WHERE v.planned), count(*) FILTER (WHERE v.visited),
       count(*) FILTER (WHERE v.approved)
FROM inspections_campaigntarget t JOIN registry_facility f ON f.id = t.facility_id
LEFT JOIN (
    SELECT facility_id,
           bool_or(state = ANY(%(handed_in)s)) AS visited,
           bool_or(state = 'approved' AND outcome = %(completed)s) AS approved,
           bool_or(state IN ('planned', 'in_progress')) AND NOT bool_or(state = ANY(%(handed_in)s)) AS planned
    FROM inspections_visit WHERE campaign_id = %(campaign)s GROUP BY facility_id
) v ON v.facility_id = t.facility_id
WHERE t.campaign_id = %(campaign)s AND (%(province)s::bigint IS NULL OR f.province_id = %(province)s)
GROUP BY f.province_id
"""


@dataclass(frozen=True)
class ProvinceProgress:
    """One province in a campaign: its facilities, and of how many the visit is planned, made, or approved."""

    acknowledgement: CampaignAcknowledgement
    targets: int
    planned: int
    visited: int
    approved: int
    overdue: int
    silent: bool

    @property
    def province(self) -> Any:
        return self.acknowledgement.province


def progress(campaign: Campaign, user: Any, *, as_of: date) -> list[ProvinceProgress]:
    """Each province that the campaign reaches and `user` sees, in Khmer order; three queries at most.

    `planned` are visits not yet made, `visited` all handed in whatever their end, `approved` those completed and
    approved, `overdue` the targets without an approved visit after the deadline. A province is silent that has not
    acknowledged a running campaign within `SILENT_AFTER_DAYS` days.
    """
    own = user.province_id if user.role in PROVINCIAL_ROLES else None
    acknowledgements = campaign.acknowledgements.select_related("province", "acknowledged_by")
    if own:
        acknowledgements = acknowledgements.filter(province=own)
    counts = _counts(campaign, own)
    late = as_of > campaign.deadline
    silent = (
        campaign.launched_at is not None
        and campaign.state == CampaignState.RUNNING
        and (timezone.localdate(campaign.launched_at) + timedelta(days=SILENT_AFTER_DAYS) < as_of)
    )
    rows = []
    for acknowledgement in acknowledgements.order_by("province__sort_key"):
        targets, planned, visited, approved = counts.get(acknowledgement.province_id, (0, 0, 0, 0))
        rows.append(
            ProvinceProgress(
                acknowledgement=acknowledgement,
                targets=targets,
                planned=planned,
                visited=visited,
                approved=approved,
                overdue=targets - approved if late else 0,
                silent=silent and acknowledgement.acknowledged_at is None,
            )
        )
    return rows


def targets(campaign: Campaign, user: Any) -> QuerySet[CampaignTarget]:
    """The facilities of a campaign that `user` sees; `visit_state` is that of their newest visit in the campaign."""
    visits = Visit.objects.filter(campaign=campaign.pk, facility=OuterRef("facility")).exclude(
        state=VisitState.CANCELLED
    )
    rows: QuerySet[CampaignTarget] = campaign.targets.all().visible_to(user)
    newest = Subquery(visits.order_by("-id").values("state")[:1], output_field=CharField(default=""))
    return rows.annotate(visit_state=newest)


def _counts(campaign: Campaign, province_id: int | None) -> dict[int, tuple[int, int, int, int]]:
    values = {
        "campaign": campaign.pk,
        "province": province_id,
        "completed": VisitOutcome.COMPLETED.value,
        "handed_in": [VisitState.SUBMITTED.value, VisitState.RETURNED.value, VisitState.APPROVED.value],
    }
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, values)
        return {province: tuple(counts) for province, *counts in cursor.fetchall()}
