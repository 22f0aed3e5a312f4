"""Campaigns of the ministry and what the provinces make of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inspections.actions import campaigns
from inspections.filters import CampaignFilter, CampaignTargetFilter
from inspections.forms import ReasonForm
from inspections.forms.campaigns import AcknowledgeForm, CampaignForm, CampaignPlanForm
from inspections.models import Campaign, CampaignTarget
from inspections.permissions.campaigns import check_may_acknowledge, check_may_direct
from inspections.policies.campaigns import MOST_AT_ONCE, check_campaign_can_move, check_can_launch, check_can_redraft
from inspections.reports.campaigns import STAGES, ProvinceProgress, progress, targets
from inspections.states import CampaignState
from registry.audit.models import AuditEvent
from registry.audit.reports import title_of
from registry.core.errors import Refused, passes
from registry.ui.forms import PageForm
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage


def address(campaign: Campaign) -> str:
    return reverse("campaign-detail", args=[campaign.code])


class CampaignList(ListPage):
    model = Campaign
    title = gettext_lazy("Campaigns")
    lead = gettext_lazy("Directives of the ministry to inspect certain facilities by a certain day.")
    template_name = "inspections/list_page.html"
    filterset_class = CampaignFilter
    default_sort = "-deadline"
    empty_state = gettext_lazy("There is no campaign.")
    columns = (
        Column("name", gettext_lazy("Campaign"), value=str, link=address),
        Column("letter_number", gettext_lazy("Directive")),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("begins_on", gettext_lazy("Begins on"), sort="begins_on", kind="date"),
        Column("deadline", gettext_lazy("To be done by"), sort="deadline", kind="date"),
        Column("checklist", gettext_lazy("Checklist")),
    )

    def queryset_for(self, user: Any) -> QuerySet[Campaign]:
        return super().queryset_for(user).select_related("checklist")

    def actions_for(self, user: Any) -> list[ListAction]:
        if not passes(check_may_direct, user):
            return []
        return [ListAction(reverse("campaign-create"), _("Draft a campaign"))]


class TargetList(ListPage):
    model = CampaignTarget
    title = gettext_lazy("Facilities of the campaign")
    filterset_class = CampaignTargetFilter
    default_sort = "facility"
    empty_state = gettext_lazy("No facility is reached.")
    columns = (
        Column(
            "facility",
            gettext_lazy("Facility"),
            sort="facility__sort_key",
            link=lambda target: reverse("facility-detail", args=[target.facility.number]),
        ),
        Column("number", gettext_lazy("Facility number"), value="facility.number"),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("type", gettext_lazy("Type"), value="facility.type"),
        Column("stage", gettext_lazy("Visit"), value=lambda target: STAGES.get(target.visit_state, _("Not planned"))),
    )

    @cached_property
    def campaign(self) -> Campaign:
        return visible_campaign(self.request, self.kwargs["code"])

    def queryset_for(self, user: Any) -> QuerySet[CampaignTarget]:
        return targets(self.campaign, user).select_related("facility__province", "facility__type")

    def extra_context(self) -> dict[str, Any]:
        return {"lead": self.campaign, "breadcrumbs": breadcrumbs(self.campaign, self.title)}


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_direct(request.user)
    return _form(request, CampaignForm(request.POST or None), None)


@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    campaign = visible_campaign(request, code)
    check_may_direct(request.user)
    check_can_redraft(campaign)
    return _form(request, CampaignForm(request.POST or None, instance=campaign), campaign)


def _form(request: HttpRequest, form: CampaignForm, campaign: Campaign | None) -> HttpResponse:
    status = 200
    if form.is_valid():
        try:
            who: Any = {"facts": form.cleaned_data, "by": request.user, "at": timezone.now()}
            saved = campaigns.redraft(campaign=campaign, **who) if campaign else campaigns.draft(**who)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(address(saved))
    title = _("Change the draft") if campaign else _("Draft a campaign")
    context = {
        "title": title,
        "form": form,
        "cancel": address(campaign) if campaign else reverse("campaign-list"),
        "breadcrumbs": breadcrumbs(campaign, title) if campaign else _trail(title),
    }
    return render(request, "inspections/campaign_form.html", context, status=status)


@login_required
def detail(request: HttpRequest, code: str) -> HttpResponse:
    campaign = visible_campaign(request, code)
    today = timezone.localdate()
    rows = [] if campaign.state == CampaignState.DRAFT else progress(campaign, request.user, as_of=today)
    context = {
        "campaign": campaign,
        "facts": _facts(campaign),
        "buttons": _buttons(request.user, campaign, rows),
        "reaches": campaigns.reached(campaign).count() if campaign.state == CampaignState.DRAFT else None,
        "tiles": _tiles(rows),
        "bars": [(row.province, round(100 * row.approved / row.targets) if row.targets else 0) for row in rows],
        "columns": [
            _("Province"),
            _("Acknowledged"),
            _("Facilities"),
            _("Planned"),
            _("Visited"),
            _("Approved"),
            _("Overdue"),
        ],
        "rows": [_row(campaign, row) for row in rows],
        "silent": [row.province for row in rows if row.silent],
        "notes": [(row.province, row.acknowledgement.note) for row in rows if row.acknowledgement.note],
        "events": _events(campaign, request.user),
        "breadcrumbs": breadcrumbs(campaign),
    }
    return render(request, "inspections/campaign_detail.html", context)


@login_required
def launch(request: HttpRequest, code: str) -> HttpResponse:
    campaign = visible_campaign(request, code)
    check_may_direct(request.user)
    check_campaign_can_move(campaign, CampaignState.RUNNING)
    drawn = campaigns.reached(campaign)
    reached, provinces = drawn.count(), drawn.order_by().values("province").distinct().count()
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    try:
        check_can_launch(campaign, reached, timezone.localdate())
        if form.is_valid():
            campaigns.launch(campaign=campaign, by=request.user, at=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("The campaign is launched. The departments can see it now."))
            return redirect(address(campaign))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        if request.method == "POST":
            status = 409
    consequence = _(
        "%(facilities)s facilities in %(provinces)s provinces are drawn as they are today, and every department is "
        "asked to acknowledge the letter. Neither the letter nor the list of facilities can be changed afterwards."
    ) % {"facilities": reached, "provinces": provinces}
    return _step(request, campaign, form, LAUNCH, consequence, status)


@login_required
def acknowledge(request: HttpRequest, code: str) -> HttpResponse:
    campaign = visible_campaign(request, code)
    check_may_acknowledge(request.user, campaign)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    return _take(request, campaign, form, ACKNOWLEDGE)


@login_required
def end(request: HttpRequest, code: str, state: CampaignState) -> HttpResponse:
    campaign = visible_campaign(request, code)
    check_may_direct(request.user)
    check_campaign_can_move(campaign, state)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _take(request, campaign, form, CLOSE if state == CampaignState.CLOSED else CANCEL)


@login_required
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """The manager chooses among the targets that have no visit yet."""
    campaign = visible_campaign(request, code)
    user: Any = request.user
    check_may_acknowledge(user, campaign)
    remaining = campaigns.still_to_plan(campaign, user.province_id).order_by("sort_key", "pk")
    form = CampaignPlanForm(
        request.POST if request.method == "POST" else None, facilities=list(remaining[:MOST_AT_ONCE])
    )
    status = 200
    if form.is_valid():
        try:
            planned = campaigns.plan_visits(campaign=campaign, **form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(
                request,
                ngettext("%(count)s visit is planned.", "%(count)s visits are planned.", planned) % {"count": planned},
            )
            return redirect(address(campaign))
    context = {
        "campaign": campaign,
        "form": form,
        "cancel": address(campaign),
        "breadcrumbs": breadcrumbs(campaign, _("Plan visits")),
    }
    return render(request, "inspections/campaign_plan.html", context, status=status)


@dataclass(frozen=True)
class Step:
    """One decision about a campaign: what its page says, and what is done."""

    title: Promise
    question: Promise
    consequence: Promise
    done: Promise
    act: Callable[..., Any]


LAUNCH = Step(
    title=gettext_lazy("Launch the campaign"),
    question=gettext_lazy("Launch this campaign?"),
    consequence=gettext_lazy("The departments see it."),
    done=gettext_lazy("The campaign is launched. The departments can see it now."),
    act=campaigns.launch,
)
ACKNOWLEDGE = Step(
    title=gettext_lazy("Acknowledge the campaign"),
    question=gettext_lazy("Has your department read the letter?"),
    consequence=gettext_lazy("The ministry sees your name, the moment and your note."),
    done=gettext_lazy("The campaign is acknowledged."),
    act=campaigns.acknowledge,
)
CLOSE = Step(
    title=gettext_lazy("Close the campaign"),
    question=gettext_lazy("Close this campaign?"),
    consequence=gettext_lazy("No more of its visits can be planned. Visits already planned still take place."),
    done=gettext_lazy("The campaign is closed."),
    act=campaigns.close,
)
CANCEL = Step(
    title=gettext_lazy("Cancel the campaign"),
    question=gettext_lazy("Cancel this campaign?"),
    consequence=gettext_lazy("Its visits that have not begun are cancelled too. This cannot be undone."),
    done=gettext_lazy("The campaign is cancelled."),
    act=campaigns.cancel,
)


def _take(request: HttpRequest, campaign: Campaign, form: PageForm, step: Step) -> HttpResponse:
    status = 200
    if form.is_valid():
        try:
            step.act(campaign=campaign, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, str(step.done))
            return redirect(address(campaign))
    return _step(request, campaign, form, step, step.consequence, status)


def _step(
    request: HttpRequest, campaign: Campaign, form: PageForm, step: Step, consequence: Any, status: int
) -> HttpResponse:
    context = {
        "campaign": campaign,
        "step": step,
        "consequence": consequence,
        "form": form,
        "facts": _facts(campaign),
        "cancel": address(campaign),
        "breadcrumbs": breadcrumbs(campaign, step.title),
    }
    return render(request, "inspections/campaign_step.html", context, status=status)


def visible_campaign(request: HttpRequest, code: str) -> Campaign:
    visible = Campaign.objects.visible_to(request.user).select_related("checklist", "launched_by")
    campaign: Campaign = get_object_or_404(visible, code=code)
    return campaign


def breadcrumbs(campaign: Campaign, here: Any = None) -> list[tuple[Any, str]]:
    return _trail(campaign) if here is None else [*_trail(campaign)[:-1], (campaign, address(campaign)), (here, "")]


def _trail(here: Any) -> list[tuple[Any, str]]:
    return [(CampaignList.title, reverse("campaign-list")), (here, "")]


def _facts(campaign: Campaign) -> list[tuple[Any, Any]]:
    def named(things: Any, everything: str) -> str:
        return ", ".join(map(str, things.all())) or everything

    return [
        (_("Directive"), campaign.letter_number),
        (_("Date of the letter"), campaign.letter_on),
        (_("Begins on"), campaign.begins_on),
        (_("To be done by"), campaign.deadline),
        (_("Checklist"), campaign.checklist),
        (_("Facility types"), named(campaign.facility_types, _("all"))),
        (_("Services"), named(campaign.services, _("whatever they offer"))),
        (_("Provinces"), named(campaign.provinces, _("all"))),
        *([(_("Launched by"), campaign.launched_by)] if campaign.launched_by else []),
    ]


def _buttons(user: Any, campaign: Campaign, rows: list[ProvinceProgress]) -> list[tuple[str, Any, str]]:
    def to(name: str) -> str:
        return reverse(f"campaign-{name}", args=[campaign.code])

    found: list[tuple[str, Any, str]] = []
    if passes(check_may_direct, user):
        if passes(check_can_redraft, campaign):
            found += [(to("launch"), LAUNCH.title, ""), (to("edit"), _("Change the draft"), "secondary")]
        if passes(check_campaign_can_move, campaign, CampaignState.CLOSED):
            found.append((to("close"), CLOSE.title, "secondary"))
        if passes(check_campaign_can_move, campaign, CampaignState.CANCELLED):
            found.append((to("cancel"), CANCEL.title, "warning"))
    elif campaign.state == CampaignState.RUNNING and passes(check_may_acknowledge, user, campaign):
        if any(row.acknowledgement.acknowledged_at is None for row in rows):
            found.append((to("acknowledge"), ACKNOWLEDGE.title, ""))
        found.append((to("plan"), _("Plan visits"), "secondary" if found else ""))
    if campaign.state != CampaignState.DRAFT:
        found.append((to("targets"), TargetList.title, "secondary"))
    return found


def _tiles(rows: list[ProvinceProgress]) -> list[tuple[int, Any, str]]:
    if not rows:
        return []
    overdue = sum(row.overdue for row in rows)
    return [
        (sum(row.targets for row in rows), _("facilities"), ""),
        (sum(row.visited for row in rows), _("visited"), ""),
        (sum(row.approved for row in rows), _("visits approved"), ""),
        *([(overdue, _("overdue"), "danger")] if overdue else []),
    ]


def _row(campaign: Campaign, row: ProvinceProgress) -> list[Any]:
    here = row.acknowledgement
    if here.acknowledged_at:
        answered: Any = timezone.localtime(here.acknowledged_at).date()
    else:
        answered = tag(_("Silent"), "overdue") if row.silent else _("Not yet")
    listed = link("campaign-targets", campaign.code, text=row.targets, province=row.province.code)
    return [row.province, answered, listed, row.planned, row.visited, row.approved, row.overdue]


def _events(campaign: Campaign, user: Any) -> list[dict[str, Any]]:
    """What was done with the campaign; a department reads only what the ministry did and what itself did."""
    events = AuditEvent.objects.filter(subject_kind="inspections.campaign", subject_number=campaign.code)
    if user.province_id:
        others = events.filter(verb="campaign.acknowledged").exclude(facts__province=user.province.code)
        events = events.exclude(pk__in=others.values("pk"))
    return [
        {
            "title": title_of(event.verb),
            "by": event.by_username,
            "at": timezone.localtime(event.occurred_at),
            "text": event.reason,
        }
        for event in events.order_by("-occurred_at", "-id")
    ]
