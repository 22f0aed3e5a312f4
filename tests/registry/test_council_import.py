"""Registers of councils from files: who is new, who changed, who is gone."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from registry.accounts.states import Role
from registry.actions import catalogue, imports
from registry.core.errors import NotPermitted, Refused
from registry.models import ImportJob, Practitioner
from registry.states import Cadre, ImportState
from tests.factories import NOW, a_user
from tests.factories_people import a_council, a_practitioner

pytestmark = pytest.mark.django_db
HEADINGS = "number,name_km,name_en,nationality,valid_until,permission_number,permission_until\n"
SOK = "MD-1,សុខ ដារ៉ា,Sok Dara,,31/12/2027,,\n"
CHAN = "MD-2,,Chan Thy,KH,2027-12-31,,\n"
MARTIN = "MD-3,,Claire Martin,FR,31/12/2027,17/26,30/06/2027\n"


@pytest.fixture(autouse=True)
def lists():
    with translation.override("en"):
        catalogue.load(by=None, at=NOW)
        yield


@pytest.fixture
def send(tmp_path):
    def send(rows, *, is_complete=False, accept_valid=False, dry_run=False, by=None, stored="medical"):
        path = tmp_path / "register.csv"
        path.write_text(HEADINGS + rows)
        job = imports.stage(
            file_name="register.csv",
            file=None,
            mapping=imports.KINDS["practitioners"].stored_mapping(stored),
            dry_run=dry_run,
            accept_valid=accept_valid,
            is_complete=is_complete,
            by=by,
            at=NOW,
        )
        imports.work(job=job, at=NOW, path=path)
        job.refresh_from_db()
        return job

    return send


def counts(job):
    return job.created, job.updated, job.unchanged, job.refused, job.withdrawn


def codes(job):
    return [error["code"] for row in job.noted_rows.order_by("row_number") for error in row.errors]


def test_a_register_is_loaded_and_loading_it_again_changes_nothing(send):
    assert counts(send(SOK + CHAN + MARTIN)) == (3, 0, 0, 0, 0)
    sok, _chan, martin = Practitioner.objects.order_by("council_number")
    assert (sok.name_km, sok.nationality, sok.foreign, sok.cadre) == ("សុខ ដារ៉ា", "KH", False, Cadre.DOCTOR)
    assert martin.foreign and martin.practises_until.isoformat() == "2027-06-30"
    assert [*Practitioner.objects.matching("ដារ៉ា")] == [sok]
    before = list(Practitioner.objects.values())
    assert counts(send(SOK + CHAN + MARTIN)) == (0, 0, 3, 0, 0)
    assert list(Practitioner.objects.values()) == before


def test_what_changed_is_brought_up_to_date_and_an_empty_cell_says_nothing(send):
    send(SOK + MARTIN)
    Practitioner.objects.filter(council_number="MD-1").update(cadre=Cadre.SPECIALIST)
    job = send("MD-1,,Sok Dara,,31/12/2028,,\nMD-3,,Claire Dupont,,,,\n")
    assert counts(job) == (0, 2, 0, 0, 0)
    sok, martin = Practitioner.objects.order_by("council_number")
    assert (sok.name_km, sok.licensed_until.year, sok.cadre) == ("សុខ ដារ៉ា", 2028, Cadre.SPECIALIST)
    assert (martin.name_en, martin.permission_number) == ("Claire Dupont", "17/26")
    assert [*Practitioner.objects.matching("Dupont")] == [martin]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,Nobody,,,,\n", "number_missing"),
        (SOK, "number_twice"),
        ("MD-9,,,,31/12/2027,,\n", "no_name"),
        ("MD-9,,Claire,FR,31/12/2027,,\n", "no_permission"),
        ("MD-9,,Sok,KH,31/12/2027,17/26,30/06/2027\n", "permission_of_a_national"),
        ("MD-9,,Sok,France,31/12/2027,,\n", "unknown_country"),
        ("MD-9,,Sok,KH,tomorrow,,\n", "not_a_date"),
        ("MD-9,suxu,Sok,KH,,,\n", "not_khmer"),
    ],
)
def test_a_row_that_cannot_be_is_handed_back_and_nothing_is_loaded(send, row, code):
    job = send(SOK + row)
    assert job.state == ImportState.REFUSED and codes(job) == [code]
    assert not Practitioner.objects.exists()
    assert send(SOK + row, accept_valid=True).created == 1


def test_whoever_left_a_whole_register_is_struck_off_and_comes_back(send):
    other = a_practitioner(council=a_council("nurses"))
    send(SOK + CHAN)
    assert counts(send(SOK)) == (0, 0, 1, 0, 0)
    assert counts(send(SOK, is_complete=True, dry_run=True)) == (0, 0, 1, 0, 1)
    assert not Practitioner.objects.exclude(struck_off_on=None).exists()
    assert counts(send(SOK, is_complete=True)) == (0, 0, 1, 0, 1)
    chan = Practitioner.objects.get(council_number="MD-2")
    assert chan.struck_off_on == timezone.localdate(NOW) and chan.practises_until == chan.struck_off_on - timedelta(1)
    assert counts(send(SOK, is_complete=True)) == (0, 0, 1, 0, 0)
    assert counts(send(CHAN)) == (0, 1, 0, 0, 0)
    chan.refresh_from_db()
    other.refresh_from_db()
    assert chan.struck_off_on is None and other.struck_off_on is None


def test_a_whole_register_is_loaded_whole(send):
    send(SOK + CHAN)
    with pytest.raises(Refused) as refusal:
        send(SOK, is_complete=True, accept_valid=True)
    assert refusal.value.code == "complete_not_whole"
    job = send(SOK + "MD-2,,,,never,,\n", is_complete=True)
    assert job.state == ImportState.REFUSED
    assert not Practitioner.objects.exclude(struck_off_on=None).exists()


def test_facilities_never_come_as_a_whole_register():
    with pytest.raises(Refused) as refusal:
        imports.stage(
            file_name="f.csv",
            file=ContentFile(b""),
            mapping=imports.KINDS["facilities"].stored_mapping("cambodia_facilities"),
            dry_run=False,
            accept_valid=False,
            is_complete=True,
            by=None,
            at=NOW,
        )
    assert refusal.value.code == "never_complete"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_administrators_import_registers(send, role):
    with pytest.raises(NotPermitted):
        send(SOK, by=a_user(role))


def test_every_council_has_a_mapping_that_reads(send):
    for stored in imports.KINDS["practitioners"].stored_mappings():
        assert send(SOK, stored=stored).created == 1


def test_a_command_loads_a_whole_register(tmp_path, capsys):
    a_practitioner(council_number="MD-7")
    file = tmp_path / "register.csv"
    file.write_text(HEADINGS + SOK)
    call_command("import_practitioners", file, mapping="medical", complete=True, format="json")
    told = json.loads(capsys.readouterr().out)
    assert (told["created"], told["withdrawn"]) == (1, 1)


def test_an_administrator_sends_a_whole_register_on_the_page(
    client, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    a_practitioner(council_number="MD-7")
    client.force_login(a_user(Role.ADMINISTRATOR))
    data = {"mapping": "practitioners:medical", "act": "accept", "is_complete": "on"}

    def file():
        return ContentFile((HEADINGS + SOK).encode(), "register.csv")

    refused = client.post(reverse("import-create"), data | {"file": file()})
    assert refused.status_code == 200 and "every row is right" in refused.content.decode()
    assert client.post(reverse("import-create"), data | {"file": file(), "act": "check"}).status_code == 302
    job = ImportJob.objects.get()
    imports.work(job=job, at=NOW)
    page = client.get(reverse("import-detail", args=[job.pk])).content.decode()
    assert "struck off" in page and not Practitioner.objects.exclude(struck_off_on=None).exists()
