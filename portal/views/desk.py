"""What the home pages say of applications: what waits for this person, and whether anything is late."""

from datetime import date

from django.utils.translation import gettext as _

from licensing.models import Appeal, Application
from licensing.views.applications import site_of
from portal.views.work import SHORT, Figure, ShortList
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.ui.html import address, link, tag


def application_figures(user: User, today: date) -> list[Figure]:
    """My queue, what of it is late, and for who hears appeals those that wait."""
    waiting = Application.objects.visible_to(user).waiting_for(user)
    figures = [
        Figure(waiting.count(), _("applications that wait for you"), address("application-queue")),
        Figure(
            waiting.overdue(today).count(),
            _("of them overdue"),
            address("application-queue", due="overdue"),
            "danger",
        ),
    ]
    if user.role == Role.APPROVER:
        open_ones = Appeal.objects.visible_to(user).filter(decided_at=None)
        waiting_appeals = address("appeal-list", outcome="waiting")
        figures.append(Figure(open_ones.count(), _("appeals to be decided"), waiting_appeals, "warning"))
    return figures


def application_list(user: User, today: date) -> ShortList:
    waiting = Application.objects.visible_to(user).waiting_for(user).select_related("operator", "facility", "reviewer")
    return ShortList(
        title=_("Applications that wait for you, due first"),
        columns=[_("Reference number"), _("Kind"), _("Facility"), _("State"), _("Decision due on")],
        rows=[
            [
                link("application-detail", application.number, text=application.number),
                application.get_kind_display(),
                site_of(application),
                tag(application.get_state_display(), application.state),
                tag(application.due_on, "overdue")
                if application.due_on and application.due_on < today
                else application.due_on or "",
            ]
            for application in waiting.order_by("due_on", "id")[:SHORT]
        ],
        empty=_("No application waits for you."),
        href=address("application-queue"),
    )
