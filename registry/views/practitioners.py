"""Health professionals: the list of all, one of them, and the forms that change what is known."""

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
from django.utils.translation import gettext_lazy, ngettext

from registry.actions import practitioners
from registry.core.errors import Refused, passes
from registry.filters import PractitionerFilter
from registry.forms.practitioners import PractitionerForm
from registry.models import Posting, Practitioner
from registry.permissions import check_may_keep_practitioners
from registry.reports.events import events_of
from registry.states import PractitionerStanding
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage


def address_of(practitioner: Practitioner) -> str:
    return reverse("practitioner-detail", args=[practitioner.pk])


def standing(practitioner: Practitioner) -> PractitionerStanding:
    """Whether the practitioner may practise today."""
    until = practitioner.practises_until
    return PractitionerStanding.VALID if until and until >= timezone.localdate() else PractitionerStanding.LAPSED


class PractitionerList(ListPage):
    model = Practitioner
    title = gettext_lazy("Practitioners")
    lead = gettext_lazy("Health professionals and until when they may practise, as their councils say.")
    filterset_class = PractitionerFilter
    default_sort = "name"
    empty_state = gettext_lazy("No practitioner is in the register yet.")
    empty_advice = gettext_lazy("An administrator imports the registers of the councils.")
    columns = (
        Column("name", gettext_lazy("Practitioner"), value=str, sort="sort_key", link=address_of),
        Column("name_km", gettext_lazy("Name in Khmer"), page=False),
        Column("name_en", gettext_lazy("Name in Latin letters"), page=False),
        Column("council", gettext_lazy("Council")),
        Column("council_number", gettext_lazy("Council number")),
        Column("cadre", gettext_lazy("Profession")),
        Column("nationality", gettext_lazy("Nationality")),
        Column("practises_until", gettext_lazy("May practise until"), sort="practises_until", kind="date"),
        Column("standing", gettext_lazy("Today"), value=standing, kind="tag"),
        Column("licensed_until", gettext_lazy("Council licence valid until"), kind="date", page=False),
        Column("permission_number", gettext_lazy("Permission to practise: number"), page=False),
        Column("permission_until", gettext_lazy("Permission to practise: last day"), kind="date", page=False),
        Column("struck_off_on", gettext_lazy("Struck off on"), kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        return super().queryset_for(user).select_related("council")

    def actions_for(self, user: Any) -> list[ListAction]:
        others = [
            ListAction(reverse("responsible-person-list"), _("Responsible persons")),
            ListAction(reverse("equipment-list"), _("Equipment")),
        ]
        if passes(check_may_keep_practitioners, user):
            return [ListAction(reverse("practitioner-create"), _("Register a practitioner")), *others]
        return others


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    practitioner = visible_practitioner(request, pk)
    today = timezone.localdate()
    postings = Posting.objects.all().visible_to(request.user).filter(practitioner=practitioner)
    answers_for = Posting.objects.in_force(today).responsible().filter(practitioner=practitioner).count()
    status = standing(practitioner)
    context = {
        "practitioner": practitioner,
        "standing": status,
        "facts": list(facts(practitioner)),
        "warning": several(answers_for) if answers_for > 1 else "",
        "posting_columns": [_("Facility"), _("Works as"), _("From"), _("Until"), _("In charge")],
        "postings": [
            [
                link("facility-detail", posting.facility.number, text=posting.facility),
                posting.get_cadre_display(),
                posting.valid_from,
                posting.valid_until or "–",
                _("Yes") if posting.is_responsible else _("No"),
            ]
            for posting in postings.select_related("facility").order_by("-valid_from", "-pk")
        ],
        "timeline": events_of(practitioner),
        "may_edit": passes(check_may_keep_practitioners, request.user),
        "breadcrumbs": [(PractitionerList.title, reverse("practitioner-list")), (practitioner, "")],
    }
    return render(request, "registry/practitioner_detail.html", context)


def several(number: int) -> str:
    sentence = ngettext(
        "This is the responsible person of %(number)s facility.",
        "This is the responsible person of %(number)s facilities at once, in the whole country. Check that one person"
        " can answer for all of them.",
        number,
    )
    return sentence % {"number": number}


def facts(practitioner: Practitioner) -> Any:
    yield _("Council"), practitioner.council
    yield _("Council number"), practitioner.council_number
    yield _("Name in Khmer"), practitioner.name_km
    yield _("Name in Latin letters"), practitioner.name_en
    yield _("Profession"), practitioner.get_cadre_display()
    yield _("Nationality"), practitioner.nationality
    yield _("Council licence valid until"), practitioner.licensed_until
    if practitioner.foreign:
        yield _("Permission to practise: number"), practitioner.permission_number
        yield _("Permission to practise: last day"), practitioner.permission_until
    if practitioner.struck_off_on:
        yield _("Struck off on"), practitioner.struck_off_on
    yield _("May practise until"), practitioner.practises_until or _("Not at present")
    yield _("Today"), tag(standing(practitioner).label, standing(practitioner))
    yield _("Source"), practitioner.source or _("Entered by hand")


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_keep_practitioners(request.user)
    form = PractitionerForm(request.POST or None)
    return answer(request, form, practitioners.register, title=_("Register a practitioner"))


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    practitioner = visible_practitioner(request, pk)
    check_may_keep_practitioners(request.user)
    form = PractitionerForm(request.POST or None, instance=practitioner)

    def save(**options: Any) -> Practitioner:
        return practitioners.edit(practitioner=practitioner, **options)

    return answer(request, form, save, title=_("Change the facts"))


def answer(
    request: HttpRequest, form: PractitionerForm, act: Callable[..., Practitioner], *, title: str
) -> HttpResponse:
    """The form, or the practitioner once written."""
    status = 200
    if form.is_valid():
        try:
            practitioner = act(facts=form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": practitioner})
            return redirect(address_of(practitioner))
    context = {
        "form": form,
        "title": title,
        "caption": _("Practitioner"),
        "cancel": address_of(form.instance) if form.instance.pk else reverse("practitioner-list"),
        "breadcrumbs": [(PractitionerList.title, reverse("practitioner-list")), (title, "")],
    }
    return render(request, "registry/entry_form.html", context, status=status)


def visible_practitioner(request: HttpRequest, pk: int) -> Practitioner:
    visible = Practitioner.objects.all().visible_to(request.user).select_related("council")
    practitioner: Practitioner = get_object_or_404(visible, pk=pk)
    return practitioner
