from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.filters import VisitFilter
from inspections.models import ChecklistItem, Finding, Visit
from inspections.policies import HANDED_IN, team_of
from inspections.reports import explanation, history, refusals, signers, steps_open_to
from inspections.states import EVENTS, Answer, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.ui.lists import Column, ListAction, ListPage

BUTTONS = {
    "statement": (gettext_lazy("State your interests"), ""),
    "assign": (gettext_lazy("Choose the team"), "secondary"),
    "start": (gettext_lazy("Begin the visit"), ""),
    "fill": (gettext_lazy("Fill in the checklist"), ""),
    "submit": (gettext_lazy("Check and hand in"), "secondary"),
    "approve": (gettext_lazy("Approve"), ""),
    "return": (gettext_lazy("Return for correction"), "secondary"),
    "cancel": (gettext_lazy("Cancel the visit"), "warning"),
    "amend": (gettext_lazy("Amend the visit"), "secondary"),
}


def address(visit: Visit) -> str:
    return reverse("visit-detail", args=[visit.uuid])


def facility_address(row: Visit) -> str:
    return reverse("facility-detail", args=[row.facility.number])


class VisitList(ListPage):
    model = Visit
    title = gettext_lazy("Visits")
    template_name = "inspections/list_page.html"
    filterset_class = VisitFilter
    default_sort = "-created_at"
    empty_state = gettext_lazy("No visit is on record yet.")
    empty_advice = gettext_lazy("Visits are planned from the page of a facility.")
    columns = (
        Column("facility", gettext_lazy("Facility"), link=address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("planned_on", gettext_lazy("Planned for"), sort="planned_on", kind="date"),
        Column("visited_on", gettext_lazy("Visited on"), sort="visited_on", kind="date"),
        Column("purpose", gettext_lazy("Purpose"), page=False),
        Column("inspector", gettext_lazy("Inspector")),
        Column("outcome", gettext_lazy("Outcome"), page=False),
        Column("score", gettext_lazy("Score"), kind="number"),
        Column("band", gettext_lazy("Band"), kind="tag"),
        Column("created_at", gettext_lazy("Entered on"), sort="created_at", kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Visit]:
        return super().queryset_for(user).select_related("facility__province", "inspector").defer("answers")

    def actions_for(self, user: Any) -> list[ListAction]:
        here = reverse("visit-list")
        if user.role == Role.INSPECTOR:
            return [
                ListAction(f"{here}?whose=mine&state=planned&state=in_progress&state=returned", _("My open visits")),
            ]
        return [ListAction(f"{here}?state=submitted", _("Visits waiting for approval"))]


@login_required
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = visible_visit(request, uuid)
    structure = rules.structure(visit.checklist_version)
    open_steps = steps_open_to(request.user, visit)
    context = {
        "visit": visit,
        "facts": _facts(visit),
        "steps": [(verb, reverse(f"visit-{verb}", args=[visit.uuid]), *BUTTONS[verb]) for verb in open_steps],
        "sections": answered_sections(visit, structure),
        "findings": _findings(visit, structure),
        "evidence": _evidence(visit),
        "amendment": visit.amendments.exclude(state=VisitState.CANCELLED).first(),
        "photo_count": visit.photos.count(),
        "has_receipt": visit.submitted_at and visit.state in HANDED_IN,
        "events": [
            {
                "title": EVENTS.get(event.verb, event.verb),
                "by": event.by_username,
                "at": timezone.localtime(event.occurred_at),
                "text": event.reason,
            }
            for event in history(visit)
        ],
        "breadcrumbs": breadcrumbs(visit),
    } | outcome_of(visit, structure)
    return render(request, "inspections/visit_detail.html", context)


def outcome_of(visit: Visit, structure: rules.Structure) -> dict[str, Any]:
    """The score and what follows from it: as approved, or as approval would find it now. Empty where none counts."""
    if visit.outcome != VisitOutcome.COMPLETED or visit.visited_on is None or not structure:
        return {"result": None}
    decided = visit.state in (VisitState.APPROVED, VisitState.SUPERSEDED)
    grace = visit.grace if decided else rules.grace_of(visit, visited_on=visit.visited_on)
    result = rules.result(visit, structure, visited_on=visit.visited_on, grace=grace)
    return {
        "result": result,
        "explanation": explanation(visit, result, structure),
        "bars": [(part.section, round(part.percent)) for part in result.score.sections if part.percent is not None],
    }


def answered_sections(visit: Visit, structure: rules.Structure) -> list[dict[str, Any]]:
    """Sections with the answers given, for reading."""
    labels = dict(Answer.choices)
    sections = []
    for section, items in rules.applicable(structure, rules.setting(visit), visit.answers):
        rows = []
        for item in items:
            given = visit.answers.get(rules.key(section, item))
            if given:
                answer = given.get("answer", "")
                rows.append((item, labels.get(answer, given.get("value", "")), answer, given.get("note", "")))
        if rows:
            sections.append({"section": section, "rows": rows, "asked": len(items)})
    return sections


def _findings(visit: Visit, structure: rules.Structure) -> list[tuple[Finding, ChecklistItem | None, str]]:
    """Each finding with the item it belongs to, in the language of the page, and what the inspector noted."""
    items = {rules.key(section, item): item for section, part in structure for item in part}
    rows = []
    for finding in visit.findings.order_by("-severity", "id"):
        item = items.get(finding.item_code)
        labels = (item.label_km, item.label_en) if item else ()
        rows.append((finding, item, "" if finding.text in labels else finding.text))
    return rows


def _evidence(visit: Visit) -> list[tuple[Any, Any]]:
    """Who was there, when and where, and who has signed what."""
    day = visit.arrived_at and timezone.localtime(visit.arrived_at)
    rows: list[tuple[Any, Any]] = [(_("Team"), ", ".join(map(str, team_of(visit))) or _("Nobody yet"))]
    if day:
        rows.append((_("Arrived at"), date_format(day, "DATETIME_FORMAT")))
    if visit.distance_m is not None:
        distance = _("%(distance)s m from the registered point, accurate to %(accuracy)s m")
        rows.append((_("Place"), distance % {"distance": visit.distance_m, "accuracy": visit.accuracy_m or "–"}))
    for signer in signers(visit):
        if signature := signer.signature:
            given = _("Refused to sign: %(reason)s") % {"reason": signature.refused_because}
            words = given if signature.refused_because else _("Signed")
            if not signer.counts:
                words = _("Signed, but something was changed afterwards")
            rows.append((signature.get_kind_display(), f"{signature.name}: {words}"))
    if visit.content_hash and visit.state in HANDED_IN:
        rows.append((_("Fingerprint of the content (SHA-256)"), visit.content_hash))
    return rows


def visible_visit(request: HttpRequest, uuid: UUID) -> Visit:
    joined = Visit.objects.visible_to(request.user).select_related(
        "facility__type",
        "facility__province",
        "checklist_version__checklist",
        "ruleset",
        "inspector",
        "decided_by",
        "amends",
    )
    visit: Visit = get_object_or_404(joined.prefetch_related("ruleset__bands"), uuid=uuid)
    return visit


def breadcrumbs(visit: Visit, here: Any = None) -> list[tuple[Any, str]]:
    day = visit.visited_on or visit.planned_on
    trail = [(VisitList.title, reverse("visit-list")), (visit.facility, facility_address(visit))]
    name = _("Visit of %(day)s") % {"day": day.strftime("%d/%m/%Y")} if day else _("Visit")
    return [*trail, (name, address(visit)), (here, "")] if here else [*trail, (name, "")]


def _facts(visit: Visit) -> list[tuple[Any, Any]]:
    refused = refusals(visit.facility) if visit.outcome == VisitOutcome.REFUSED else 0
    return [
        (_("Purpose"), visit.get_purpose_display()),
        (_("Announced"), _("Yes") if visit.announced else _("No")),
        (_("Inspector"), visit.inspector or visit.source or _("Nobody yet")),
        *([(_("Planned for"), visit.planned_on)] if visit.planned_on else []),
        *([(_("Visited on"), visit.visited_on)] if visit.visited_on else []),
        *([(_("Outcome"), visit.get_outcome_display())] if visit.outcome else []),
        *([(_("Refusals since the last completed visit"), refused)] if refused else []),
        *([(_("Licence at the site"), visit.get_licence_seen_display())] if visit.licence_seen else []),
        *([(_("Checklist"), visit.checklist_version)] if visit.checklist_version else []),
        (_("Ruleset"), visit.ruleset),
        *([(_("Reason for the amendment"), visit.note_of_amendment)] if visit.amends else []),
        *([(_("Decided by"), visit.decided_by)] if visit.decided_by else []),
        *([(_("Reason"), visit.reason)] if visit.reason and visit.state == VisitState.CANCELLED else []),
        *([(_("Remarks"), visit.note)] if visit.note else []),
    ]
