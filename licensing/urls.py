from django.urls import path

from licensing.views import licences, steps

urlpatterns = [
    path("licences/", licences.LicenceList.as_view(), name="licence-list"),
    path("licences/waiting/", licences.LicenceQueue.as_view(), name="licence-queue"),
    path("facilities/<str:number>/licences/record/", licences.record, name="licence-record"),
    # A licence number may hold slashes, so its own page comes last.
    path("licences/<path:number>/approve/", steps.take, {"step": steps.APPROVE}, name="licence-approve"),
    path("licences/<path:number>/reject/", steps.take, {"step": steps.REJECT}, name="licence-reject"),
    path("licences/<path:number>/revoke/", steps.take, {"step": steps.REVOKE}, name="licence-revoke"),
    path("licences/<path:number>/surrender/", steps.take, {"step": steps.SURRENDER}, name="licence-surrender"),
    path("licences/<path:number>/", licences.detail, name="licence-detail"),
]
