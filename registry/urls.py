from django.urls import path

from registry.views import facilities, imports

urlpatterns = [
    path("facilities/", facilities.FacilityList.as_view(), name="facility-list"),
    path("imports/", imports.ImportList.as_view(), name="import-list"),
    path("imports/new/", imports.create, name="import-create"),
    path("imports/<uuid:pk>/", imports.detail, name="import-detail"),
    path("imports/<uuid:pk>/errors/", imports.errors, name="import-errors"),
    path("imports/<uuid:pk>/load/", imports.load, name="import-load"),
]
