"""What docs/api.md says to type works as it stands there."""

import json
import os
import re
import shutil
import subprocess

import pytest

from inspections.models import Visit
from registry.accounts.actions import api_tokens
from registry.accounts.states import Role
from tests.factories import NOW, a_checklist_version, a_facility, a_ruleset, a_user
from tests.house.working_copy import HOUSE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here"),
]


def commands_with(words):
    """The block of commands of the page in which these words are, and the one that says what `api` is."""
    blocks = re.findall(r"```sh\n(.*?)```", (HOUSE / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    (wanted,) = (block for block in blocks if words in block)
    (api,) = (re.sub(r"export TOKEN=.*\n", "", block) for block in blocks if "api() {" in block)
    return api + wanted


def test_a_visit_is_planned_by_the_commands_of_the_page(live_server):
    inspector, facility = a_user(Role.INSPECTOR), a_facility()
    a_ruleset()
    checklist = a_checklist_version(facility_type=facility.type).checklist
    typed = commands_with("Idempotency-Key: ")
    for shown, here in (
        ("https://registry.example", live_server.url),
        ("KH000013754", facility.number),
        ('"general"', f'"{checklist.code}"'),
        ("2026-12-01", "2126-12-01"),
    ):
        assert shown in typed
        typed = typed.replace(shown, here)
    token = api_tokens.create(user=inspector, by=inspector, at=NOW)
    done = subprocess.run(
        ["bash", "-c", typed], capture_output=True, text=True, env=os.environ | {"TOKEN": token}, check=True
    )
    answer = json.loads(done.stdout)
    assert (answer["facility"], answer["state"]) == (facility.number, "planned"), answer
    assert str(Visit.objects.get().uuid) == answer["uuid"]
