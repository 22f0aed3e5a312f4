"""What to apply for, for which operator, licence or site; then there is a draft."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing.actions.applications import drafting
from licensing.forms.applying import (
    BeginForm,
    KindForm,
)
from licensing.models import Licence
from licensing.permissions.applying import check_may_apply
from licensing.rules import proposals
from licensing.states import ENDED_EARLY, ONCE_IN_FORCE, RENEWABLE_DAYS, ApplicationKind
from licensing.views.applications import ApplicationList
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Facility, Operator
from registry.states import OperationalStatus


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """What to apply for; the licence, site or operator that a link names goes along."""
    check_may_apply(request.user)
    if operators_of(request) is None:
        return _choose_the_operator(request)
    form = KindForm(request.GET if "kind" in request.GET else None, initial={"kind": ApplicationKind.NEW})
    if form.is_valid():
        query = request.GET.copy()
        kind = query.pop("kind")[-1]
        return redirect(f"{reverse('application-begin', args=[kind])}?{query.urlencode()}")
    context = {
        "form": form,
        "carried": [(name, request.GET[name]) for name in ("operator", "facility", "licence") if name in request.GET],
        "cancel": reverse("application-list"),
        "breadcrumbs": [(ApplicationList.title, reverse("application-list")), (_("Start an application"), "")],
    }
    return render(request, "licensing/application_start.html", context)


@login_required
def begin(request: HttpRequest, kind: str) -> HttpResponse:
    """For which licence or site; then there is a draft with a reference number."""
    check_may_apply(request.user)
    operators = operators_of(request)
    if kind not in proposals.ASKED:
        raise Http404
    if operators is None:
        return _choose_the_operator(request)
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        operators=operators,
        licences=licences_for(request.user, kind, operators),
        facilities=sites_for(request.user, operators),
        initial={name: request.GET[name] for name in ("facility", "licence") if name in request.GET},
    )
    status = 200
    if form.is_valid():
        try:
            application = drafting.begin(kind=kind, **form.facts, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(
                request,
                _("Your application has the reference number %(number)s. You can leave and come back at any time.")
                % {"number": application.number},
            )
            return redirect("application-tasks", application.number)
    field: Any = form.fields.get("licence")
    context = {
        "form": form,
        "kind": ApplicationKind(kind),
        "nothing": field is not None and not field.queryset.exists(),
        "renewable_days": RENEWABLE_DAYS if kind == ApplicationKind.RENEWAL else None,
        "cancel": f"{reverse('application-start')}?{request.GET.urlencode()}",
        "breadcrumbs": [
            (ApplicationList.title, reverse("application-list")),
            (_("Start an application"), reverse("application-start")),
            (ApplicationKind(kind).label, ""),
        ],
    }
    return render(request, "licensing/application_begin.html", context, status=status)


def operators_of(request: HttpRequest) -> QuerySet[Operator] | None:
    """For whom this person can apply here; None where the staff has not said for whom."""
    user: Any = request.user
    if user.role == Role.OPERATOR:
        represented = user.representations.filter(ended_on=None)
        return Operator.objects.filter(pk__in=represented.values("operator"))
    visible = Operator.objects.all().visible_to(user)
    if (pk := request.GET.get("operator", "")).isascii() and pk.isdecimal() and len(pk) < 16:
        return visible.filter(pk=pk)
    if number := request.GET.get("facility"):
        return visible.filter(facilities__in=Facility.objects.visible_to(user).filter(number=number))
    if number := request.GET.get("licence"):
        return visible.filter(
            facilities__licences__in=Licence.objects.visible_to(user).filter(number=number)
        ).distinct()
    return None


def licences_for(user: Any, kind: str, operators: QuerySet[Operator]) -> QuerySet[Licence]:
    """The licences of these operators that such an application can be about, the one that ends first before."""
    today = timezone.localdate()
    held = Licence.objects.visible_to(user).filter(facility__operator__in=operators, state__in=ONCE_IN_FORCE)
    held = held.exclude(state__in=ENDED_EARLY).select_related("facility").order_by("valid_until", "pk")
    if kind == ApplicationKind.RENEWAL:
        return held.renewable(today)
    return held.filter(valid_until__gte=today)


def sites_for(user: Any, operators: QuerySet[Operator]) -> QuerySet[Facility]:
    """The sites of these operators on the register that have no licence."""
    sites = Facility.objects.filter(operator__in=operators).exclude(operational_status=OperationalStatus.CLOSED)
    if user.role == Role.PROVINCIAL_MANAGER:
        sites = sites.filter(province=user.province_id)
    licensed = Licence.objects.within_period(timezone.localdate()).values("facility")
    return sites.exclude(pk__in=licensed)


def _choose_the_operator(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Choose the operator who applies, then begin the application on its page."))
    return redirect("operator-list")
