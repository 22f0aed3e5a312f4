"""Publishing a draft, trying it out, and reading what differs between two versions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import rules
from inspections.actions import checklists
from inspections.forms import SectionForm
from inspections.forms.studio import CompareForm, SettingForm
from inspections.models import ChecklistVersion
from inspections.permissions import check_may_draft, check_may_publish
from inspections.policies import check_can_publish, faults
from inspections.reports.comparison import compare, planned_with
from inspections.states import Answer
from inspections.views.rulebooks import ChecklistList, address
from inspections.views.studio.parts import place, trail, visible_checklist, visible_version
from registry.core.errors import Refused, passes


@login_required
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What is wrong, what changes for whom, and the button."""
    version = visible_version(request, code, number)
    check_may_publish(request.user)  # type: ignore[arg-type]
    check_can_publish(version)
    refused, status = "", 200
    if request.method == "POST":
        try:
            checklists.publish(version=version, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            refused, status = refusal.sentence, 409
        else:
            messages.success(request, _("“%(version)s” is published and in use.") % {"version": version})
            return redirect(address(version))
    structure = rules.structure(version)
    found = faults(structure, checklists.known())
    in_use = (
        ChecklistVersion.objects.published().filter(checklist=version.checklist).select_related("checklist").first()
    )
    context = {
        "version": version,
        "refused": refused,
        "grave": [(fault, _place(version, fault)) for fault in found if fault.grave],
        "remarks": [(fault, _place(version, fault)) for fault in found if not fault.grave],
        "in_use": in_use,
        "comparison": compare(rules.structure(in_use), structure) if in_use else None,
        "facts": [
            (_("Sections"), len(structure)),
            (_("Items"), sum(len(items) for _section, items in structure)),
            (_("Drafted by"), version.drafted_by),
            (_("Facility types"), ", ".join(map(str, version.checklist.facility_types.order_by("code"))) or _("None")),
            (_("Ruleset"), version.checklist.ruleset_code),
        ],
        "may_write": passes(check_may_draft, request.user),
        "cancel": address(version),
        "planned": planned_with(version.checklist),
        "breadcrumbs": trail(version, (_("Publish"), "")),
    }
    return render(request, "inspections/studio_publish.html", context, status=status)


def _place(version: ChecklistVersion, fault: Any) -> str:
    """Where a fault is mended."""
    if fault.item is not None:
        return place(version, "checklist-item-edit", fault.section.code, fault.item.code)
    if fault.section is not None:
        return place(version, "checklist-section-edit", fault.section.code)
    return place(version, "checklist-studio")


@login_required
def preview(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version as inspectors find it, in a facility of the chosen kind."""
    version = visible_version(request, code, number)
    structure = rules.structure(version)
    asked_about = rules.services_asked_about(structure)
    form = SettingForm(request.GET, checklist=version.checklist, asked_about=asked_about)
    setting = form.setting
    fitting = _fitting(structure, setting)
    context = {
        "version": version,
        "form": form,
        "asks_services": bool(asked_about),
        "choices": Answer.choices,
        "sections": [
            (section, SectionForm(section=section, items=list(items), answers={}).rows()) for section, items in fitting
        ],
        "shown": sum(len(items) for _section, items in fitting),
        "all": sum(len(items) for _section, items in structure),
        "breadcrumbs": trail(version, (_("Preview"), "")),
    }
    return render(request, "inspections/studio_preview.html", context)


def _fitting(structure: rules.Structure, setting: rules.Setting) -> rules.Structure:
    """What this facility can be asked, whatever is answered: a preview shows items that depend on answers too."""
    sections = [
        (section, [item for item in items if setting.fits(item.applies_when)])
        for section, items in structure
        if setting.fits(section.applies_when)
    ]
    return [(section, items) for section, items in sections if items]


@login_required
def comparison(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions of a checklist; without a choice the two latest."""
    checklist = visible_checklist(request, code)
    numbers = list(checklist.versions.order_by("-number").values_list("number", flat=True)[:2])
    if not numbers:
        raise Http404
    asked = {"former": numbers[-1], "later": numbers[0]} | request.GET.dict()
    form = CompareForm(asked, checklist=checklist)
    former = later = None
    if form.is_valid():
        former, later = form.cleaned_data["former"], form.cleaned_data["later"]
    context = {
        "checklist": checklist,
        "form": form,
        "former": former,
        "later": later,
        "comparison": compare(rules.structure(former), rules.structure(later)) if former and later else None,
        "breadcrumbs": [(ChecklistList.title, reverse("checklist-list")), (_("Compare versions"), "")],
    }
    return render(request, "inspections/checklist_compare.html", context)
