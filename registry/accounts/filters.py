import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.areas.models import Area
from registry.ui.filters import FilterSet


class UserFilterSet(FilterSet):
    q = django_filters.CharFilter(label=_("Name or user name"), method="named")
    role = django_filters.MultipleChoiceFilter(label=_("Role"), choices=Role.choices)
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=Area.objects.provinces().order_by("sort_key"), to_field_name="code"
    )
    open = django_filters.BooleanFilter("is_active", label=_("Open account"))

    class Meta(FilterSet.Meta):
        model = User
        fields: tuple[str, ...] = ()

    def named(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        for word in value.split():
            people = people.filter(
                Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
            )
        return people
