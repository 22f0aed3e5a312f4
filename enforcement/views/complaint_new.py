"""Where anybody complains: no account, no script. The tracking code is shown once and leads back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from enforcement.actions import complaints
from enforcement.forms.complaints import ComplaintForm, FurtherMessageForm, StatusForm
from enforcement.forms.tokens import files_named, names_of_files, new_token, tracking_code
from enforcement.models import Complaint
from enforcement.policies import MOST_FILES, check_is_open
from enforcement.states import COMPLAINTS_WAITING, ComplaintMessageKind, ComplaintState
from registry.core import tracking
from registry.core.errors import Refused, passes
from registry.core.numbers import normalised
from registry.files import actions as files
from registry.files.models import StoredFile
from registry.files.states import DOCUMENTS
from registry.models import Facility
from registry.states import OperationalStatus
from registry.ui.throttles import StrangerThrottle

CHECKS = StrangerThrottle("complaint-checks", rate="60/hour")
SENDS = StrangerThrottle("complaint-sends", rate="20/hour")
TOGETHER = StrangerThrottle("complaints-together", rate="1000/hour", everybody=True)
LOOKS = StrangerThrottle("complaint-looks", rate="240/hour")
"""Behind one address may be a whole village; docs/complaints.md says why nobody ordinary meets these."""
FOUND, SHORTEST = 20, 2
TRAP = "website"
"""A field that no person sees; a program that fills in everything fills it in."""
PUBLIC_MESSAGES = [kind for kind in ComplaintMessageKind if kind != ComplaintMessageKind.NOTE]


def known_places() -> Any:
    """Facilities by the names that everybody knows. Who is suspected is not told."""
    return Facility.objects.exclude(operational_status=OperationalStatus.SUSPECTED_UNLICENSED)


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """First the place, by `?facility=` from the code at its door, by its name, or described; then what happened."""
    number = request.GET.get("facility", "")
    facility: Facility | None = None
    if number:
        facility = known_places().select_related("area", "province").filter(number=normalised(number)).first()
    if facility is None and request.GET.get("place") != "described":
        return _choose_place(request, unknown=bool(number))
    if request.method != "POST":
        return _ask(request, facility, ComplaintForm(facility=facility, initial={"token": new_token(timezone.now())}))
    form = ComplaintForm(request.POST, request.FILES, facility=facility)
    if "change" in request.POST:
        return _ask(request, facility, form)
    return _take(request, facility, form)


def _choose_place(request: HttpRequest, *, unknown: bool) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    found: list[Facility] = []
    if len(words) >= SHORTEST:
        if seconds := LOOKS.seconds_to_wait(request):
            return _wait(render(request, "429.html", status=429), seconds)
        found = list(known_places().matching(words).some(FOUND).select_related("type", "area", "province"))
    context = {"words": words, "found": found, "asked": len(words) >= SHORTEST, "unknown": unknown}
    return render(request, "enforcement/complaint_place.html", context)


def _ask(request: HttpRequest, facility: Facility | None, form: ComplaintForm, status: int = 200) -> HttpResponse:
    stored = files_named(form.data.get("stored", ""))
    context = {"form": form, "facility": facility, "stored": stored, "trap": TRAP}
    return render(request, "enforcement/complaint_new.html", context, status=status)


def _take(request: HttpRequest, facility: Facility | None, form: ComplaintForm) -> HttpResponse:
    """Once checked, it is shown to be read once more; once confirmed, it comes in."""
    now, confirmed = timezone.now(), "send" in request.POST
    is_valid = form.is_valid()
    throttles = (SENDS, TOGETHER) if confirmed else (CHECKS,)
    if seconds := max(throttle.seconds_to_wait(request) for throttle in throttles):
        form.add_error(None, _("Very many complaints are coming in. Wait a few minutes, then press the button again."))
        return _wait(_ask(request, facility, form, status=429), seconds)
    try:
        code = tracking_code(form.data.get("token", ""), now)
    except Refused as refusal:
        if refusal.code != "too_fast":
            form.data["token"] = new_token(now)  # type: ignore[index]
        form.add_error(None, refusal.sentence)
        return _ask(request, facility, form, status=409)
    if request.POST.get(TRAP):
        form.add_error(None, _("Leave the field “Website” empty."))
        return _ask(request, facility, form, status=409)
    stored = _keep_files(form)
    if not is_valid or not form.is_valid():
        return _ask(request, facility, form, status=422)
    if not confirmed:
        return render(request, "enforcement/complaint_check.html", _to_check(form, facility, stored))
    try:
        complaint, is_new = complaints.receive(code=code, facility=facility, **form.facts(), files=stored, at=now)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return _ask(request, facility, form, status=409)
    context = {"complaint": complaint, "is_new": is_new, "code": tracking.in_groups(code)}
    return render(request, "enforcement/complaint_received.html", context)


def _keep_files(form: ComplaintForm) -> list[StoredFile]:
    """What came now and before, kept beside the form also where something else in it is still wrong."""
    stored = files_named(form.data.get("stored", ""))
    for upload in form.cleaned_data.get("papers", ()):
        if len(stored) >= MOST_FILES:
            form.add_error("papers", _("At most %(most)s files can be sent.") % {"most": MOST_FILES})
            break
        try:
            stored.append(files.store(upload=upload, kinds=DOCUMENTS, by=None, at=timezone.now()))
        except Refused as refusal:
            form.add_error("papers", refusal.sentence)
    stored = list({file.pk: file for file in stored}.values())
    form.data["stored"] = names_of_files(stored)  # type: ignore[index]
    return stored


def _to_check(form: ComplaintForm, facility: Facility | None, stored: list[StoredFile]) -> dict[str, Any]:
    place = [(_("Facility"), facility)] if facility else []
    papers = [(_("Photos or papers"), ", ".join(file.name for file in stored) or "–")]
    return {"rows": [*place, *form.answers(), *papers], "carried": form.carried()}


def _wait(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response


@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Where a complaint stands, for whoever has its code; the code is sent in the form, never in an address."""
    form = StatusForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _status(request, form)
    if seconds := LOOKS.seconds_to_wait(request):
        form.add_error(None, _("Too many questions at once. Wait a few minutes, then press the button again."))
        return _wait(_status(request, form, answer=429), seconds)
    if not form.is_valid():
        return _status(request, form, answer=422)
    code = tracking.understood(form.cleaned_data["code"])
    hashed = Complaint.objects.filter(code_hash=tracking.fingerprint(code)) if code else Complaint.objects.none()
    complaint: Complaint | None = hashed.select_related("facility", "merged_into").first()
    if complaint is None:
        form.add_error("code", _("No complaint has this code. Compare it with your note, sign by sign."))
        return _status(request, form, answer=404)
    return _known(request, complaint, code)


def _known(request: HttpRequest, complaint: Complaint, code: str) -> HttpResponse:
    further, answer, added = FurtherMessageForm(), 200, False
    if "text" in request.POST:
        further = FurtherMessageForm(request.POST)
        if further.is_valid():
            try:
                complaints.add(complaint=complaint, text=further.cleaned_data["text"], at=timezone.now())
            except Refused as refusal:
                further.add_error(None, refusal.sentence)
                answer = 409
            else:
                further, added = FurtherMessageForm(), True
        else:
            answer = 422
    leading = complaint.merged_into or complaint
    rows = [
        (_("Number"), complaint.number),
        (_("About"), complaint.get_kind_display()),
        (_("Place"), complaint.facility if complaint.facility and not complaint.place else complaint.place),
        (_("Received"), timezone.localtime(complaint.received_at)),
        (_("State"), leading.get_state_display()),
        *([(_("Somebody looks into it by"), leading.due_on)] if leading.state in COMPLAINTS_WAITING else []),
    ]
    context = {
        "complaint": complaint,
        "code": tracking.in_groups(code),
        "rows": rows,
        "messages_": complaint.messages.filter(kind__in=PUBLIC_MESSAGES).order_by("written_at", "pk"),
        "form": further if passes(check_is_open, complaint) else None,
        "added": added,
        "merged": complaint.state == ComplaintState.MERGED,
    }
    return render(request, "enforcement/complaint_known.html", context, status=answer)


def _status(request: HttpRequest, form: StatusForm, *, answer: int = 200) -> HttpResponse:
    return render(request, "enforcement/complaint_status.html", {"form": form}, status=answer)
