"""Drafts of checklists: who may change what and when, and what follows a change."""

import pytest
from django.db import DatabaseError, connection, transaction

from inspections import policies, rules
from inspections.actions import checklists, rulebook
from inspections.models import Checklist, ChecklistItem, ChecklistVersion
from inspections.reports.comparison import planned_with
from inspections.states import AnswerKind, VersionState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, a_checklist_version, a_facility_type, a_ruleset, a_user, a_visit

pytestmark = pytest.mark.django_db
DRAFTERS = {Role.ADMINISTRATOR, Role.LICENSING_OFFICER}
PUBLISHERS = {Role.ADMINISTRATOR, Role.APPROVER}


@pytest.fixture
def clerk():
    return a_user(Role.LICENSING_OFFICER)


@pytest.fixture
def draft(clerk):
    """Version 2 of a checklist of two sections with three items each."""
    return checklists.draft(checklist=a_checklist_version().checklist, by=clerk, at=NOW)


def items_of(version):
    return [rules.key(section, item) for section, items in rules.structure(version) for item in items]


def item_of(version, key):
    section, code = key.split(".")
    return ChecklistItem.objects.select_related("section__version").get(
        section__version=version, section__code=section, code=code
    )


def facts_of(item, **changed):
    return {name: getattr(item, name) for name in rules.ITEM_FIELDS} | changed


def described(**changed):
    facts = {"name_km": "បញ្ជី", "name_en": "List", "ruleset_code": "test", "training_needed": False}
    return facts | {"facility_types": [a_facility_type()]} | changed


STEPS = {
    "draft": (DRAFTERS, {"published": ""}),
    "save_section": (DRAFTERS, {"draft": ""}),
    "save_item": (DRAFTERS, {"draft": ""}),
    "move_item": (DRAFTERS, {"draft": ""}),
    "remove_item": (DRAFTERS, {"draft": ""}),
    "discard": (DRAFTERS, {"draft": ""}),
    "publish": (PUBLISHERS, {"draft": VersionState.PUBLISHED}),
    "retire": (PUBLISHERS, {"published": VersionState.RETIRED}),
}


def take(step, version, by):
    section = version.sections.select_related("version").first()
    item = section.items.select_related("section__version").last()
    common = {"by": by, "at": NOW}
    match step:
        case "draft":
            return checklists.draft(checklist=version.checklist, **common)
        case "save_section":
            return checklists.save_section(version=version, facts={"code": "NEW", "name_en": "New"}, **common)
        case "save_item":
            return checklists.save_item(section=section, item=item, facts=facts_of(item, weight=2), **common)
        case "move_item":
            return checklists.move_item(item=item, up=True, **common)
        case "remove_item":
            return checklists.remove_item(item=item, **common)
        case "discard":
            return checklists.discard(version=version, **common)
        case "publish":
            return checklists.publish(version=version, **common)
        case "retire":
            return checklists.retire(version=version, reason="Out of date", **common)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", Role)
def test_who_may_change_a_checklist(step, role):
    allowed, states = STEPS[step]
    version = a_checklist_version()
    if "draft" in states:
        version = checklists.draft(checklist=version.checklist, by=None, at=NOW)
    if role in allowed:
        take(step, version, a_user(role))
    else:
        with pytest.raises(NotPermitted):
            take(step, version, a_user(role))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", ["draft", "published", "retired"])
def test_in_which_state_a_checklist_is_changed(step, state):
    _allowed, states = STEPS[step]
    version = a_checklist_version()
    if state == "draft":
        version = checklists.draft(checklist=version.checklist, by=None, at=NOW)
    elif state == "retired":
        version = checklists.retire(version=version, reason="Out of date", by=None, at=NOW)
    if state not in states and (step, state) != ("draft", "retired"):
        with pytest.raises(Refused):
            take(step, version, None)
        return
    take(step, version, None)
    if states.get(state):
        version.refresh_from_db()
        assert version.state == states[state]


def test_a_new_checklist_begins_empty_or_as_a_copy(clerk):
    a_ruleset()
    empty = checklists.create(code="new", facts=described(), by=clerk, at=NOW)
    assert (empty.number, empty.state, rules.structure(empty)) == (1, "draft", [])
    model = a_checklist_version()
    copy = checklists.create(code="copy", facts=described(), like=model, by=clerk, at=NOW)
    assert items_of(copy) == items_of(model)
    assert list(copy.checklist.facility_types.all()) == [a_facility_type()]
    with pytest.raises(Refused, match="taken"):
        checklists.create(code="copy", facts=described(), by=clerk, at=NOW)
    verbs = AuditEvent.objects.filter(by_username=clerk.username).order_by("pk").values_list("verb", flat=True)
    assert [*verbs] == ["checklist.created", "checklist_version.drafted"] * 2


def test_names_are_changed_by_drafters_until_visits_go_by_the_checklist(clerk):
    a_ruleset()
    version = checklists.create(code="new", facts=described(), by=clerk, at=NOW)
    checklists.describe(checklist=version.checklist, facts=described(name_en="Other"), by=clerk, at=NOW)
    published = a_checklist_version().checklist
    with pytest.raises(NotPermitted):
        checklists.describe(checklist=published, facts=described(), by=clerk, at=NOW)
    checklists.describe(checklist=published, facts=described(name_en="Other"), by=a_user(Role.APPROVER), at=NOW)
    changed = AuditEvent.objects.filter(verb="checklist.changed").order_by("pk").last()
    assert changed.facts["name_en"][1] == "Other"


def test_a_draft_says_what_the_latest_version_said_and_leaves_it_alone(draft):
    first = draft.checklist.versions.get(number=1)
    assert items_of(draft) == items_of(first)
    item = item_of(draft, "S01.01")
    checklists.save_item(section=item.section, item=item, facts=facts_of(item, label_en="Other?"), by=None, at=NOW)
    assert item_of(first, "S01.01").label_en == "Question 1"


def test_an_only_draft_takes_its_checklist_with_it(clerk):
    a_ruleset()
    version = checklists.create(code="new", facts=described(), by=clerk, at=NOW)
    checklists.save_section(version=version, facts={"code": "S01", "name_en": "One"}, by=clerk, at=NOW)
    checklists.discard(version=version, by=clerk, at=NOW)
    assert not Checklist.objects.exists()
    with pytest.raises(Refused, match="Somebody removed this meanwhile"):
        checklists.discard(version=version, by=clerk, at=NOW)


def test_parts_move_up_and_down_and_stay_at_the_ends(draft):
    item = item_of(draft, "S01.03")
    for up in (True, True, True):
        checklists.move_item(item=item, up=up, by=None, at=NOW)
    assert items_of(draft)[:3] == ["S01.03", "S01.01", "S01.02"]
    checklists.move_item(item=item, up=False, by=None, at=NOW)
    assert items_of(draft)[:3] == ["S01.01", "S01.03", "S01.02"]
    checklists.move_section(section=item.section, up=False, by=None, at=NOW)
    assert items_of(draft)[0] == "S02.01"
    assert AuditEvent.objects.filter(verb="checklist_version.edited").count() == 4  # one of five moved nothing


def test_an_item_moves_to_another_section_under_a_free_code(draft):
    item, other = item_of(draft, "S01.01"), draft.sections.get(code="S02")
    with pytest.raises(Refused, match="taken"):
        checklists.save_item(section=other, item=item, facts=facts_of(item), by=None, at=NOW)
    checklists.save_item(section=other, item=item, facts=facts_of(item, code="04"), by=None, at=NOW)
    assert items_of(draft) == ["S01.02", "S01.03", "S02.01", "S02.02", "S02.03", "S02.04"]


def test_conditions_follow_when_keys_change_and_keep_what_they_need(draft):
    depending = item_of(draft, "S02.01")
    checklists.set_conditions(item=depending, conditions=[{"item": "S01.02", "is": ["yes"]}], by=None, at=NOW)
    first = draft.sections.select_related("version").get(code="S01")
    checklists.save_section(version=draft, section=first, facts={"code": "A"}, by=None, at=NOW)
    item = item_of(draft, "A.02")
    checklists.save_item(section=item.section, item=item, facts=facts_of(item, code="X"), by=None, at=NOW)
    assert item_of(draft, "S02.01").asked_if == [{"item": "A.X", "is": ["yes"]}]
    for act, part in ((checklists.remove_item, {"item": item}), (checklists.remove_section, {"section": first})):
        with pytest.raises(Refused, match=r"asked only after an answer to A\.X"):
            act(**part, by=None, at=NOW)
    checklists.set_conditions(item=depending, conditions=[], by=None, at=NOW)
    checklists.remove_section(section=first, by=None, at=NOW)
    assert items_of(draft) == ["S02.01", "S02.02", "S02.03"]


@pytest.mark.parametrize("other", ["S01.02", "S01.03", "S02.01", "S09.01"])
def test_an_item_depends_on_earlier_ones_only(draft, other):
    with pytest.raises(Refused, match="does not come before"):
        checklists.set_conditions(
            item=item_of(draft, "S01.02"), conditions=[{"item": other, "is": ["yes"]}], by=None, at=NOW
        )


def test_a_copy_gets_the_next_free_code_at_the_end(draft):
    copy = checklists.copy_item(item=item_of(draft, "S01.01"), by=None, at=NOW)
    assert items_of(draft)[:4] == ["S01.01", "S01.02", "S01.03", "S01.04"]
    assert copy.label_en == "Question 1"


def test_two_people_do_not_overwrite_each_other(draft):
    item = item_of(draft, "S01.01")
    seen = rules.edition(item)
    checklists.save_item(section=item.section, item=item, facts=facts_of(item, weight=2), seen=seen, by=None, at=NOW)
    with pytest.raises(Refused, match="Somebody else"):
        checklists.save_item(section=item.section, item=item, facts=facts_of(item), seen=seen, by=None, at=NOW)


FAULTS = [
    ({"kind": AnswerKind.CHOICE}, "S01.02 “Question 2” is a choice without anything to choose"),
    ({"kind": AnswerKind.MEASURE}, "S01.02 “Question 2” is a measure without a unit"),
    ({"choices": [{"code": "a", "label_en": "A"}] * 2, "kind": AnswerKind.CHOICE}, "has the same choice twice"),
    ({"asked_if": [{"item": "S01.03", "is": ["yes"]}]}, "S01.02 “Question 2” depends on S01.03, which is no earlier"),
    ({"asked_if": [{"item": "S01.02", "is": ["yes"]}]}, "depends on S01.02, which is no earlier"),
    ({"asked_if": [{"item": "S01.01", "is": ["perhaps"]}]}, "depends on an answer that S01.01 does not have"),
    ({"applies_when": {"services": ["magic"]}}, "applies to “magic”"),
    ({"applies_when": {"types": ["castle"]}}, "applies to “castle”"),
    ({"applies_when": {"levels": ["cpa9"]}}, "applies to “cpa9”"),
]


@pytest.mark.parametrize(("said", "sentence"), FAULTS)
def test_what_makes_no_sense_is_named_and_not_published(draft, said, sentence):
    ChecklistItem.objects.filter(pk=item_of(draft, "S01.02").pk).update(**said)
    found = policies.faults(rules.structure(draft), checklists.known())
    assert [fault.key for fault in found if fault.grave] == ["S01.02"]
    with pytest.raises(Refused, match=sentence):
        checklists.publish(version=draft, by=None, at=NOW)
    draft.refresh_from_db()
    assert draft.state == VersionState.DRAFT


def test_an_empty_section_is_not_published_and_missing_khmer_is(draft):
    empty = checklists.save_section(version=draft, facts={"code": "S03", "name_en": "Empty"}, by=None, at=NOW)
    with pytest.raises(Refused, match="at least one item"):
        checklists.publish(version=draft, by=None, at=NOW)
    checklists.save_item(section=empty, facts={"code": "01", "label_en": "Only English?"}, by=None, at=NOW)
    sentences = [fault.sentence for fault in policies.faults(rules.structure(draft), checklists.known())]
    assert sentences == ["Section S03 “Empty” has no name in Khmer.", "S03.01 “Only English?” is not in Khmer."]
    assert checklists.publish(version=draft, by=None, at=NOW).state == VersionState.PUBLISHED


def test_publishing_retires_the_version_in_use(draft):
    checklists.publish(version=draft, by=a_user(Role.APPROVER), at=NOW)
    states = ChecklistVersion.objects.order_by("number").values_list("state", flat=True)
    assert [*states] == ["retired", "published"]


def test_a_retired_checklist_begins_no_visit_but_may_come_back(draft):
    checklists.discard(version=draft, by=None, at=NOW)
    version = draft.checklist.versions.get()
    with pytest.raises(Refused):
        checklists.retire(version=version, reason=" ", by=None, at=NOW)
    checklists.retire(version=version, reason="Replaced by law", by=a_user(Role.APPROVER), at=NOW)
    assert AuditEvent.objects.get(verb="checklist_version.retired").reason == "Replaced by law"
    again = checklists.draft(checklist=version.checklist, by=None, at=NOW)
    assert checklists.publish(version=again, by=None, at=NOW).number == 2


def test_a_file_does_not_push_a_draft_aside(draft):
    definition = {
        "code": draft.checklist.code,
        "name_km": "ក",
        "name_en": "A",
        "ruleset_code": a_ruleset().code,
        "facility_types": [],
        "section": [{"code": "S", "name_en": "S", "item": [{"code": "1", "label_en": "Q"}]}],
    }
    with pytest.raises(Refused, match="already has a draft"):
        rulebook.add_version(definition=definition, by=None, at=NOW)


def test_a_file_of_a_drafter_changes_no_name_that_visits_go_by():
    definition = {
        "code": "clinics",
        "name_km": "ក",
        "name_en": "Clinics",
        "ruleset_code": a_ruleset().code,
        "facility_types": [],
        "section": [{"code": "S", "name_en": "S", "item": [{"code": "1", "label_en": "Q"}]}],
    }
    officer, renamed = a_user(Role.LICENSING_OFFICER), definition | {"name_en": "Hospitals"}
    version, _new = rulebook.add_version(definition=definition, by=officer, at=NOW)
    rulebook.add_version(definition=definition | {"name_en": "Small clinics"}, by=officer, at=NOW)
    checklists.publish(version=version, by=None, at=NOW)
    with pytest.raises(NotPermitted):
        rulebook.add_version(definition=renamed, by=officer, at=NOW)
    assert Checklist.objects.get(code="clinics").name_en == "Small clinics"


@pytest.mark.parametrize(
    "attack",
    [
        'UPDATE inspections_checklistitem SET choices = \'[{"code": "a"}]\'',
        'UPDATE inspections_checklistitem SET asked_if = \'[{"item": "S01.01", "is": ["no"]}]\'',
        'UPDATE inspections_checklistitem SET applies_when = \'{"types": ["clinic"]}\'',
        "UPDATE inspections_checklistitem SET position = position + 100",
        "UPDATE inspections_checklistitem SET critical = true, weight = 0, severity = 4",
        "UPDATE inspections_checklistsection SET applies_when = '{}', scored = false WHERE code = 'S02'",
        "UPDATE inspections_checklistsection SET position = position + 100",
        "DELETE FROM inspections_checklistitem",
        "DELETE FROM inspections_checklistsection",
        "UPDATE inspections_checklistversion SET state = 'draft'",
        "UPDATE inspections_checklistversion SET published_at = now() - interval '1 year'",
    ],
)
@pytest.mark.parametrize("state", ["published", "retired"])
def test_what_was_published_stays_as_it_was(state, attack):
    version = a_checklist_version()
    if state == "retired":
        checklists.retire(version=version, reason="Out of date", by=None, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_planned_visits_are_counted_for_whoever_publishes(draft):
    first = draft.checklist.versions.get(number=1)
    a_visit(checklist_version=first)
    a_visit(checklist_version=first, state="in_progress")
    assert planned_with(draft.checklist) == 1
