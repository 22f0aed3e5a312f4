import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inspections.actions import rulebook, xlsforms
from inspections.models import Checklist, ChecklistVersion
from inspections.states import VersionState
from registry.accounts.states import STAFF_ROLES, Role
from registry.audit.models import AuditEvent
from tests.factories import a_checklist_version, a_facility_type, a_ruleset, a_user
from tests.inspections.forms_to_send import BEGIN, END, WELL, a_form

pytestmark = pytest.mark.django_db
IMPORT, CONFIRM = reverse("xlsform-import"), reverse("xlsform-confirm")
NEW = {"code": "water", "name_km": "ទឹក", "name_en": "Water", "ruleset_code": "test"}


@pytest.fixture
def drafter(client):
    a_ruleset()
    person = a_user(Role.LICENSING_OFFICER)
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


@pytest.fixture
def send(client, tmp_path):
    def post(*rows, content=None, **fields):
        content = content or a_form(tmp_path / "form.xlsx", *rows).read_bytes()
        return client.post(IMPORT, {"file": SimpleUploadedFile("water.xlsx", content), **fields})

    return post


def seal_in(answer):
    return {"seal": answer.context["confirm"]["seal"].value()}


def test_a_form_becomes_a_draft_only_after_its_summary_was_confirmed(client, drafter, send):
    a_facility_type()
    shown = send(BEGIN, WELL, END, **NEW)
    assert shown.status_code == 200
    assert "Water" in shown.text and "Make the draft" in shown.text
    assert not Checklist.objects.exists()
    answer = client.post(CONFIRM, seal_in(shown))
    version = ChecklistVersion.objects.get()
    assert answer.url == reverse("checklist-detail", args=["water", 1])
    assert (version.state, version.drafted_by, version.source) == (
        VersionState.DRAFT,
        drafter,
        "XLSForm “water.xlsx”",
    )
    assert version.sections.get().items.get().choices[0] == {"code": "yes", "label_km": "", "label_en": "Yes"}
    assert AuditEvent.objects.filter(verb="checklist_version.drafted").count() == 1


def test_a_form_with_a_fault_loads_nothing_and_can_be_sent_again(drafter, send):
    answer = send(BEGIN, ("calculate", "x"), ("date", "d", "When?"), END, **NEW)
    assert "survey, row 3" in answer.text and "survey, row 4" in answer.text
    assert "has 2 faults" in answer.text
    assert 'type="file"' in answer.text and 'value="water"' in answer.text
    assert not Checklist.objects.exists()


def test_what_neither_the_form_nor_the_person_says_is_asked_for(drafter, send):
    answer = send(BEGIN, WELL, END)
    assert set(answer.context["form"].errors) == {"name_km", "ruleset_code"}
    assert answer.text.count("The form does not say this.") >= 2


def test_a_checklist_keeps_its_names_when_a_form_becomes_its_next_version(client, drafter, send):
    version = a_checklist_version()
    checklist = version.checklist
    shown = send(BEGIN, WELL, END, checklist=checklist.pk, name_en="Another name")
    client.post(CONFIRM, seal_in(shown))
    draft = checklist.versions.get(state=VersionState.DRAFT)
    checklist.refresh_from_db()
    assert (draft.number, checklist.name_en.startswith("List")) == (2, True)
    assert checklist.facility_types.count() == 1
    again = send(BEGIN, WELL, END, checklist=checklist.pk)
    assert "already has a draft" in str(again.context["form"].errors["checklist"])


def test_a_code_that_is_taken_is_not_taken_over(drafter, send):
    checklist = a_checklist_version().checklist
    answer = send(BEGIN, WELL, END, **{**NEW, "code": checklist.code})
    assert "Choose it above" in str(answer.context["form"].errors["code"])


def test_what_was_shown_to_one_person_is_not_confirmed_by_another_nor_changed(client, drafter, send):
    seal = seal_in(send(BEGIN, WELL, END, **NEW))
    assert client.post(CONFIRM, {"seal": seal["seal"] + "x"}).status_code == 400
    assert client.post(CONFIRM, {}).status_code == 400
    client.force_login(a_user(Role.ADMINISTRATOR))
    assert client.post(CONFIRM, seal).status_code == 400
    assert not Checklist.objects.exists()


def test_a_form_that_says_nothing_new_changes_nothing(client, drafter, send):
    a_facility_type()
    version = a_checklist_version(items=2)
    content = client.get(reverse("checklist-xlsform", args=[version.checklist.code, version.number])).getvalue()
    shown = send(content=content, checklist=version.checklist.pk)
    answer = client.post(CONFIRM, seal_in(shown), follow=True)
    assert "Nothing was changed." in answer.text
    assert ChecklistVersion.objects.count() == 1


@pytest.mark.parametrize("role", sorted(set(STAFF_ROLES) - {Role.LICENSING_OFFICER, Role.ADMINISTRATOR}))
def test_others_load_no_forms_but_everybody_downloads_them(client, role):
    version = a_checklist_version()
    client.force_login(a_user(role))
    assert client.get(IMPORT).status_code == 403
    assert client.post(CONFIRM).status_code == 403
    answer = client.get(reverse("checklist-xlsform", args=[version.checklist.code, version.number]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'{version.checklist.code}-v1.xlsx"')


def test_reading_and_writing_a_form_asks_as_often_however_long_it_is(django_assert_max_num_queries, tmp_path):
    version = a_checklist_version(items=300)
    with django_assert_max_num_queries(3), xlsforms.workbook(version) as file:
        (path := tmp_path / "form.xlsx").write_bytes(file.read())
    with django_assert_max_num_queries(3):
        known = rulebook.known()
        assert len(xlsforms.examine(path, known=known).definition["section"][0]["item"]) == 300
