"""What a licence and an authorisation for a service have in common."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.constraints import BaseConstraint
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from licensing.models.application import Application
from licensing.models.interested import NO_INTEREST
from licensing.models.number_series import NUMBER_OF_A_SERIES
from licensing.states import ENDED, ENDED_EARLY, LICENCE_TRANSITIONS, ONCE_IN_FORCE, LicencePhase, LicenceState

DECIDED_WITHOUT_INTEREST = (
    "".join(
        NO_INTEREST.format(facility="NEW.facility_id", person=f"NEW.{person}_id")
        for person in ("recorded_by", "decided_by", "ended_by")
    )
    + "    RETURN NEW;"
)
FINAL = (
    *("number", "facility", "application", "valid_from", "valid_until"),
    *("recorded_at", "recorded_by", "decided_at", "decided_by", "source"),
)
"""What nobody changes once it is decided: another decision is another row."""
SUSPENDED_OR_NOT = """
    IF EXISTS (
        SELECT FROM {table} g
        LEFT JOIN licensing_suspension s ON s.{column} = g.id AND s.ends_on IS NULL
        WHERE g.id = {id} AND (
            (g.state = 'suspended') <> (s.id IS NOT NULL)
            OR (s.id IS NOT NULL AND g.suspended_from IS DISTINCT FROM s.from_on)
        )
    ) THEN
        RAISE EXCEPTION 'the state of {column} % and its suspensions differ', {id} USING ERRCODE = 'check_violation';
    END IF;
"""
"""Asked at the end of a transaction: who is suspended has one suspension that has not ended, from that day."""
GRANTED_ON_AN_APPLICATION = """
    IF NEW.application_id IS NOT NULL AND NEW.source = '' AND NOT EXISTS (
        SELECT FROM licensing_application a
        JOIN licensing_applicationsignature s ON s.application_id = a.id AND s.revision = a.revision
        WHERE a.id = NEW.application_id AND a.state = 'granted'
          AND s.person_id = NEW.decided_by_id AND s.part IN ('decision', 'countersignature')
    ) THEN
        RAISE EXCEPTION 'the application of % is not granted by who decided it', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""
"""Asked at the end of a transaction: what stands on an application has all its signatures, those of `Application`."""


class Grant(models.Model):
    """What the authority allowed one site from a first to a last day, both included."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=LicenceState, default=LicenceState.RECORDED)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    suspended_from = models.DateField(_("suspended from"), null=True, blank=True)
    """The first day of the suspension that stands, or stood to the end; all suspensions are rows of their own."""
    notice_on = models.DateField(_("notice given on"), null=True, blank=True)
    """Of the early end."""
    ended_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("The first day without the licence."))
    last_day = models.GeneratedField(
        verbose_name=_("last day in force"),
        expression=RawSQL("LEAST(valid_until, ended_on - 1)", ()),
        output_field=models.DateField(),
        db_persist=True,
    )
    reason = models.TextField(_("reason"), blank=True)
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("application")
    )
    """What it was granted on; none where a licence on paper was recorded."""
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    """Who took it away or took note that it was given back; nobody where a newer one took its place."""
    source = models.CharField(max_length=60, blank=True)

    facility: Any
    facility_id: Any
    noun: ClassVar[str]
    """Begins the verbs of the audit trail and the names of constraints."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    def holds(self, on: date) -> bool:
        """Whether it is in force on that day, today or later, as far as now decided."""
        begun_not_ended = self.state in ONCE_IN_FORCE and self.valid_from <= on <= self.last_day
        return begun_not_ended and (self.suspended_from is None or on < self.suspended_from)

    def phase(self, on: date) -> LicencePhase:
        """What it is on that day, as far as now decided; both its first and its last day are in force."""
        if self.state not in ONCE_IN_FORCE:
            return LicencePhase(self.state)
        if self.state in ENDED_EARLY:
            return LicencePhase(self.state)
        if on > self.valid_until:
            return LicencePhase.EXPIRED
        if on < self.valid_from:
            return LicencePhase.UPCOMING
        if self.suspended_from is not None and on >= self.suspended_from:
            return LicencePhase.SUSPENDED
        return LicencePhase.IN_FORCE


def period() -> Func:
    """Half-open, so that what ended before it began is an empty range and bars nobody."""
    return Func(
        "valid_from", Func(F("valid_until") + Value(1), "ended_on", function="LEAST"), Value("[)"), function="daterange"
    )


def constraints(noun: str, *, one_per: dict[str, str], name_of_one: str) -> list[BaseConstraint]:
    """What must be true of every grant; `noun` begins the names, `one_per` are the fields for which one is in force."""
    return [
        models.CheckConstraint(condition=Q(state__in=LicenceState.values), name=f"{noun}_state_is_known"),
        models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name=f"{noun}_period_is_whole"),
        models.CheckConstraint(
            condition=Q(state__in=ENDED_EARLY, ended_on__isnull=False) | (~Q(state__in=ENDED_EARLY) & Q(ended_on=None)),
            name=f"only_an_ended_{noun}_has_an_end",
        ),
        models.CheckConstraint(
            condition=Q(ended_on=None) | Q(ended_on__gte=F("valid_from"), ended_on__lte=F("valid_until")),
            name=f"{noun}_ends_early_within_its_period",
        ),
        models.CheckConstraint(
            condition=Q(state=LicenceState.SUSPENDED, suspended_from__isnull=False)
            | Q(state__in=ENDED)
            | (~Q(state__in=[LicenceState.SUSPENDED, *ENDED]) & Q(suspended_from=None)),
            name=f"only_a_suspended_{noun}_is_suspended_from_a_day",
        ),
        models.CheckConstraint(
            condition=Q(notice_on=None) | Q(notice_on__lte=F("ended_on")),
            name=f"notice_comes_before_the_end_of_a_{noun}",
        ),
        models.CheckConstraint(
            condition=Q(recorded_by=None) | Q(decided_by=None) | ~Q(recorded_by=F("decided_by")),
            name=f"nobody_approves_an_own_{noun}",
        ),
        models.CheckConstraint(
            condition=Q(recorded_by=None) | Q(ended_by=None) | ~Q(recorded_by=F("ended_by")),
            name=f"nobody_ends_an_own_{noun}",
        ),
        models.CheckConstraint(
            condition=~Q(state__in=ONCE_IN_FORCE)
            | Q(recorded_by__isnull=False, decided_by__isnull=False)
            | ~Q(source=""),
            name=f"a_{noun}_is_approved_by_somebody",
        ),
        models.CheckConstraint(
            condition=~Q(number__iregex=NUMBER_OF_A_SERIES) | Q(application__isnull=False) | ~Q(source=""),
            name=f"{noun}_number_of_a_series_is_applied_for",
        ),
        ExclusionConstraint(
            name=name_of_one,
            expressions=[*one_per.items(), (period(), RangeOperators.OVERLAPS)],
            condition=Q(state__in=ONCE_IN_FORCE),
        ),
    ]


def triggers(noun: str, *, table: str, what: str) -> list[pgtrigger.Trigger]:
    """`what` is the field that says what is allowed."""
    return [
        pgtrigger.Protect(name=f"{noun}s_are_never_deleted", operation=pgtrigger.Delete),
        pgtrigger.FSM(
            name=f"{noun}_follows_its_life_cycle",
            field="state",
            transitions=[(str(a), str(b)) for a, reached in LICENCE_TRANSITIONS.items() for b in reached],
        ),
        pgtrigger.Protect(
            name=f"a_decided_{noun}_stays_as_it_is",
            operation=pgtrigger.Update,
            condition=~pgtrigger.Q(old__state=LicenceState.RECORDED)
            & reduce(
                or_, (pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}) for field in (*FINAL, what))
            ),
        ),
        pgtrigger.Trigger(
            name=f"a_{noun}_stands_on_a_granted_application",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("application_id"),
            timing=pgtrigger.Deferred,
            func=GRANTED_ON_AN_APPLICATION,
        ),
        pgtrigger.Trigger(
            name=f"nobody_with_an_interest_decides_a_{noun}",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("recorded_by_id", "decided_by_id", "ended_by_id"),
            func=DECIDED_WITHOUT_INTEREST,
        ),
        pgtrigger.Trigger(
            name=f"a_suspended_{noun}_has_a_suspension",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "suspended_from"),
            timing=pgtrigger.Deferred,
            func=SUSPENDED_OR_NOT.format(table=table, column=f"{noun}_id", id="NEW.id") + "    RETURN NULL;",
        ),
    ]
