"""What the law asks of checklists and rulesets."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import ChecklistVersion
from inspections.states import (
    VERSION_TRANSITIONS,
    VersionState,
)
from registry.core.errors import Refused


def check_can_publish(rulebook: ChecklistVersion) -> None:
    """Only a draft is published."""
    if VersionState.PUBLISHED not in VERSION_TRANSITIONS[rulebook.state]:
        raise Refused(_("“%(name)s” is published already.") % {"name": rulebook}, code="already_published")


def check_has_items(structure: rules.Structure) -> None:
    if not structure or any(not items for _section, items in structure):
        raise Refused(_("Every section needs at least one item before it is published."), code="empty_section")


def check_services_are_known(codes: Collection[str], known: Collection[str]) -> None:
    if unknown := sorted(set(codes) - set(known)):
        raise Refused(_("There is no service “%(code)s”.") % {"code": unknown[0]}, code="unknown_service")
