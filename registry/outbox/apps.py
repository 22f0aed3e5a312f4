from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "registry.outbox"
    label = "outbox"

    def ready(self) -> None:
        from registry.outbox import receivers  # noqa: F401
