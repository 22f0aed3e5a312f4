"""What ties people of the authority to facilities: declared by each for oneself, seen by those who send them."""

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

from inspections.filters import InterestFilter
from inspections.forms import ReasonForm
from inspections.forms.training import InterestForm
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.actions import interests
from registry.core.errors import Refused, passes
from registry.models import Interest
from registry.permissions import check_may_declare
from registry.ui.lists import Column, ListAction, ListPage


def address(interest: Interest) -> str:
    return reverse("interest-detail", args=[interest.pk])


def subject(interest: Interest) -> Any:
    return interest.facility or interest.operator


class InterestList(ListPage):
    model = Interest
    title = gettext_lazy("Declared interests")
    lead = gettext_lazy("Whoever has an interest in a facility, or in who operates it, does not inspect it.")
    template_name = "inspections/list_page.html"
    filterset_class = InterestFilter
    default_sort = "-declared_on"
    empty_state = gettext_lazy("No interest is declared.")
    columns = (
        Column("person", gettext_lazy("Person"), link=address),
        Column("subject", gettext_lazy("Facility or operator"), value=subject),
        Column("nature", gettext_lazy("Nature of the interest")),
        Column("declared_on", gettext_lazy("Declared on"), sort="declared_on", kind="date"),
        Column("ended_on", gettext_lazy("Ended on"), kind="date"),
    )

    def queryset_for(self, user: Any) -> QuerySet[Interest]:
        return super().queryset_for(user).select_related("person", "facility", "operator")

    def actions_for(self, user: Any) -> list[ListAction]:
        return [ListAction(reverse("interest-declare"), _("Declare an interest"))]


def people_of(user: User) -> QuerySet[User] | None:
    """For whom this person may declare; None where only for oneself."""
    active = User.objects.filter(is_active=True).order_by("username")
    if user.role == Role.ADMINISTRATOR:
        return active
    return active.filter(province=user.province_id) if user.role == Role.PROVINCIAL_MANAGER else None


@login_required
def declare(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = InterestForm(request.POST if request.method == "POST" else None, user=user, people=people_of(user))
    status = 200
    if form.is_valid():
        try:
            interests.declare(**form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The interest is recorded."))
            return redirect("interest-list")
    context = {
        "form": form,
        "heading": _("Declare an interest"),
        "action": _("Declare the interest"),
        "breadcrumbs": [(InterestList.title, reverse("interest-list")), (_("Declare an interest"), "")],
    }
    return render(request, "inspections/training_form.html", context, status=status)


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One interest; whoever may declare it says when it is no more, and why."""
    user: Any = request.user
    joined = Interest.objects.visible_to(user).select_related("person", "facility", "operator")
    interest = get_object_or_404(joined, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        check_may_declare(user, interest.person)
        if form.is_valid():
            try:
                interests.end(interest=interest, **form.cleaned_data, by=user, at=timezone.now())
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
                status = 409
            else:
                messages.success(request, _("The interest has ended."))
                return redirect(address(interest))
    context = {
        "interest": interest,
        "form": form,
        "may_end": interest.ended_on is None and passes(check_may_declare, user, interest.person),
        "facts": [
            (_("Person"), interest.person),
            (_("Facility or operator"), subject(interest)),
            (_("Nature of the interest"), interest.nature),
            (_("Declared on"), interest.declared_on),
            *([(_("Ended on"), interest.ended_on)] if interest.ended_on else []),
        ],
        "breadcrumbs": [(InterestList.title, reverse("interest-list")), (interest.person, "")],
    }
    return render(request, "inspections/interest_detail.html", context, status=status)
