"""The API put together: its addresses, its description and the page to read and try it."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.defaults import server_error as error_page
from django.views.generic import TemplateView
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from enforcement.api import FlagViewSet, SweepRunViewSet
from inspections.api import (
    CampaignViewSet,
    ChecklistVersionViewSet,
    CompetenceViewSet,
    CorrectiveActionViewSet,
    FacilityStandingViewSet,
    FindingViewSet,
    RulesetViewSet,
    StandingSerializer,
    VisitViewSet,
)
from inspections.querysets import facilities_repeated_by
from licensing.api import ApplicationViewSet, LicenceViewSet, ServiceAuthorisationViewSet
from registry.accounts.states import Role
from registry.api.areas import AreaViewSet, OperationalDistrictViewSet
from registry.api.catalogue import FacilityTypeViewSet, ServiceViewSet
from registry.api.facilities import FacilitySerializer, FacilityViewSet
from registry.api.practitioners import PractitionerViewSet
from registry.ui.api import PROBLEM, server_error


@extend_schema_serializer(
    component_name="Facility",
    examples=[
        OpenApiExample(
            "A clinic",
            {
                "number": "KH000013754",
                "name": {"km": "គ្លីនិក សុខា", "en": "Sokha Clinic"},
                "type": "clinic",
                "ownership": "private",
                "operational_status": "operating",
                "province": "12",
                "area": "120208",
                "operational_district": None,
                "address": "Street 63, 12",
                "latitude": 11.5564,
                "longitude": 104.9282,
                "point_accuracy_m": 8,
                "beds": 14,
                "services": ["laboratory", "surgery"],
                "opening_hours": None,
                "phone": "023 000 000",
                "email": None,
                "website": None,
                "brand": None,
                "opened_on": "2015-06-01",
                "identifiers": [{"system": "hmis", "value": "120104"}],
                "predecessor": None,
                "changed_at": "2026-03-04T09:05:00+07:00",
                "standing": {
                    "last_visit_on": "2026-03-02",
                    "score": 71.5,
                    "band": "substantially_compliant",
                    "visits_in_band": 1,
                    "closure_proposed": False,
                    "next_due_on": "2027-03-02",
                },
            },
        )
    ],
)
class FacilityWithStandingSerializer(FacilitySerializer):
    """One site where health care is given, or is suspected to be given, and where it stands after its last visit."""

    standing = StandingSerializer(
        allow_null=True,
        default=None,
        help_text="Null before the first visit that counts, and for an inspector who is repeating it.",
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"standing": None} if instance.pk in self.context.get("repeated", ()) else shown


class FacilityWithStandingViewSet(FacilityViewSet):
    """Facilities with their standing, by number."""

    queryset: QuerySet[Any] = FacilityViewSet.queryset.select_related("standing")
    serializer_class = FacilityWithStandingSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        user: Any = self.request.user
        inspects = getattr(user, "role", "") == Role.INSPECTOR
        repeated = set(facilities_repeated_by(user).values_list("original__facility", flat=True)) if inspects else ()
        return {**super().get_serializer_context(), "repeated": repeated}


router = SimpleRouter()
router.register("facilities", FacilityWithStandingViewSet)
router.register("visits", VisitViewSet)
router.register("findings", FindingViewSet)
router.register("corrective-actions", CorrectiveActionViewSet)
router.register("standings", FacilityStandingViewSet)
router.register("campaigns", CampaignViewSet)
router.register("competences", CompetenceViewSet)
router.register("checklist-versions", ChecklistVersionViewSet)
router.register("rulesets", RulesetViewSet)
router.register("applications", ApplicationViewSet)
router.register("licences", LicenceViewSet)
router.register("service-authorisations", ServiceAuthorisationViewSet)
router.register("flags", FlagViewSet)
router.register("sweep-runs", SweepRunViewSet)
router.register("practitioners", PractitionerViewSet)
router.register("facility-types", FacilityTypeViewSet)
router.register("services", ServiceViewSet)
router.register("areas", AreaViewSet)
router.register("operational-districts", OperationalDistrictViewSet)


class Description(SpectacularJSONAPIView):
    """The description is English in every language of the pages: programmers read it."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *arguments: Any, **options: Any) -> Response:
        with translation.override("en"):
            return super().get(request, *arguments, **options)


class Documentation(LoginRequiredMixin, TemplateView):
    template_name = "api/docs.html"


def fault(request: HttpRequest) -> HttpResponse:
    """The answer to a fault of our own: a problem for programs, a page for people."""
    return server_error(request) if request.path.startswith("/api/v1/") else error_page(request)


PROBLEMS = {
    "400": ("BadRequest", "A parameter is unknown or makes no sense; `errors` names it.", {}),
    "401": ("Unauthorized", "No token, or one that is not valid.", {"WWW-Authenticate": "Bearer"}),
    "403": ("Forbidden", "You may not do this.", {}),
    "404": ("NotFound", "There is nothing here, or it lies outside your province.", {}),
    "409": ("Conflict", "The law or the present state forbids it now; `code` says why.", {}),
    "422": ("Unprocessable", "The Idempotency-Key belongs to another request.", {}),
    "429": ("TooManyRequests", "Too many requests.", {"Retry-After": "Seconds to wait."}),
}
TEXT = {"type": "string"}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {**TEXT, "const": "about:blank"},
        "title": {**TEXT, "description": "The status in words."},
        "status": {"type": "integer"},
        "code": {**TEXT, "description": "Stable, for programs."},
        "detail": {**TEXT, "description": "A sentence for people, in the language of Accept-Language."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": {**TEXT, "description": "The parameter."}, "code": TEXT, "detail": TEXT},
            },
        },
    },
}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation of the description a line for the overview and the problems it can answer with."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {
        name: {
            "description": sentence,
            "headers": {header: {"schema": TEXT, "description": text} for header, text in headers.items()},
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for name, sentence, headers in PROBLEMS.values()
    }
    for path, operations in result["paths"].items():
        single = path.endswith("}/")
        for method, operation in operations.items():
            reads = method == "get"
            if single and reads:
                operation["description"] = f"One of them. {operation['description']}"
            operation["summary"] = operation["description"]
            operation["responses"] |= {
                status: {"$ref": f"#/components/responses/{name}"}
                for status, (name, *_) in PROBLEMS.items()
                if not reads or status not in ("403", "409", "422", "400" if single else "404")
            }
    return result
