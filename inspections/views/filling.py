"""The checklist as it is filled in: all on one page, saved after every answer, or by a button where no script runs."""

import json
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inspections import rules
from inspections.actions import visits
from inspections.forms import ArrivalForm, CarriedForm, SectionForm, ServicesForm
from inspections.forms.filling import BLANK
from inspections.models import Visit
from inspections.permissions import check_may_lead, check_may_work_on, owners_of_sections
from inspections.policies import check_can_fill, check_has_stated
from inspections.reports import Progress, carried_findings, photos_by_item, progress, refusals
from inspections.states import Answer, Mended, Scope, Severity
from inspections.views.visits import breadcrumbs, visible_visit
from registry.core.errors import Refusal, passes
from registry.ui.middleware import status_of

CHECK = "check"


@login_required
@require_POST
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = visits.start(visit=visible_visit(request, uuid), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("visit-fill", visit.uuid)


@login_required
@require_POST
def arrive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """“I am here”, with the place that the device gave, or without."""
    form = ArrivalForm(request.POST)
    place = form.cleaned_data if form.is_valid() else {}
    visit = visits.arrive(visit=visible_visit(request, uuid), **place, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("visit-fill", visit.uuid)


@login_required
@require_POST
def answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Some answers, as the page sends them by itself: {"revision": 7, "answers": {"S01.01": {"answer": "yes"}}}.

    What comes back says how the visit now stands and what others answered meanwhile, so that the page need not be
    loaded again. It loads neither what the page shows around the checklist nor what happened before.
    """
    visit = get_object_or_404(Visit.objects.visible_to(request.user).only("pk"), uuid=uuid)
    try:
        sent = json.loads(request.body)
        given, revision = dict(sent["answers"]), int(sent["revision"])
    except (ValueError, TypeError, KeyError):
        return JsonResponse({"code": "unreadable", "sentence": _("The answers did not arrive whole.")}, status=400)
    now = timezone.now()
    try:
        kept = visits.keep(visit=visit, answers=given, revision=revision, by=request.user, at=now)  # type: ignore[arg-type]
    except visits.Overtaken as overtaken:
        return JsonResponse(
            {
                "code": overtaken.code,
                "sentence": overtaken.sentence,
                "revision": overtaken.visit.revision,
                "saved": {key: overtaken.merge.answers.get(key, {}) for key in overtaken.merge.conflicts},
                "others": overtaken.others,
            },
            status=409,
        )
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=status_of(refusal))
    found = progress(kept.visit, kept.structure, on=timezone.localdate(now))
    fitting = _fitting(kept.visit, kept.structure)
    return JsonResponse(
        {
            "revision": kept.visit.revision,
            "saved_at": time_format(timezone.localtime(now)),
            "answered": found.answered,
            "asked": found.asked,
            "progress": _words(found),
            "result": found.result,
            "sections": found.sections,
            "hidden": [
                key
                for section, items in fitting
                for item in items
                if (key := rules.key(section, item)) not in found.asking
            ],
            "others": kept.others,
        }
    )


@login_required
def fill(request: HttpRequest, uuid: UUID, code: str = "") -> HttpResponse:
    """The whole checklist; `code` is the section that is open, else the first in which something is not answered."""
    visit = _own_open_visit(request, uuid)
    structure = rules.structure(visit.checklist_version)
    fitting = _fitting(visit, structure)
    found = progress(visit, structure, on=timezone.localdate())
    if not found.sections:
        return redirect("visit-services", visit.uuid)
    findings = carried_findings(visit)
    photos = photos_by_item(visit)
    forms: dict[str, SectionForm | CarriedForm] = {}
    if findings:
        forms[rules.CARRIED] = CarriedForm(findings=findings, carried=visit.carried)
    for section, items in fitting:
        forms[section.code] = SectionForm(
            section=section, items=list(items), answers=visit.answers, asked=found.asking, photos=photos
        )
    if code and code not in forms:
        raise Http404
    status = 200
    if request.method == "POST" and code:
        form = forms[code]
        given = form.read(request.POST)
        if form.errors:
            status = 422
        else:
            try:
                visits.save_draft(
                    visit=visit,
                    answers=given,
                    revision=_revision(request, visit),
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                )
            except visits.Overtaken as overtaken:
                visit, status = overtaken.visit, 409
                form.conflicts = {key: overtaken.merge.answers.get(key, {}) for key in overtaken.merge.conflicts}
                form.show(overtaken.merge.answers | {key: given[key] for key in form.conflicts})
            else:
                return _go(request, visit, forms, code)
    return _page(request, visit, structure, forms, found, code, status)


def _page(
    request: HttpRequest,
    visit: Visit,
    structure: rules.Structure,
    forms: dict[str, SectionForm | CarriedForm],
    found: Progress,
    code: str,
    status: int,
) -> HttpResponse:
    owners = owners_of_sections(visit)
    parts = [Part(section, form, *found.sections.get(section, (0, 0))) for section, form in forms.items()]
    opened = code or next((part.code for part in parts if part.answered < part.asked), parts[0].code)
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        part.open, part.asks = part.code == opened, part.code in found.sections
        part.following = following.code if following else ""
        part.owners = [] if request.user in owners.get(part.code, [request.user]) else owners[part.code]
    letters = {(cell.severity, cell.scope): cell.letter for cell in visit.ruleset.grid.all()}
    form = forms.get(code)
    context = {
        "visit": visit,
        "parts": parts,
        "errors": form.error_list() if form else [],
        "overtaken": [row for row in form.rows() if row.saved is not None] if form and form.conflicts else [],
        "choices": Answer.choices,
        "blank": BLANK,
        "mended": Mended.choices,
        "grid": "".join(letters.get(cell) or rules.letter(*cell) for cell in product(Severity.values, Scope.values)),
        "progress": found,
        "progress_words": _words(found),
        "refusals": refusals(visit.facility),
        "may_lead": passes(check_may_lead, request.user, visit),
        "asks_services": bool(rules.services_asked_about(structure)),
        "breadcrumbs": breadcrumbs(visit, _("Fill in the checklist")),
    }
    return render(request, "inspections/visit_fill.html", context, status=status)


@dataclass
class Part:
    """One section on the page."""

    code: str
    form: SectionForm | CarriedForm
    answered: int
    asked: int
    open: bool = False
    following: str = ""
    owners: Any = ()
    """Whose section it is, where it is not the reader's."""
    asks: bool = True
    """Whether what is answered so far asks for any of its items."""

    @property
    def title(self) -> str:
        return str(self.form.section) if isinstance(self.form, SectionForm) else _("Findings of earlier visits")


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


def _own_open_visit(request: HttpRequest, uuid: UUID) -> Visit:
    visit = visible_visit(request, uuid)
    check_may_work_on(request.user, visit)  # type: ignore[arg-type]
    check_can_fill(visit)
    check_has_stated(visit, request.user)  # type: ignore[arg-type]
    return visit


def _fitting(visit: Visit, structure: rules.Structure) -> rules.Structure:
    """What applies in the setting of the visit, whether what was answered asks for it or not yet."""
    setting = rules.setting(visit)
    fitting = [
        (section, [item for item in items if setting.fits(item.applies_when)])
        for section, items in structure
        if setting.fits(section.applies_when)
    ]
    return [(section, items) for section, items in fitting if items]


def _keys(structure: rules.Structure) -> set[str]:
    return {rules.key(section, item) for section, items in structure for item in items}


def _words(found: Progress) -> str:
    return _("%(answered)s of %(asked)s answered") % {"answered": found.answered, "asked": found.asked}


def _revision(request: HttpRequest, visit: Visit) -> int:
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else visit.revision


def _go(request: HttpRequest, visit: Visit, forms: dict[str, Any], code: str) -> HttpResponse:
    """Where the pressed button leads: another section, the last check, or nowhere."""
    to = request.POST.get("go", "")
    if to == CHECK:
        return redirect("visit-submit", visit.uuid)
    if to not in forms:
        messages.success(request, _("The draft is saved."))
        to = code
    return redirect(reverse("visit-fill-section", args=[visit.uuid, to]) + f"#{to}")
