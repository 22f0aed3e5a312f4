"""Every page and every door of the portal."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from portal import api
from portal.views import facilities, healthz, home, search
from registry.ui.api import NoSuchAddress

handler500 = api.fault

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("registry.ui.urls")),
    path("", include("registry.accounts.urls")),
    path("", include("registry.audit.urls")),
    path("", include("registry.outbox.urls")),
    path("", include("inspections.urls")),
    path("", include("registry.urls")),
    path("", include("licensing.urls")),
    path("", include("enforcement.urls")),
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("facilities/<str:number>/", facilities.detail, name="facility-detail"),
    path("healthz", healthz.healthz, name="healthz"),
    path("api/docs/", api.Documentation.as_view(), name="api-docs"),
    path("api/v1/schema/", api.Description.as_view(), name="api-schema"),
    path("api/v1/", include((api.router.urls, "api"))),
    re_path("^api/", NoSuchAddress.as_view()),
]
