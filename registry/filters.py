"""Which facilities and which operators: one set of filters for the page, the API and the export."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.accounts.states import PROVINCIAL_ROLES
from registry.areas.models import Area, OperationalDistrict
from registry.areas.states import AreaLevel
from registry.models import (
    Council,
    Equipment,
    EquipmentKind,
    Facility,
    FacilityType,
    Operator,
    Posting,
    Practitioner,
    Service,
)
from registry.states import Cadre, OperationalStatus, OperatorKind, Ownership
from registry.ui.filters import FilterSet


def provinces(request: HttpRequest) -> Any:
    """The provinces in which this person has facilities to look for."""
    found = Area.objects.in_force().provinces().order_by("sort_key")
    user: Any = request.user
    return found.filter(pk=user.province_id) if user.is_authenticated and user.role in PROVINCIAL_ROLES else found


def districts(request: HttpRequest) -> QuerySet[Area]:
    """The districts of the province that is asked for, or of all."""
    found = Area.objects.in_force().filter(level=AreaLevel.DISTRICT).order_by("sort_key")
    return _of_province(found, request)


def operational_districts(request: HttpRequest) -> QuerySet[OperationalDistrict]:
    return _of_province(OperationalDistrict.objects.order_by("code"), request)


def _of_province(found: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    asked = getattr(request, "GET", {}).get("province", "")
    return found.filter(province__in=provinces(request).with_code(asked) if asked else provinces(request))


class FacilityFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Name or number of a facility"), method="by_words")
    province = django_filters.ModelChoiceFilter(label=_("Province"), queryset=provinces, to_field_name="code")
    district = django_filters.ModelChoiceFilter(
        label=_("District"), queryset=districts, to_field_name="code", method="by_district"
    )
    operational_district = django_filters.ModelChoiceFilter(
        label=_("Operational district"), queryset=operational_districts, to_field_name="code"
    )
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Type"), queryset=FacilityType.objects.order_by("pk"), to_field_name="code", method="by_type"
    )
    ownership = django_filters.MultipleChoiceFilter(label=_("Ownership"), choices=Ownership.choices)
    status = django_filters.MultipleChoiceFilter(
        label=_("Operational status"), field_name="operational_status", choices=OperationalStatus.choices
    )
    service = django_filters.ModelChoiceFilter(
        label=_("Declared service"),
        queryset=Service.objects.order_by("pk"),
        to_field_name="code",
        method="by_service",
    )
    point = django_filters.ChoiceFilter(
        label=_("Point on the map"),
        choices=[("known", _("Known")), ("missing", _("Missing"))],
        method="by_point",
    )
    operator = django_filters.ModelChoiceFilter(
        label=_("Operator"), queryset=Operator.objects.all(), widget=forms.HiddenInput
    )

    class Meta(FilterSet.Meta):
        model = Facility
        fields: tuple[str, ...] = ()

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def by_type(self, rows: Any, name: str, value: list[FacilityType]) -> Any:
        return rows.filter(type__in=value) if value else rows

    def by_district(self, rows: Any, name: str, value: Area) -> Any:
        within = Q(pk=value.pk) | Q(parent=value.pk) | Q(parent__parent=value.pk)
        return rows.filter(area__in=Area.objects.filter(within).values("pk"))

    def by_service(self, rows: Any, name: str, value: Service) -> Any:
        return rows.filter(pk__in=value.declarations.filter(withdrawn_on=None).values("facility"))

    def by_point(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(latitude__isnull=value == "missing")


class OfFacilityFilter(FilterSet):
    """What every list of things that belong to facilities filters by: the facility, spelt any way, and its province."""

    q = django_filters.CharFilter(label=_("Name or number of the facility"), method="by_facility")
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, field_name="facility__province", to_field_name="code"
    )

    def by_facility(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(facility__in=Facility.objects.matching(value).values("pk"))


class OperatorFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Name of an operator"), method="by_words")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=OperatorKind.choices)
    foreign = django_filters.ChoiceFilter(
        label=_("Origin"), choices=[("no", _("National")), ("yes", _("Foreign"))], method="by_origin"
    )

    class Meta(FilterSet.Meta):
        model = Operator
        fields: tuple[str, ...] = ()

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def by_origin(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(foreign=value == "yes")


class PractitionerFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Name or council number"), method="by_words")
    council = django_filters.ModelChoiceFilter(
        label=_("Council"), queryset=Council.objects.order_by("pk"), to_field_name="code"
    )
    cadre = django_filters.MultipleChoiceFilter(label=_("Profession"), choices=Cadre.choices)
    origin = django_filters.ChoiceFilter(
        label=_("Origin"), choices=[("no", _("National")), ("yes", _("Foreign"))], method="by_origin"
    )
    practises = django_filters.ChoiceFilter(
        label=_("May practise"), choices=[("yes", _("Yes")), ("no", _("No"))], method="by_licence"
    )

    class Meta(FilterSet.Meta):
        model = Practitioner
        fields: tuple[str, ...] = ()

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def by_origin(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(foreign=value == "yes")

    def by_licence(self, rows: Any, name: str, value: str) -> Any:
        today = timezone.localdate()
        return rows.practising(today) if value == "yes" else rows.lapsed(today)


class ResponsiblePersonFilter(OfFacilityFilter):
    council = django_filters.ModelChoiceFilter(
        label=_("Council"),
        queryset=Council.objects.order_by("pk"),
        field_name="practitioner__council",
        to_field_name="code",
    )
    concern = django_filters.ChoiceFilter(
        label=_("Concern"),
        choices=[("several", _("Stands for several facilities")), ("lapsed", _("May no longer practise"))],
        method="by_concern",
    )

    class Meta(FilterSet.Meta):
        model = Posting
        fields: tuple[str, ...] = ()

    def by_concern(self, rows: Any, name: str, value: str) -> Any:
        today = timezone.localdate()
        if value == "lapsed":
            return rows.filter(practitioner__in=Practitioner.objects.lapsed(today).values("pk"))
        return rows.filter(practitioner__in=Posting.objects.in_force(today).who_stand_for_several())


class EquipmentFilter(OfFacilityFilter):
    kind = django_filters.ModelChoiceFilter(
        label=_("Kind"), queryset=EquipmentKind.objects.order_by("pk"), to_field_name="code"
    )
    calibration = django_filters.ChoiceFilter(
        label=_("Calibration"),
        choices=[("valid", _("Valid or not needed")), ("lapsed", _("Overdue"))],
        method="by_calibration",
    )
    in_use = django_filters.ChoiceFilter(
        label=_("In use"), choices=[("yes", _("Yes")), ("no", _("No"))], method="by_use"
    )

    class Meta(FilterSet.Meta):
        model = Equipment
        fields: tuple[str, ...] = ()

    def by_calibration(self, rows: Any, name: str, value: str) -> Any:
        calibrated = Equipment.objects.calibrated(timezone.localdate()).values("pk")
        return rows.filter(pk__in=calibrated) if value == "valid" else rows.exclude(pk__in=calibrated)

    def by_use(self, rows: Any, name: str, value: str) -> Any:
        in_use = Equipment.objects.in_use(timezone.localdate()).values("pk")
        return rows.filter(pk__in=in_use) if value == "yes" else rows.exclude(pk__in=in_use)
