from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One measured figure, its goal, and how it came about."""

    what: str
    figure: float
    goal: float
    at_most: bool
    how: str

    @property
    def reached(self) -> bool:
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        mark = "reached" if self.reached else "MISSED"
        return f"{self.what:58} {self.figure:>12,.2f}  goal {sign} {self.goal:>7,.4g}  {mark:8} {self.how}"
