import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licensing.models import Invoice
from licensing.states import InvoiceState, PaymentMethod
from registry.core.khmer import ascii_digits
from registry.filters import provinces
from registry.models import Facility, Operator
from registry.ui.filters import FilterSet, FromDayFilter, UntilDayFilter


class InvoiceFilter(FilterSet):
    q = django_filters.CharFilter(
        label=_("Number of the invoice, application or receipt, or name of the operator or facility"), method="by_words"
    )
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=InvoiceState.choices)
    overdue = django_filters.ChoiceFilter(
        label=_("To be paid"),
        choices=[("yes", _("Overdue")), ("no", _("Not yet overdue"))],
        method="by_due_day",
    )
    method = django_filters.MultipleChoiceFilter(
        label=_("Paid by"), field_name="payment__method", choices=PaymentMethod.choices
    )
    issued_from = FromDayFilter(label=_("Issued from"), field_name="issued_at")
    issued_until = UntilDayFilter(label=_("Issued until"), field_name="issued_at")
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, field_name="application__facility__province", to_field_name="code"
    )

    class Meta(FilterSet.Meta):
        model = Invoice
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        number = ascii_digits(" ".join(value.split()))
        numbered = rows.filter(
            Q(number__iexact=number) | Q(application__number__iexact=number) | Q(payment__receipt_number__iexact=number)
        )
        if numbered.exists():
            return numbered
        return rows.filter(
            Q(application__facility__in=Facility.objects.matching(value).values("pk"))
            | Q(application__operator__in=Operator.objects.matching(value).values("pk"))
        )

    def by_due_day(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        today = timezone.localdate()
        if value == "yes":
            return rows.unpaid(today)  # type: ignore[attr-defined]
        return rows.filter(state=InvoiceState.OPEN, due_on__gte=today)
