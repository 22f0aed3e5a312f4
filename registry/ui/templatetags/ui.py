"""The few template tags that includes cannot replace."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from django import forms, template
from django.template import Context
from django.utils.safestring import SafeString

from registry.ui.colours import STATUS_COLOURS

register = template.Library()


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, **parameters: Any) -> SafeString:
    """`{% component "details" summary=… %} … {% endcomponent %}`: a component of templates/_components with a body."""
    template_ = context.template.engine.get_template(f"_components/{name}.html")  # type: ignore[union-attr]
    with context.push(content=content, **parameters):
        return template_.render(context)


@register.filter
def status_colour(status: str) -> str:
    """The colour of a tag for a stored status, the same on every page."""
    return STATUS_COLOURS.get(str(status), "grey")


@register.filter
def share_of(value: float, whole: float) -> str:
    """`value` as a percentage of `whole` for an SVG length, 0 to 100, with a point in every language."""
    return f"{max(0.0, min(100.0, 100 * value / whole)) if whole else 0:.1f}%"


@register.filter
def form_errors(form: forms.BaseForm | None) -> list[dict[str, Any]]:
    """A form's errors in the order of its fields, each with the id of the field to go to."""
    if form is None or not form.is_bound:
        return []
    whole = [{"text": text, "id": ""} for text in form.non_field_errors()]
    fields = [{"text": text, "id": first_input(bound)} for bound in form for text in bound.errors]
    return whole + fields


def first_input(bound: forms.BoundField) -> str:
    """The id of a field's input, or of its first choice: `id_for_label` is empty for a group of choices."""
    return bound.id_for_label or f"{bound.auto_id}_0"


@register.filter
def minutes(length: timedelta) -> int:
    """A length of time in whole minutes, rounded up."""
    return ceil(length / timedelta(minutes=1))


@register.filter
def named(codes: Iterable[str] | None, names: Mapping[str, str]) -> str:
    """Codes as names in one line; a code without a name stays as it is."""
    return ", ".join(names.get(code, code) for code in codes or ())


@register.filter
def map_x(longitude: float) -> str:
    """Where a longitude lies across static/src/cambodia.svg, whose left edge is 102.2° east."""
    return f"{(float(longitude) - 102.2) * 97.6:.1f}"


@register.filter
def map_y(latitude: float) -> str:
    """Where a latitude lies down static/src/cambodia.svg, whose upper edge is 14.8° north."""
    return f"{(14.8 - float(latitude)) * 100:.1f}"
