from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from inspections.states import ActionState, CampaignState, Purpose, VersionState, VisitOutcome, VisitState
from registry.accounts.querysets import within_scope
from registry.accounts.states import PROVINCIAL_ROLES, STAFF_ROLES, Role

DECIDED = (VisitState.APPROVED, VisitState.SUPERSEDED, VisitState.CANCELLED)


def facilities_repeated_by(user: Any) -> QuerySet[Any]:
    """Keys of the facilities where this person repeats a visit as a back-check that is not decided yet.

    A visit that is only handed in can be returned and changed, so its inspector stays blind until the decision.
    """
    checks = apps.get_model("inspections", "BackCheck")._default_manager
    team = Q(repeat__inspector=user) | Q(repeat__members__person=user)
    return checks.filter(team).exclude(repeat__state__in=DECIDED).values("original__facility")


def unless_blind(rows: QuerySet[Any], user: Any, *, facility: str = "facility") -> QuerySet[Any]:
    """Without the rows that would tell an inspector what the visit found that he or she is repeating."""
    if getattr(user, "role", "") != Role.INSPECTOR:
        return rows
    return rows.exclude(**{f"{facility}__in": facilities_repeated_by(user)})


class RulebookQuerySet(models.QuerySet[Any]):
    """Checklists and rulesets are public law: everyone with a role reads them."""

    def visible_to(self, user: Any) -> "RulebookQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()


class VersionQuerySet(RulebookQuerySet):
    def published(self) -> "VersionQuerySet":
        return self.filter(state=VersionState.PUBLISHED)


class RulesetQuerySet(VersionQuerySet):
    def in_force(self, on: date) -> "RulesetQuerySet":
        return self.published().filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)  # type: ignore[return-value]


class VisitQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "VisitQuerySet":
        """Visits of the person's province or of all.

        Inspectors see of back-checks only those that they make themselves, and while they make one, no other visit to
        the same facility: neither knows the repeating inspector the first result, nor the first that one repeats.
        """
        seen = within_scope(self, user, province="facility__province")
        if getattr(user, "role", "") == Role.INSPECTOR:
            memberships = apps.get_model("inspections", "VisitMember")._default_manager.filter(person=user)
            mine = Q(inspector=user) | Q(pk__in=memberships.values("visit"))
            open_to_all = ~Q(purpose=Purpose.BACK_CHECK) & ~Q(facility__in=facilities_repeated_by(user))
            seen = seen.filter(mine | open_to_all)
        return seen  # type: ignore[return-value]

    def counting(self) -> "VisitQuerySet":
        """Visits that move a facility's standing; a back-check looks at inspectors, not at the facility."""
        done = self.filter(state=VisitState.APPROVED, outcome=VisitOutcome.COMPLETED)
        return done.exclude(purpose=Purpose.BACK_CHECK)

    def open(self) -> "VisitQuerySet":
        return self.exclude(state__in=(VisitState.APPROVED, VisitState.CANCELLED, VisitState.SUPERSEDED))

    def unassigned(self) -> "VisitQuerySet":
        return self.filter(state=VisitState.PLANNED, inspector=None)

    def waiting_for_approval(self) -> "VisitQuerySet":
        return self.filter(state=VisitState.SUBMITTED)


class OfFacilityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OfFacilityQuerySet":
        """Of the person's province or of all, but nothing of a facility where the person makes a back-check now."""
        return unless_blind(within_scope(self, user, province="facility__province"), user)  # type: ignore[return-value]


class StandingQuerySet(OfFacilityQuerySet):
    def overdue(self, as_of: date) -> "StandingQuerySet":
        return self.filter(next_due_on__lt=as_of)

    def due_within(self, days: int, *, as_of: date) -> "StandingQuerySet":
        return self.filter(next_due_on__range=(as_of, as_of + timedelta(days=days)))


class CorrectiveActionQuerySet(OfFacilityQuerySet):
    def open(self) -> "CorrectiveActionQuerySet":
        return self.filter(state__in=(ActionState.REQUIRED, ActionState.EVIDENCE_GIVEN))

    def overdue(self, as_of: date) -> "CorrectiveActionQuerySet":
        return self.open().filter(due_on__lt=as_of)


class CampaignQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "CampaignQuerySet":
        """Drafts for the ministry; what is launched also for the provinces that it reaches."""
        if not (user.is_authenticated and user.is_active and user.role in STAFF_ROLES):
            return self.none()
        if user.role in PROVINCIAL_ROLES:
            reached = self.filter(acknowledgements__province=user.province_id).exclude(state=CampaignState.DRAFT)
            return reached if user.province_id else self.none()
        return self


class CompetenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "CompetenceQuerySet":
        return within_scope(self, user, province="person__province")  # type: ignore[return-value]

    def in_force(self, on: date) -> "CompetenceQuerySet":
        return self.filter(valid_from__lte=on, valid_until__gte=on)


class BackCheckQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "BackCheckQuerySet":
        """Managers and the ministry; inspectors do not know which of their visits are repeated."""
        if getattr(user, "role", "") == Role.INSPECTOR:
            return self.none()
        return within_scope(self, user, province="original__facility__province")  # type: ignore[return-value]


class BackCheckRoundQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "BackCheckRoundQuerySet":
        known = user.is_authenticated and user.is_active and user.role in STAFF_ROLES
        return self if known and user.role != Role.INSPECTOR else self.none()
