"""Links and tags as cells of tables and values of summary lists."""

from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def address(name: str, *arguments: Any, **query: Any) -> str:
    """The address of a page, with its parameters; a list gives a parameter several values."""
    path = reverse(name, args=arguments)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def link(name: str, *arguments: Any, text: Any, **query: Any) -> SafeString:
    """A link whose text is written as a template would: days and numbers in the reader's language."""
    href = address(name, *arguments, **query)
    return format_html('<a class="govuk-link" href="{}">{}</a>', href, localize(text))


def tag(text: Any, status: Any) -> SafeString:
    """A status in its colour."""
    return mark_safe(render_to_string("_components/tag.html", {"text": text, "status": status}))  # noqa: S308
