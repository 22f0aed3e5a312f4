"""Photos of a visit, and the files behind photos and signatures."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import rules
from inspections.actions import photos as actions
from inspections.forms import PhotoForm
from inspections.models import Visit
from inspections.permissions import check_may_work_on
from inspections.policies import check_can_fill
from inspections.reports import photos_by_item
from inspections.views.visits import breadcrumbs, visible_visit
from registry.core.errors import Refusal, Refused, passes
from registry.files.models import StoredFile
from registry.files.views import send


@login_required
def photos(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All photos of a visit, by item; the team adds and removes while the answers are open."""
    visit = visible_visit(request, uuid)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, visit)
    if request.method == "POST" and request.headers.get("Accept") == "application/json":
        return _add_by_script(request, visit)
    may_change = passes(check_may_work_on, request.user, visit) and passes(check_can_fill, visit)
    key = request.POST.get("item_code", request.GET.get("item", ""))
    items = _items(visit)
    if key not in items:
        key = ""
    form = PhotoForm(*((request.POST, request.FILES) if request.method == "POST" else ()), initial={"item_code": key})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                actions.add(visit=visit, **form.facts(), by=request.user, at=timezone.now())  # type: ignore[arg-type]
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
                status = 409
            else:
                messages.success(request, _("The photo is kept."))
                return redirect(_back(visit, key))
        else:
            status = 422
    found = photos_by_item(visit)
    context = {
        "visit": visit,
        "form": form if may_change else None,
        "item": items.get(key),
        "item_code": key,
        "groups": [(items.get(code), code, found[code]) for code in sorted(found)],
        "may_change": may_change,
        "breadcrumbs": breadcrumbs(visit, _("Photos")),
    }
    return render(request, "inspections/visit_photos.html", context, status=status)


@login_required
def file(request: HttpRequest, uuid: UUID, sha256: str) -> HttpResponseBase:
    """The bytes of a photo or signature of this visit, for whoever sees it; `?small` for a small one."""
    visible = Visit.objects.visible_to(request.user)
    visit = get_object_or_404(visible.only("pk"), uuid=uuid)
    behind = Q(pk__in=visit.photos.values("file")) | Q(pk__in=visit.signatures.values("image"))
    return send(
        request, get_object_or_404(StoredFile.objects.filter(behind), sha256=sha256), small="small" in request.GET
    )


def _add_by_script(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Answers with the photos of the item as they now are, or with what is wrong in a sentence."""
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        sentences = [str(text) for texts in form.errors.values() for text in texts]
        return JsonResponse({"sentence": " ".join(sentences)}, status=422)
    try:
        photo = actions.add(visit=visit, **form.facts(), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        return JsonResponse({"sentence": refusal.sentence, "code": refusal.code}, status=409)
    shown = {"visit": visit, "photos": photos_by_item(visit).get(photo.item_code, [])}
    html = render_to_string("inspections/_photo_list.html", shown, request=request)
    return JsonResponse({"photos": html, "sha256": photo.file.sha256, "revision": _revision(visit)})


def _revision(visit: Visit) -> int:
    return Visit.objects.values_list("revision", flat=True).get(pk=visit.pk)


def _remove(request: HttpRequest, visit: Visit) -> HttpResponse:
    key = request.POST["remove"]
    photo = visit.photos.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 16 else None
    if photo is None:
        raise Http404
    actions.remove(photo=photo, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The photo is removed."))
    return redirect("visit-photos", visit.uuid)


def _items(visit: Visit) -> dict[str, object]:
    structure = rules.structure(visit.checklist_version)
    return {rules.key(section, item): item for section, items in structure for item in items}


def _back(visit: Visit, key: str) -> str:
    """Where the photo of an item was asked for: its section; otherwise the page of all photos."""
    section = key.partition(".")[0]
    if not section:
        return reverse("visit-photos", args=[visit.uuid])
    return reverse("visit-fill-section", args=[visit.uuid, section]) + f"#{key}"
