from dataclasses import dataclass

SHOWN = 200
"""As many faults are listed; of the others, how many there are."""


@dataclass(frozen=True)
class Fault:
    """Why a form is refused: a sentence, and the place in the workbook as far as there is one."""

    sentence: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
