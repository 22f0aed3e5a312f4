"""A site goes on as another: under another operator, or in another place."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from registry.accounts.models import User
from registry.audit.actions import record
from registry.models import Equipment, Facility, Posting


@transaction.atomic
def hand_over(*, former: Facility, heir: Facility, on: date, by: User, at: datetime) -> None:
    """Who works at the former site works at its heir from that day on, and the devices are there now.

    Whoever is posted at the heir already stays as posted there, and who answers for it too. For a decision of the
    licensing authority, in its transaction: it asks who may and holds both sites.
    """
    posted = set(Posting.objects.filter(facility=heir).values_list("practitioner", flat=True))
    answered_for = Posting.objects.responsible().filter(facility=heir).exists()
    staying = Posting.objects.filter(Q(valid_until=None) | Q(valid_until__gte=on), facility=former)
    moved = []
    for posting in staying.select_related("practitioner").order_by("pk"):
        practitioner, until = posting.practitioner, posting.valid_until
        if posting.valid_from < on:
            posting.valid_until = on - timedelta(days=1)
            posting.save(update_fields=["valid_until"])
        else:
            posting.delete()
        if practitioner.pk in posted:
            continue
        may_answer = practitioner.practises_until is not None and practitioner.practises_until >= on
        Posting.objects.create(
            facility=heir,
            practitioner=practitioner,
            cadre=posting.cadre,
            is_responsible=posting.is_responsible and may_answer and not answered_for,
            valid_from=max(on, posting.valid_from),
            valid_until=until,
        )
        moved.append(practitioner.council_number)
    devices = Equipment.objects.in_use(on).filter(facility=former).update(facility=heir)
    facts = {"from": former.number, "on": on.isoformat(), "practitioners": moved, "devices": devices}
    record(verb="facility.succeeded", subject=heir, by=by, at=at, facts=facts)
