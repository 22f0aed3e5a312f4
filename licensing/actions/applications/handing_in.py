"""The application goes to the authority."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing.actions import invoices
from licensing.actions.applications import clock
from licensing.actions.applications.drafting import changing
from licensing.actions.applications.locking import save
from licensing.models import Application
from licensing.permissions.applying import check_may_hand_in
from licensing.policies import applying as policies
from licensing.policies.licences import terms_of
from licensing.states import ApplicationState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused


@transaction.atomic
def hand_in(*, application: Application, revision: int, declared_by_name: str, by: User, at: datetime) -> Application:
    """The application is with the authority under the terms of that day: the clock runs, the fee is asked for.

    `revision` is that of the answers which somebody declared to be true. Raises NotPermitted, or Refused where
    something is missing, was changed meanwhile, or may no longer be asked for.
    """
    application = changing(application, by=by)
    on = timezone.localdate(at)
    type = policies.check_can_hand_in(application, revision=revision, declared_by_name=declared_by_name, on=on)
    check_may_hand_in(by, application, type)
    application.type, application.terms = type, terms_of(type, on)
    application.state = ApplicationState.SUBMITTED
    application.submitted_at, application.submitted_by = at, by
    application.declared_by_name = " ".join(declared_by_name.split())
    clock.start(application, at=at)
    try:
        with transaction.atomic():
            save(
                application,
                *("type", "terms", "state", "submitted_at", "submitted_by", "declared_by_name"),
                *clock.FIELDS,
                at=at,
            )
    except IntegrityError as error:
        if "one_open_application_of_a_kind_per_facility" not in str(error):
            raise
        raise Refused(
            _("An application of this kind for this site is there already."), code="under_way_already"
        ) from error
    facts = {"declared_by": application.declared_by_name, "revision": application.revision}
    record_event(verb="application.handed_in", subject=application, by=by, at=at, facts=facts)
    invoices.issue(application=application, by=by, at=at)
    return application
