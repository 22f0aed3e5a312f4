"""The base of every FilterSet: one serves the page, the API and the export of a list."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from registry.ui.forms import DayField, FilterForm


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """A day as people write it here, in either kind of digits."""

    field_class = DayField


class FromDayFilter(DayFilter):
    """Moments from the beginning of a day on, in the register's time zone; an index on the moment serves it."""

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{f"{self.field_name}__gte": _midnight(value)})


class UntilDayFilter(DayFilter):
    """Moments until the end of a day, that day included."""

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{f"{self.field_name}__lt": _midnight(value + timedelta(days=1))})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class FilterSet(django_filters.FilterSet):
    """Filters that know who asks: `self.user` limits the choices a filter offers.

    One address parameter per filter: a period is two filters, `from` and `until`, never a range widget.
    """

    class Meta:
        form = FilterForm

    @property
    def user(self) -> Any:
        return self.request.user

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows that pass, or none at all while a filter makes no sense."""
        return self.qs if self.is_valid() else self.queryset.none()

    def active(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each value now filtered by: a text for people, the parameter, and the values it keeps without this one."""
        if not self.is_bound or not self.is_valid():
            return
        for name, field in self.form.fields.items():
            chosen = self.form.cleaned_data.get(name)
            many = hasattr(chosen, "__iter__") and not isinstance(chosen, str | Model)
            for value in chosen if many else [chosen]:
                if value in (None, ""):
                    continue
                sent = str(field.prepare_value(value))
                keep = [other for other in self.form.data.getlist(name) if other != sent] if many else []
                yield f"{self.form[name].label}: {_shown(field, value)}", name, keep


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, str):
        for choice, label in getattr(field, "choices", ()):
            for key, text in label if isinstance(label, list | tuple) else [(choice, label)]:
                if str(key) == value:
                    return str(text)
    return str(value)
