"""Several people at one checklist: one draft, and no change lost or made to what is published."""

import pytest

from inspections import rules
from inspections.actions import checklists
from inspections.models import ChecklistItem
from tests.factories import NOW, a_checklist_version
from tests.inspections.test_parallel_visits import THREADS, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_checklist_is_drafted_once():
    checklist = a_checklist_version().checklist
    answers = together(lambda number: checklists.draft(checklist=checklist, by=None, at=NOW).state)
    assert sorted(answers) == sorted(["draft", *["a_draft"] * (THREADS - 1)])
    assert [*checklist.versions.order_by("number").values_list("number", flat=True)] == [1, 2]


def test_items_added_and_moved_together_each_have_a_place():
    draft = checklists.draft(checklist=a_checklist_version().checklist, by=None, at=NOW)
    section = draft.sections.select_related("version").get(code="S01")
    first = section.items.select_related("section__version").get(code="01")

    def act(number):
        if number % 2:
            return checklists.move_item(item=first, up=False, by=None, at=NOW)
        return checklists.save_item(section=section, facts={"code": f"N{number}", "label_en": "New?"}, by=None, at=NOW)

    together(act)
    assert ChecklistItem.objects.filter(section=section).count() == 3 + THREADS // 2


def test_a_draft_is_published_whole_or_changed_before():
    draft = checklists.draft(checklist=a_checklist_version().checklist, by=None, at=NOW)
    item = ChecklistItem.objects.select_related("section__version").filter(section__version=draft).order_by("pk")[0]
    facts = {name: getattr(item, name) for name in rules.ITEM_FIELDS}

    def act(number):
        if number == 0:
            return checklists.publish(version=draft, by=None, at=NOW).state
        checklists.save_item(section=item.section, item=item, facts=facts | {"weight": number}, by=None, at=NOW)
        return "saved"

    answers = together(act)
    assert answers[0] == "published"
    assert {*answers[1:]} <= {"saved", "not_a_draft"}
