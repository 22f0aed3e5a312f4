from django.urls import path

from registry.views import facilities, imports, operators

urlpatterns = [
    path("facilities/", facilities.FacilityList.as_view(), name="facility-list"),
    path("facilities/register/", facilities.create, name="facility-create"),
    path("facilities/<str:number>/edit/", facilities.edit, name="facility-edit"),
    path("facilities/<str:number>/status/", facilities.change_status, name="facility-status"),
    path("operators/", operators.OperatorList.as_view(), name="operator-list"),
    path("operators/register/", operators.create, name="operator-create"),
    path("operators/<int:pk>/", operators.detail, name="operator-detail"),
    path("operators/<int:pk>/edit/", operators.edit, name="operator-edit"),
    path("imports/", imports.ImportList.as_view(), name="import-list"),
    path("imports/new/", imports.create, name="import-create"),
    path("imports/<uuid:pk>/", imports.detail, name="import-detail"),
    path("imports/<uuid:pk>/errors/", imports.errors, name="import-errors"),
    path("imports/<uuid:pk>/load/", imports.load, name="import-load"),
]
