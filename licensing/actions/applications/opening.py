"""The day on which a granted licence begins: the new site opens, and the one that it succeeds closes."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing.models import Licence
from registry.accounts.models import User
from registry.actions import facilities
from registry.models import Facility
from registry.states import OperationalStatus


@transaction.atomic
def take_effect(*, licence: Licence, by: User | None, at: datetime) -> None:
    """Nothing happens before the first day, nor a second time. `by` is None where the night does it."""
    if licence.valid_from > timezone.localdate(at):
        return
    site = facilities.lock(licence.facility)
    if site.operational_status == OperationalStatus.PLANNED:
        _become(site, OperationalStatus.OPERATING, licence, by=by, at=at)
    if site.predecessor is not None and site.predecessor.operational_status != OperationalStatus.CLOSED:
        _become(site.predecessor, OperationalStatus.CLOSED, licence, by=by, at=at)


def _become(site: Facility, status: OperationalStatus, licence: Licence, *, by: User | None, at: datetime) -> None:
    facilities.change_status(
        facility=site,
        status=status,
        effective_on=timezone.localdate(at),
        reason=_("Licence %(number)s") % {"number": licence.number},
        by_decision=True,
        by=by,
        at=at,
    )
