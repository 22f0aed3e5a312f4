"""What services need before they may be authorised: everybody reads it, administrators keep it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions import catalogue
from registry.core.errors import passes
from registry.forms.equipment import PrerequisiteForm
from registry.models import Prerequisite
from registry.permissions import check_may_change_catalogue
from registry.ui import steps
from registry.ui.forms import PageForm
from registry.ui.lists import Cell, Column, ListAction, ListPage


class PrerequisiteList(ListPage):
    model = Prerequisite
    title = gettext_lazy("Prerequisites of services")
    lead = gettext_lazy("What a facility must have before a service is authorised.")
    default_sort = "service"
    empty_state = gettext_lazy("No service needs anything yet.")
    columns = (
        Column("service", gettext_lazy("Service"), sort="service__code"),
        Column("council", gettext_lazy("Practitioners of the council")),
        Column("equipment_kind", gettext_lazy("Equipment of the kind")),
        Column("least", gettext_lazy("At least"), kind="number"),
        Column("clause", gettext_lazy("Clause")),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        return super().queryset_for(user).select_related("service", "council", "equipment_kind")

    def actions_for(self, user: Any) -> list[ListAction]:
        others = [ListAction(reverse("service-list"), _("Services"))]
        if passes(check_may_change_catalogue, user):
            return [ListAction(reverse("prerequisite-create"), _("Add a prerequisite")), *others]
        return others

    def cell(self, column: Column, row: Any) -> Cell:
        cell = super().cell(column, row)
        if column.name == "service" and passes(check_may_change_catalogue, self.request.user):
            return Cell(**vars(cell) | {"href": reverse("prerequisite-edit", args=[row.pk])})
        return cell


@login_required
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a prerequisite, or change this one."""
    prerequisite = visible_prerequisite(request, pk) if pk else None
    check_may_change_catalogue(request.user)
    form = PrerequisiteForm(request.POST or None, instance=prerequisite)
    if form.is_valid():
        saved = catalogue.save(entry=form.save(commit=False), by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("“%(entry)s” is saved.") % {"entry": saved})
        return redirect("prerequisite-list")
    title = _("Change the prerequisite") if prerequisite else _("Add a prerequisite")
    context = {
        "form": form,
        "title": title,
        "caption": PrerequisiteList.title,
        "cancel": reverse("prerequisite-list"),
        "remove": reverse("prerequisite-remove", args=[pk]) if pk else "",
        "breadcrumbs": [(PrerequisiteList.title, reverse("prerequisite-list")), (title, "")],
    }
    return render(request, "registry/prerequisite_form.html", context)


def _may_remove(user: Any, prerequisite: Prerequisite) -> None:
    check_may_change_catalogue(user)


REMOVE = steps.Step(
    noun="prerequisite",
    act=catalogue.remove,
    check=_may_remove,
    form=PageForm,
    title=gettext_lazy("Remove the prerequisite"),
    question=gettext_lazy("Does the service no longer need this?"),
    consequence=lambda prerequisite: _("New authorisations no longer ask for it. Those already given stay."),
    done=gettext_lazy("The prerequisite is removed."),
)


@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    prerequisite = visible_prerequisite(request, pk)
    facts = [
        (_("Service"), prerequisite.service),
        (_("Needs"), prerequisite.council or prerequisite.equipment_kind),
        (_("At least"), prerequisite.least),
        (_("Clause"), prerequisite.clause),
    ]
    here = reverse("prerequisite-list")
    return steps.take(
        request, prerequisite, REMOVE, address=here, facts=facts, breadcrumbs=[(PrerequisiteList.title, here)]
    )


def visible_prerequisite(request: HttpRequest, pk: int) -> Prerequisite:
    visible = Prerequisite.objects.all().visible_to(request.user)
    found = visible.select_related("service", "council", "equipment_kind")
    prerequisite: Prerequisite = get_object_or_404(found, pk=pk)
    return prerequisite
