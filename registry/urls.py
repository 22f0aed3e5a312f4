from django.urls import path

from registry.views import catalogue, facilities, holidays, imports, operators

urlpatterns = [
    path("facilities/", facilities.FacilityList.as_view(), name="facility-list"),
    path("facilities/register/", facilities.create, name="facility-create"),
    path("facilities/<str:number>/edit/", facilities.edit, name="facility-edit"),
    path("facilities/<str:number>/status/", facilities.change_status, name="facility-status"),
    path("operators/", operators.OperatorList.as_view(), name="operator-list"),
    path("operators/register/", operators.create, name="operator-create"),
    path("operators/<int:pk>/", operators.detail, name="operator-detail"),
    path("operators/<int:pk>/edit/", operators.edit, name="operator-edit"),
    path("catalogue/facility-types/", catalogue.FacilityTypeList.as_view(), name="facility-type-list"),
    path("catalogue/services/", catalogue.ServiceList.as_view(), name="service-list"),
    path("catalogue/operational-districts/", catalogue.DistrictList.as_view(), name="operational-district-list"),
    path("catalogue/holidays/", holidays.HolidayList.as_view(), name="holiday-list"),
    path("catalogue/holidays/new/", holidays.create, name="holiday-create"),
    path("catalogue/holidays/<str:day>/remove/", holidays.remove, name="holiday-remove"),
    path("catalogue/<slug:kind>/new/", catalogue.edit, name="catalogue-create"),
    path("catalogue/<slug:kind>/<slug:code>/", catalogue.edit, name="catalogue-edit"),
    path("imports/", imports.ImportList.as_view(), name="import-list"),
    path("imports/new/", imports.create, name="import-create"),
    path("imports/<uuid:pk>/", imports.detail, name="import-detail"),
    path("imports/<uuid:pk>/errors/", imports.errors, name="import-errors"),
    path("imports/<uuid:pk>/load/", imports.load, name="import-load"),
]
