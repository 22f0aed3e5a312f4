"""What was stored at approval follows, for ever, from the visit's own answers, checklist version and ruleset."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections import rules
from inspections.actions import rulebook, visits
from inspections.models import Standing, Visit
from inspections.states import Answer, LicenceSeen, VisitState
from registry.accounts.states import Role
from tests.factories import NOW, TODAY, a_facility, a_ruleset, a_service, a_user, a_visit, counter, hand_in

pytestmark = pytest.mark.django_db

ITEM = st.fixed_dictionaries(
    {
        "label_en": st.text(string.ascii_letters, min_size=1, max_size=5),
        "weight": st.sampled_from(["0", "0.001", "0.5", "1", "3", "1234.567"]),
        "critical": st.booleans(),
        "kind": st.sampled_from(["compliance", "compliance", "count", "text"]),
    }
)
SECTION = st.fixed_dictionaries(
    {
        "name_en": st.just("Section"),
        "service": st.sampled_from([None, "surgery"]),
        "scored": st.booleans(),
        "item": st.lists(ITEM, min_size=1, max_size=5),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    sections=st.lists(SECTION, min_size=1, max_size=3),
    given_answers=st.lists(st.sampled_from(Answer.values), min_size=15, max_size=15),
    services=st.sampled_from([[], ["surgery"]]),
    licence_seen=st.sampled_from([LicenceSeen.VALID, LicenceSeen.EXPIRED, LicenceSeen.NONE]),
    places=st.sampled_from([0, 1, 2]),
)
def test_scoring_again_gives_the_stored_number(sections, given_answers, services, licence_seen, places):
    a_service()
    name = f"generated-{next(counter)}"
    ruleset = a_ruleset(name, decimal_places=places, unlicensed_band="non_compliant")
    for place, section in enumerate(sections):
        section["code"] = f"S{place}"
        for number, item in enumerate(section["item"]):
            item["code"] = str(number)
    version, _new = rulebook.add_version(
        definition={
            "code": name,
            "name_km": name,
            "name_en": name,
            "ruleset_code": name,
            "facility_types": [],
            "section": sections,
        },
        publish_it=True,
        by=None,
        at=NOW,
    )
    facility = a_facility()
    structure = rules.structure(version)
    keys = [rules.key(section, item) for section, items in structure for item in items if item.kind == "compliance"]
    inspector = a_user(Role.INSPECTOR)
    visit = a_visit(
        facility,
        state=VisitState.IN_PROGRESS,
        inspector=inspector,
        checklist_version=version,
        ruleset=ruleset,
        services=services,
    )
    answers = {key: {"answer": answer} for key, answer in zip(keys, given_answers, strict=False)}
    visits.save_draft(visit=visit, answers=answers, revision=1, by=inspector, at=NOW)
    hand_in(visit=visit, visited_on=TODAY, outcome="completed", licence_seen=licence_seen, by=inspector)
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)

    stored = Visit.objects.select_related("ruleset", "checklist_version").get(pk=visit.pk)
    again = rules.result(stored, rules.structure(stored.checklist_version), visited_on=stored.visited_on)
    assert (again.percent, again.band_code, again.next_due_on, again.section_scores) == (
        stored.score,
        stored.band,
        stored.next_due_on,
        stored.section_scores,
    )
    assert again.band is not None or (stored.score is None and licence_seen != LicenceSeen.NONE)
    standing = Standing.objects.get(facility=facility)
    assert (standing.score, standing.band, standing.next_due_on) == (stored.score, stored.band, stored.next_due_on)
