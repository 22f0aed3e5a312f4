"""One complaint and the steps in its life: each says what will happen, and asks once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement import permissions, policies
from enforcement.actions import complaints
from enforcement.actions.complaints.receiving import due_day
from enforcement.forms import handling
from enforcement.models import Complaint
from enforcement.states import COMPLAINTS_WAITING, ComplaintState
from enforcement.views.complaints import address, breadcrumbs, facts, visible_complaint
from registry.core.errors import passes
from registry.files.states import PICTURES
from registry.ui import steps
from registry.ui.forms import PageForm

Check = Callable[[Any, Complaint], None]


def _both(may: Check, can: Callable[[Complaint], None]) -> Check:
    def check(user: Any, complaint: Complaint) -> None:
        may(user, complaint)
        can(complaint)

    return check


def _to(state: ComplaintState) -> Callable[[Complaint], None]:
    return lambda complaint: policies.check_can_move(complaint, state)


def _step(
    act: Callable[..., Any],
    check: Check,
    form: type[handling.OfComplaintForm],
    title: Promise,
    consequence: Callable[[Complaint], str],
    done: Promise,
    *,
    is_grave: bool = False,
) -> steps.Step:
    return steps.Step(
        noun="complaint",
        act=act,
        check=check,
        form=form,
        title=title,
        question=title,
        consequence=consequence,
        done=done,
        is_grave=is_grave,
    )


def _deadlines(complaint: Complaint) -> str:
    return _("Urgent, it is to be looked into by %(urgent)s, otherwise by %(ordinary)s.") % {
        "urgent": date_format(due_day(True, complaint.received_at)),
        "ordinary": date_format(due_day(False, complaint.received_at)),
    }


may_triage, may_handle = permissions.check_may_triage, permissions.check_may_handle
STEPS: dict[str, steps.Step] = {
    "triage": _step(
        complaints.triage,
        _both(may_triage, _to(ComplaintState.TRIAGED)),
        handling.TriageForm,
        gettext_lazy("Rank the complaint"),
        _deadlines,
        gettext_lazy("The complaint is ranked."),
    ),
    "assign": _step(
        complaints.assign,
        _both(may_triage, policies.check_can_be_given),
        handling.AssignForm,
        gettext_lazy("Give it to somebody"),
        lambda complaint: _("Whoever gets it is told. Only an enforcement officer can learn who made the complaint."),
        gettext_lazy("The complaint is given to its office."),
    ),
    "match": _step(
        complaints.match,
        _both(may_handle, policies.check_place_can_change),
        handling.MatchForm,
        gettext_lazy("Match it with a facility"),
        lambda complaint: _("The complaint is counted in the dossier of the facility."),
        gettext_lazy("The complaint is matched with the facility."),
    ),
    "premises": _step(
        complaints.register_premises,
        _both(may_handle, policies.check_is_unplaced),
        handling.PremisesForm,
        gettext_lazy("Enter the place in the register"),
        lambda complaint: _("The place becomes a facility with the status “Suspected unlicensed premises”."),
        gettext_lazy("The place is in the register."),
    ),
    "visit": _step(
        complaints.plan_visit,
        _both(may_handle, policies.check_can_be_visited),
        handling.VisitForm,
        gettext_lazy("Have it visited"),
        lambda complaint: _(
            "The province is asked for a visit that nobody announces. A visit after another complaint that is planned "
            "here already serves this one too, on its own day."
        ),
        gettext_lazy("The visit is planned."),
    ),
    "investigate": _step(
        complaints.investigate,
        _both(may_handle, _to(ComplaintState.INVESTIGATING)),
        handling.InvestigateForm,
        gettext_lazy("Look into it without a visit"),
        lambda complaint: _("The complainant sees that somebody looks into it, not how."),
        gettext_lazy("The complaint is being looked into."),
    ),
    "note": _step(
        complaints.note,
        _both(may_triage, policies.check_is_open),
        handling.NoteForm,
        gettext_lazy("Add a note"),
        lambda complaint: _("The complainant does not see the note."),
        gettext_lazy("The note is added."),
    ),
    "reply": _step(
        complaints.reply,
        _both(may_handle, policies.check_is_open),
        handling.ReplyForm,
        gettext_lazy("Write to the complainant"),
        lambda complaint: _(
            "The complainant reads it with the tracking code, and is told by e-mail where there is one."
        ),
        gettext_lazy("The message is written."),
    ),
    "answer": _step(
        complaints.answer,
        _both(may_handle, _to(ComplaintState.ANSWERED)),
        handling.ReplyForm,
        gettext_lazy("Answer the complaint"),
        lambda complaint: _("Everybody whose complaint is handled with this one reads the same answer. Name nobody."),
        gettext_lazy("The complaint is answered."),
    ),
    "close": _step(
        complaints.close,
        _both(may_handle, _to(ComplaintState.CLOSED)),
        handling.EmptyForm,
        gettext_lazy("Close the complaint"),
        lambda complaint: _("Nothing more can be added to it, by the complainant neither."),
        gettext_lazy("The complaint is closed."),
        is_grave=True,
    ),
    "reopen": _step(
        complaints.reopen,
        _both(may_handle, policies.check_can_be_reopened),
        handling.ReopenForm,
        gettext_lazy("Take it up again"),
        lambda complaint: _("The answer stays, and another one is to follow."),
        gettext_lazy("The complaint is taken up again."),
    ),
    "merge": _step(
        complaints.merge,
        _both(may_handle, _to(ComplaintState.MERGED)),
        handling.MergeForm,
        gettext_lazy("Join it with another complaint"),
        lambda complaint: _("Both are about the same matter: this one gets the answer of the other. It stays so."),
        gettext_lazy("The complaints are joined."),
        is_grave=True,
    ),
    "reject": _step(
        complaints.reject,
        _both(may_handle, _to(ComplaintState.REJECTED)),
        handling.ReplyForm,
        gettext_lazy("Do not take it up"),
        lambda complaint: _("The complainant reads why. The complaint is closed for good."),
        gettext_lazy("The complaint is not taken up."),
        is_grave=True,
    ),
}
"""In the order of their buttons."""


def offered(complaint: Complaint, user: Any) -> Iterator[tuple[str, Any, str]]:
    """The steps that this person can take now, as (address, text, kind of button)."""
    for name, step in STEPS.items():
        if passes(step.check, user, complaint):
            kind = "warning" if step.is_grave else "secondary"
            yield reverse(f"complaint-{name}", args=[complaint.number]), step.title, kind


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    complaint = visible_complaint(request, number)
    context = {
        "complaint": complaint,
        "facts": facts(complaint),
        "buttons": list(offered(complaint, request.user)),
        "messages_": complaint.messages.select_related("written_by").order_by("written_at", "pk"),
        "files": complaint.files.select_related("file").order_by("pk"),
        "pictures": PICTURES,
        "duplicates": complaint.duplicates.order_by("pk"),
        "may_read_contact": passes(permissions.check_may_read_contact, request.user, complaint),
        "overdue": complaint.state in COMPLAINTS_WAITING and complaint.due_on < timezone.localdate(),
        "breadcrumbs": [*breadcrumbs(complaint)[:-1], (complaint.number, "")],
    }
    return render(request, "enforcement/complaint_detail.html", context)


@login_required
def take(request: HttpRequest, number: str, name: str) -> HttpResponse:
    complaint = visible_complaint(request, number)
    step = STEPS[name]
    form: type[PageForm] = step.form.about(complaint, request.user)  # type: ignore[attr-defined]
    return steps.take(
        request,
        complaint,
        replace(step, form=form),
        address=address(complaint),
        facts=[(_("About"), complaint.get_kind_display()), *facts(complaint)],
        breadcrumbs=breadcrumbs(complaint),
    )
