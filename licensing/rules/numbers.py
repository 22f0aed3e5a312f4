"""How the numbers that the authorities give look: MOH-2026-000123, or PHD12-2026-000123 for province 12."""

import re

SERIES = re.compile(r"^(MOH|PHD[0-9]{2})(-A)?-[0-9]{4}-[0-9]+$", re.IGNORECASE)
"""Numbers of licences and, with an A, of authorisations for services."""


def written(prefix: str, year: int, place: int) -> str:
    return f"{prefix}-{year}-{place:06d}"


def is_of_a_series(number: str) -> bool:
    """Whether a number looks like one that the register itself gives."""
    return SERIES.fullmatch(number.strip()) is not None
