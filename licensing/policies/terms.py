"""What the law allows with the terms of licences, and with what reviews draw on."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import AdviceBody, LicenceTerms, LicenceType, RefusalReason
from licensing.rules.terms import Contents, contents
from registry.core.errors import Refused


def check_can_set_terms(type: LicenceType, *, valid_from: date, wanted: Contents, today: date) -> None:
    """From a day that has not begun, on which no other terms begin; and they say something new."""
    if valid_from <= today:
        raise Refused(
            _("New terms hold from tomorrow on at the earliest: what is applied for today goes by today's terms."),
            code="terms_in_the_past",
        )
    if type.terms.filter(valid_from=valid_from).exists():
        raise Refused(
            _("Other terms begin on %(day)s already. Delete those, or choose another day.")
            % {"day": date_format(valid_from)},
            code="terms_begin_on_that_day",
        )
    before = terms_before(type, valid_from)
    if before is not None and contents(before) == wanted:
        raise Refused(_("These terms say the same as those before them."), code="nothing_changes")


def terms_before(type: LicenceType, day: date) -> LicenceTerms | None:
    """Those that hold on the eve of the day."""
    eve = day - timedelta(days=1)
    found: LicenceTerms | None = LicenceTerms.objects.in_force(eve).filter(type=type).first()
    return found


def check_can_delete_terms(terms: LicenceTerms, *, today: date) -> None:
    if terms.valid_from <= today:
        raise Refused(
            _("These terms hold since %(day)s. Terms that have held are never deleted; set newer ones.")
            % {"day": date_format(terms.valid_from)},
            code="terms_in_force",
        )


def check_can_withdraw(entry: RefusalReason | AdviceBody) -> None:
    if entry.withdrawn_on is not None:
        raise Refused(
            _("“%(entry)s” was withdrawn on %(day)s already.")
            % {"entry": entry, "day": date_format(entry.withdrawn_on)},
            code="withdrawn_already",
        )
