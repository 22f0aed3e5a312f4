import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = settings.BASE_DIR / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = sorted((TEMPLATES / "_components").glob("*.html"))
INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:|\shx-on", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_template_has_no_inline_script_or_style_and_compiles(path):
    assert INLINE.findall(path.read_text()) == []
    get_template(name(path))


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_a_component_says_its_parameters_in_its_first_line(path):
    assert path.read_text().startswith("{# ")


def test_the_gallery_shows_every_component():
    frame = {
        "page_header",
        "page_footer",
        "search_box",
        "language_switch",
        "messages",
        "breadcrumbs",
        "error_summary",
    }
    gallery = (TEMPLATES / "ui" / "gallery.html").read_text()
    shown = set(re.findall(r'_components/(\w+)\.html|component "(\w+)"', gallery))
    shown_names = {one or other for one, other in shown} | frame
    assert {path.stem for path in COMPONENTS} <= shown_names
