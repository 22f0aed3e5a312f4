from django.urls import path

from inspections.views import filling, rulebooks, steps, visits

urlpatterns = [
    path("visits/", visits.VisitList.as_view(), name="visit-list"),
    path("visits/due/", visits.DueList.as_view(), name="visit-due"),
    path("facilities/<str:number>/visits/plan/", visits.plan, name="visit-plan"),
    path("visits/<uuid:uuid>/", visits.detail, name="visit-detail"),
    path("visits/<uuid:uuid>/start/", filling.start, name="visit-start"),
    path("visits/<uuid:uuid>/fill/", filling.fill, name="visit-fill"),
    path("visits/<uuid:uuid>/fill/<str:code>/", filling.fill, name="visit-fill-section"),
    path("visits/<uuid:uuid>/services/", filling.services, name="visit-services"),
    path("visits/<uuid:uuid>/submit/", filling.submit, name="visit-submit"),
    path("visits/<uuid:uuid>/approve/", steps.take, {"step": steps.APPROVE}, name="visit-approve"),
    path("visits/<uuid:uuid>/return/", steps.take, {"step": steps.RETURN}, name="visit-return"),
    path("visits/<uuid:uuid>/cancel/", steps.take, {"step": steps.CANCEL}, name="visit-cancel"),
    path("checklists/", rulebooks.ChecklistList.as_view(), name="checklist-list"),
    path("checklists/<slug:code>/<int:number>/", rulebooks.checklist, name="checklist-detail"),
    path("rulesets/<slug:code>/<int:number>/", rulebooks.ruleset, name="ruleset-detail"),
]
