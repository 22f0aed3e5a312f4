"""Every page and every door of the portal."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("registry.ui.urls")),
    path("", include("registry.accounts.urls")),
    path("", include("registry.audit.urls")),
    path("", include("enforcement.urls")),
]
