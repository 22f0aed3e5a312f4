from django.urls import path

from registry.audit import views

urlpatterns = [
    path("history/", views.AuditList.as_view(), name="audit-list"),
    path("history/<int:pk>/", views.audit_detail, name="audit-detail"),
]
