"""What a page may weigh on the wire, in bytes after gzip (fonts as they are)."""

import gzip

import django_htmx
import pytest
from django.conf import settings

KB = 1024
BUILD = settings.BASE_DIR / "static" / "build"


def weight(path):
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.fixture(autouse=True)
def built():
    assert (BUILD / "site.css").exists(), "Run `npm run build` first."


def test_the_sheet_is_at_most_20_kb():
    assert weight(BUILD / "site.css") <= 20 * KB


def test_the_scripts_of_a_staff_page_are_at_most_40_kb_with_htmx():
    htmx = settings.BASE_DIR / django_htmx.__path__[0] / "static" / "django_htmx" / "htmx-2.min.js"
    assert weight(htmx) + weight(BUILD / "site.js") <= 40 * KB


def test_the_script_of_a_public_page_is_at_most_5_kb():
    assert weight(BUILD / "site.js") <= 5 * KB


def test_the_khmer_font_is_at_most_23_kb():
    assert (BUILD / "noto-sans-khmer.woff2").stat().st_size <= 23 * KB


def test_the_map_is_at_most_8_kb():
    assert weight(BUILD / "cambodia.svg") <= 8 * KB
