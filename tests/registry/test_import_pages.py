"""The pages of imports in the hands of each role."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.html import escape

from registry.accounts.states import Role
from registry.actions import imports
from registry.models import Facility, ImportJob
from registry.states import ImportState
from registry.tasks import work_import
from registry.views import imports as views
from tests.factories import NOW, a_facility_type, a_province, a_user
from tests.registry.import_files import BAD, GOOD, MAPPING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place(settings, tmp_path, monkeypatch):
    settings.LANGUAGE_CODE = "en"
    settings.MEDIA_ROOT = tmp_path
    a_facility_type()
    a_province()


@pytest.fixture
def queue(monkeypatch):
    """What was handed to the queue."""
    handed: list[dict[str, str]] = []
    monkeypatch.setattr(views.work_import, "delay", lambda **task: handed.append(task))
    return handed


@pytest.fixture
def officer(client):
    user = a_user(Role.LICENSING_OFFICER)
    client.force_login(user)
    return user


def send(client, content=GOOD, *, act="load", mapping: bytes | None = MAPPING.encode(), stored="own", **fields):
    data = {"file": named(content, "places.csv"), "mapping": stored, "act": act} | fields
    if mapping is not None:
        data["own_mapping"] = named(mapping, "mapping.toml")
    return client.post(reverse("import-create"), data)


def named(content: bytes, name: str) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def page(client, job, **headers):
    return client.get(reverse("import-detail", args=[job.pk]), headers=headers)


def test_a_file_is_staged_by_the_page_and_loaded_by_the_queue(
    client, officer, queue, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = send(client)
    job = ImportJob.objects.get()
    assert response.url == reverse("import-detail", args=[job.pk])
    assert (job.state, job.requested_by, Facility.objects.count()) == (ImportState.STAGED, officer, 0)
    assert queue == [{"job": str(job.pk), "language": "en"}]
    assert "Start again" in page(client, job).text

    work_import(**queue[0])
    job.refresh_from_db()
    assert (job.state, job.created, job.file.name) == (ImportState.LOADED, 2, "")
    assert Facility.objects.get(name_en="Calmette").operational_status == "operating"
    assert "Loaded" in page(client, job).text


def test_the_bar_is_asked_for_again_until_the_file_is_read(client, officer, queue):
    send(client)
    job = ImportJob.objects.get()
    ImportJob.objects.update(state=ImportState.READING, rows=100_000, rows_done=25_000)
    whole, part = page(client, job).text, page(client, job, HX_Target="import-progress", HX_Request="true")
    assert 'hx-trigger="every 2s"' in whole and 'max="100000"' in whole
    assert 'value="25000"' in part.text and "<html" not in part.text
    ImportJob.objects.update(state=ImportState.LOADED)
    assert page(client, job, HX_Target="import-progress", HX_Request="true").headers["HX-Refresh"] == "true"


def test_refused_rows_are_shown_and_taken_home(client, officer, queue):
    send(client, BAD)
    job = ImportJob.objects.get()
    work_import(job=str(job.pk), language="en")
    assert "“many” is not a whole number." in page(client, job).text
    file = b"".join(client.get(reverse("import-errors", args=[job.pk]))).decode("utf-8-sig")
    assert file.splitlines() == [
        '"Row","What is wrong","code","name","area","beds"',
        '2,"beds: “many” is not a whole number.","1","\'=Sokha","12","many"',
    ]


def test_what_was_checked_is_loaded_at_a_button(client, officer, queue, django_capture_on_commit_callbacks):
    send(client, BAD, act="check")
    job = ImportJob.objects.get()
    work_import(job=str(job.pk), language="en")
    job.refresh_from_db()
    assert (job.state, job.created, job.refused, Facility.objects.count()) == (ImportState.CHECKED, 1, 1, 0)
    assert "Load now" in page(client, job).text

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("import-load", args=[job.pk]), {"accept_valid": "on"})
    work_import(**queue[-1])
    job.refresh_from_db()
    assert (job.state, job.created, Facility.objects.count()) == (ImportState.LOADED, 1, 1)
    assert client.post(reverse("import-load", args=[job.pk])).status_code == 409


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"mapping": None}, "Choose the file of your own mapping."),
        ({"stored": "facilities:who_ssa_kenya"}, "You chose a stored mapping and a file of your own."),
        ({"mapping": b"kind = 1"}, "“kind” must be a text."),
        ({"mapping": b"\xff"}, "The mapping is not UTF-8 text."),
        ({"file": ""}, "“File” is empty. Fill it in."),
    ],
)
def test_the_form_says_what_is_wrong_with_it(client, officer, queue, sent, sentence):
    response = send(client, **sent)
    assert response.status_code == 200 and sentence in response.text
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize("role", [Role.LICENSING_OFFICER, Role.ADMINISTRATOR])
def test_the_form_offers_the_stored_mappings_of_what_one_may_import(client, role):
    client.force_login(a_user(role))
    text = client.get(reverse("import-create")).text
    for kind in imports.KINDS.values():
        for stem, title in kind.stored_mappings().items():
            offered = f'value="{kind.code}:{stem}"' in text and escape(title) in text
            assert offered == (kind.code != "practitioners" or role == Role.ADMINISTRATOR)
    assert ("is_complete" in text) == (role == Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.APPROVER, Role.ENFORCEMENT_OFFICER, Role.AUDITOR])
def test_who_may_not_import_gets_no_form_and_no_button(client, role):
    client.force_login(a_user(role))
    assert client.get(reverse("import-create")).status_code == 403
    assert send(client).status_code == 403
    assert reverse("import-create") not in client.get(reverse("import-list")).text


def test_an_import_is_seen_by_whoever_asked_for_it_by_administrators_and_by_auditors(client, queue):
    job = imports.stage(
        file_name="f.csv", file=None, mapping=MAPPING, dry_run=True, accept_valid=False,
        by=a_user(Role.LICENSING_OFFICER), at=NOW,
    )  # fmt: skip
    for role, status in ((Role.LICENSING_OFFICER, 404), (Role.ADMINISTRATOR, 200), (Role.AUDITOR, 200)):
        client.force_login(a_user(role))
        assert page(client, job).status_code == status
        assert client.get(reverse("import-errors", args=[job.pk])).status_code == status
    assert client.post(reverse("import-load", args=[job.pk])).status_code == 403
    assert client.get(reverse("import-detail", args=[uuid4()])).status_code == 404


def test_the_list_costs_the_same_whatever_its_length(client, officer, django_assert_max_num_queries):
    for number in range(60):
        imports.stage(
            file_name=f"{number}.csv", file=None, mapping=MAPPING, dry_run=True, accept_valid=False,
            by=officer, at=NOW + timedelta(minutes=number),
        )  # fmt: skip
    with django_assert_max_num_queries(5):
        assert "59.csv" in client.get(reverse("import-list")).text
