"""What time alone changes on this floor."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from licensing.actions.applications.opening import take_effect
from licensing.models import Licence, RenewalReminder, ServiceAuthorisation
from licensing.states import AT_THE_AUTHORITY, ONCE_IN_FORCE, RUNNING, ApplicationKind, LicenceState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Representative
from registry.outbox import actions as outbox
from registry.states import OperationalStatus

BATCH = 500
TOO_LATE = 30
"""A reminder that is so many days overdue is not sent any more: a long gap in the nights ends without a flood."""

RUN_OUT = (LicenceState.ISSUED, LicenceState.SUSPENDED, LicenceState.EXPIRED)
"""Licences that end, or ended, because nobody renewed them."""

REMINDERS_LOCK = 2026_11_22

DUE = """
WITH terms AS (
    SELECT DISTINCT ON (type_id) type_id, reminder_days
    FROM licensing_licenceterms WHERE valid_from <= %(as_of)s ORDER BY type_id, valid_from DESC
), span AS (
    SELECT min(days) AS first, max(days) AS last FROM terms, unnest(reminder_days) days
)
INSERT INTO licensing_renewalreminder (licence_id, days, night)
SELECT licence.id, latest.days, %(as_of)s
FROM terms
JOIN licensing_licence licence USING (type_id)
JOIN registry_facility facility ON facility.id = licence.facility_id AND facility.operational_status <> %(closed)s
CROSS JOIN LATERAL (
    SELECT min(days) AS days FROM unnest(terms.reminder_days) days WHERE licence.valid_until - days <= %(as_of)s
) latest
WHERE licence.state = ANY(%(run_out)s)
  AND licence.last_day > %(as_of)s - %(too_late)s + (SELECT first FROM span)
  AND licence.last_day <= %(as_of)s + (SELECT last FROM span)
  AND licence.valid_until - latest.days > %(as_of)s - %(too_late)s
  AND NOT EXISTS (
      SELECT FROM licensing_renewalreminder sent WHERE sent.licence_id = licence.id AND sent.days <= latest.days
  )
  AND NOT EXISTS (
      SELECT FROM licensing_licence newer
      WHERE newer.facility_id = licence.facility_id AND newer.state = ANY(%(in_force)s)
        AND newer.valid_from > licence.valid_from
  )
  AND NOT EXISTS (
      SELECT FROM licensing_application renewal
      WHERE renewal.facility_id = licence.facility_id AND renewal.kind = %(renewal)s
        AND renewal.state = ANY(%(at_the_authority)s)
  )
LIMIT %(batch)s
RETURNING licence_id, days
"""
"""Of each licence the latest reminder that is due, unless it or a later one was sent."""


EXPIRY_LOCK = 2026_11_23

EXPIRE = """
WITH ended AS (
    UPDATE {table} SET state = 'expired'
    WHERE state = ANY(%(running)s) AND last_day < %(as_of)s
    RETURNING id, number, facility_id, last_day
), lifted AS (
    UPDATE licensing_suspension s
    SET ends_on = GREATEST(ended.last_day + 1, s.from_on), ended_at = %(at)s, reason_of_end = %(reason)s
    FROM ended WHERE s.{column} = ended.id AND s.ends_on IS NULL
)
INSERT INTO audit_event (verb, occurred_at, subject_kind, subject_number, subject_label, facility_number, by_username,
                         by_role, reason, facts, request_id)
SELECT %(verb)s, %(at)s, %(kind)s, ended.number, ended.number, f.number, '', '', '',
       jsonb_build_object('last_day', ended.last_day), ''
FROM ended JOIN registry_facility f ON f.id = ended.facility_id
"""


def remind(*, as_of: date, at: datetime) -> int:
    """Remind licensees to renew, on the days that the terms of their licence name; returns how many were reminded.

    Each reminder is written down and posted in one transaction, a batch at a time, so that no night, run twice, late,
    at once or killed half-way, sends one twice. After missed nights only the latest that is due is sent. Nobody is
    reminded whose licence was taken away, given back or replaced, whose renewal is being decided, or who has closed.
    At the end officers and managers are told once what the night has sent.
    """
    reminded = 0
    while sent := _remind_some(as_of=as_of, at=at):
        reminded += sent
    _tell_the_authority(as_of=as_of, at=at)
    return reminded


@transaction.atomic
def expire(*, as_of: date, at: datetime) -> Counter[str]:
    """Licences and authorisations whose last day has passed become expired; counts them by their nouns.

    One statement for each kind writes the state, the end of a suspension that still stood and the audit event, and
    takes only what is not expired yet: safe to run twice, late, two at once, and after one was killed.
    """
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EXPIRY_LOCK])
        for model in (Licence, ServiceAuthorisation):
            named = {"table": model._meta.db_table, "column": f"{model.noun}_id"}
            values: dict[str, Any] = {
                "as_of": as_of,
                "at": at,
                "running": [*RUNNING],
                "verb": f"{model.noun}.expired",
                "kind": model._meta.label_lower,
                "reason": _("It ran out."),
            }
            cursor.execute(EXPIRE.format(**named), values)
            counts[model.noun] = cursor.rowcount
    return counts


def open_sites(*, as_of: date, at: datetime) -> int:
    """Sites that are not open yet, and have a licence that has begun, open; what they succeed closes. Returns how many.

    A site that is open is not looked at again, so a night that is run twice, late or was killed does no harm; a site
    whose status was changed by hand today waits for the next night.
    """
    begun = Licence.objects.within_period(as_of).filter(
        facility__operational_status=OperationalStatus.PLANNED, application__isnull=False
    )
    opened = 0
    for licence in begun.select_related("facility").order_by("pk"):
        with suppress(Refused):
            take_effect(licence=licence, by=None, at=at)
            opened += 1
    return opened


@transaction.atomic
def _remind_some(*, as_of: date, at: datetime) -> int:
    values: dict[str, Any] = {
        "as_of": as_of,
        "closed": OperationalStatus.CLOSED,
        "run_out": [*RUN_OUT],
        "in_force": [*ONCE_IN_FORCE],
        "renewal": ApplicationKind.RENEWAL,
        "at_the_authority": [*AT_THE_AUTHORITY],
        "too_late": TOO_LATE,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        # One at a time: a second one waits, then sees what the first has sent.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REMINDERS_LOCK])
        cursor.execute(DUE, values)
        due = dict(cursor.fetchall())
    licences = Licence.objects.filter(pk__in=due).select_related("facility__operator", "type")
    people = _representatives(licence.facility.operator_id for licence in licences)
    outbox.post_all((news for licence in licences for news in _reminder(licence, due[licence.pk], people)), at=at)
    return len(due)


def _representatives(operators: Iterable[int | None]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    acting = Representative.objects.all().in_force().filter(operator__in={*operators} - {None})
    for representative in acting.select_related("person").order_by("pk"):
        found.setdefault(representative.operator_id, []).append(representative.person)
    return found


def _reminder(licence: Licence, days: int, people: dict[int, list[User]]) -> Iterator[outbox.News]:
    facility = licence.facility
    operator = facility.operator
    addresses = {facility.email, operator.email if operator else ""} - {""}
    told = people.get(operator.pk, []) if operator else []
    for position, email in enumerate(sorted(addresses) or [""]):
        yield outbox.News(
            kind="licence.to_renew" if days >= 0 else "licence.not_renewed",
            key=f"licence.reminder:{licence.number}:{days}",
            to=told if position == 0 else (),
            email=email,
            context={"number": licence.number, "day": licence.valid_until},
            link=reverse("licence-detail", args=[licence.number]),
            facility=facility,
        )


@transaction.atomic
def _tell_the_authority(*, as_of: date, at: datetime) -> None:
    """One message to each licensing officer for the country and to each manager for the own province."""
    counted = (
        RenewalReminder.objects.filter(night=as_of)
        .order_by()
        .values_list("licence__facility__province")
        .annotate(before=Count("pk", filter=Q(days__gte=0)), after=Count("pk", filter=Q(days__lt=0)))
    )
    provinces = {province: Counter(before=before, after=after) for province, before, after in counted}
    if not provinces:
        return
    people = User.objects.filter(is_active=True)
    managers = people.filter(role=Role.PROVINCIAL_MANAGER, province__in=provinces)
    country = sum(provinces.values(), Counter())
    told = [(people.filter(role=Role.LICENSING_OFFICER), country)]
    told += [([manager], provinces[manager.province_id]) for manager in managers]
    outbox.post_all(
        (
            outbox.News(
                kind="licence.reminders_sent",
                key=f"licence.reminders:{as_of}",
                to=to,
                context={"day": as_of, "before": count["before"], "after": count["after"]},
                link=f"{reverse('licence-list')}?expiring_within=90",
            )
            for to, count in told
        ),
        at=at,
    )
