from inspections.models.back_check import BackCheck, BackCheckRound
from inspections.models.campaign import Campaign, CampaignAcknowledgement, CampaignTarget
from inspections.models.checklist import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.models.corrective_action import ActionEvidence, CorrectiveAction
from inspections.models.finding import Finding, FindingCheck
from inspections.models.member import VisitMember
from inspections.models.photo import VisitPhoto
from inspections.models.reinspection_request import ReinspectionRequest
from inspections.models.risk_model import RiskModel
from inspections.models.ruleset import Band, GridCell, Ruleset
from inspections.models.signature import VisitSignature
from inspections.models.standing import Standing
from inspections.models.training import Competence, Course, TrainingSession
from inspections.models.visit import Visit

__all__ = [
    "ActionEvidence",
    "BackCheck",
    "BackCheckRound",
    "Band",
    "Campaign",
    "CampaignAcknowledgement",
    "CampaignTarget",
    "Checklist",
    "ChecklistItem",
    "ChecklistSection",
    "ChecklistVersion",
    "Competence",
    "CorrectiveAction",
    "Course",
    "Finding",
    "FindingCheck",
    "GridCell",
    "ReinspectionRequest",
    "RiskModel",
    "Ruleset",
    "Standing",
    "TrainingSession",
    "Visit",
    "VisitMember",
    "VisitPhoto",
    "VisitSignature",
]
