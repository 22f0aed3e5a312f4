import hashlib
import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from PIL import Image

from registry.core.errors import Refused
from registry.files import actions, rules
from registry.files.models import StoredFile
from registry.files.states import DOCUMENTS
from registry.files.views import send
from tests.factories import NOW
from tests.pictures import a_picture, a_png_that_claims

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def store(content, name="photo.jpg", **options):
    return actions.store(upload=ContentFile(content, name=name), at=NOW, **options)


def test_a_picture_is_kept_as_it_came_under_its_fingerprint():
    content = a_picture()
    file = store(content)
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.content_type, file.size, file.width, file.height) == ("image/jpeg", len(content), 64, 48)
    assert actions.place_of(file.sha256).read_bytes() == content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_kind_follows_from_the_content_not_from_the_name(kind):
    assert store(a_picture(kind), "letter.pdf").content_type == f"image/{kind.lower()}"


def test_the_same_bytes_are_kept_once(media):
    first, second = store(a_picture(), "one.jpg"), store(a_picture(), "two.jpg")
    assert first == second and StoredFile.objects.count() == 1
    assert len([place for place in media.rglob("*") if place.is_file()]) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "file_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "wrong_kind"),
        (b"<!doctype html><script>alert(1)</script>", "wrong_kind"),
        (b"GIF89a" + bytes(40), "wrong_kind"),
        (PDF, "wrong_kind"),
        (b"PK\x03\x04" + a_picture(), "wrong_kind"),
        (EICAR, "wrong_kind"),
        (a_picture() + EICAR, "virus"),
        (a_picture()[:-200], "damaged_file"),
        (a_picture("PNG")[:-30], "damaged_file"),
        (a_picture("WEBP")[:-30], "damaged_file"),
        (b"\xff\xd8\xff" + b"not a picture", "damaged_file"),
        (a_png_that_claims(30_000, 30_000), "too_many_pixels"),
        (a_png_that_claims(8_000, 8_000), "too_many_pixels"),
    ],
)
def test_a_hostile_upload_is_refused_by_a_sentence_and_leaves_nothing(media, content, code):
    with pytest.raises(Refused) as refusal:
        store(content)
    assert refusal.value.code == code and refusal.value.sentence.endswith(".")
    assert not StoredFile.objects.exists() and not list(media.iterdir())


def test_a_document_is_kept_where_documents_are_asked_for():
    assert store(PDF, "scan.pdf", kinds=DOCUMENTS).content_type == "application/pdf"
    with pytest.raises(Refused, match="did not arrive whole"):
        store(PDF[:-7], kinds=DOCUMENTS)


def test_what_did_not_arrive_as_it_was_sent_is_refused():
    with pytest.raises(Refused) as refusal:
        store(a_picture(), sha256="0" * 64)
    assert refusal.value.code == "not_arrived_whole"
    assert store(a_picture(), sha256=hashlib.sha256(a_picture()).hexdigest().upper())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sok\\រូបថត.jpg", "រូបថត.jpg"),
        ("\u202egpj.exe\x00\n", "gpj.exe"),
        ("", "-"),
        ("ក" * 300 + ".jpg", "ក" * 196 + ".jpg"),
    ],
)
def test_a_name_is_for_showing_and_never_a_path(typed, kept):
    assert rules.spoken_name(typed) == kept


def test_a_stored_file_is_neither_changed_nor_deleted():
    file = store(a_picture())
    for statement in ("UPDATE files_storedfile SET sha256 = repeat('0', 64)", "DELETE FROM files_storedfile"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert actions.place_of(file.sha256).exists()


def test_nothing_of_a_file_is_kept_when_the_disk_fails(media, monkeypatch):
    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store(a_picture())
    assert not StoredFile.objects.exists()
    assert not [place for place in media.rglob("*") if place.is_file()]


@pytest.mark.django_db(transaction=True)
def test_eight_people_send_the_same_picture_at_once():
    kept = []

    def one():
        kept.append(store(a_picture()).pk)
        connection.close()

    threads = [threading.Thread(target=one) for _person in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(kept) == 8 and len(set(kept)) == 1


def test_a_file_is_handed_out_in_a_closed_box_and_asked_for_once():
    file = store(a_picture() + b"<script>alert(1)</script>", 'a"b\r\n.html')
    answer = send(RequestFactory().get("/"), file)
    assert b"".join(answer.streaming_content) == actions.place_of(file.sha256).read_bytes()
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert send(RequestFactory().get("/", headers={"if-none-match": answer["ETag"]}), file).status_code == 304
    document = send(RequestFactory().get("/"), store(PDF, "scan.pdf", kinds=DOCUMENTS))
    assert document["Content-Disposition"].startswith("attachment")
    document.close()


def test_a_small_picture_is_made_once_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = store(a_picture(size=(1600, 1200), exif=exif))
    small = Image.open(io.BytesIO(b"".join(send(RequestFactory().get("/"), file, small=True).streaming_content)))
    assert small.size == (240, 320)


def test_the_notes_of_a_camera_say_when_and_where(settings):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (11.0, 33.0, 36.0), 3: "E", 4: (104.0, 55.0, 12.0)})
    found = rules.taken(a_picture(exif=exif), rules.ZoneInfo(settings.TIME_ZONE))
    assert found.at.isoformat() == "2026-11-20T02:30:00+00:00"
    assert (round(found.latitude, 4), round(found.longitude, 4)) == (11.56, 104.92)
    assert rules.taken(a_picture(), rules.ZoneInfo("UTC")) == rules.Taken()
