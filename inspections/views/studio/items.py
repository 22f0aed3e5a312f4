from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from inspections import rules
from inspections.actions import checklists
from inspections.forms.studio import DraftItemForm
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.permissions import check_may_draft
from inspections.policies import check_is_draft
from inspections.views.studio.parts import answer, item_of, own_draft, place, section_of, studio, trail
from registry.ui.forms import PageForm
from registry.ui.steps import Step, take


@login_required
def create(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    version = own_draft(request, code, number)
    within = section_of(version, section)
    last = within.items.order_by("-position").first()
    headings = {"heading_km": last.heading_km, "heading_en": last.heading_en} if last else {}
    proposed = rules.next_code(within.items.values_list("code", flat=True))
    return _edit(request, version, within, ChecklistItem(section=within, code=proposed, **headings))


@login_required
def edit(request: HttpRequest, code: str, number: int, section: str, item: str) -> HttpResponse:
    version = own_draft(request, code, number)
    known = item_of(version, section, item)
    return _edit(request, version, known.section, known)


def _edit(
    request: HttpRequest, version: ChecklistVersion, section: ChecklistSection, item: ChecklistItem
) -> HttpResponse:
    form = DraftItemForm(request.POST or None, instance=item, version=version)
    known = item if item.pk else None
    title = rules.key(section, item) if known else _("New item")
    context = {
        "title": title,
        "caption": section,
        "version": version,
        "item": known,
        "section": section,
        "seen": request.POST.get("seen") or (rules.edition(item) if known else ""),
        "cancel": studio(version, known or section),
        "breadcrumbs": trail(version, (_("Studio"), studio(version)), (title, "")),
    }
    if "more" in request.POST:
        form.forgive()
        return render(request, "inspections/studio_item.html", {"form": form, **context})

    def another(saved: ChecklistItem) -> str:
        if "another" in request.POST:
            return place(version, "checklist-item-create", saved.section.code)
        return studio(version, saved)

    return answer(
        request,
        form,
        lambda: checklists.save_item(
            section=form.cleaned_data["section"],
            item=known,
            facts=form.facts,
            seen=request.POST.get("seen", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        done=_("The item is saved."),
        to=another,
        template="inspections/studio_item.html",
        context=context,
    )


@login_required
@require_POST
def move(request: HttpRequest, code: str, number: int, section: str, item: str) -> HttpResponse:
    version = own_draft(request, code, number)
    moved = item_of(version, section, item)
    checklists.move_item(item=moved, up=request.POST.get("to") == "up", by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect(studio(version, moved))


@login_required
@require_POST
def copy(request: HttpRequest, code: str, number: int, section: str, item: str) -> HttpResponse:
    version = own_draft(request, code, number)
    copied = checklists.copy_item(item=item_of(version, section, item), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("This is the copy. Change what is different."))
    return redirect(place(version, "checklist-item-edit", section, copied.code))


def _check_may_remove(user: object, item: ChecklistItem) -> None:
    check_may_draft(user)  # type: ignore[arg-type]
    check_is_draft(item.section.version)


REMOVE = Step(
    noun="item",
    act=checklists.remove_item,
    check=_check_may_remove,
    form=PageForm,
    title=gettext_lazy("Delete the item"),
    question=gettext_lazy("Delete this item?"),
    consequence=lambda item: _("The draft no longer asks it. Versions that are published still do."),
    done=gettext_lazy("The item is deleted."),
)


@login_required
def remove(request: HttpRequest, code: str, number: int, section: str, item: str) -> HttpResponse:
    version = own_draft(request, code, number)
    removed = item_of(version, section, item)
    back = studio(version, removed.section if request.method == "POST" else removed)
    facts = [(_("Code"), rules.key(removed.section, removed)), (_("Question"), removed)]
    steps = trail(version, (_("Studio"), studio(version)))
    return take(request, removed, REMOVE, address=back, facts=facts, breadcrumbs=steps)
