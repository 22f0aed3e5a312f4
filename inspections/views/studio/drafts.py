"""Checklists, and their drafts as a whole."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.actions import checklists
from inspections.forms.studio import ChecklistForm
from inspections.forms.visits import ReasonForm
from inspections.models import Checklist, ChecklistVersion
from inspections.permissions import check_may_describe, check_may_draft, check_may_publish
from inspections.policies import Fault, check_can_draft, check_can_retire, check_is_draft, faults
from inspections.reports.comparison import planned_with
from inspections.reports.conditions import names_of_codes
from inspections.views.rulebooks import ChecklistList, address
from inspections.views.studio.parts import answer, own_draft, studio, trail, visible_checklist, visible_version
from registry.core.errors import passes
from registry.ui.forms import PageForm
from registry.ui.steps import Step, take


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_draft(request.user)  # type: ignore[arg-type]
    form = ChecklistForm(request.POST or None)

    def act() -> ChecklistVersion:
        said = form.facts
        code, like = said.pop("code"), said.pop("like")
        return checklists.create(code=code, facts=said, like=like, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    return answer(
        request,
        form,
        act,
        done=_("The draft is begun."),
        to=studio,
        template="registry/entry_form.html",
        context=_page(_("New checklist"), reverse("checklist-list")),
    )


@login_required
def describe(request: HttpRequest, code: str) -> HttpResponse:
    checklist = visible_checklist(request, code)
    check_may_describe(request.user, checklist)  # type: ignore[arg-type]
    form = ChecklistForm(request.POST or None, instance=checklist)
    latest = checklist.versions.order_by("-number").select_related("checklist").first()
    back = address(latest) if latest else reverse("checklist-list")
    return answer(
        request,
        form,
        lambda: checklists.describe(checklist=checklist, facts=form.facts, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        done=_("The checklist is saved."),
        to=lambda _checklist: back,
        template="registry/entry_form.html",
        context=_page(str(checklist), back),
    )


def _page(title: str, back: str) -> dict[str, Any]:
    return {
        "title": title,
        "caption": _("Checklist"),
        "cancel": back,
        "breadcrumbs": [(ChecklistList.title, reverse("checklist-list")), (title, "")],
    }


@login_required
def overview(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The whole draft, each section and item with what can be done with it."""
    version = own_draft(request, code, number)
    structure = rules.structure(version)
    wrong: dict[str, list[Fault]] = {}
    found = faults(structure, checklists.known())
    for fault in found:
        wrong.setdefault(fault.key, []).append(fault)
    context = {
        "version": version,
        "sections": [
            {
                "section": section,
                "faults": wrong.get(section.code),
                "items": [
                    {"item": item, "key": rules.key(section, item), "faults": wrong.get(rules.key(section, item))}
                    for item in items
                ],
            }
            for section, items in structure
        ],
        "names": names_of_codes(),
        "faults": wrong.get(""),
        "may_publish": passes(check_may_publish, request.user),
        "grave": sum(fault.grave for fault in found),
        "breadcrumbs": trail(version, (_("Studio"), "")),
    }
    return render(request, "inspections/studio_overview.html", context)


def _check_may_draft_next(user: Any, checklist: Checklist) -> None:
    check_may_draft(user)
    check_can_draft(checklist)


def _check_may_discard(user: Any, version: ChecklistVersion) -> None:
    check_may_draft(user)
    check_is_draft(version)


def _check_may_retire(user: Any, version: ChecklistVersion) -> None:
    check_may_publish(user)
    check_can_retire(version)


DRAFT = Step(
    noun="checklist",
    act=checklists.draft,
    check=_check_may_draft_next,
    form=PageForm,
    title=gettext_lazy("Draft the next version"),
    question="",
    consequence=lambda checklist: _(
        "The draft begins with what the latest version says. Visits go on with the version in use until the draft is "
        "published."
    ),
    done=gettext_lazy("The draft is begun."),
    is_grave=False,
)
DISCARD = Step(
    noun="version",
    act=checklists.discard,
    check=_check_may_discard,
    form=PageForm,
    title=gettext_lazy("Throw the draft away"),
    question=gettext_lazy("Throw this draft away?"),
    consequence=lambda version: _("Everything in the draft is gone. This cannot be undone."),
    done=gettext_lazy("The draft is thrown away."),
)
RETIRE = Step(
    noun="version",
    act=checklists.retire,
    check=_check_may_retire,
    form=ReasonForm,
    title=gettext_lazy("Take out of use"),
    question=gettext_lazy("Take this checklist out of use?"),
    consequence=lambda version: (
        _(
            "No visit begins with this checklist any more until another version is published: %(planned)s planned "
            "visits wait for one. Visits that are under way end with it. This version is not published again."
        )
        % {"planned": planned_with(version.checklist)}
    ),
    done=gettext_lazy("The checklist is out of use."),
)


@login_required
def draft(request: HttpRequest, code: str) -> HttpResponse:
    checklist = visible_checklist(request, code)
    latest = checklist.versions.order_by("-number").select_related("checklist").first()
    back = address(latest) if latest else reverse("checklist-list")
    if request.method == "POST":
        back = reverse("checklist-studio", args=[code, (latest.number if latest else 0) + 1])
    trail_ = [(ChecklistList.title, reverse("checklist-list")), (checklist, back)]
    return take(request, checklist, DRAFT, address=back, facts=[(_("Checklist"), checklist)], breadcrumbs=trail_)


@login_required
def discard(request: HttpRequest, code: str, number: int) -> HttpResponse:
    version = visible_version(request, code, number)
    back = reverse("checklist-list") if request.method == "POST" else studio(version)
    return take(request, version, DISCARD, address=back, facts=_facts(version), breadcrumbs=trail(version))


@login_required
def retire(request: HttpRequest, code: str, number: int) -> HttpResponse:
    version = visible_version(request, code, number)
    facts = _facts(version)
    return take(request, version, RETIRE, address=address(version), facts=facts, breadcrumbs=trail(version))


def _facts(version: ChecklistVersion) -> list[tuple[Any, Any]]:
    return [
        (_("Checklist"), version.checklist),
        (_("Version"), version.number),
        (_("State"), version.get_state_display()),
    ]
