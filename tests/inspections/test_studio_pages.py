"""The studio as pages: what the forms refuse, what a page costs, what differs between two versions."""

from copy import copy

import pytest
from django.urls import reverse

from inspections import rules
from inspections.actions import checklists
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.reports.comparison import compare
from registry.accounts.states import STAFF_ROLES, Role
from tests.factories import NOW, a_checklist_version, a_facility_type, a_ruleset, a_service, a_user, a_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return checklists.draft(checklist=a_checklist_version().checklist, by=None, at=NOW)


@pytest.fixture
def clerk(client):
    client.force_login(a_user(Role.LICENSING_OFFICER))
    return client


def place(version, name, *more):
    return reverse(name, args=[version.checklist.code, version.number, *more])


def sent(item, **changed):
    """What the form of an item sends when nothing is typed but this."""
    said = {"section": item.section_id, "severity": item.severity, "kind": item.kind, "weight": "1"}
    for name in ("code", "label_km", "label_en", "unit", "clause"):
        said[name] = getattr(item, name)
    return said | {"seen": rules.edition(item)} | changed


def first_item(version):
    return ChecklistItem.objects.select_related("section").filter(section__version=version).order_by("pk")[0]


def test_a_checklist_is_written_from_nothing(clerk):
    a_ruleset()
    page = clerk.post(reverse("checklist-create"), {"code": "ភ្នំពេញ", "name_km": "kkk", "ruleset_code": "none"})
    assert {"code", "name_en", "ruleset_code"} <= page.context["form"].errors.keys()
    assert page.context["form"]["name_km"].value() == "kkk"
    said = {"code": "clinics-២", "name_km": "គ្លីនិក", "name_en": "Clinics", "ruleset_code": "test"}
    said |= {"facility_types": [a_facility_type().pk]}
    assert clerk.post(reverse("checklist-create"), said).url == "/checklists/clinics-2/1/studio/"
    assert "taken" in clerk.post(reverse("checklist-create"), said).context["form"].errors["code"][0]
    version = ChecklistVersion.objects.get()
    section = {"code": "S០១", "name_km": "បុគ្គលិក", "name_en": "Staff", "scored": "on", "services": [a_service().code]}
    assert clerk.post(place(version, "checklist-section-create"), section).url.endswith("/studio/#S01")
    stored = version.sections.get()
    assert (stored.applies_when, stored.scored) == ({"services": ["surgery"]}, True)
    said = {
        "section": stored.pk,
        "code": "០១",
        "label_km": "តើស្អាតទេ?",
        "label_en": "Is it clean?",
        "kind": "compliance",
    }
    said |= {"weight": "២", "severity": "3", "critical": "on", "another": "1"}
    assert clerk.post(place(version, "checklist-item-create", "S01"), said).url.endswith("/sections/S01/items/new/")
    item = ChecklistItem.objects.get()
    assert (item.code, item.weight, item.severity, item.critical) == ("01", 2, 3, True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "new"}, "code"),
        ({"code": "02"}, "code"),
        ({"label_en": " "}, "label_en"),
        ({"label_km": "cMnYn»RKU eBTü"}, "label_km"),
        ({"kind": "measure"}, "unit"),
        ({"kind": "choice"}, "choice_0_en"),
        ({"kind": "choice", "choice_0_code": "a", "choice_0_km": "ក"}, "choice_0_en"),
        ({"kind": "choice", "choice_0_en": "A", "choice_1_en": "B", "choice_1_code": "1"}, "choice_0_code"),
        ({"kind": "song"}, "kind"),
        ({"weight": "-1"}, "weight"),
        ({"weight": "many"}, "weight"),
        ({"severity": "9"}, "severity"),
        ({"section": "0"}, "section"),
        ({"services": ["magic"]}, "services"),
        ({"seen": "another edition"}, "__all__"),
    ],
)
def test_the_form_of_an_item_says_what_is_wrong_and_keeps_what_was_typed(clerk, draft, changed, field):
    item = first_item(draft)
    address = place(draft, "checklist-item-edit", "S01", "01")
    page = clerk.post(address, sent(item, clause="§ 99", **changed))
    assert page.status_code in (200, 409)
    assert [*page.context["form"].errors] == [field]
    assert "§ 99" in page.content.decode()
    item.refresh_from_db()
    assert item.clause == "§ 1.1"


def test_a_choice_has_its_rows_and_more_of_them(clerk, draft):
    item = first_item(draft)
    address = place(draft, "checklist-item-edit", "S01", "01")
    typed = {f"choice_{row}_{part}": "" for row in range(3) for part in ("code", "km", "en")}
    typed |= {
        "kind": "choice",
        "choice_0_km": "អណ្តូង",
        "choice_0_en": "Well",
        "choice_2_code": "៣",
        "choice_2_en": "River",
    }
    page = clerk.post(address, sent(item, more="1", **typed))
    assert (page.context["form"].rows, page.context["form"].errors) == (6, {})
    assert page.context["form"]["choice_2_en"].value() == "River"
    assert clerk.post(address, sent(item, **typed)).status_code == 302
    item.refresh_from_db()
    assert item.choices == [
        {"code": "1", "label_km": "អណ្តូង", "label_en": "Well"},
        {"code": "3", "label_km": "", "label_en": "River"},
    ]
    assert clerk.get(address).context["form"].rows == 5
    assert clerk.post(address, sent(item, seen="", **typed | {"kind": "text"})).status_code == 302
    item.refresh_from_db()
    assert item.choices == []


def test_conditions_are_chosen_step_by_step(clerk, draft):
    address = place(draft, "checklist-item-conditions", "S01", "03")
    assert [key for key, _text in clerk.get(address).context["question"].fields["item"].choices] == ["S01.01", "S01.02"]
    assert "item" in clerk.get(address, {"item": "S02.01"}).context["question"].errors
    step = f"{address}?item=S01.02"
    assert clerk.get(step).context["chosen"].key == "S01.02"
    assert clerk.post(step, {"add": "1"}).context["form"].errors.keys() == {"answers"}
    assert clerk.post(step, {"add": "1", "answers": ["no", "partial"]}).status_code == 302
    item = ChecklistItem.objects.get(section__version=draft, section__code="S01", code="03")
    assert item.asked_if == [{"item": "S01.02", "is": ["no", "partial"]}]
    assert "Partly" in clerk.get(address).content.decode()
    clerk.post(address, {"remove": "0"})
    item.refresh_from_db()
    assert item.asked_if == []


def test_buttons_move_copy_and_delete(clerk, draft):
    item = first_item(draft)
    assert clerk.post(place(draft, "checklist-item-move", "S01", "01"), {"to": "down"}).url.endswith("#S01.01")
    assert clerk.post(place(draft, "checklist-section-move", "S02"), {"to": "up"}).url.endswith("#S02")
    assert clerk.post(place(draft, "checklist-item-copy", "S01", "01")).url.endswith("/items/04/")
    assert clerk.get(place(draft, "checklist-item-delete", "S01", "01")).status_code == 200
    assert clerk.post(place(draft, "checklist-item-delete", "S01", "01")).url.endswith("#S01")
    assert clerk.post(place(draft, "checklist-section-delete", "S02")).status_code == 302
    assert not ChecklistItem.objects.filter(pk=item.pk).exists()
    assert [section.code for section, _items in rules.structure(draft)] == ["S01"]
    assert clerk.post(place(draft, "checklist-discard")).url == reverse("checklist-list")


def test_the_page_of_a_draft_costs_the_same_however_long_it_is(clerk, draft, django_assert_num_queries):
    address = place(draft, "checklist-studio")
    section = draft.sections.get(code="S01")
    for count in (6, 300):
        ChecklistItem.objects.bulk_create(
            ChecklistItem(section=section, position=place_, code=f"X{place_}", label_en="Q", label_km="ស")
            for place_ in range(10, 10 + count - ChecklistItem.objects.filter(section__version=draft).count())
        )
        with django_assert_num_queries(9):
            assert clerk.get(address).status_code == 200
    assert ChecklistItem.objects.filter(section__version=draft).count() == 300


def test_the_pages_of_readers_cost_the_same_however_long_they_are(client, draft, django_assert_num_queries):
    client.force_login(a_user(Role.ADMINISTRATOR))
    former = {"former": 1, "later": 2}
    pages = (
        (place(draft, "checklist-preview"), {}, 10),
        (place(draft, "checklist-publish"), {}, 12),
        (reverse("checklist-compare", args=[draft.checklist.code]), former, 14),
    )
    section = draft.sections.get(code="S01")
    for start in (10, 200):
        ChecklistItem.objects.bulk_create(
            ChecklistItem(section=section, position=place_, code=f"X{place_}", label_en=f"Q{place_}", label_km="ស")
            for place_ in range(start, start + 100)
        )
        for address, query, queries in pages:
            with django_assert_num_queries(queries):
                assert client.get(address, query).status_code == 200


def test_a_published_version_is_read_and_not_written(clerk):
    version = a_checklist_version()
    for name, more in (
        ("checklist-studio", ()),
        ("checklist-section-create", ()),
        ("checklist-section-edit", ("S01",)),
        ("checklist-item-create", ("S01",)),
        ("checklist-item-edit", ("S01", "01")),
        ("checklist-item-conditions", ("S01", "01")),
        ("checklist-discard", ()),
    ):
        assert clerk.get(place(version, name, *more)).status_code == 409, name
    assert clerk.get(place(version, "checklist-publish")).status_code == 403
    assert clerk.get(place(version, "checklist-retire")).status_code == 403
    assert clerk.get(place(version, "checklist-preview")).status_code == 200


@pytest.mark.parametrize("role", sorted(set(STAFF_ROLES) - {Role.ADMINISTRATOR, Role.LICENSING_OFFICER}))
def test_others_read_and_find_no_buttons(client, draft, role):
    client.force_login(a_user(role))
    page = client.get(place(draft, "checklist-detail"))
    assert page.status_code == 200
    assert ("/publish/" in page.content.decode()) is (role == Role.APPROVER)
    assert ("/edit/" in page.content.decode()) is (role == Role.APPROVER)
    for name in ("studio", "draft"):
        assert f"/{name}/" not in page.content.decode()
    assert client.get(place(draft, "checklist-studio")).status_code == 403
    assert client.post(place(draft, "checklist-item-move", "S01", "01"), {"to": "up"}).status_code == 403
    assert client.get(reverse("checklist-create")).status_code == 403


def test_the_page_before_publication_says_what_it_does(client, draft):
    client.force_login(a_user(Role.APPROVER))
    a_visit(checklist_version=draft.checklist.versions.get(number=1))
    item = first_item(draft)
    ChecklistItem.objects.filter(pk=item.pk).update(kind="measure", label_km="")
    page = client.get(place(draft, "checklist-publish"))
    assert [str(fault.sentence) for fault, _place in page.context["grave"]] == [
        "S01.01 “Question 1” is a measure without a unit."
    ]
    assert len(page.context["remarks"]) == 1
    assert "Publish this version?" not in page.content.decode()
    refused = client.post(place(draft, "checklist-publish"))
    assert (refused.status_code, "without a unit" in refused.context["refused"]) == (409, True)
    ChecklistItem.objects.filter(pk=item.pk).update(unit="°C")
    text = client.get(place(draft, "checklist-publish")).content.decode()
    assert "1 planned visit of this checklist begins with this version" in text
    assert client.post(place(draft, "checklist-publish")).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "published"


def test_a_preview_shows_what_is_asked_in_the_chosen_place(client, draft):
    client.force_login(a_user(Role.INSPECTOR))
    address = place(draft, "checklist-preview")
    assert client.get(address).context["shown"] == 3
    page = client.get(address, {"type": "clinic", "services": ["surgery"]})
    assert (page.context["shown"], page.context["all"]) == (6, 6)


def test_the_first_draft_shows_its_reader_where_to_begin(clerk):
    a_ruleset()
    said = {"code": "x", "name_km": "ក", "name_en": "X", "ruleset_code": "test"}
    page = clerk.post(reverse("checklist-create"), said, follow=True)
    assert "The checklist has no section" in page.content.decode()
    assert Checklist.objects.get().versions.count() == 1


def version_of(*sections):
    """A structure in memory: ("S01", {"01": "Question"}) for each section."""
    return [
        (
            ChecklistSection(code=code, name_en=code),
            [ChecklistItem(code=key, label_en=label, position=n) for n, (key, label) in enumerate(items.items())],
        )
        for code, items in sections
    ]


def test_a_comparison_names_what_was_added_removed_changed_and_moved():
    former = version_of(("S01", {"01": "One", "02": "Two", "03": "Three"}), ("S02", {"01": "Four", "02": "Five"}))
    later = version_of(
        ("S01", {"02": "Two", "03": "Three", "01": "One"}), ("S02", {"01": "4", "09": "Nine", "08": "Five"})
    )
    found = compare(former, later)
    assert [key for key, _part in found.added] == ["S02.09"]
    assert found.removed == []
    said = {pair.key: ([(c.name, c.before, c.after) for c in pair.changes], pair.moved) for pair in found.changed}
    assert said == {
        "S01.01": ([], True),
        "S02.01": ([("Question in English", "Four", "4")], False),
        "S02.08": ([("Code", "S02.02", "S02.08")], False),
    }
    assert not compare(former, former)
    assert [key for key, _part in compare(former, []).removed] == ["S01", "S02", *_keys(former)]


def _keys(structure):
    return [rules.key(section, item) for section, items in structure for item in items]


def test_a_comparison_says_every_field_in_words():
    former = version_of(("S01", {"01": "One", "02": "Two"}))
    later = [(copy(section), [copy(item) for item in items]) for section, items in former]
    item = later[0][1][1]
    item.kind, item.choices = "choice", [{"code": "w", "label_km": "អណ្តូង", "label_en": "Well"}]
    item.critical, item.weight, item.severity = True, 3, 4
    item.applies_when, item.asked_if = {"services": ["surgery"]}, [{"item": "S01.01", "is": ["yes", "partial"]}]
    [pair] = compare(former, later).changed
    assert {change.name: (change.before, change.after) for change in pair.changes} == {
        "Kind of answer": ("Yes, partly, no or not applicable", "Choice"),
        "Choices": ("", "w: Well"),
        "Applies to": ("", "surgery"),
        "Asked if": ("", "S01.01 “One”: Yes or Partly"),
        "Weight": ("1", "3"),
        "Critical": ("No", "Yes"),
        "Severity": ("No actual harm, potential for more than minimal harm", "Immediate jeopardy"),
    }


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([], set()),
        ([0, 1, 2], set()),
        ([1, 2, 0], {2}),
        ([2, 0, 1], {0}),
        ([3, 2, 1, 0], {0, 1, 2}),
        ([0, 2, 1, 3], {1}),
    ],
)
def test_as_few_parts_as_possible_are_called_moved(places, moved):
    assert rules.out_of_order(places) == moved
