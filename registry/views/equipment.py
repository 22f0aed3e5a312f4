"""The devices of facilities: the list of all, one of them, and the forms that change what is known."""

from collections.abc import Callable
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

from registry import policies
from registry.actions import equipment as actions
from registry.core.errors import Refused, passes
from registry.filters import EquipmentFilter
from registry.forms.equipment import EquipmentForm, WithdrawForm
from registry.models import Equipment, Facility
from registry.permissions import check_may_edit
from registry.reports.events import events_of
from registry.states import EquipmentStanding
from registry.ui import steps
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage
from registry.views.facilities import FacilityList, visible_facility


def address_of(equipment: Equipment) -> str:
    return reverse("equipment-detail", args=[equipment.pk])


def equipment_of(facility: Facility) -> str:
    return f"{reverse('facility-detail', args=[facility.number])}#equipment"


def standing(equipment: Equipment) -> EquipmentStanding:
    """What the device is today."""
    today = timezone.localdate()
    if equipment.withdrawn_on is not None and equipment.withdrawn_on <= today:
        return EquipmentStanding.WITHDRAWN
    due = equipment.calibration_due_on
    if equipment.kind.needs_calibration and (due is None or due < today):
        return EquipmentStanding.OVERDUE
    return EquipmentStanding.VALID


class EquipmentList(ListPage):
    model = Equipment
    title = gettext_lazy("Equipment")
    lead = gettext_lazy("Devices of facilities, the one whose calibration is due first at the top.")
    filterset_class = EquipmentFilter
    default_sort = "calibration_due_on"
    empty_state = gettext_lazy("No equipment is in the register yet.")
    empty_advice = gettext_lazy("It is registered on the page of its facility.")
    columns = (
        Column("kind", gettext_lazy("Equipment"), link=address_of),
        Column("maker", gettext_lazy("Maker")),
        Column("model", gettext_lazy("Model"), page=False),
        Column("serial", gettext_lazy("Serial number"), sort="serial"),
        Column(
            "facility",
            gettext_lazy("Facility"),
            link=lambda equipment: reverse("facility-detail", args=[equipment.facility.number]),
        ),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("calibration_due_on", gettext_lazy("Calibration due on"), sort="calibration_due_on", kind="date"),
        Column("standing", gettext_lazy("Today"), value=standing, kind="tag"),
        Column("installed_on", gettext_lazy("In use since"), kind="date", page=False),
        Column("approval_number", gettext_lazy("Approval: number"), page=False),
        Column("approved_on", gettext_lazy("Approval: day"), kind="date", page=False),
        Column("withdrawn_on", gettext_lazy("No longer used since"), kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        return super().queryset_for(user).select_related("kind", "facility__province")

    def actions_for(self, user: Any) -> list[ListAction]:
        here = reverse("equipment-list")
        return [ListAction(f"{here}?in_use=yes&calibration=lapsed", _("Overdue for calibration"))]


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    equipment = visible_equipment(request, pk)
    may_change = passes(_may_change, request.user, equipment)
    context = {
        "equipment": equipment,
        "facts": list(facts(equipment)),
        "may_change": may_change,
        "timeline": events_of(equipment),
        "breadcrumbs": breadcrumbs(equipment.facility, equipment),
    }
    return render(request, "registry/equipment_detail.html", context)


def facts(equipment: Equipment) -> Any:
    yield _("Facility"), link("facility-detail", equipment.facility.number, text=equipment.facility)
    yield _("Kind"), equipment.kind
    yield _("Maker"), equipment.maker
    yield _("Model"), equipment.model
    yield _("Serial number"), equipment.serial
    yield _("In use since"), equipment.installed_on
    yield _("Approval: number"), equipment.approval_number
    yield _("Approval: day"), equipment.approved_on
    due = equipment.calibration_due_on
    yield _("Calibration due on"), due if due or equipment.kind.needs_calibration else _("Not needed")
    if equipment.withdrawn_on:
        yield _("No longer used since"), equipment.withdrawn_on
    yield _("Today"), tag(standing(equipment).label, standing(equipment))


@login_required
def create(request: HttpRequest, number: str) -> HttpResponse:
    facility = visible_facility(request, number)
    check_may_edit(request.user, facility)
    form = EquipmentForm(request.POST or None, initial={"installed_on": timezone.localdate()})

    def register(**options: Any) -> Equipment:
        return actions.register(facility=facility, **options)

    return answer(request, form, register, facility, title=_("Register equipment"), cancel=equipment_of(facility))


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    equipment = visible_equipment(request, pk)
    _may_change(request.user, equipment)
    form = EquipmentForm(request.POST or None, instance=equipment)

    def save(**options: Any) -> Equipment:
        return actions.edit(equipment=equipment, **options)

    return answer(request, form, save, equipment.facility, title=_("Change the facts"), cancel=address_of(equipment))


def answer(
    request: HttpRequest,
    form: EquipmentForm,
    act: Callable[..., Equipment],
    facility: Facility,
    *,
    title: str,
    cancel: str,
) -> HttpResponse:
    """The form, or the device once written."""
    status = 200
    if form.is_valid():
        try:
            equipment = act(facts=form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": equipment})
            return redirect(address_of(equipment))
    context = {
        "form": form,
        "title": title,
        "caption": facility,
        "cancel": cancel,
        "breadcrumbs": breadcrumbs(facility, title),
    }
    return render(request, "registry/entry_form.html", context, status=status)


def _may_change(user: Any, equipment: Equipment) -> None:
    check_may_edit(user, equipment.facility)
    policies.check_is_in_use(equipment)


WITHDRAW = steps.Step(
    noun="equipment",
    act=actions.withdraw,
    check=_may_change,
    form=WithdrawForm,
    title=gettext_lazy("Withdraw the equipment"),
    question=gettext_lazy("Is this equipment no longer used?"),
    consequence=lambda equipment: _(
        "From that day on it no longer counts for what the services of the facility need. This cannot be undone."
    ),
    done=gettext_lazy("The equipment is withdrawn."),
)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    equipment = visible_equipment(request, pk)
    return steps.take(
        request,
        equipment,
        WITHDRAW,
        address=address_of(equipment),
        facts=list(facts(equipment)),
        breadcrumbs=breadcrumbs(equipment.facility, equipment)[:-1],
    )


def breadcrumbs(facility: Facility, here: Any) -> list[tuple[Any, str]]:
    return [(FacilityList.title, reverse("facility-list")), (facility, equipment_of(facility)), (here, "")]


def visible_equipment(request: HttpRequest, pk: int) -> Equipment:
    visible = Equipment.objects.all().visible_to(request.user).select_related("kind", "facility")
    equipment: Equipment = get_object_or_404(visible, pk=pk)
    return equipment
