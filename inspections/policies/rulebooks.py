"""What the law asks of checklists and rulesets."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import Band, ChecklistVersion, Ruleset
from inspections.states import (
    VERSION_TRANSITIONS,
    VersionState,
)
from registry.core.errors import Refused


def check_can_publish(rulebook: ChecklistVersion | Ruleset) -> None:
    """Only a draft is published."""
    if VersionState.PUBLISHED not in VERSION_TRANSITIONS[rulebook.state]:
        raise Refused(_("“%(name)s” is published already.") % {"name": rulebook}, code="already_published")


def check_has_items(structure: rules.Structure) -> None:
    if not structure or any(not items for _section, items in structure):
        raise Refused(_("Every section needs at least one item before it is published."), code="empty_section")


def check_bands_are_whole(ruleset: Ruleset, bands: Sequence[Band]) -> None:
    """From 0 per cent on, every percentage is in one band, and the bands that the ruleset names are among them."""
    expected: Decimal | None = Decimal(0)
    for band in sorted(bands, key=lambda band: band.from_percent):
        if band.from_percent != expected:
            raise Refused(_("The bands leave a gap or overlap."), code="bands_not_whole")
        expected = band.below_percent
    if not bands or expected is not None:
        raise Refused(_("The last band has no upper end."), code="bands_not_whole")
    if {ruleset.critical_cap, ruleset.unlicensed_band} - {"", *(band.code for band in bands)}:
        raise Refused(_("The ruleset names a band that it does not have."), code="unknown_band")


def check_services_are_known(codes: Collection[str], known: Collection[str]) -> None:
    if unknown := sorted(set(codes) - set(known)):
        raise Refused(_("There is no service “%(code)s”.") % {"code": unknown[0]}, code="unknown_service")
