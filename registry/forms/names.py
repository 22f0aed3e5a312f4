from collections.abc import Callable

from django import forms

from registry.core.errors import Refusal


def checked(check: Callable[[str], None], name: str) -> str:
    """The name with single spaces, if the policy lets it through; its sentence becomes the error of the field."""
    name = " ".join(name.split())
    try:
        check(name)
    except Refusal as refusal:
        raise forms.ValidationError(refusal.sentence, code=refusal.code) from refusal
    return name
