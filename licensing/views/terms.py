"""Licence types and their terms by date: who reads them, and how new ones are written and looked at first."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import licence_types
from licensing.actions import terms as terms_actions
from licensing.forms.terms import LicenceTypeForm, TermsForm
from licensing.models import LicenceTerms, LicenceType
from licensing.policies.terms import check_can_delete_terms, check_can_set_terms, terms_before
from licensing.reports.terms import changes, documents_in_words, facts_in_words, fees_in_words
from licensing.rules.terms import contents
from registry.core.errors import Refused, passes
from registry.permissions import check_may_change_catalogue
from registry.ui import steps
from registry.ui.forms import PageForm
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage

IN_FORCE, COMING, PAST = "in_force", "upcoming", "superseded"
PHASES = {
    IN_FORCE: gettext_lazy("In force"),
    COMING: gettext_lazy("Not yet in force"),
    PAST: gettext_lazy("Replaced"),
}


def address(type: LicenceType) -> str:
    return reverse("licence-type-detail", args=[type.code])


class LicenceTypeList(ListPage):
    model = LicenceType
    title = gettext_lazy("Licence types")
    lead = gettext_lazy("Which licences there are, for which facilities, and the terms that hold for each by date.")
    default_sort = "code"
    empty_state = gettext_lazy("No licence type is loaded yet.")
    columns = (
        Column("name", gettext_lazy("Licence type"), value=str, link=address),
        Column("code", gettext_lazy("Code"), sort="code"),
        Column("name_km", gettext_lazy("Name in Khmer"), page=False),
        Column("name_en", gettext_lazy("Name in English"), page=False),
        Column("authority", gettext_lazy("Issuing authority")),
        Column(
            "facility_types",
            gettext_lazy("For facilities of these types"),
            value=lambda type: ", ".join(map(str, type.facility_types.all())),
        ),
    )

    def queryset_for(self, user: Any) -> QuerySet[LicenceType]:
        return super().queryset_for(user).prefetch_related("facility_types")

    def actions_for(self, user: Any) -> list[ListAction]:
        others = [
            ListAction(reverse("refusal-reason-list"), _("Reasons for refusal")),
            ListAction(reverse("adviser-list"), _("Advisers")),
        ]
        if passes(check_may_change_catalogue, user):
            return [ListAction(reverse("licence-type-create"), _("Add a licence type")), *others]
        return others


@login_required
def detail(request: HttpRequest, code: str) -> HttpResponse:
    type = visible_type(request, code)
    today = timezone.localdate()
    terms = list(type.terms.order_by("-valid_from"))
    buttons = []
    if passes(check_may_change_catalogue, request.user):
        buttons = [
            (reverse("terms-create", args=[type.code]), _("Set new terms"), ""),
            (reverse("licence-type-edit", args=[type.code]), _("Change the names or the facilities"), "secondary"),
        ]
    context = {
        "type": type,
        "buttons": buttons,
        "facts": [
            (_("Code"), type.code),
            (_("Name in Khmer"), type.name_km),
            (_("Name in English"), type.name_en),
            (_("Issuing authority"), type.get_authority_display()),
            (_("For facilities of these types"), ", ".join(map(str, type.facility_types.order_by("code"))) or "–"),
        ],
        "columns": [
            _("Hold from"),
            _("State"),
            _("Valid for, in months"),
            _("A visit is needed before"),
            _("Working days until the decision"),
            _("Rest on"),
        ],
        "rows": [
            [
                link("terms-detail", type.code, row.valid_from.isoformat(), text=row.valid_from),
                tag(PHASES[phase], phase),
                row.validity_months,
                _("Yes") if row.visit_needed else _("No"),
                row.target_days,
                row.basis,
            ]
            for row, phase in _with_phases(terms, today)
        ],
        "breadcrumbs": [*_trail(), (type, "")],
    }
    return render(request, "licensing/licence_type_detail.html", context)


@login_required
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a licence type, or change the one with this code."""
    type = visible_type(request, code) if code else None
    check_may_change_catalogue(request.user)
    form = LicenceTypeForm(request.POST or None, instance=type)
    if form.is_valid():
        saved = licence_types.save(
            type=form.save(commit=False),
            facility_types=form.cleaned_data["facility_types"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        messages.success(request, _("“%(entry)s” is saved.") % {"entry": saved})
        return redirect(address(saved))
    title = str(type) if type else _("Add a licence type")
    context = {
        "form": form,
        "title": title,
        "caption": LicenceTypeList.title,
        "cancel": address(type) if type else reverse("licence-type-list"),
        "breadcrumbs": [*_trail(), (title, "")],
    }
    return render(request, "registry/entry_form.html", context)


@login_required
def terms_detail(request: HttpRequest, code: str, day: str) -> HttpResponse:
    type, terms = visible_terms(request, code, day)
    today = timezone.localdate()
    said = contents(terms)
    before = terms_before(type, terms.valid_from)
    phase = next(phase for row, phase in _with_phases(list(type.terms.order_by("-valid_from")), today) if row == terms)
    may_delete = passes(check_may_change_catalogue, request.user) and passes(check_can_delete_terms, terms, today=today)
    context = {
        "type": type,
        "terms": terms,
        "phase": phase,
        "phase_text": PHASES[phase],
        "delete": reverse("terms-delete", args=[code, day]) if may_delete else "",
        "facts": [(_("Hold from"), terms.valid_from), *facts_in_words(said).items()],
        "fee_columns": [_("Application"), _("Fee in riel")],
        "fees": list(fees_in_words(said).items()),
        "document_columns": [_("Document"), _("For applications")],
        "documents": list(documents_in_words(said).items()),
        "change_columns": _change_columns(),
        "changes": changes(contents(before), said) if before else [],
        "breadcrumbs": [*_trail(type), (terms.valid_from, "")],
    }
    return render(request, "licensing/terms_detail.html", context)


@login_required
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Fill in, look at what changes, then save: what was filled in travels with the page that shows the changes."""
    type = visible_type(request, code)
    check_may_change_catalogue(request.user)
    like = type.terms.order_by("-valid_from").first()
    form = TermsForm(request.POST if request.method == "POST" else None, like=contents(like) if like else None)
    status = 200
    if form.is_valid() and "change" not in request.POST:
        day, wanted = form.cleaned_data["valid_from"], form.wanted
        try:
            if "save" in request.POST:
                terms_actions.set_terms(
                    type=type,
                    valid_from=day,
                    wanted=wanted,
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                )
                messages.success(request, _("The terms are set."))
                return redirect(address(type))
            check_can_set_terms(type, valid_from=day, wanted=wanted, today=timezone.localdate())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            return _look(request, type, day, changes(_said_before(type, day), wanted))
    context = {
        "type": type,
        "form": form,
        "cancel": address(type),
        "breadcrumbs": [*_trail(type), (_("Set new terms"), "")],
    }
    return render(request, "licensing/terms_form.html", context, status=status)


def _look(request: HttpRequest, type: LicenceType, day: date, found: list[tuple[str, str, str]]) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
    context = {
        "type": type,
        "day": day,
        "columns": _change_columns(),
        "rows": found,
        "sent": sent,
        "breadcrumbs": [*_trail(type), (_("What changes"), "")],
    }
    return render(request, "licensing/terms_look.html", context)


def _check_delete(user: Any, terms: LicenceTerms) -> None:
    check_may_change_catalogue(user)
    check_can_delete_terms(terms, today=timezone.localdate())


DELETE = steps.Step(
    noun="terms",
    act=terms_actions.delete,
    check=_check_delete,
    form=PageForm,
    title=gettext_lazy("Delete these terms"),
    question=gettext_lazy("Delete these terms?"),
    consequence=lambda terms: _("They never come into force; the terms before them go on."),
    done=gettext_lazy("The terms are deleted."),
)


@login_required
def delete(request: HttpRequest, code: str, day: str) -> HttpResponse:
    type, terms = visible_terms(request, code, day)
    return steps.take(
        request,
        terms,
        DELETE,
        address=address(type),
        facts=[(_("Licence type"), type), (_("Hold from"), terms.valid_from), (_("Rest on"), terms.basis)],
        breadcrumbs=_trail(type),
    )


def visible_type(request: HttpRequest, code: str) -> LicenceType:
    type: LicenceType = get_object_or_404(LicenceType.objects.visible_to(request.user), code=code)
    return type


def visible_terms(request: HttpRequest, code: str, day: str) -> tuple[LicenceType, LicenceTerms]:
    type = visible_type(request, code)
    try:
        terms = type.terms.filter(valid_from=date.fromisoformat(day)).first()
    except ValueError:
        terms = None
    if terms is None:
        raise Http404
    terms.type = type
    return type, terms


def _with_phases(terms: list[LicenceTerms], today: date) -> Iterator[tuple[LicenceTerms, str]]:
    """The newest first: the first one that has begun is in force."""
    current = next((row for row in terms if row.valid_from <= today), None)
    for row in terms:
        yield row, COMING if row.valid_from > today else IN_FORCE if row == current else PAST


def _said_before(type: LicenceType, day: date) -> dict[str, Any] | None:
    before = terms_before(type, day)
    return contents(before) if before else None


def _change_columns() -> list[str]:
    return [_("What"), _("Before"), _("From then on")]


def _trail(type: LicenceType | None = None) -> list[tuple[Any, str]]:
    trail: list[tuple[Any, str]] = [(LicenceTypeList.title, reverse("licence-type-list"))]
    return [*trail, (type, address(type))] if type else trail
