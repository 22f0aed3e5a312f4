"""What the weights of the order of work must be."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from inspections.rules.risk import FACTORS
from registry.core.errors import Refused


def check_weights(weights: Mapping[str, Any]) -> None:
    """Whole points, none negative, each for a factor that there is."""
    if unknown := sorted(set(weights) - set(FACTORS)):
        raise Refused(_("There is no factor “%(code)s”.") % {"code": unknown[0]}, code="unknown_factor")
    if any(isinstance(points, bool) or not isinstance(points, int) or points < 0 for points in weights.values()):
        raise Refused(_("Points are whole numbers from 0 on."), code="no_points")
