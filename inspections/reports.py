"""What pages say about visits and about who is to be visited next."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inspections import rules
from inspections.models import Standing, Visit
from inspections.permissions import check_may_cancel, check_may_decide, check_may_work_on
from inspections.policies import check_can_fill, check_can_move
from inspections.states import LicenceSeen, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import passes
from registry.states import OperationalStatus

DAYS_AHEAD = 30


@dataclass(frozen=True)
class Counts:
    """Numbers of visits for a home page, each of what this person sees and can act on."""

    planned: int
    in_progress: int
    returned: int
    waiting_for_approval: int
    overdue: int
    due_soon: int


def due_list(user: Any, as_of: date) -> QuerySet[Standing]:
    """Standings of working facilities that `user` sees and whose next visit is due within 30 days or overdue."""
    due: QuerySet[Standing] = Standing.objects.visible_to(user).filter(
        next_due_on__lte=as_of + timedelta(days=DAYS_AHEAD),
        facility__operational_status=OperationalStatus.OPERATING,
    )
    return due


def counts(user: Any, as_of: date) -> Counts:
    """Numbers for the home page of `user`: own visits for an inspector, all visible ones for others. Three queries."""
    visits = Visit.objects.visible_to(user)
    if getattr(user, "role", "") == Role.INSPECTOR:
        visits = visits.filter(inspector=user)
    states = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED, VisitState.SUBMITTED)
    of = _count_by(visits.filter(state__in=states), states)
    due = due_list(user, as_of)
    overdue = due.filter(next_due_on__lt=as_of).count()
    return Counts(
        planned=of[VisitState.PLANNED],
        in_progress=of[VisitState.IN_PROGRESS],
        returned=of[VisitState.RETURNED],
        waiting_for_approval=of[VisitState.SUBMITTED],
        overdue=overdue,
        due_soon=due.count() - overdue,
    )


def steps_open_to(user: Any, visit: Visit) -> list[str]:
    """Of start, fill, submit, approve, return and cancel: what this person may do and the visit's state allows."""
    may_work = passes(check_may_work_on, user, visit)
    may_decide = passes(check_may_decide, user, visit)
    can = {state: passes(check_can_move, visit, state) for state in VisitState}
    steps = (
        ("start", may_work and can[VisitState.IN_PROGRESS]),
        ("fill", may_work and passes(check_can_fill, visit)),
        ("submit", may_work and can[VisitState.SUBMITTED]),
        ("approve", may_decide and can[VisitState.APPROVED]),
        ("return", may_decide and can[VisitState.RETURNED]),
        ("cancel", passes(check_may_cancel, user, visit) and can[VisitState.CANCELLED]),
    )
    return [verb for verb, is_open in steps if is_open]


def history(visit: Visit) -> QuerySet[AuditEvent]:
    """What was done with the visit, newest first; for whoever sees the visit."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind="inspections.visit", subject_number=visit.number
    )
    return events.exclude(verb="visit.draft_saved").order_by("-occurred_at", "-id")


def explanation(visit: Visit, result: rules.Result, structure: rules.Structure) -> list[str]:
    """In sentences, how the score, the band and the next due day of a completed visit come about."""
    sentences = [_score_sentence(visit, result)]
    if visit.licence_seen == LicenceSeen.NONE and visit.ruleset.unlicensed_band and result.band:
        sentences.append(
            _("The facility showed no licence at all; whatever the score, its band is “%(band)s”.")
            % {"band": result.band}
        )
    elif result.percent is not None and result.band:
        by_score = rules.band_for(result.percent, visit.ruleset)
        sentences.append(_band_sentence(visit, by_score))
        if by_score != result.band:
            items = {rules.key(section, item): item for section, part in structure for item in part}
            sentences.append(
                ngettext(
                    "A critical item failed (%(items)s), so the band is no better than “%(band)s”.",
                    "Critical items failed (%(items)s), so the band is no better than “%(band)s”.",
                    len(result.score.failed_critical),
                )
                % {"items": "; ".join(str(items[key]) for key in result.score.failed_critical), "band": result.band}
            )
    sentences.append(_due_sentence(visit, result))
    return sentences


def _score_sentence(visit: Visit, result: rules.Result) -> str:
    if result.percent is None:
        return _("Nothing counted: every item was not applicable, or weighs nothing. There is no score and no band.")
    parts = [part for part in result.score.sections if part.section.scored]
    return _("%(observed)s of %(maximum)s applicable points are %(percent)s per cent.") % {
        "observed": _points(sum((part.observed for part in parts), Fraction(0))),
        "maximum": _points(sum((part.maximum for part in parts), Fraction(0))),
        "percent": number_format(result.percent),
    }


def _band_sentence(visit: Visit, band: Any) -> str:
    facts = {
        "ruleset": visit.ruleset,
        "band": band,
        "from": number_format(band.from_percent.normalize()),
        "below": number_format(band.below_percent.normalize()) if band.below_percent is not None else "",
    }
    if band.below_percent is None:
        return _("By the ruleset “%(ruleset)s”, %(from)s per cent and more is “%(band)s”.") % facts
    return _("By the ruleset “%(ruleset)s”, from %(from)s to under %(below)s per cent is “%(band)s”.") % facts


def _due_sentence(visit: Visit, result: rules.Result) -> str:
    longest = visit.ruleset.hard_maximum_months
    facts = {"day": date_format(result.next_due_on), "longest": longest}
    months = result.band.months_to_next_visit if result.band else None
    if months is None:
        return (
            _(
                "No interval belongs to this result: the facility asks for another visit when it has put things right. "
                "At the latest, %(longest)s months after this visit, it is visited again: by %(day)s."
            )
            % facts
        )
    if months > longest:
        return (
            _("The longest interval of the ruleset, %(longest)s months, is shorter than the band's: by %(day)s.")
            % facts
        )
    return ngettext(
        "With this band the next visit is due after %(months)s month: by %(day)s.",
        "With this band the next visit is due after %(months)s months: by %(day)s.",
        months,
    ) % (facts | {"months": months})


def _points(points: Fraction) -> str:
    return number_format(rules.decimal(points))


def _count_by(visits: QuerySet[Visit], states: tuple[VisitState, ...]) -> dict[VisitState, int]:
    return visits.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in states})  # type: ignore[return-value]
