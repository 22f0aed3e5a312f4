"""How the numbers that the authorities give look: MOH-2026-000123, or PHD12-2026-000123 for province 12."""

import re

from licensing.models.number_series import NUMBER_OF_A_SERIES

SERIES = re.compile(NUMBER_OF_A_SERIES, re.IGNORECASE)


def written(prefix: str, year: int, place: int) -> str:
    return f"{prefix}-{year}-{place:06d}"


def is_of_a_series(number: str) -> bool:
    """Whether a number looks like one that the register itself gives."""
    return SERIES.fullmatch(number.strip()) is not None
