from django.urls import include, path

from registry.ui import views

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("components/", views.gallery, name="components"),
]
