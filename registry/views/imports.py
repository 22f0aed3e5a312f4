from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from registry import reports
from registry.actions import imports
from registry.core.errors import Refused, passes
from registry.core.mappings import MappingRefused
from registry.forms.imports import OWN, ImportForm, LoadForm
from registry.models import ImportJob
from registry.permissions import check_may_import
from registry.states import ImportState
from registry.tasks import work_import
from registry.ui import exports
from registry.ui.html import link
from registry.ui.lists import Column, ListAction, ListPage

SHOWN = 50
UNDER_WAY = (ImportState.STAGED, ImportState.READING)
PROGRESS = "import-progress"


def kind_name(job: ImportJob) -> Any:
    return imports.KINDS[job.kind].name if job.kind in imports.KINDS else job.kind


class ImportList(ListPage):
    model = ImportJob
    title = gettext_lazy("Imports")
    lead = gettext_lazy("Files that were checked or loaded, the latest first.")
    default_sort = "-requested_at"
    empty_state = gettext_lazy("No file was imported yet.")
    columns = (
        Column("file_name", gettext_lazy("File"), link=lambda job: reverse("import-detail", args=[job.pk])),
        Column("kind", gettext_lazy("Kind"), value=kind_name),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("requested_at", gettext_lazy("Requested at"), sort="requested_at", kind="date"),
        Column("requested_by", gettext_lazy("Requested by")),
        Column("rows", gettext_lazy("Rows"), kind="number"),
        Column("created", gettext_lazy("Created"), kind="number"),
        Column("updated", gettext_lazy("Updated"), kind="number"),
        Column("refused", gettext_lazy("Refused"), kind="number"),
    )

    def queryset_for(self, user: Any) -> QuerySet[ImportJob]:
        return super().queryset_for(user).select_related("requested_by").defer("mapping")

    def actions_for(self, user: Any) -> list[ListAction]:
        if not passes(check_may_import, user):
            return []
        return [ListAction(reverse("import-create"), _("Import a file"))]


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_import(request.user)
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        act = form.cleaned_data["act"]
        try:
            with transaction.atomic():
                job = imports.stage(
                    file_name=form.cleaned_data["file"].name,
                    file=form.cleaned_data["file"],
                    mapping=form.mapping_text,
                    dry_run=act == "check",
                    accept_valid=act == "accept",
                    is_complete=form.cleaned_data.get("is_complete", False),
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                )
                hand_over(job)
        except MappingRefused as refusal:
            form.add_error("own_mapping" if form.cleaned_data["mapping"] == OWN else "mapping", refusal.sentence)
        except Refused as refusal:
            form.add_error("is_complete" if "is_complete" in form.fields else None, refusal.sentence)
        else:
            return redirect("import-detail", job.pk)
    breadcrumbs = [(ImportList.title, reverse("import-list")), (_("Import a file"), "")]
    return render(request, "registry/import_create.html", {"form": form, "breadcrumbs": breadcrumbs})


@login_required
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = visible_job(request, pk)
    under_way = job.state in UNDER_WAY
    part = request.headers.get("HX-Target") == PROGRESS
    if part and not under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if part:
        return render(request, "registry/_import_progress.html", {"job": job})
    may_import = passes(check_may_import, request.user)
    context = {
        "job": job,
        "under_way": under_way,
        "may_import": may_import,
        "load_form": LoadForm() if may_import and job.state == ImportState.CHECKED and job.file else None,
        "facts": [
            (_("Kind"), kind_name(job)),
            (_("Requested by"), job.requested_by or _("Operator of the machine")),
            (_("Requested at"), timezone.localtime(job.requested_at)),
            (_("Finished at"), job.finished_at and timezone.localtime(job.finished_at)),
            (_("Rows"), job.rows),
            (_("Created"), job.created),
            (_("Updated"), job.updated),
            (_("Unchanged"), job.unchanged),
            (_("Refused"), job.refused),
            (_("Possible duplicates"), job.duplicates),
            *([(_("No longer in the file: struck off"), job.withdrawn)] if job.is_complete else []),
        ],
        "errors": [[error["row"], error["column"], error["sentence"]] for error in reports.row_errors(job, most=SHOWN)],
        "duplicates": [
            [row.row_number, candidate_link(candidate)]
            for row in reports.possible_duplicates(job, most=SHOWN)
            for candidate in row.duplicates
        ],
        "error_columns": [_("Row"), _("Column"), _("What is wrong")],
        "duplicate_columns": [_("Row"), _("Perhaps the same as")],
        "shown": SHOWN,
        "breadcrumbs": [(ImportList.title, reverse("import-list")), (job.file_name, "")],
    }
    return render(request, "registry/import_detail.html", context)


@login_required
@require_GET
def errors(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The refused rows as a file: what came, and what is wrong with it."""
    job = visible_job(request, pk)
    headings, rows = reports.error_file(job)
    title = _("Refused rows of %(file)s") % {"file": job.file_name}
    return exports.response("csv", title=title, headings=headings, rows=rows)


@login_required
@require_POST
def load(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Load what was checked; or hand a waiting file to the queue again, which does no harm."""
    job = visible_job(request, pk)
    check_may_import(request.user)
    with transaction.atomic():
        if job.state not in UNDER_WAY:
            form = LoadForm(request.POST)
            form.is_valid()
            accept = form.cleaned_data["accept_valid"]
            by: Any = request.user
            job = imports.load_checked(job=job, accept_valid=accept, by=by, at=timezone.now())
        hand_over(job)
    messages.success(request, _("The file is being read."))
    return redirect("import-detail", job.pk)


def hand_over(job: ImportJob) -> None:
    language = get_language() or ""
    transaction.on_commit(lambda: work_import.delay(job=str(job.pk), language=language))


def visible_job(request: HttpRequest, pk: UUID) -> ImportJob:
    return get_object_or_404(ImportJob.objects.visible_to(request.user).select_related("requested_by"), pk=pk)


def candidate_link(candidate: dict[str, Any]) -> Any:
    """A facility of the register, or another row of the file."""
    if "number" in candidate:
        return link("facility-detail", candidate["number"], text=f"{candidate['label']} {candidate['number']}")
    return _("Row %(row)s: %(label)s") % candidate
