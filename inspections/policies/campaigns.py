"""What the rules allow to be done with a campaign."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from inspections.models import Campaign, CampaignAcknowledgement
from inspections.states import CAMPAIGN_TRANSITIONS, CampaignState
from registry.core.errors import Refused

MOST_AT_ONCE = 500
"""So many visits of a campaign are planned in one step."""


def check_campaign_can_move(campaign: Campaign, state: CampaignState) -> None:
    """The life cycle of `states.CAMPAIGN_TRANSITIONS`."""
    if state not in CAMPAIGN_TRANSITIONS[campaign.state]:
        raise Refused(
            _("This campaign is “%(state)s” and cannot become “%(wanted)s”.")
            % {"state": campaign.get_state_display(), "wanted": state.label},
            code="wrong_state",
        )


def check_can_redraft(campaign: Campaign) -> None:
    if campaign.state != CampaignState.DRAFT:
        raise Refused(_("The campaign is launched; its letter stays as it was sent."), code="launched")


def check_can_launch(campaign: Campaign, reached: int, today: date) -> None:
    """A draft whose deadline lies ahead, that reaches somebody and whose checklist can be used."""
    check_campaign_can_move(campaign, CampaignState.RUNNING)
    if campaign.deadline < today:
        raise Refused(_("The day by which this is to be done has passed."), code="deadline_passed")
    if not campaign.checklist.versions.published().exists():
        raise Refused(
            _("No version of “%(checklist)s” is published.") % {"checklist": campaign.checklist}, code="no_rulebook"
        )
    if not reached:
        raise Refused(_("This campaign reaches no facility."), code="reaches_nobody")


def check_can_acknowledge(campaign: Campaign, acknowledgement: CampaignAcknowledgement) -> None:
    if campaign.state != CampaignState.RUNNING:
        raise Refused(_("This campaign is over."), code="wrong_state")
    if acknowledgement.acknowledged_at is not None:
        raise Refused(_("Your department has acknowledged this campaign already."), code="acknowledged_already")


def check_can_plan_for_campaign(campaign: Campaign, facilities: Collection[str], planned_on: date, today: date) -> None:
    if campaign.state != CampaignState.RUNNING:
        raise Refused(_("This campaign is over."), code="wrong_state")
    if not facilities:
        raise Refused(_("Choose the facilities to visit."), code="nothing_chosen")
    if len(facilities) > MOST_AT_ONCE:
        raise Refused(_("Plan at most %(most)s visits at once.") % {"most": MOST_AT_ONCE}, code="too_many_at_once")
    if planned_on < max(today, campaign.begins_on):
        raise Refused(_("The visits of a campaign lie neither in the past nor before the campaign."), code="too_early")
