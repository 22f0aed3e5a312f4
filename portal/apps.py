from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal.privileges import grant_to_application_role

        # Sent once all tables stand, and only for applications that have models: the portal has none.
        post_migrate.connect(grant_to_application_role, sender=apps.get_app_config("registry"))
