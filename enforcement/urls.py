from django.urls import path

from enforcement.views import complaint_new, complaint_steps, complaints, flags, sweeps

urlpatterns = [
    path("flags/", flags.FlagList.as_view(), name="flag-list"),
    path("flags/<int:pk>/", flags.detail, name="flag-detail"),
    path("sweeps/", sweeps.SweepRunList.as_view(), name="sweep-run-list"),
    path("sweeps/start/", sweeps.start, name="sweep-start"),
    path("sweeps/<uuid:pk>/", sweeps.detail, name="sweep-run-detail"),
    path("complaints/", complaints.ComplaintList.as_view(), name="complaint-list"),
    path("complaints/new/", complaint_new.new, name="complaint-new"),
    path("complaints/status/", complaint_new.status, name="complaint-status"),
    path("complaints/<str:number>/", complaint_steps.detail, name="complaint-detail"),
    path("complaints/<str:number>/contact/", complaints.contact, name="complaint-contact"),
    path("complaints/<str:number>/files/<str:sha256>/", complaints.file, name="complaint-file"),
    *(
        path(f"complaints/<str:number>/{name}/", complaint_steps.take, {"name": name}, name=f"complaint-{name}")
        for name in complaint_steps.STEPS
    ),
]
