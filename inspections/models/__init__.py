from inspections.models.checklist import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.models.finding import Finding
from inspections.models.ruleset import Band, Ruleset
from inspections.models.standing import Standing
from inspections.models.visit import Visit

__all__ = [
    "Band",
    "Checklist",
    "ChecklistItem",
    "ChecklistSection",
    "ChecklistVersion",
    "Finding",
    "Ruleset",
    "Standing",
    "Visit",
]
