import django_filters
from django.utils.translation import gettext_lazy as _

from registry.audit.models import AuditEvent
from registry.ui.filters import FilterSet, FromDayFilter, UntilDayFilter


class AuditEventFilterSet(FilterSet):
    verb = django_filters.CharFilter(
        lookup_expr="startswith", label=_("What was done"), help_text=_("For example, licence. or licence.suspended")
    )
    subject = django_filters.CharFilter("subject_number", label=_("Number of the subject"))
    facility = django_filters.CharFilter("facility_number", label=_("Facility number"))
    by = django_filters.CharFilter("by_username", label=_("User name"))
    since = FromDayFilter("occurred_at", label=_("From day"))
    until = UntilDayFilter("occurred_at", label=_("Until day"))

    class Meta(FilterSet.Meta):
        model = AuditEvent
        fields: tuple[str, ...] = ()
