"""Checklists come and go as XLSForms."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from inspections.actions import rulebook, xlsforms
from inspections.forms.xlsforms import ConfirmForm, XLSFormForm, sealed
from inspections.models import ChecklistVersion
from inspections.permissions import check_may_draft
from inspections.views.rulebooks import ChecklistList


@login_required
def receive(request: HttpRequest) -> HttpResponse:
    """Read a form: everything that is wrong with it, or what it would become."""
    person: Any = request.user
    check_may_draft(person)
    form = XLSFormForm(request.POST or None, request.FILES or None, initial={"checklist": request.GET.get("checklist")})
    found = None
    if request.method == "POST" and form.is_valid():
        found = examine(form.cleaned_data["file"])
        if found.definition is not None:
            definition = form.completed(found.definition)
            if not form.errors:
                return render(request, "inspections/xlsform_confirm.html", summary(found, definition, person))
    return render(request, "inspections/xlsform_import.html", page(form, found))


@login_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Make the draft that was shown."""
    person: Any = request.user
    check_may_draft(person)
    confirmed = ConfirmForm(request.POST, person=person)
    if not confirmed.is_valid():
        form = XLSFormForm()
        messages.error(request, " ".join(str(error) for errors in confirmed.errors.values() for error in errors))
        return render(request, "inspections/xlsform_import.html", page(form, None), status=400)
    definition = confirmed.cleaned_data["seal"]
    version, new = xlsforms.draft(definition=definition, by=person, at=timezone.now())
    if new:
        messages.success(request, _("The form is a draft now. Read it before it is published."))
    else:
        messages.info(request, _("The form says what this version says already. Nothing was changed."))
    return redirect("checklist-detail", version.checklist.code, version.number)


@login_required
@require_GET
def send(request: HttpRequest, code: str, number: int) -> FileResponse:
    visible = ChecklistVersion.objects.visible_to(request.user).select_related("checklist")
    version = get_object_or_404(visible, checklist__code=code, number=number)
    return FileResponse(
        xlsforms.workbook(version), as_attachment=True, filename=f"{version.checklist.code}-v{version.number}.xlsx"
    )


def examine(file: Any) -> xlsforms.Examination:
    with NamedTemporaryFile(suffix=".xlsx") as kept:
        for part in file.chunks():
            kept.write(part)
        kept.flush()
        found = xlsforms.examine(Path(kept.name), known=rulebook.known())
    if found.definition is not None and not found.definition["source"]:
        found.definition["source"] = _("XLSForm “%(file)s”") % {"file": file.name[:200]}
    return found


def page(form: XLSFormForm, found: xlsforms.Examination | None) -> dict[str, Any]:
    return {
        "form": form,
        "found": found,
        "columns": [_("Place"), _("Column"), _("What is wrong")],
        "faults": [(place(fault), fault.column or "–", fault.sentence) for fault in found.shown] if found else [],
        "breadcrumbs": [(ChecklistList.title, reverse("checklist-list")), (_("Load an XLSForm"), "")],
    }


def place(fault: xlsforms.Fault) -> str:
    if fault.row is None:
        return fault.sheet or _("The whole file")
    if not fault.sheet:
        return _("row %(row)s") % {"row": fault.row}
    return _("%(sheet)s, row %(row)s") % {"sheet": fault.sheet, "row": fault.row}


def summary(found: xlsforms.Examination, definition: dict[str, Any], person: Any) -> dict[str, Any]:
    sections = definition["section"]
    return {
        "confirm": ConfirmForm(person=person, initial={"seal": sealed(definition, person=person)}),
        "notices": found.notices,
        "facts": [
            (_("Code"), definition["code"]),
            (_("Name in Khmer"), definition["name_km"]),
            (_("Name in English"), definition["name_en"]),
            (_("Source"), definition["source"]),
            (_("Sections"), len(sections)),
            (_("Items"), sum(len(section["item"]) for section in sections)),
        ],
        "columns": [_("Section"), _("Name in Khmer"), _("Name in English"), _("Items"), _("Critical")],
        "rows": [
            [
                section["code"],
                section["name_km"],
                section["name_en"],
                len(section["item"]),
                sum(item["critical"] for item in section["item"]),
            ]
            for section in sections
        ],
        "breadcrumbs": [(ChecklistList.title, reverse("checklist-list")), (_("Load an XLSForm"), "")],
    }
