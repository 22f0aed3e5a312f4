"""In words, how a result came about."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inspections import rules
from inspections.models import Visit
from inspections.states import Grace, LicenceSeen


def explanation(
    visit: Visit, result: rules.Result, structure: rules.Structure, *, bands: Sequence[str] = ()
) -> list[str]:
    """In sentences, how the score, the band and the next due day of a completed visit come about.

    `bands` are the codes of this visit's band and of those before it, the latest first, where closing the facility is
    to be explained too.
    """
    sentences = [_score_sentence(visit, result)]
    unlicensed = bool(visit.ruleset.unlicensed_band and result.band)
    if rules.counting_licence(visit) == LicenceSeen.NONE and unlicensed:
        sentences.append(
            _("The facility showed no licence at all; whatever the score, its band is “%(band)s”.")
            % {"band": result.band}
        )
    elif result.grace == Grace.SPENT and unlicensed:
        sentences.append(
            _(
                "The facility showed an expired licence, and the time given once to renew it is over: it counts as "
                "without a licence, and whatever the score, its band is “%(band)s”."
            )
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
    if rules.closure_proposed(bands, visit.ruleset):
        sentences.append(_closure_sentence(visit, bands))
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
    """What the shortest interval says; of several as short, what the facility's own result says."""
    limits = rules.intervals(result.band, visit.ruleset, facility_type=visit.facility_type, grace=result.grace)
    shortest = min(limits.values())
    decides = next(name for name in ("grace", "band", "type", "longest") if limits.get(name) == shortest)
    facts = {"day": date_format(result.next_due_on), "months": shortest, "longest": shortest}
    if decides == "band":
        return (
            ngettext(
                "With this band the next visit is due after %(months)s month: by %(day)s.",
                "With this band the next visit is due after %(months)s months: by %(day)s.",
                shortest,
            )
            % facts
        )
    if decides == "grace":
        return (
            ngettext(
                "The licence has expired. %(months)s month is given, once, to renew it: the next visit is due by "
                "%(day)s.",
                "The licence has expired. %(months)s months are given, once, to renew it: the next visit is due by "
                "%(day)s.",
                shortest,
            )
            % facts
        )
    if decides == "type":
        return (
            ngettext(
                "Whatever the band, a facility of this type is visited every %(months)s month at least: by %(day)s.",
                "Whatever the band, a facility of this type is visited every %(months)s months at least: by %(day)s.",
                shortest,
            )
            % facts
        )
    if "band" not in limits:
        return (
            _(
                "No interval belongs to this result: the facility asks for another visit when it has put things right. "
                "At the latest, %(longest)s months after this visit, it is visited again: by %(day)s."
            )
            % facts
        )
    return _("The longest interval of the ruleset, %(longest)s months, is shorter than the band's: by %(day)s.") % facts


def _closure_sentence(visit: Visit, bands: Sequence[str]) -> str:
    """By the band, of those that propose it, that asks for the fewest visits."""
    closing = sorted(
        (band.closure_at_visit, band.from_percent, band)
        for band in visit.ruleset.bands.all()
        if band.closure_at_visit and rules.closure_proposed(bands, visit.ruleset, by=band)
    )
    visits, _from, band = closing[0]
    if visits == 1:
        return _("Closing the facility is proposed: so the ruleset says of the band “%(band)s”.") % {"band": band}
    return _(
        "Closing the facility is proposed: %(visits)s visits in a row ended in the band “%(band)s” or a lower one."
    ) % {"visits": visits, "band": band}


def _points(points: Fraction) -> str:
    return number_format(rules.decimal(points))
