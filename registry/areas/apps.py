from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "registry.areas"
    label = "areas"
