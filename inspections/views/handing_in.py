"""The end of a visit: the answers are checked, people sign, and the visit is handed in. Later it can be amended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from inspections import rules
from inspections.actions import signatures, visits
from inspections.forms import FacilitySignatureForm, InspectorSignatureForm, ReasonForm, SubmitForm
from inspections.models import Visit
from inspections.permissions import check_may_amend, check_may_lead, check_may_work_on
from inspections.policies import check_can_amend, check_can_fill, check_can_submit, check_is_concluded, team_of
from inspections.reports import receipt, signers
from inspections.states import Answer
from inspections.views.visits import address, breadcrumbs, visible_visit
from registry.accounts.models import User
from registry.core.errors import Refused
from registry.ui.forms import PageForm


@login_required
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check the answers and say how the visit ended; the signatures come next."""
    visit = _open_visit(request, uuid)
    check_may_lead(_person(request), visit)
    structure = rules.structure(visit.checklist_version)
    begun = {"visited_on": visit.visited_on or timezone.localdate(), "outcome": visit.outcome or "completed"}
    initial = begun | {"licence_seen": visit.licence_seen, "note": visit.note}
    form = SubmitForm(request.POST if request.method == "POST" else None, visit=visit, initial=initial)
    status = 200
    if form.is_valid():
        try:
            visit = visits.conclude(visit=visit, **form.cleaned_data, by=_person(request), at=timezone.now())
            said = {name: form.cleaned_data[name] for name in ("visited_on", "outcome", "licence_seen")}
            check_can_submit(visit, structure=structure, today=timezone.localdate(), **said)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            return redirect("visit-hand-in", visit.uuid)
    setting = rules.setting(visit)
    context = {
        "visit": visit,
        "form": form,
        "answers": _summary(visit, structure),
        "missing": [
            (section, item, _place(visit, section, item))
            for section, item in rules.unanswered(structure, visit.answers, setting)
        ],
        "breadcrumbs": breadcrumbs(visit, _("Check and hand in")),
    }
    return render(request, "inspections/visit_submit.html", context, status=status)


@login_required
def hand_in(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is signed, who has signed it, and the button that hands it in."""
    visit = _open_visit(request, uuid)
    check_is_concluded(visit)
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        said = {name: getattr(visit, name) for name in ("visited_on", "outcome", "licence_seen", "note")}
        try:
            visits.submit(visit=visit, **said, by=_person(request), at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The visit is handed in. Somebody else approves it."))
            return redirect("visit-receipt", visit.uuid)
    places = signers(visit)
    context = {
        "visit": visit,
        "form": form,
        "signers": places,
        "is_signed": all(place.counts for place in places),
        "leads": _person(request) == visit.inspector,
        "receipt": receipt(visit),
        "breadcrumbs": breadcrumbs(visit, _("Signatures")),
    }
    return render(request, "inspections/visit_hand_in.html", context, status=status)


@login_required
@sensitive_post_parameters("password")
def sign(request: HttpRequest, uuid: UUID, username: str = "") -> HttpResponse:
    """The facility signs (no `username`), or an inspector of the team."""
    visit = _open_visit(request, uuid)
    check_is_concluded(visit)
    by = _person(request)
    person = None
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form: PageForm
    if username:
        person = next((person for person in team_of(visit) if person.username == username), None)
        if person is None:
            raise Http404
        form = InspectorSignatureForm(*sent, own=person == by)
    else:
        form = FacilitySignatureForm(*sent)
    status = 200
    if form.is_valid():
        try:
            if person is None:
                signatures.sign_for_facility(visit=visit, **form.cleaned_data, by=by, at=timezone.now())
            else:
                signatures.sign_as_inspector(
                    visit=visit,
                    person=person,
                    upload=form.cleaned_data["upload"],
                    confirmed=_confirms(request, form, person),
                    by=by,
                    at=timezone.now(),
                )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        except _WrongPassword:
            form.add_error("password", _("This is not the password of %(person)s.") % {"person": person})
            status = 422
        else:
            messages.success(request, _("The signature is kept."))
            return redirect("visit-hand-in", visit.uuid)
    context = {
        "visit": visit,
        "form": form,
        "person": person,
        "breadcrumbs": breadcrumbs(visit, _("Sign")),
    }
    return render(request, "inspections/visit_sign.html", context, status=status)


@login_required
def amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = visible_visit(request, uuid)
    check_may_amend(_person(request), visit)
    check_can_amend(visit)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            amendment = visits.amend(
                visit=visit, reason=form.cleaned_data["reason"], by=_person(request), at=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The amendment is begun. The visit before it counts until it is approved."))
            return redirect(address(amendment))
    context = {
        "visit": visit,
        "form": form,
        "cancel": address(visit),
        "breadcrumbs": breadcrumbs(visit, _("Amend the visit")),
    }
    return render(request, "inspections/visit_amend.html", context, status=status)


class _WrongPassword(Exception):
    pass


def _confirms(request: HttpRequest, form: PageForm, person: User) -> bool:
    """Whether somebody else than the person signed in has typed the own password; wrong ones count towards a lock."""
    if "password" not in form.fields:
        return False
    known = authenticate(request, username=person.get_username(), password=form.cleaned_data["password"])
    if known != person:
        raise _WrongPassword
    return True


def _open_visit(request: HttpRequest, uuid: UUID) -> Visit:
    visit = visible_visit(request, uuid)
    check_may_work_on(_person(request), visit)
    check_can_fill(visit)
    return visit


def _person(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _place(visit: Visit, section: Any, item: Any) -> str:
    return reverse("visit-fill-section", args=[visit.uuid, section.code]) + f"#{rules.key(section, item)}"


def _summary(visit: Visit, structure: rules.Structure) -> list[tuple[Any, int, int, int, int]]:
    """Per section: how many items are asked, how many answered, how many of them partly, how many no."""
    setting = rules.setting(visit)
    parts = rules.score(structure, visit.answers, setting).sections
    rows = []
    for part, (section, items) in zip(parts, rules.applicable(structure, setting, visit.answers), strict=True):
        given = [visit.answers.get(rules.key(section, item), {}).get("answer") for item in items]
        rows.append((section, part.answered, part.asked, given.count(Answer.PARTIAL), given.count(Answer.NO)))
    return rows
