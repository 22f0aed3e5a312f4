"""On which answers to earlier items an item depends."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import rules
from inspections.actions import checklists
from inspections.forms.studio import ConditionForm, QuestionForm, earlier_items
from inspections.models import ChecklistItem
from inspections.reports.comparison import condition_in_words
from inspections.views.studio.parts import item_of, own_draft, place, studio, trail
from registry.core.errors import Refused


@login_required
def conditions(request: HttpRequest, code: str, number: int, section: str, item: str) -> HttpResponse:
    """The conditions of an item. First the earlier item is chosen (`?item=`), then its answers."""
    version = own_draft(request, code, number)
    dependent = item_of(version, section, item)
    structure = rules.structure(version)
    earlier = {entry.key: entry for entry in earlier_items(structure, dependent)}
    here = place(version, "checklist-item-conditions", section, item)
    chosen = earlier.get(request.GET.get("item", ""))
    question = QuestionForm(request.GET if "item" in request.GET else None, earlier=[*earlier.values()])
    answers = ConditionForm(request.POST if "add" in request.POST else None, earlier=chosen) if chosen else None
    status = 200
    wanted = None
    if request.method == "POST" and "remove" in request.POST:
        wanted = [
            condition for place_, condition in enumerate(dependent.asked_if) if str(place_) != request.POST["remove"]
        ]
    elif chosen and answers and answers.is_bound and answers.is_valid():
        others = [condition for condition in dependent.asked_if if condition["item"] != chosen.key]
        wanted = [*others, {"item": chosen.key, "is": answers.cleaned_data["answers"]}]
    if wanted is not None:
        try:
            checklists.set_conditions(item=dependent, conditions=wanted, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The conditions are saved."))
            return redirect(here)
    context = {
        "version": version,
        "item": dependent,
        "key": rules.key(dependent.section, dependent),
        "conditions": _in_words(dependent, structure),
        "question": question,
        "chosen": chosen,
        "form": answers or question,
        "earlier": bool(earlier),
        "here": here,
        "back": place(version, "checklist-item-edit", section, item),
        "breadcrumbs": trail(version, (_("Studio"), studio(version)), (_("When it is asked"), "")),
    }
    return render(request, "inspections/studio_conditions.html", context, status=status)


def _in_words(item: ChecklistItem, structure: rules.Structure) -> list[str]:
    items = {rules.key(section, other): other for section, others in structure for other in others}
    return [condition_in_words(condition, items) for condition in item.asked_if]
