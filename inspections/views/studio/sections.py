from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from inspections import rules
from inspections.actions import checklists
from inspections.forms.studio import DraftSectionForm
from inspections.models import ChecklistSection, ChecklistVersion
from inspections.permissions import check_may_draft
from inspections.policies import check_is_draft
from inspections.views.studio.parts import answer, own_draft, section_of, studio, trail
from registry.ui.forms import PageForm
from registry.ui.steps import Step, take


@login_required
def create(request: HttpRequest, code: str, number: int) -> HttpResponse:
    version = own_draft(request, code, number)
    proposed = rules.next_code(version.sections.values_list("code", flat=True), before="S")
    return _edit(request, version, ChecklistSection(code=proposed))


@login_required
def edit(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    version = own_draft(request, code, number)
    return _edit(request, version, section_of(version, section))


def _edit(request: HttpRequest, version: ChecklistVersion, section: ChecklistSection) -> HttpResponse:
    form = DraftSectionForm(request.POST or None, instance=section)
    known = section if section.pk else None
    title = f"{section.code} {section}" if known else _("New section")
    seen = rules.edition(section) if known else ""
    return answer(
        request,
        form,
        lambda: checklists.save_section(
            version=version,
            section=known,
            facts=form.facts,
            seen=request.POST.get("seen", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        done=_("The section is saved."),
        to=lambda saved: studio(version, saved),
        template="inspections/studio_section.html",
        context={
            "title": title,
            "version": version,
            "seen": seen,
            "cancel": studio(version, known),
            "breadcrumbs": trail(version, (_("Studio"), studio(version)), (title, "")),
        },
    )


@login_required
@require_POST
def move(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    version = own_draft(request, code, number)
    moved = section_of(version, section)
    checklists.move_section(section=moved, up=request.POST.get("to") == "up", by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect(studio(version, moved))


def _check_may_remove(user: object, section: ChecklistSection) -> None:
    check_may_draft(user)  # type: ignore[arg-type]
    check_is_draft(section.version)


REMOVE = Step(
    noun="section",
    act=checklists.remove_section,
    check=_check_may_remove,
    form=PageForm,
    title=gettext_lazy("Delete the section"),
    question=gettext_lazy("Delete this section?"),
    consequence=lambda section: (
        _("Its %(items)s items are deleted with it. This cannot be undone.") % {"items": section.items.count()}
    ),
    done=gettext_lazy("The section is deleted."),
)


@login_required
def remove(request: HttpRequest, code: str, number: int, section: str) -> HttpResponse:
    version = own_draft(request, code, number)
    removed = section_of(version, section)
    back = studio(version) if request.method == "POST" else studio(version, removed)
    facts = [(_("Code"), removed.code), (_("Section"), removed)]
    steps = trail(version, (_("Studio"), studio(version)))
    return take(request, removed, REMOVE, address=back, facts=facts, breadcrumbs=steps)
