from django.urls import path

from enforcement.views import flags, sweeps

urlpatterns = [
    path("flags/", flags.FlagList.as_view(), name="flag-list"),
    path("flags/<int:pk>/", flags.detail, name="flag-detail"),
    path("sweeps/", sweeps.SweepRunList.as_view(), name="sweep-run-list"),
    path("sweeps/start/", sweeps.start, name="sweep-start"),
    path("sweeps/<uuid:pk>/", sweeps.detail, name="sweep-run-detail"),
]
