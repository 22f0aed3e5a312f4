"""The home page of each role: what is to be done now. Each number opens the list that it counts."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from enforcement.models import Flag
from enforcement.rules import LICENCE_EXPIRED, OPERATING_WITHOUT_LICENCE
from enforcement.states import EscalationLevel, FlagSeverity
from inspections.models import Visit
from inspections.reports import counts as visit_counts
from inspections.states import VisitState
from licensing.models import Licence
from portal.reports import work
from portal.views.desk import application_figures, application_list
from portal.views.home_of_operator import of_operator
from portal.views.work import (
    SHORT,
    Chart,
    Figure,
    ShortList,
    Work,
    by_rule,
    complaint_figures,
    count,
    due_figures,
    due_list,
    expiring_address,
    flag_list,
    flag_rows,
    licence_list,
    never_inspected,
    open_flags,
    sweep_facts,
    visit_list,
    visits,
    waiting_visit_list,
    waiting_visits,
)
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.audit.reports import doer_of, title_of
from registry.models import ImportJob
from registry.states import ImportState
from registry.ui.html import address, link, tag

NEW_DAYS = 7


@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"work": WORK[user.role](user, timezone.localdate()), "role": user.get_role_display()}
    return render(request, "portal/home.html", context)


def of_inspector(user: User, today: date) -> Work:
    mine = Visit.objects.visible_to(user).filter(inspector=user)
    counts = visit_counts(user, today)
    to_do = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED)
    under_way = mine.filter(state__in=to_do).select_related("facility").order_by("planned_on", "id")[:SHORT]
    return Work(
        figures=[
            Figure(counts.planned, _("planned visits"), visits(VisitState.PLANNED, whose="mine")),
            Figure(counts.in_progress, _("visits in progress"), visits(VisitState.IN_PROGRESS, whose="mine")),
            Figure(
                counts.returned,
                _("visits returned for correction"),
                visits(VisitState.RETURNED, whose="mine"),
                "warning",
            ),
            *due_figures(counts),
            never_inspected(work.open_flags(user)),
        ],
        lists=[
            visit_list(
                _("My visits under way"), under_way, visits(*to_do, whose="mine"), _("You have no visit under way.")
            ),
            due_list(user, today),
        ],
    )


def of_provincial_manager(user: User, today: date) -> Work:
    counts = visit_counts(user, today)
    flags = work.open_flags(user)
    return Work(
        figures=[
            waiting_visits(counts.waiting_for_approval),
            Figure(
                counts.planned + counts.in_progress,
                _("visits under way"),
                visits(VisitState.PLANNED, VisitState.IN_PROGRESS, taken="yes"),
            ),
            *due_figures(counts),
            never_inspected(flags),
            open_flags(flags),
            *application_figures(user, today),
            *complaint_figures(user, today),
        ],
        lists=[waiting_visit_list(user), application_list(user, today), due_list(user, today)],
        charts=[by_rule(flags)],
    )


def of_licensing_officer(user: User, today: date) -> Work:
    flags = count(work.open_flags(user), by="rule")
    expiring = work.expiring(user, as_of=today)
    waiting = Licence.objects.visible_to(user).waiting_for_approval()
    unlicensed, expired = OPERATING_WITHOUT_LICENCE, LICENCE_EXPIRED
    return Work(
        figures=[
            *application_figures(user, today),
            Figure(waiting.count(), _("licences waiting for approval"), address("licence-queue")),
            Figure(expiring.count(), _("licences ending within 90 days"), expiring_address(), "warning"),
            Figure(
                flags[expired.code], _("facilities with an expired licence"), flag_list(rule=expired.code), "danger"
            ),
            Figure(
                flags[unlicensed.code],
                _("facilities operating without a licence"),
                flag_list(rule=unlicensed.code),
                "danger",
            ),
        ],
        lists=[
            application_list(user, today),
            licence_list(
                _("Licences that end next"), expiring, expiring_address(), _("No licence ends within 90 days.")
            ),
            licence_list(
                _("Recorded, waiting for approval"),
                waiting.order_by("recorded_at", "id"),
                address("licence-queue"),
                _("No licence waits for approval."),
            ),
        ],
    )


def of_approver(user: User, today: date) -> Work:
    licences = Licence.objects.visible_to(user).waiting_for_approval()
    handed_in = Visit.objects.visible_to(user).waiting_for_approval()
    return Work(
        figures=[
            *application_figures(user, today),
            Figure(licences.count(), _("licences waiting for approval"), address("licence-queue"), "warning"),
            waiting_visits(handed_in.count()),
        ],
        lists=[
            application_list(user, today),
            licence_list(
                _("Licences waiting for approval"),
                licences.order_by("recorded_at", "id"),
                address("licence-queue"),
                _("No licence waits for approval."),
            ),
            waiting_visit_list(user),
        ],
    )


def of_enforcement_officer(user: User, today: date) -> Work:
    flags = work.open_flags(user)
    levels, severities = count(flags, by="level"), count(flags, by="severity")
    escalated = [level.value for level in EscalationLevel if level != EscalationLevel.PROVINCE]
    since = today - timedelta(days=NEW_DAYS)
    shown = Flag.objects.visible_to(user).open().select_related("facility__province")
    new = Flag.objects.visible_to(user).open().filter(raised_on__gte=since).count()
    return Work(
        figures=[
            open_flags(flags),
            Figure(new, _("flags raised in the last 7 days"), flag_list(raised_from=since.isoformat())),
            Figure(
                sum(levels[level] for level in escalated), _("escalated flags"), flag_list(level=escalated), "danger"
            ),
            *complaint_figures(user, today),
        ],
        lists=[
            flag_rows(
                _("Newly raised"),
                shown.filter(raised_on__gte=since).order_by("-raised_on", "-id"),
                flag_list(raised_from=since.isoformat()),
                _("No flag was raised in the last 7 days."),
            ),
            flag_rows(
                _("Escalated"),
                shown.filter(level__in=escalated).order_by("-level", "-raised_on", "-id"),
                flag_list(level=escalated),
                _("No flag is escalated."),
            ),
        ],
        charts=[
            by_rule(flags),
            Chart(
                _("Open flags by severity"),
                _("Flags"),
                [
                    (
                        link("flag-list", text=severity.label, state="open", severity=severity.value),
                        severities[severity],
                    )
                    for severity in reversed(FlagSeverity)
                ],
            ),
        ],
        facts=sweep_facts(),
    )


def of_auditor(user: User, today: date) -> Work:
    since = today - timedelta(days=NEW_DAYS)
    midnight = timezone.make_aware(datetime.combine(since, time.min))
    events = AuditEvent.objects.all().visible_to(user)
    imports = ImportJob.objects.all().visible_to(user)
    return Work(
        figures=[
            Figure(
                events.filter(occurred_at__gte=midnight).count(),
                _("events in the last 7 days"),
                address("audit-list", since=since.isoformat()),
            ),
            Figure(imports.count(), _("imports"), address("import-list")),
            open_flags(work.open_flags(user)),
        ],
        lists=[
            ShortList(
                title=_("Newest events"),
                columns=[_("What was done"), _("When"), _("Subject"), _("By")],
                rows=[
                    [
                        link("audit-detail", event.pk, text=title_of(event.verb)),
                        timezone.localtime(event.occurred_at),
                        event.subject_label,
                        doer_of(event),
                    ]
                    for event in events.order_by("-occurred_at", "-id")[:SHORT]
                ],
                empty=_("Nothing has been done yet."),
                href=address("audit-list"),
            )
        ],
        facts=sweep_facts(),
    )


def of_administrator(user: User, today: date) -> Work:
    roles = dict(
        User.objects.visible_to(user).filter(is_active=True).order_by().values_list("role").annotate(Count("id"))
    )
    imports = ImportJob.objects.all().visible_to(user)
    states = dict(imports.order_by().values_list("state").annotate(Count("id")))
    waiting = (ImportState.STAGED, ImportState.READING)
    return Work(
        figures=[
            Figure(sum(roles.values()), _("people with an account"), address("user-list", open="true")),
            Figure(
                sum(states.get(state, 0) for state in waiting),
                _("imports under way"),
                address("import-list", state=list(waiting)),
            ),
            Figure(
                states.get(ImportState.REFUSED, 0),
                _("refused imports"),
                address("import-list", state=ImportState.REFUSED),
            ),
        ],
        lists=[
            ShortList(
                title=_("Newest imports"),
                columns=[_("File"), _("State"), _("Rows"), _("Requested at")],
                rows=[
                    [
                        link("import-detail", job.pk, text=job.file_name),
                        tag(job.get_state_display(), job.state),
                        job.rows,
                        timezone.localtime(job.requested_at),
                    ]
                    for job in imports.order_by("-requested_at")[:SHORT]
                ],
                empty=_("Nothing has been imported yet."),
                href=address("import-list"),
            )
        ],
        charts=[
            Chart(
                _("People by role"),
                _("People"),
                [
                    (link("user-list", text=role.label, role=role.value, open="true"), roles.get(role, 0))
                    for role in Role
                ],
            )
        ],
        facts=sweep_facts(),
    )


WORK: dict[str, Callable[[User, date], Work]] = {
    Role.INSPECTOR: of_inspector,
    Role.PROVINCIAL_MANAGER: of_provincial_manager,
    Role.LICENSING_OFFICER: of_licensing_officer,
    Role.APPROVER: of_approver,
    Role.ENFORCEMENT_OFFICER: of_enforcement_officer,
    Role.AUDITOR: of_auditor,
    Role.ADMINISTRATOR: of_administrator,
    Role.OPERATOR: of_operator,
}
