"""The people and organisations that run facilities."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions import operators
from registry.core.errors import Refused, passes
from registry.filters import OperatorFilter
from registry.forms.operators import OperatorForm
from registry.models import Facility, Operator
from registry.permissions import check_may_appoint, check_may_edit_operators
from registry.ui.html import address, link
from registry.ui.lists import Column, ListAction, ListPage


def address_of(operator: Operator) -> str:
    return reverse("operator-detail", args=[operator.pk])


def facilities_of(operator: Operator) -> str:
    return address("facility-list", operator=operator.pk)


class OperatorList(ListPage):
    model = Operator
    title = gettext_lazy("Operators")
    lead = gettext_lazy("Who runs facilities, and to whom branches belong, in all provinces.")
    filterset_class = OperatorFilter
    default_sort = "name"
    empty_state = gettext_lazy("No operator is in the register yet.")
    columns = (
        Column("name", gettext_lazy("Operator"), value=str, sort="search_key", link=address_of),
        Column("name_km", gettext_lazy("Name in Khmer")),
        Column("name_en", gettext_lazy("Name in Latin letters")),
        Column("kind", gettext_lazy("Kind")),
        Column("foreign", gettext_lazy("Foreign"), value=lambda operator: _("Yes") if operator.foreign else _("No")),
        Column("parent", gettext_lazy("Belongs to")),
        Column(
            "facilities",
            gettext_lazy("Facilities"),
            value="number_of_facilities",
            kind="number",
            link=facilities_of,
        ),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        its_own = Facility.objects.filter(operator=OuterRef("pk")).order_by().values("operator")
        counted = Coalesce(Subquery(its_own.annotate(number=Count("pk")).values("number")), 0)
        return super().queryset_for(user).annotate(number_of_facilities=counted).select_related("parent")

    def actions_for(self, user: Any) -> list[ListAction]:
        if not passes(check_may_edit_operators, user):
            return []
        return [ListAction(reverse("operator-create"), _("Register an operator"))]


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    operator = visible_operator(request, pk)
    branches = [link("operator-detail", branch.pk, text=branch) for branch in operator.branches.order_by("search_key")]
    facts = [
        (_("Name in Khmer"), operator.name_km),
        (_("Name in Latin letters"), operator.name_en),
        (_("Kind"), operator.get_kind_display()),
        (_("Foreign"), _("Yes") if operator.foreign else _("No")),
        (_("Registration number"), operator.registration_number),
        (_("Telephone"), operator.phone),
        (_("E-mail"), operator.email),
        (_("Belongs to"), operator.parent and link("operator-detail", operator.parent.pk, text=operator.parent)),
        (_("Branches"), format_html_join(", ", "{}", ((branch,) for branch in branches)) or _("None")),
        (_("Facilities"), link("facility-list", text=_("Facilities of this operator"), operator=operator.pk)),
    ]
    context = {
        "operator": operator,
        "operator_key": str(operator.pk),
        "facts": facts,
        "may_edit": passes(check_may_edit_operators, request.user),
        "may_appoint": passes(check_may_appoint, request.user),
        "people": operator.representatives.in_force().select_related("person").order_by("person__username"),
        "breadcrumbs": [(OperatorList.title, reverse("operator-list")), (operator, "")],
    }
    return render(request, "registry/operator_detail.html", context)


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_edit_operators(request.user)
    form = OperatorForm(request.POST or None, user=request.user)
    return answer(request, form, operators.register, title=_("Register an operator"))


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    operator = visible_operator(request, pk)
    check_may_edit_operators(request.user)
    form = OperatorForm(request.POST or None, user=request.user, instance=operator)

    def save(**said: Any) -> Operator:
        return operators.edit(operator=operator, **said)

    return answer(request, form, save, title=str(operator))


def answer(request: HttpRequest, form: OperatorForm, act: Callable[..., Operator], *, title: str) -> HttpResponse:
    status = 200
    if form.is_valid():
        try:
            operator = act(facts=form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("“%(operator)s” is saved.") % {"operator": operator})
            return redirect(address_of(operator))
    breadcrumbs = [(OperatorList.title, reverse("operator-list")), (title, "")]
    context = {
        "form": form,
        "title": title,
        "caption": _("Operator"),
        "cancel": reverse("operator-list"),
        "breadcrumbs": breadcrumbs,
    }
    return render(request, "registry/entry_form.html", context, status=status)


def visible_operator(request: HttpRequest, pk: int) -> Operator:
    visible = Operator.objects.all().visible_to(request.user).select_related("parent")
    operator: Operator = get_object_or_404(visible, pk=pk)
    return operator
