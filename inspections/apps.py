from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    name = "inspections"
    verbose_name = _("Inspections")

    def ready(self) -> None:
        from inspections import receivers  # noqa: F401 (it listens)
        from inspections.actions.imports import VISITS
        from registry.actions.imports import offer

        offer(VISITS)
