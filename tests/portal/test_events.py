"""What the events of the audit trail are called."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from portal.reports.events import details_of
from registry.audit.models import AuditEvent
from registry.audit.reports import titles

FLOORS = ("registry", "inspections", "licensing", "enforcement", "portal")
VERBS = {
    verb
    for floor in FLOORS
    for file in (Path(settings.BASE_DIR) / floor).rglob("*.py")
    for verb in re.findall(r'\bverb="([a-z_]+\.[a-z_]+)"', file.read_text())
}


def test_the_actions_record_events():
    assert {"visit.approved", "licence.approved", "facility.registered"} <= VERBS


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_recorded_verb_has_words(verb):
    assert verb in titles()


def test_an_edit_says_what_changed():
    event = AuditEvent(verb="facility.edited", facts={"beds": [12, 14], "phone": ["", "012 345 678"]})
    assert details_of(event).splitlines() == ["Beds: 12 → 14", "Telephone: – → 012 345 678"]
