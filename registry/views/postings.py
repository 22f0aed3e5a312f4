"""Who works in a facility and who answers for it: the list of responsible persons, and the pages that change it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import policies
from registry.actions import postings
from registry.core.errors import Refused
from registry.filters import ResponsiblePersonFilter
from registry.forms.practitioners import KnowinglyForm, LastDayForm, PostingForm
from registry.models import Facility, Posting
from registry.permissions import check_may_edit
from registry.ui import steps
from registry.ui.lists import Column, ListAction, ListPage
from registry.views.facilities import FacilityList, visible_facility
from registry.views.practitioners import standing


def facility_address(posting: Posting) -> str:
    return reverse("facility-detail", args=[posting.facility.number])


def people_of(facility: Facility) -> str:
    return f"{reverse('facility-detail', args=[facility.number])}#people"


class ResponsiblePersonList(ListPage):
    """Who answers for which facility today; several places for one person, and lapsed licences, can be filtered."""

    model = Posting
    title = gettext_lazy("Responsible persons")
    lead = gettext_lazy("Who answers for a facility today, for how many in the whole country, and whether they may.")
    filterset_class = ResponsiblePersonFilter
    default_sort = "-stands_for"
    empty_state = gettext_lazy("No responsible person is on record yet.")
    empty_advice = gettext_lazy("They are named on the page of their facility.")
    columns = (
        Column("facility", gettext_lazy("Facility"), sort="facility__sort_key", link=facility_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column(
            "practitioner",
            gettext_lazy("Person"),
            sort="practitioner__sort_key",
            link=lambda posting: reverse("practitioner-detail", args=[posting.practitioner_id]),
        ),
        Column("council", gettext_lazy("Council"), value="practitioner.council", page=False),
        Column("council_number", gettext_lazy("Council number"), value="practitioner.council_number"),
        Column("stands_for", gettext_lazy("Answers for"), sort="stands_for", kind="number"),
        Column(
            "practises_until",
            gettext_lazy("May practise until"),
            value="practitioner.practises_until",
            sort="practitioner__practises_until",
            kind="date",
        ),
        Column("standing", gettext_lazy("Today"), value=lambda row: standing(row.practitioner), kind="tag"),
        Column("valid_from", gettext_lazy("Since"), kind="date", page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        answering = Posting.objects.in_force(timezone.localdate()).responsible()
        same = answering.filter(practitioner=OuterRef("practitioner")).order_by().values("practitioner")
        return (
            answering.visible_to(user)
            .annotate(stands_for=Subquery(same.annotate(number=Count("pk")).values("number")))
            .select_related("facility__province", "practitioner__council")
        )

    def actions_for(self, user: Any) -> list[ListAction]:
        here = reverse("responsible-person-list")
        return [
            ListAction(f"{here}?concern=several", _("Who stand for several facilities")),
            ListAction(f"{here}?concern=lapsed", _("Who may no longer practise")),
        ]


@login_required
def create(request: HttpRequest, number: str) -> HttpResponse:
    facility = visible_facility(request, number)
    check_may_edit(request.user, facility)
    form = PostingForm(request.POST or None, user=request.user, initial={"valid_from": timezone.localdate()})
    status = 200
    if form.is_valid():
        try:
            postings.begin(facility=facility, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error("knowingly" if refusal.code == "responsible_elsewhere" else None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The posting is on record."))
            return redirect(people_of(facility))
    title = _("Post a practitioner")
    context = {
        "form": form,
        "title": title,
        "caption": facility,
        "cancel": people_of(facility),
        "breadcrumbs": [
            (FacilityList.title, reverse("facility-list")),
            (facility, people_of(facility)),
            (title, ""),
        ],
    }
    return render(request, "registry/entry_form.html", context, status=status)


def _may_end(user: Any, posting: Posting) -> None:
    check_may_edit(user, posting.facility)
    policies.check_is_open(posting)


def _may_make_responsible(user: Any, posting: Posting) -> None:
    check_may_edit(user, posting.facility)
    policies.check_can_be_made_responsible(posting)


END = steps.Step(
    noun="posting",
    act=postings.end,
    check=_may_end,
    form=LastDayForm,
    title=gettext_lazy("End the posting"),
    question=gettext_lazy("Does this person no longer work here?"),
    consequence=lambda posting: (
        _("After that day nobody answers for the facility until another person is named.")
        if posting.is_responsible
        else _("After that day the person no longer counts for what the services of the facility need.")
    ),
    done=gettext_lazy("The posting has ended."),
)
RESPONSIBLE = steps.Step(
    noun="posting",
    act=postings.make_responsible,
    check=_may_make_responsible,
    form=KnowinglyForm,
    title=gettext_lazy("Name as responsible person"),
    question=gettext_lazy("Does this person answer for the facility from today on?"),
    consequence=lambda posting: _(
        "From today on this person answers for the facility. Whoever did so before goes on working here without it."
    ),
    done=gettext_lazy("The responsible person is named."),
    is_grave=False,
)


@login_required
def take(request: HttpRequest, pk: int, step: steps.Step) -> HttpResponse:
    visible = Posting.objects.all().visible_to(request.user)
    posting: Posting = get_object_or_404(visible.select_related("facility", "practitioner__council"), pk=pk)
    facts = [
        (_("Facility"), posting.facility),
        (_("Practitioner"), posting.practitioner),
        (_("Council"), posting.practitioner.council),
        (_("May practise until"), posting.practitioner.practises_until or _("Not at present")),
        (_("Works as"), posting.get_cadre_display()),
        (_("From"), posting.valid_from),
    ]
    breadcrumbs = [(FacilityList.title, reverse("facility-list")), (posting.facility, facility_address(posting))]
    return steps.take(request, posting, step, address=people_of(posting.facility), facts=facts, breadcrumbs=breadcrumbs)
