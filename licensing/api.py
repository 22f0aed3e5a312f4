from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from licensing.filters import ApplicationFilter, AuthorisationFilter, LicenceFilter
from licensing.models import Application, Grant, Licence, ServiceAuthorisation
from licensing.states import ApplicationKind, ApplicationState, LicenceState
from registry.states import Authority
from registry.ui.api import ReadOnlyViewSet

DATES = {
    "valid_from": "2026-01-15",
    "valid_until": "2028-01-14",
    "suspended_from": None,
    "ended_on": None,
    "last_day": "2028-01-14",
    "recorded_at": "2026-01-12T10:30:00+07:00",
    "decided_at": "2026-01-14T15:00:00+07:00",
}


class GrantSerializer(serializers.Serializer[Grant]):
    number = serializers.CharField()
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    state = serializers.ChoiceField(
        LicenceState.choices, help_text="Whether it holds on a day follows from the days, not from the state alone."
    )
    valid_from = serializers.DateField(help_text="First day, included.")
    valid_until = serializers.DateField(help_text="Last day as written on it, included.")
    suspended_from = serializers.DateField(
        allow_null=True, help_text="First day of the suspension that stands, or stood to the end."
    )
    ended_on = serializers.DateField(allow_null=True, help_text="First day without it, where it ended early.")
    last_day = serializers.DateField(help_text="Last day of its period.")
    recorded_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When it was approved or rejected.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A licence in force",
            {
                "number": "MOH-2026-000137",
                "facility": "KH000013754",
                "type": "operating",
                "authority": "ministry",
                "state": "issued",
            }
            | DATES,
        )
    ]
)
class LicenceSerializer(GrantSerializer):
    """The permission for one site to operate."""

    type = serializers.CharField(source="type.code", help_text="Code of the licence type.")
    authority = serializers.ChoiceField(Authority.choices, source="type.authority", help_text="Who issues it.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An authorisation in force",
            {
                "number": "MOH-A-2026-000012",
                "facility": "KH000013754",
                "service": "cosmetic_surgery",
                "state": "issued",
            }
            | DATES,
        )
    ]
)
class ServiceAuthorisationSerializer(GrantSerializer):
    """The permission for one site to offer one service that its licence does not cover."""

    service = serializers.CharField(source="service.code", help_text="Code of the service.")


class LicenceViewSet(ReadOnlyViewSet):
    """Licences, the newest record first."""

    queryset: QuerySet[Any] = Licence.objects.select_related("facility", "type")
    serializer_class = LicenceSerializer
    filterset_class = LicenceFilter
    lookup_value_regex = ".+"
    ordering = ("-recorded_at",)


class ServiceAuthorisationViewSet(ReadOnlyViewSet):
    """Authorisations for single services, the newest record first."""

    queryset: QuerySet[Any] = ServiceAuthorisation.objects.select_related("facility", "service")
    serializer_class = ServiceAuthorisationSerializer
    filterset_class = AuthorisationFilter
    lookup_value_regex = ".+"
    ordering = ("-recorded_at",)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An application for a new licence",
            {
                "number": "APP-2026-000042",
                "kind": "new",
                "state": "under_review",
                "operator": "Sok Dara",
                "facility": None,
                "type": "clinic_licence",
                "licence": None,
                "services": ["surgery"],
                "begins_on": "2027-02-01",
                "submitted_at": "2026-11-02T09:05:00+07:00",
                "due_on": "2026-12-01",
                "decided_at": None,
                "created_at": "2026-10-30T16:00:00+07:00",
            },
        )
    ]
)
class ApplicationSerializer(serializers.Serializer[Application]):
    """What an operator asks of the authority."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(ApplicationKind.choices)
    state = serializers.ChoiceField(ApplicationState.choices)
    operator = serializers.CharField(help_text="Name of the operator.")
    facility = serializers.CharField(
        source="facility.number",
        allow_null=True,
        default=None,
        help_text="Number of the facility; null for a site not yet registered.",
    )
    type = serializers.CharField(
        source="type.code",
        allow_null=True,
        default=None,
        help_text="Code of the licence type; null until it is handed in.",
    )
    licence = serializers.CharField(
        source="concerns.number", allow_null=True, default=None, help_text="Number of the licence it is about."
    )
    services = serializers.SerializerMethodField(help_text="Codes of the services with an authorisation of their own.")
    begins_on = serializers.DateField(allow_null=True, help_text="First day that is wanted.")
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text="When the decision is due; null while the clock stands.")
    decided_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_services(self, application: Application) -> list[str]:
        return sorted(asked.service.code for asked in application.asked_services.all())


class ApplicationViewSet(ReadOnlyViewSet):
    """Applications, the newest first."""

    queryset: QuerySet[Any] = Application.objects.select_related(
        "operator", "facility", "type", "concerns"
    ).prefetch_related("asked_services__service")
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter
    ordering = ("-created_at",)
