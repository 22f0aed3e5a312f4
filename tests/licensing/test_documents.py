"""Documents of an application: what is asked for, kept, replaced and refused in words, with everything typed kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from licensing.actions.applications import documents, drafting
from licensing.models import ApplicationDocument
from licensing.policies import applying
from licensing.rules.proposals import fingerprint
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.files.models import StoredFile
from tests.factories import NOW, a_user, an_operator
from tests.factories_applying import SITE, a_draft, a_file, a_person_of, handed_in
from tests.pictures import a_picture, a_png_that_claims

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
PDF += b"trailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def draft():
    application = a_draft(a_person_of(an_operator()))
    named = {"proposal": SITE, "seen": fingerprint({}), "by": application.created_by, "at": NOW}
    return drafting.propose(application=application, **named)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "empty"),
        ("page.pdf", b"<html><script>alert(1)</script></html>", "not what is asked for"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not what is asked for"),
        ("program.jpg", b"MZ\x90\x00" + bytes(200), "not what is asked for"),
        ("archive.pdf", b"PK\x03\x04" + bytes(200), "not what is asked for"),
        ("virus.pdf", PDF + EICAR, "virus"),
        ("bomb.png", a_png_that_claims(30_000, 30_000), "pixels"),
        ("half.jpg", a_picture(size=(640, 480))[:2000], "damaged"),
        ("large.pdf", PDF + bytes(11 * 1024 * 1024), "at most"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_hostile_file_is_refused_in_words_and_what_was_typed_stays(client, draft, name, content, sentence):
    client.force_login(draft.created_by)
    page = reverse("application-document", args=[draft.number, "other"])
    answer = client.post(page, {"title": "Letter of the landlord", "upload": SimpleUploadedFile(name, content)})
    body = answer.content.decode()
    assert answer.status_code in (200, 409)
    assert sentence in body and "Letter of the landlord" in body
    assert not StoredFile.objects.exists() and not ApplicationDocument.objects.exists()


def test_a_picture_that_is_also_a_page_is_handed_out_as_a_picture_in_a_closed_box(client, draft):
    client.force_login(draft.created_by)
    page = reverse("application-document", args=[draft.number, "site_plan"])
    polyglot = a_picture() + b"<html><script>alert(1)</script></html>"
    assert client.post(page, {"upload": SimpleUploadedFile("plan.html", polyglot)}).status_code == 302
    sha256 = draft.documents.get().file.sha256
    answer = client.get(reverse("application-file", args=[draft.number, sha256]))
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"] and answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "a\r\nSet-Cookie: b.jpg", "ប្លង់ ទីតាំង.jpg"])
def test_a_name_is_for_showing_only(client, draft, name):
    documents.add(application=draft, upload=a_file(name), title="Plan", by=draft.created_by, at=NOW)
    document = draft.documents.select_related("file").get()
    assert "/" not in document.file.name and "\\" not in document.file.name and "\n" not in document.file.name
    client.force_login(draft.created_by)
    answer = client.get(reverse("application-file", args=[draft.number, document.file.sha256]))
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_a_newer_document_replaces_the_one_before_and_a_removed_one_is_gone(client, draft):
    client.force_login(draft.created_by)
    page = reverse("application-document", args=[draft.number, "site_plan"])
    for shade in (1, 2):
        assert client.post(page, {"upload": a_file(f"{shade}.jpg", a_picture(shade=shade))}).status_code == 302
    present = draft.documents.get(removed_at=None)
    assert (present.file.name, draft.documents.count()) == ("2.jpg", 2)
    assert "1.jpg" not in client.get(reverse("application-documents", args=[draft.number])).content.decode()
    client.post(reverse("application-document-remove", args=[draft.number, present.pk]))
    assert not draft.documents.filter(removed_at=None).exists()
    draft.refresh_from_db()
    assert draft.revision == 6  # described, handed in, replaced (removed and handed in), removed


def test_the_same_file_serves_for_two_documents(draft):
    required = applying.documents_asked(draft, NOW.date())[0]
    documents.add(application=draft, upload=a_file(), required=required, by=draft.created_by, at=NOW)
    documents.add(application=draft, upload=a_file(), title="Again", by=draft.created_by, at=NOW)
    assert StoredFile.objects.count() == 1
    assert draft.documents.filter(removed_at=None).count() == 2


def test_there_is_room_for_so_many_documents(draft, monkeypatch):
    monkeypatch.setattr(applying, "MOST_DOCUMENTS", 1)
    documents.add(application=draft, upload=a_file(), title="One", by=draft.created_by, at=NOW)
    with pytest.raises(Refused) as refused:
        documents.add(application=draft, upload=a_file(), title="Two", by=draft.created_by, at=NOW)
    assert refused.value.code == "too_many_documents"


def test_a_document_is_read_by_whoever_sees_its_application_and_under_its_number_only(client):
    application, other = handed_in(), handed_in()
    sha256 = application.documents.get().file.sha256
    other.documents.update(removed_at=NOW)
    for person, status in [
        (application.created_by, 200),
        (a_user(Role.LICENSING_OFFICER), 200),
        (other.created_by, 404),
    ]:
        client.force_login(person)
        assert client.get(reverse("application-file", args=[application.number, sha256])).status_code == status
        assert client.get(reverse("application-file", args=[application.number, "0" * 64])).status_code == 404
