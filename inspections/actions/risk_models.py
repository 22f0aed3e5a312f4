"""The order of work: weights as dated, frozen data."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from inspections import permissions
from inspections.actions.rulebook import DATA, Definition, read
from inspections.models import RiskModel
from inspections.policies.risk_models import check_weights
from inspections.states import VersionState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused


@transaction.atomic
def load(*, by: User | None, at: datetime, folder: Path = DATA) -> int:
    """Make the orders of work what the files of `folder` say; returns how many are new. Safe to repeat.

    `by` is None where the operator of the machine loads them. Raises NotPermitted or Refused as `add` does.
    """
    return sum(add(definition=read(file), by=by, at=at)[1] for file in sorted(folder.glob("risk/*.toml")))


@transaction.atomic
def add(*, definition: Definition, by: User | None, at: datetime) -> tuple[RiskModel, bool]:
    """Publish weights as defined, in force from their day; returns them and whether they are new.

    The weights before them end on the day before. Raises NotPermitted, or Refused where a factor is unknown, points
    are no whole numbers or the same number is already published with other contents.
    """
    permissions.check_may_keep_rulebooks(by)
    check_weights(definition["weights"])
    known = RiskModel.objects.filter(code=definition["code"], number=definition["number"]).first()
    if known is not None:
        if any(getattr(known, name) != value for name, value in definition.items()):
            raise Refused(
                _("“%(name)s” is published with other contents; give the new one the next number.") % {"name": known},
                code="published_differently",
            )
        return known, False
    model = RiskModel(**definition, state=VersionState.PUBLISHED)
    earlier = RiskModel.objects.published().filter(valid_until=None, valid_from__lt=model.valid_from)
    earlier.update(valid_until=model.valid_from - timedelta(days=1))
    model.save()
    facts = {"code": model.code, "number": model.number, "valid_from": model.valid_from.isoformat()}
    record_event(verb="risk_model.published", subject=model, by=by, at=at, facts=facts)
    return model, True
