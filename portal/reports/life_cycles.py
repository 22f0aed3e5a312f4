"""The life cycles of all floors, drawn from the tables that the actions obey."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.db.models import TextChoices
from django.utils import translation
from django.utils.module_loading import module_has_submodule

SUFFIX = "_TRANSITIONS"
INTRODUCTION = """# Life cycles

Drawn from the transition tables in each floor's `states.py` by `manage.py draw_life_cycles`; do not edit by hand.
`make check` fails when this file and the tables differ.
"""


@dataclass(frozen=True)
class LifeCycle:
    """One transition table: from each state to those that may follow it."""

    module: str
    name: str
    table: dict[str, tuple[str, ...]]

    @property
    def states(self) -> type[TextChoices]:
        """The class of the table's states."""
        return type(next(iter(self.table)))  # type: ignore[return-value]

    @property
    def title(self) -> str:
        return self.name.removesuffix(SUFFIX).replace("_", " ").capitalize()

    @property
    def beginnings(self) -> list[str]:
        """A life begins in the first row of its table, or in a state that no other leads to."""
        reached = {state for following in self.table.values() for state in following}
        return [state for number, state in enumerate(self.table) if number == 0 or state not in reached]


def life_cycles() -> Iterator[LifeCycle]:
    """Every table named `…_TRANSITIONS` in a `states` module of the house, floor by floor from the ground up."""
    for config in reversed(list(apps.get_app_configs())):
        if not module_has_submodule(config.module, "states"):
            continue
        states = import_module(f"{config.name}.states")
        for name, table in vars(states).items():
            if name.endswith(SUFFIX):
                yield LifeCycle(states.__name__, name, table)


def diagrams() -> str:
    """All life cycles as one Markdown document with a Mermaid state diagram each, in English."""
    with translation.override("en"):
        parts = [INTRODUCTION, *(_diagram(cycle) for cycle in life_cycles())]
    return "\n".join(parts)


def _diagram(cycle: LifeCycle) -> str:
    named = [f'    state "{cycle.states(state).label}" as {state}' for state in cycle.table]
    begun = [f"    [*] --> {state}" for state in cycle.beginnings]
    moved = [f"    {state} --> {after}" for state, following in cycle.table.items() for after in following]
    ended = [f"    {state} --> [*]" for state, following in cycle.table.items() if not following]
    drawing = "\n".join(["stateDiagram-v2", *named, *begun, *moved, *ended])
    return f"## {cycle.title}\n\n`{cycle.module}.{cycle.name}`\n\n```mermaid\n{drawing}\n```\n"
