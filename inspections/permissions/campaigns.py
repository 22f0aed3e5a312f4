"""Who directs the departments, and who answers for one."""

from typing import Any

from django.utils.translation import gettext as _

from inspections.models import Campaign
from inspections.states import CampaignState
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

DIRECTORS = (Role.ADMINISTRATOR, Role.APPROVER, Role.LICENSING_OFFICER)


def check_may_direct(user: Any) -> None:
    """Draft, launch, close and cancel campaigns: the ministry."""
    if user.role not in DIRECTORS:
        raise NotPermitted(_("Campaigns are directed by the ministry."), code="not_director")


def check_may_acknowledge(user: Any, campaign: Campaign) -> None:
    """Acknowledge a campaign and plan its visits: the manager of a province that it reaches."""
    if (
        user.role != Role.PROVINCIAL_MANAGER
        or user.province_id is None
        or campaign.state == CampaignState.DRAFT
        or not campaign.acknowledgements.filter(province=user.province_id).exists()
    ):
        raise NotPermitted(
            _("A campaign is answered by the managers of the provinces that it reaches."), code="not_reached"
        )
