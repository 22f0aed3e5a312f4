"""What the pages of the studio share: finding the draft and its parts, and answering a form."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from inspections import rules
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.permissions import check_may_draft
from inspections.policies import check_is_draft
from inspections.views.rulebooks import ChecklistList, address
from registry.core.errors import Refused

Trail = list[tuple[Any, str | None]]


def visible_checklist(request: HttpRequest, code: str) -> Checklist:
    checklist: Checklist = get_object_or_404(Checklist.objects.visible_to(request.user), code=code)
    return checklist


def visible_version(request: HttpRequest, code: str, number: int) -> ChecklistVersion:
    visible = ChecklistVersion.objects.visible_to(request.user).select_related("checklist")
    version: ChecklistVersion = get_object_or_404(visible, checklist__code=code, number=number)
    return version


def own_draft(request: HttpRequest, code: str, number: int) -> ChecklistVersion:
    """A draft that this person may change. Raises NotPermitted or Refused."""
    version = visible_version(request, code, number)
    check_may_draft(request.user)  # type: ignore[arg-type]
    check_is_draft(version)
    return version


def section_of(version: ChecklistVersion, code: str) -> ChecklistSection:
    section: ChecklistSection = get_object_or_404(version.sections.select_related("version__checklist"), code=code)
    return section


def item_of(version: ChecklistVersion, section: str, code: str) -> ChecklistItem:
    items = ChecklistItem.objects.select_related("section__version__checklist")
    item: ChecklistItem = get_object_or_404(items, section__version=version, section__code=section, code=code)
    return item


def place(version: ChecklistVersion, name: str, *more: Any) -> str:
    return reverse(name, args=[version.checklist.code, version.number, *more])


def studio(version: ChecklistVersion, thing: ChecklistSection | ChecklistItem | None = None) -> str:
    """The overview of a draft, at this part of it."""
    overview = place(version, "checklist-studio")
    if isinstance(thing, ChecklistItem):
        return f"{overview}#{rules.key(thing.section, thing)}"
    return f"{overview}#{thing.code}" if thing else overview


def trail(version: ChecklistVersion, *more: tuple[Any, str | None]) -> Trail:
    return [(ChecklistList.title, reverse("checklist-list")), (version, address(version)), *more]


def answer(
    request: HttpRequest,
    form: Any,
    act: Callable[..., Any],
    *,
    done: str,
    to: Callable[[Any], str],
    template: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Act on a form that makes sense and go on; otherwise show it again with what was typed and what is wrong."""
    status = 200
    if form.is_bound and form.is_valid():
        try:
            result = act()
        except Refused as refusal:
            form.add_error("code" if refusal.code == "code_taken" else None, refusal.sentence)
            status = 409
        else:
            messages.success(request, done)
            return redirect(to(result))
    return render(request, template, {"form": form, **context}, status=status)
