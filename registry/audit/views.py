"""The history of the register, for auditors and administrators."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.audit.filters import AuditEventFilterSet
from registry.audit.models import AuditEvent
from registry.audit.permissions import check_may_read_history
from registry.audit.reports import doer_of, title_of
from registry.ui.lists import Column, ListPage


def address(event: AuditEvent) -> str:
    return reverse("audit-detail", args=[event.pk])


class AuditList(ListPage):
    model = AuditEvent
    title = gettext_lazy("History")
    lead = gettext_lazy("Everything that was done in the register, by whom and why. It cannot be changed.")
    filterset_class = AuditEventFilterSet
    columns = (
        Column("at", gettext_lazy("When"), "occurred_at", sort="occurred_at", link=address, kind="date"),
        Column("what", gettext_lazy("What was done"), lambda event: title_of(event.verb)),
        Column("verb", gettext_lazy("Code of the event"), page=False),
        Column("subject", gettext_lazy("Subject"), "subject_label"),
        Column("subject_number", gettext_lazy("Number")),
        Column("facility", gettext_lazy("Facility"), "facility_number"),
        Column("by", gettext_lazy("By"), doer_of),
        Column("reason", gettext_lazy("Reason")),
    )
    default_sort = "-at"
    empty_state = gettext_lazy("Nothing has been done yet")

    def check_may_see(self, user: Any) -> None:
        check_may_read_history(user)


@login_required
def audit_detail(request: HttpRequest, pk: int) -> HttpResponse:
    check_may_read_history(request.user)
    event = get_object_or_404(AuditEvent.objects.all().visible_to(request.user), pk=pk)
    rows = [
        (_("What was done"), title_of(event.verb)),
        (_("When"), event.occurred_at),
        (_("Subject"), f"{event.subject_label} ({event.subject_number})"),
        (_("Facility"), event.facility_number or "–"),
        (_("By"), f"{event.by_username} ({event.by_role})" if event.by_username else doer_of(event)),
        (_("Reason"), event.reason or "–"),
        (_("Written down"), event.recorded_at),
        (_("Request"), event.request_id or "–"),
    ]
    breadcrumbs = [(_("History"), reverse("audit-list")), (title_of(event.verb), None)]
    context = {
        "event": event,
        "title": title_of(event.verb),
        "rows": rows,
        "facts": list(event.facts.items()),
        "breadcrumbs": breadcrumbs,
    }
    return render(request, "audit/audit_detail.html", context)
