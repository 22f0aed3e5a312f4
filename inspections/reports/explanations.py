"""In words, how a result came about."""

from fractions import Fraction
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inspections import rules
from inspections.models import Visit
from inspections.states import LicenceSeen


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
