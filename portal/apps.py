from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal.privileges import grant_to_application_role

        post_migrate.connect(grant_to_application_role, sender=self)
