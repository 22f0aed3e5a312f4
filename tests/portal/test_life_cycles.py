"""Life cycles are tables: whole, and drawn as they are."""

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import draw_life_cycles
from portal.reports.life_cycles import LifeCycle, life_cycles

CYCLES = list(life_cycles())
NAMES = [cycle.name for cycle in CYCLES]


def test_every_floor_has_its_life_cycles():
    assert {cycle.module.split(".")[0] for cycle in CYCLES} == {"registry", "inspections", "licensing", "enforcement"}


@pytest.mark.parametrize("cycle", CYCLES, ids=NAMES)
def test_every_status_has_a_row_and_leads_to_known_ones(cycle: LifeCycle):
    states = set(cycle.states.values)
    assert set(cycle.table) == states
    assert {state for following in cycle.table.values() for state in following} <= states


@pytest.mark.parametrize("cycle", CYCLES, ids=NAMES)
def test_every_status_can_be_reached(cycle: LifeCycle):
    reached, ahead = set(), set(cycle.beginnings)
    while ahead:
        reached |= ahead
        ahead = {after for state in ahead for after in cycle.table[state]} - reached
    assert reached == set(cycle.table)


def test_the_drawings_in_the_documentation_are_up_to_date():
    call_command("draw_life_cycles", check=True)


def test_a_drawing_that_differs_is_found_and_drawn_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(draw_life_cycles, "FILE", tmp_path / "life-cycles.md")
    with pytest.raises(CommandError, match=r"life-cycles\.md is out of date"):
        call_command("draw_life_cycles", check=True)
    call_command("draw_life_cycles")
    call_command("draw_life_cycles", check=True)
    assert "recorded --> issued" in (tmp_path / "life-cycles.md").read_text()
