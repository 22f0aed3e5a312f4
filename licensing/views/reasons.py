"""Reasons for refusal and advisers: listed, added, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import reasons
from licensing.forms.terms import AdviceBodyForm, RefusalReasonForm
from licensing.models import AdviceBody, RefusalReason
from licensing.policies.terms import check_can_withdraw
from licensing.views.terms import LicenceTypeList
from registry.core.errors import passes
from registry.forms.catalogue import EntryForm
from registry.permissions import check_may_change_catalogue
from registry.ui import steps
from registry.ui.forms import PageForm
from registry.ui.lists import Column, ListAction, ListPage


class ReasonList(ListPage):
    noun: ClassVar[str]
    default_sort = "code"
    empty_state = gettext_lazy("Nothing is on this list yet.")
    columns: ClassVar[Sequence[Column]] = (
        Column("code", gettext_lazy("Code"), sort="code"),
        Column("name_km", gettext_lazy("Name in Khmer")),
        Column("name_en", gettext_lazy("Name in English"), sort="name_en"),
    )
    withdrawn = Column("withdrawn_on", gettext_lazy("Withdrawn on"), sort="withdrawn_on", kind="date")

    def actions_for(self, user: Any) -> list[ListAction]:
        types = ListAction(reverse("licence-type-list"), LicenceTypeList.title)
        if passes(check_may_change_catalogue, user):
            return [ListAction(reverse(f"{self.noun}-create"), _("Add an entry")), types]
        return [types]

    def cell(self, column: Column, row: Any) -> Any:
        cell = super().cell(column, row)
        if column.name == "code" and row.withdrawn_on is None and passes(check_may_change_catalogue, self.request.user):
            return type(cell)(**vars(cell) | {"href": reverse(f"{self.noun}-withdraw", args=[row.code])})
        return cell


class RefusalReasonList(ReasonList):
    noun = "refusal-reason"
    model = RefusalReason
    title = gettext_lazy("Reasons for refusal")
    lead = gettext_lazy("Every refusal names one of these. What is withdrawn stays where it was named.")
    columns = (*ReasonList.columns, Column("clause", gettext_lazy("Rests on")), ReasonList.withdrawn)


class AdviserList(ReasonList):
    noun = "adviser"
    model = AdviceBody
    title = gettext_lazy("Advisers")
    lead = gettext_lazy("Departments and councils whose advice a review asks for.")
    columns = (*ReasonList.columns, ReasonList.withdrawn)


@dataclass(frozen=True)
class Kind:
    page: type[ReasonList]
    form: type[EntryForm]
    add: Promise


REASONS = Kind(RefusalReasonList, RefusalReasonForm, gettext_lazy("Add a reason for refusal"))
ADVISERS = Kind(AdviserList, AdviceBodyForm, gettext_lazy("Add an adviser"))


@login_required
def create(request: HttpRequest, kind: Kind) -> HttpResponse:
    check_may_change_catalogue(request.user)
    form = kind.form(request.POST or None)
    if form.is_valid():
        saved = reasons.add(entry=form.save(commit=False), by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("“%(entry)s” is saved.") % {"entry": saved})
        return redirect(_address(kind))
    context = {
        "form": form,
        "title": kind.add,
        "caption": kind.page.title,
        "cancel": _address(kind),
        "breadcrumbs": [(kind.page.title, _address(kind)), (kind.add, "")],
    }
    return render(request, "registry/entry_form.html", context)


def _check_withdraw(user: Any, entry: RefusalReason | AdviceBody) -> None:
    check_may_change_catalogue(user)
    check_can_withdraw(entry)


WITHDRAW = steps.Step(
    noun="entry",
    act=reasons.withdraw,
    check=_check_withdraw,
    form=PageForm,
    title=gettext_lazy("Withdraw the entry"),
    question=gettext_lazy("Withdraw this entry?"),
    consequence=lambda entry: _("It can no longer be chosen. Where it was chosen before, it stays. This is for good."),
    done=gettext_lazy("The entry is withdrawn."),
)


@login_required
def withdraw(request: HttpRequest, code: str, kind: Kind) -> HttpResponse:
    visible = kind.page.model._default_manager.all().visible_to(request.user)  # type: ignore[attr-defined]
    entry = get_object_or_404(visible, code=code)
    return steps.take(
        request,
        entry,
        WITHDRAW,
        address=_address(kind),
        facts=[(_("Code"), entry.code), (_("Name in Khmer"), entry.name_km), (_("Name in English"), entry.name_en)],
        breadcrumbs=[(kind.page.title, _address(kind))],
    )


def _address(kind: Kind) -> str:
    return reverse(f"{kind.page.noun}-list")
