"""Who is trained for what until when, the courses, and recording that one was held."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.actions import competences
from inspections.filters import CompetenceFilter
from inspections.forms.training import CompetenceEndForm, CourseForm, TrainingForm
from inspections.models import Competence, Course
from inspections.permissions import check_may_keep_courses, check_may_record_training
from inspections.reports.planning import competences as visible_competences
from registry.core.errors import Refused, passes
from registry.ui.forms import PageForm
from registry.ui.lists import Column, ListAction, ListPage


def address(competence: Competence) -> str:
    return reverse("competence-detail", args=[competence.pk])


def basis(competence: Competence) -> Any:
    return competence.session or competence.basis


class CompetenceList(ListPage):
    model = Competence
    title = gettext_lazy("Who is trained for what")
    lead = gettext_lazy("Where a checklist asks for it, only inspectors with a competence join the team of a visit.")
    template_name = "inspections/list_page.html"
    filterset_class = CompetenceFilter
    default_sort = "valid_until"
    empty_state = gettext_lazy("No training is recorded yet.")
    columns = (
        Column("person", gettext_lazy("Person"), link=address),
        Column("province", gettext_lazy("Province"), value="person.province"),
        Column("checklist", gettext_lazy("Checklist")),
        Column("valid_from", gettext_lazy("First day"), sort="valid_from", kind="date"),
        Column("valid_until", gettext_lazy("Last day"), sort="valid_until", kind="date"),
        Column("basis", gettext_lazy("Basis"), value=basis),
    )

    def queryset_for(self, user: Any) -> QuerySet[Competence]:
        return visible_competences(user)

    def actions_for(self, user: Any) -> list[ListAction]:
        return [
            *(
                [ListAction(reverse("training-record"), _("Record a training"))]
                if passes(check_may_record_training, user)
                else []
            ),
            ListAction(reverse("course-list"), _("Courses")),
        ]


class CourseList(ListPage):
    model = Course
    title = gettext_lazy("Courses")
    template_name = "inspections/list_page.html"
    default_sort = "code"
    empty_state = gettext_lazy("There is no course yet.")
    columns = (
        Column("name", gettext_lazy("Course"), value=str),
        Column("code", gettext_lazy("Code"), sort="code"),
        Column("checklists", gettext_lazy("Checklists"), value=lambda row: ", ".join(map(str, row.checklists.all()))),
        Column("valid_months", gettext_lazy("Competence lasts, in months"), kind="number"),
        Column("sessions", gettext_lazy("Times held"), value="times_held", kind="number"),
    )

    def queryset_for(self, user: Any) -> QuerySet[Course]:
        found = super().queryset_for(user).prefetch_related("checklists")
        return found.annotate(times_held=Count("sessions"))

    def actions_for(self, user: Any) -> list[ListAction]:
        may = passes(check_may_keep_courses, user)
        return [ListAction(reverse("course-create"), _("Add a course"))] if may else []


@login_required
def create_course(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    check_may_keep_courses(user)
    form = CourseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            competences.add_course(**form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The course is added."))
            return redirect("course-list")
    return _form_page(request, form, _("Add a course"), _("Add the course"))


@login_required
def record(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    check_may_record_training(user)
    form = TrainingForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            competences.record_training(**form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The training is recorded."))
            return redirect("competence-list")
    return _form_page(request, form, _("Record a training"), _("Record the training"))


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One competence; whoever records trainings can end it before its time."""
    user: Any = request.user
    competence = get_object_or_404(visible_competences(user), pk=pk)
    may_end = passes(check_may_record_training, user, [competence.person])
    form = CompetenceEndForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        check_may_record_training(user, [competence.person])
        if form.is_valid():
            try:
                competences.end(competence=competence, **form.cleaned_data, by=user, at=timezone.now())
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
                status = 409
            else:
                messages.success(request, _("The competence ends on that day."))
                return redirect(address(competence))
    session = competence.session
    context = {
        "competence": competence,
        "form": form,
        "may_end": may_end,
        "facts": [
            (_("Person"), competence.person),
            (_("Province"), competence.person.province),
            (_("Checklist"), competence.checklist),
            (_("First day"), competence.valid_from),
            (_("Last day"), competence.valid_until),
            (_("Basis"), basis(competence)),
            *([(_("Place"), session.place), (_("Trainer"), session.trainer)] if session else []),
        ],
        "breadcrumbs": [(CompetenceList.title, reverse("competence-list")), (competence.person, "")],
    }
    return render(request, "inspections/training_competence.html", context, status=status)


def _form_page(request: HttpRequest, form: PageForm, heading: str, action: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "action": action,
        "breadcrumbs": [(CompetenceList.title, reverse("competence-list")), (heading, "")],
    }
    refused = form.is_bound and bool(form.non_field_errors())
    return render(request, "inspections/training_form.html", context, status=409 if refused else 200)
