"""The API of inspections."""

from inspections.api.findings import CorrectiveActionViewSet, FindingViewSet
from inspections.api.people import CampaignViewSet, CompetenceViewSet
from inspections.api.rulebooks import ChecklistVersionViewSet, RulesetViewSet
from inspections.api.standings import FacilityStandingViewSet, StandingSerializer
from inspections.api.visits import VisitViewSet

__all__ = [
    "CampaignViewSet",
    "ChecklistVersionViewSet",
    "CompetenceViewSet",
    "CorrectiveActionViewSet",
    "FacilityStandingViewSet",
    "FindingViewSet",
    "RulesetViewSet",
    "StandingSerializer",
    "VisitViewSet",
]
