"""How Django's forms become the design system's markup (templates in `templates/django/forms`)."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

WIDGET_CLASSES = {
    "django/forms/widgets/text.html": "govuk-input",
    "django/forms/widgets/input.html": "govuk-input",
    "django/forms/widgets/number.html": "govuk-input",
    "django/forms/widgets/email.html": "govuk-input",
    "django/forms/widgets/url.html": "govuk-input",
    "django/forms/widgets/tel.html": "govuk-input",
    "django/forms/widgets/search.html": "govuk-input",
    "django/forms/widgets/password.html": "govuk-input",
    "django/forms/widgets/date.html": "govuk-input",
    "django/forms/widgets/datetime.html": "govuk-input",
    "django/forms/widgets/time.html": "govuk-input",
    "django/forms/widgets/textarea.html": "govuk-textarea",
    "django/forms/widgets/select.html": "govuk-select",
    "django/forms/widgets/file.html": "govuk-file-upload",
    "django/forms/widgets/clearable_file_input.html": "govuk-file-upload",
    "django/forms/widgets/checkbox.html": "govuk-checkboxes__input",
    "django/forms/widgets/radio_option.html": "govuk-radios__input",
    "django/forms/widgets/checkbox_option.html": "govuk-checkboxes__input",
}


class DesignSystemRenderer(TemplatesSetting):
    """Renders widgets with the design system's classes, and the error class where the field is invalid."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if "widget" in context:
            dress(context["widget"])
        return super().render(template_name, context, request)


def dress(widget: dict[str, Any]) -> None:
    """Add the classes of the design system to a widget's context, its options and parts included."""
    attributes = widget["attrs"]
    if widget.get("type") == "number":
        # A browser's number input throws Khmer digits away before they are sent; the form's fields understand them.
        whole = attributes.get("step", "1") == "1"
        widget["type"] = "text"
        attributes.setdefault("class", "govuk-input--width-10")
        attributes["inputmode"] = "numeric" if whole else "decimal"
        for limit in ("min", "max", "step"):
            attributes.pop(limit, None)
    if name := WIDGET_CLASSES.get(widget["template_name"]):
        own = attributes.get("class", "")
        error = f"{name}--error" if attributes.get("aria-invalid") == "true" and "__" not in name else ""
        attributes["class"] = " ".join(filter(None, [name, error, own]))
    for _group, options, _index in widget.get("optgroups", ()):
        for option in options:
            # A group of choices is described and marked invalid as a whole, by its fieldset.
            option["attrs"].pop("aria-invalid", None)
            dress(option)
    for part in widget.get("subwidgets", ()):
        dress(part)
