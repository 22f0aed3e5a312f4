from django.urls import path

from inspections.states import CampaignState
from inspections.views import campaigns, filling, rulebooks, steps, visits
from inspections.views.studio import conditions, drafts, items, reading, sections

SECTION = "checklists/<slug:code>/<int:number>/sections/<str:section>"
ITEM = f"{SECTION}/items/<str:item>"

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
    path("checklists/new/", drafts.create, name="checklist-create"),
    path("checklists/<slug:code>/edit/", drafts.describe, name="checklist-edit"),
    path("checklists/<slug:code>/draft/", drafts.draft, name="checklist-draft"),
    path("checklists/<slug:code>/compare/", reading.comparison, name="checklist-compare"),
    path("checklists/<slug:code>/<int:number>/", rulebooks.checklist, name="checklist-detail"),
    path("checklists/<slug:code>/<int:number>/preview/", reading.preview, name="checklist-preview"),
    path("checklists/<slug:code>/<int:number>/publish/", reading.publish, name="checklist-publish"),
    path("checklists/<slug:code>/<int:number>/retire/", drafts.retire, name="checklist-retire"),
    path("checklists/<slug:code>/<int:number>/discard/", drafts.discard, name="checklist-discard"),
    path("checklists/<slug:code>/<int:number>/studio/", drafts.overview, name="checklist-studio"),
    path("checklists/<slug:code>/<int:number>/sections/new/", sections.create, name="checklist-section-create"),
    path(f"{SECTION}/", sections.edit, name="checklist-section-edit"),
    path(f"{SECTION}/move/", sections.move, name="checklist-section-move"),
    path(f"{SECTION}/delete/", sections.remove, name="checklist-section-delete"),
    path(f"{SECTION}/items/new/", items.create, name="checklist-item-create"),
    path(f"{ITEM}/", items.edit, name="checklist-item-edit"),
    path(f"{ITEM}/move/", items.move, name="checklist-item-move"),
    path(f"{ITEM}/copy/", items.copy, name="checklist-item-copy"),
    path(f"{ITEM}/delete/", items.remove, name="checklist-item-delete"),
    path(f"{ITEM}/conditions/", conditions.conditions, name="checklist-item-conditions"),
    path("rulesets/<slug:code>/<int:number>/", rulebooks.ruleset, name="ruleset-detail"),
    path("campaigns/", campaigns.CampaignList.as_view(), name="campaign-list"),
    path("campaigns/new/draft/", campaigns.create, name="campaign-create"),
    path("campaigns/<slug:code>/", campaigns.detail, name="campaign-detail"),
    path("campaigns/<slug:code>/edit/", campaigns.edit, name="campaign-edit"),
    path("campaigns/<slug:code>/launch/", campaigns.launch, name="campaign-launch"),
    path("campaigns/<slug:code>/acknowledge/", campaigns.acknowledge, name="campaign-acknowledge"),
    path("campaigns/<slug:code>/close/", campaigns.end, {"state": CampaignState.CLOSED}, name="campaign-close"),
    path("campaigns/<slug:code>/cancel/", campaigns.end, {"state": CampaignState.CANCELLED}, name="campaign-cancel"),
    path("campaigns/<slug:code>/facilities/", campaigns.TargetList.as_view(), name="campaign-targets"),
    path("campaigns/<slug:code>/plan/", campaigns.plan, name="campaign-plan"),
]
