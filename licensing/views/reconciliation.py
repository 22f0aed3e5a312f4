"""The money of a range of days: every payment and refund, with sums that must agree with the bank's."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.forms import DayRangeForm
from licensing.permissions.fees import check_may_reconcile
from licensing.reports.fees import Movement, movements, sums
from licensing.rules.riel import riel
from licensing.views.invoices import InvoiceList
from registry.ui import exports
from registry.ui.html import address, link

ROWS_ON_THE_PAGE = 200


@login_required
def page(request: HttpRequest) -> HttpResponseBase:
    """Of the days asked for, or of this month up to today. The file holds every row, the page the first ones."""
    check_may_reconcile(request.user)
    today = timezone.localdate()
    asked = request.GET if {"first", "last"} & request.GET.keys() else None
    form = DayRangeForm(asked or {"first": f"{today:01/%m/%Y}", "last": f"{today:%d/%m/%Y}"})
    context: dict[str, Any] = {
        "title": _("Payments and refunds by day"),
        "form": form,
        "breadcrumbs": [(InvoiceList.title, address("invoice-list")), (_("Payments and refunds by day"), "")],
    }
    if form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        wanted = request.GET.get("export")
        if wanted in exports.FORMATS:
            return exports.response(
                wanted,
                title=f"{_('Payments and refunds')} {first:%Y-%m-%d} {last:%Y-%m-%d}",
                headings=_headings(),
                rows=_table(request.user, first, last),
            )
        context |= _content(request.user, first, last)
    return render(request, "licensing/reconciliation.html", context)


def _content(user: Any, first: date, last: date) -> dict[str, Any]:
    found = sums(user, first, last)
    rows = list(movements(user, first, last, most=ROWS_ON_THE_PAGE))
    total = found[-1].payments + found[-1].refunds
    return {
        "lead": _("From %(first)s to %(last)s, both included.")
        % {"first": date_format(first), "last": date_format(last)},
        "sum_columns": [
            _("Paid by"),
            _("Payments"),
            _("Received, in riel"),
            _("Refunds"),
            _("Paid back, in riel"),
            _("Sum, in riel"),
        ],
        "sums": [
            [
                row.label,
                riel(row.payments),
                riel(row.paid_khr),
                riel(row.refunds),
                riel(row.refunded_khr),
                riel(row.net_khr),
            ]
            for row in found
        ],
        "columns": [
            _("Day"),
            _("Receipt number"),
            _("Invoice"),
            _("Application"),
            _("Operator"),
            _("Paid by"),
            _("Amount in riel"),
            _("Sum so far"),
        ],
        "rows": [
            [
                row.day,
                row.receipt_number,
                link("invoice-detail", row.invoice, text=row.invoice),
                link("application-detail", row.application, text=row.application),
                row.operator,
                _what(row),
                riel(row.amount_khr),
                riel(row.balance),
            ]
            for row in rows
        ],
        "total": total,
        "left_out": total - len(rows),
        "exports": [
            (name.upper(), address("reconciliation", first=first.isoformat(), last=last.isoformat(), export=name))
            for name in exports.FORMATS
        ],
    }


def _what(row: Movement) -> str:
    return _("%(method)s, paid back") % {"method": row.method_label} if row.is_refund else row.method_label


def _headings() -> list[str]:
    return [
        _("Day"),
        _("Recorded at"),
        _("What happened"),
        _("Receipt number"),
        _("Paid by"),
        _("Reference of the bank"),
        _("Invoice"),
        _("Application"),
        _("Operator"),
        _("Recorded by"),
        _("Amount in riel"),
        _("Sum so far"),
    ]


def _table(user: Any, first: date, last: date) -> Iterator[list[Any]]:
    """Every row, then what they add up to: by method, and in all."""
    for row in movements(user, first, last):
        yield [
            row.day,
            row.recorded_at,
            _("Refund") if row.is_refund else _("Payment"),
            row.receipt_number,
            row.method_label,
            row.reference,
            row.invoice,
            row.application,
            row.operator,
            row.recorded_by,
            row.amount_khr,
            row.balance,
        ]
    for found in sums(user, first, last):
        name = _("Sum: %(method)s") % {"method": found.label}
        yield [None, None, name, None, found.method and found.label, *[None] * 5, found.net_khr, None]
