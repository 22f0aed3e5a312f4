import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from registry.outbox import rules
from registry.outbox.models import Letter, Message
from registry.outbox.states import Channel, LetterState
from registry.ui.filters import FilterSet, FromDayFilter, UntilDayFilter

UNREAD, READ = "unread", "read"


class MessageFilterSet(FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("Read or not"), choices=((UNREAD, _("Unread")), (READ, _("Read"))), method="read_or_not"
    )
    kind = django_filters.MultipleChoiceFilter(label=_("About"), choices=rules.titles)
    facility = django_filters.CharFilter("facility_number", label=_("Facility number"))
    since = FromDayFilter("posted_at", label=_("From day"))
    until = UntilDayFilter("posted_at", label=_("Until day"))

    class Meta(FilterSet.Meta):
        model = Message
        fields: tuple[str, ...] = ()

    def read_or_not(self, messages: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return messages.filter(read_at__isnull=value == UNREAD)


class LetterFilterSet(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=LetterState.choices)
    channel = django_filters.MultipleChoiceFilter(label=_("Channel"), choices=Channel.choices)
    address = django_filters.CharFilter(method="by_address", label=_("Address"))
    facility = django_filters.CharFilter("facility_number", label=_("Facility number"))
    since = FromDayFilter("posted_at", label=_("From day"))
    until = UntilDayFilter("posted_at", label=_("Until day"))

    class Meta(FilterSet.Meta):
        model = Letter
        fields: tuple[str, ...] = ()

    def by_address(self, letters: QuerySet[Letter], name: str, value: str) -> QuerySet[Letter]:
        """Nobody finds out by trying who was written to in confidence."""
        return letters.filter(address__icontains=value).exclude(kind__in=rules.in_confidence())
