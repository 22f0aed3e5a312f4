"""The home page of an operator's people: what waits for them, and what they hold."""

from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from licensing.models import Application, Invoice, Licence
from licensing.states import AT_THE_AUTHORITY, ApplicationState, InvoiceState
from licensing.views.applications import site_of
from portal.reports import work
from portal.views.work import SHORT, Figure, ShortList, Work, expiring_address
from registry.accounts.models import User
from registry.ui.html import address, link, tag


def of_operator(user: User, today: date) -> Work:
    applications = Application.objects.visible_to(user)
    states = dict(applications.order_by().values_list("state").annotate(Count("id")))
    unpaid = Invoice.objects.visible_to(user).filter(state=InvoiceState.OPEN)
    expiring = work.expiring(user, as_of=today)
    return Work(
        buttons=[(reverse("application-start"), _("Start an application"))],
        figures=[
            Figure(
                states.get(ApplicationState.QUERIED, 0),
                _("questions to answer"),
                _in(ApplicationState.QUERIED),
                "danger",
            ),
            Figure(
                states.get(ApplicationState.DRAFT, 0),
                _("applications not handed in yet"),
                _in(ApplicationState.DRAFT),
                "warning",
            ),
            Figure(
                unpaid.count(), _("invoices to be paid"), address("invoice-list", state=InvoiceState.OPEN), "warning"
            ),
            Figure(expiring.count(), _("licences ending within 90 days"), expiring_address(), "warning"),
            Figure(
                sum(states.get(state, 0) for state in AT_THE_AUTHORITY),
                _("applications with the authority"),
                _in(*AT_THE_AUTHORITY),
            ),
        ],
        lists=[_newest(applications), _held(user, today)],
    )


def _newest(applications: Any) -> ShortList:
    return ShortList(
        title=_("Newest applications"),
        columns=[_("Reference number"), _("Kind"), _("Facility"), _("State"), _("Decision due on")],
        rows=[
            [
                link("application-detail", application.number, text=application.number),
                application.get_kind_display(),
                site_of(application),
                tag(application.get_state_display(), application.state),
                (application.due_on or "") if application.state in AT_THE_AUTHORITY else "",
            ]
            for application in applications.select_related("facility").order_by("-created_at", "-id")[:SHORT]
        ],
        empty=_("You have not applied for anything yet."),
        href=address("application-list"),
    )


def _held(user: User, today: date) -> ShortList:
    licences = Licence.objects.visible_to(user).within_period(today).select_related("facility").order_by("last_day")
    return ShortList(
        title=_("Licences, the one that ends first before"),
        columns=[_("Number"), _("Facility"), _("State"), _("Last day")],
        rows=[
            [
                link("licence-detail", licence.number, text=licence.number),
                licence.facility,
                tag(licence.phase(today).label, licence.phase(today)),
                licence.last_day,
            ]
            for licence in licences[:SHORT]
        ],
        empty=_("You have no licence in force."),
        href=address("licence-list"),
    )


def _in(*states: str) -> str:
    return address("application-list", state=[str(state) for state in states])
