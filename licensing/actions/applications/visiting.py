"""The visit before a licence: the ministry asks for it, the province says who goes, its result is read."""

from datetime import date, datetime

from django.db import transaction

from inspections.actions import visits
from inspections.models import ChecklistVersion
from inspections.states import Purpose, VisitState
from licensing.actions.applications.locking import lock, save
from licensing.models import Application
from licensing.permissions import applications as permissions
from licensing.policies import applications as policies
from licensing.states import ApplicationState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def request(
    *,
    application: Application,
    checklist_version: ChecklistVersion,
    planned_on: date,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Application:
    """A visit is planned for that day, of which the province says who goes.

    Raises NotPermitted, or Refused where there is no site yet, or such a visit cannot be planned there.
    """
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_can_request_visit(application)
    application.visit = visits.plan(
        facility=application.facility,  # type: ignore[arg-type]
        inspector=None,
        checklist_version=checklist_version,
        planned_on=planned_on,
        purpose=Purpose.PRE_LICENSING,
        announced=True,
        by=by,
        at=at,
    )
    application.state = ApplicationState.VISIT_REQUESTED
    save(application, "state", "visit", at=at)
    facts = {"visit": str(application.visit.uuid), "planned_on": planned_on.isoformat()}
    record_event(verb="application.visit_requested", subject=application, by=by, at=at, facts=facts)
    return application


@transaction.atomic
def read_result(*, application: Application, seen: str | None = None, by: User, at: datetime) -> Application:
    """The visit is approved or was called off, and the review goes on. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_visit_is_over(application)
    visit = policies.counting_visit(application)
    application.visit = None if visit is None or visit.state == VisitState.CANCELLED else visit
    application.state = ApplicationState.UNDER_REVIEW
    save(application, "state", "visit", at=at)
    facts = {"outcome": visit.outcome, "band": visit.band, "score": str(visit.score or "")} if visit else {}
    record_event(verb="application.visit_read", subject=application, by=by, at=at, facts=facts)
    return application
