"""The checklist as it is filled in: one section a page, saved whenever a button is pressed, handed in at the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inspections import rules
from inspections.actions import visits
from inspections.forms import SectionForm, ServicesForm, SubmitForm
from inspections.models import Visit
from inspections.permissions import check_may_work_on
from inspections.policies import check_can_fill
from inspections.states import Answer
from inspections.views.visits import address, breadcrumbs, visible_visit
from registry.core.errors import Refused

CHECK = "check"


@login_required
@require_POST
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = visits.start(visit=visible_visit(request, uuid), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("visit-fill", visit.uuid)


@login_required
def fill(request: HttpRequest, uuid: UUID, code: str = "") -> HttpResponse:
    """One section; without `code` the first in which something is not answered."""
    visit = _own_open_visit(request, uuid)
    structure = rules.structure(visit.checklist_version)
    sections = rules.applicable(structure, rules.setting(visit), visit.answers)
    if not sections:
        return redirect("visit-services", visit.uuid)
    missing = {section.code for section, _item in rules.unanswered(structure, visit.answers, rules.setting(visit))}
    code = code or next((section.code for section, _items in sections if section.code in missing), sections[0][0].code)
    form = _section_form(visit, sections, code)
    status = 200
    if request.method == "POST":
        sent = form.read(request.POST)
        if form.errors:
            status = 422
        else:
            try:
                visits.save_draft(
                    visit=visit,
                    answers=sent,
                    revision=_revision(request, visit),
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                )
            except visits.Overtaken as overtaken:
                visit, status = overtaken.visit, 409
                form.answers = overtaken.merge.answers | {key: sent[key] for key in overtaken.merge.conflicts}
                form.conflicts = {key: visit.answers.get(key, {}) for key in overtaken.merge.conflicts}
            else:
                return _go(request, visit, sections, code)
    codes = [section.code for section, _items in sections]
    place = codes.index(code)
    context = {
        "visit": visit,
        "section": form.section,
        "rows": form.rows(),
        "errors": form.error_list(),
        "overtaken": bool(form.conflicts),
        "choices": Answer.choices,
        "place": place + 1,
        "following": codes[place + 1] if place + 1 < len(codes) else "",
        "breadcrumbs": breadcrumbs(visit, _("Fill in the checklist")),
        "asks_services": bool(rules.services_asked_about(structure)),
    } | _progress(visit, structure, code)
    return render(request, "inspections/visit_fill.html", context, status=status)


@login_required
def services(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = _own_open_visit(request, uuid)
    structure = rules.structure(visit.checklist_version)
    form = ServicesForm(request.POST if request.method == "POST" else None, structure=structure, visit=visit)
    if form.is_valid():
        visits.note_services(visit=visit, services=form.codes, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("The services are saved."))
        return redirect("visit-fill", visit.uuid)
    context = {
        "visit": visit,
        "form": form,
        "breadcrumbs": breadcrumbs(visit, _("Services found on this visit")),
    }
    return render(request, "inspections/visit_services.html", context)


@login_required
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check your answers, then hand the visit in."""
    visit = _own_open_visit(request, uuid)
    structure = rules.structure(visit.checklist_version)
    begun = {"visited_on": visit.visited_on or timezone.localdate(), "outcome": visit.outcome or "completed"}
    initial = begun | {"licence_seen": visit.licence_seen, "note": visit.note}
    form = SubmitForm(request.POST if request.method == "POST" else None, visit=visit, initial=initial)
    status = 200
    if form.is_valid():
        try:
            visits.submit(visit=visit, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The visit is handed in. Somebody else approves it."))
            return redirect(address(visit))
    context = {
        "visit": visit,
        "form": form,
        "answers": _summary(visit, structure),
        "missing": [
            (
                section,
                item,
                reverse("visit-fill-section", args=[visit.uuid, section.code]) + f"#{rules.key(section, item)}",
            )
            for section, item in rules.unanswered(structure, visit.answers, rules.setting(visit))
        ],
        "breadcrumbs": breadcrumbs(visit, _("Check and hand in")),
    }
    return render(request, "inspections/visit_submit.html", context, status=status)


def _own_open_visit(request: HttpRequest, uuid: UUID) -> Visit:
    visit = visible_visit(request, uuid)
    check_may_work_on(request.user, visit)  # type: ignore[arg-type]
    check_can_fill(visit)
    return visit


def _section_form(visit: Visit, sections: rules.Structure, code: str) -> SectionForm:
    for section, items in sections:
        if section.code == code:
            return SectionForm(section=section, items=list(items), answers=visit.answers)
    raise Http404


def _revision(request: HttpRequest, visit: Visit) -> int:
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else visit.revision


def _go(request: HttpRequest, visit: Visit, sections: rules.Structure, code: str) -> HttpResponse:
    """Where the pressed button leads: another section, the last check, or nowhere."""
    to = request.POST.get("go", "")
    if to == CHECK:
        return redirect("visit-submit", visit.uuid)
    if to in {section.code for section, _items in sections}:
        return redirect("visit-fill-section", visit.uuid, to)
    messages.success(request, _("The draft is saved."))
    return redirect("visit-fill-section", visit.uuid, code)


def _progress(visit: Visit, structure: rules.Structure, code: str) -> dict[str, Any]:
    parts = rules.score(structure, visit.answers, rules.setting(visit)).sections
    return {
        "answered": sum(part.answered for part in parts),
        "asked": sum(part.asked for part in parts),
        "sections": [
            {"section": part.section, "answered": part.answered, "asked": part.asked, "here": part.section.code == code}
            for part in parts
        ],
    }


def _summary(visit: Visit, structure: rules.Structure) -> list[tuple[Any, int, int, int, int]]:
    """Per section: how many items are asked, how many answered, how many of them partly, how many no."""
    parts = rules.score(structure, visit.answers, rules.setting(visit)).sections
    rows = []
    for part, (section, items) in zip(
        parts, rules.applicable(structure, rules.setting(visit), visit.answers), strict=True
    ):
        given = [visit.answers.get(rules.key(section, item), {}).get("answer") for item in items]
        rows.append((section, part.answered, part.asked, given.count(Answer.PARTIAL), given.count(Answer.NO)))
    return rows
