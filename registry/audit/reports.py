"""What the events of the audit trail are called."""

from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from registry.audit.models import AuditEvent


@cache
def titles() -> dict[str, Promise]:
    """The words for every verb, gathered from `EVENTS` in the states of each installed room and floor."""
    states = [
        import_module(f"{config.name}.states")
        for config in apps.get_app_configs()
        if module_has_submodule(config.module, "states")
    ]
    return {verb: words for module in states for verb, words in getattr(module, "EVENTS", {}).items()}


def title_of(verb: str) -> str:
    """The words for an audit verb; the verb itself where it has none."""
    return str(titles().get(verb, verb))


def doer_of(event: AuditEvent) -> str:
    """Who did it; without a person it was the schedule, or a command given on the machine itself."""
    return event.by_username or _("The schedule, or the machine's operator")
