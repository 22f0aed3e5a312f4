"""What every endpoint of the API shares: scope, pages, filters, and problem details."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.filters import AuditEventFilterSet
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.ui.api import ReadOnlyViewSet
from tests.factories import NOW, a_user

pytestmark = pytest.mark.django_db


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    class Meta:
        model = AuditEvent
        fields = ("verb", "subject_number")


class Events(ReadOnlyViewSet):
    queryset = AuditEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = AuditEventFilterSet
    lookup_field = "subject_number"
    ordering = ("subject_number",)


@pytest.fixture
def auditor() -> User:
    AuditEvent.objects.bulk_create(
        AuditEvent(verb="licence.issued", occurred_at=NOW, subject_kind="x", subject_number=f"L-{n}") for n in range(5)
    )
    return a_user(Role.AUDITOR)


def ask(user: User | None, address: str = "/", **view: Any) -> Any:
    request = APIRequestFactory().get(address)
    if user:
        force_authenticate(request, user)
    action: dict[str, Any] = {"get": "retrieve"} if view else {"get": "list"}
    return Events.as_view(action, detail=bool(view))(request, **view).render()


def test_pages_lead_forward_and_back(auditor: User) -> None:
    first = ask(auditor, "/?page_size=2&verb=licence.").data
    assert [event["subject_number"] for event in first["results"]] == ["L-0", "L-1"]
    assert first["previous"] is None
    second = ask(auditor, first["next"]).data
    assert [event["subject_number"] for event in second["results"]] == ["L-2", "L-3"]
    assert ask(auditor, second["previous"]).data["results"] == first["results"]
    third = ask(auditor, second["next"])
    assert third.data["next"] is None and len(third.data["results"]) == 1
    assert third["Cache-Control"] == "private, no-store"


def test_a_page_costs_one_query(auditor: User, django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(1):
        ask(auditor, "/?page_size=2")


def test_scope_is_the_same_as_on_pages(auditor: User) -> None:
    inspector = a_user(Role.INSPECTOR)
    assert ask(inspector).data["results"] == []
    assert ask(auditor, subject_number="L-1").data == {"verb": "licence.issued", "subject_number": "L-1"}
    hidden = ask(inspector, subject_number="L-1")
    assert (hidden.status_code, hidden.data["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("cursor=nonsense", "cursor", "invalid_cursor"),
        ("page_size=0", "page_size", "min_value"),
        ("page_size=x", "page_size", "invalid"),
        ("vreb=licence.", "vreb", "unknown"),
        ("since=yesterday", "since", "invalid"),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_names_it(auditor: User, query: str, field: str, code: str) -> None:
    answer = ask(auditor, f"/?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.data["code"] == "invalid"
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, code)]


def test_a_stranger_is_told_how_to_sign_in() -> None:
    answer = ask(None)
    assert (answer.status_code, answer.data["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


class Staff(serializers.Serializer[Any]):
    name = serializers.CharField()


class Team(serializers.Serializer[Any]):
    staff = Staff(many=True)


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (NotPermitted("No.", code="licence_not_yours"), 403, "licence_not_yours"),
        (Refused("Not now.", code="licence_expired"), 409, "licence_expired"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (exceptions.ParseError(), 400, "parse_error"),
    ],
)
def test_every_refusal_is_a_problem_with_a_stable_code(raised: Exception, status: int, code: str) -> None:
    answer = raising(raised)
    assert (answer.status_code, answer.data["status"], answer.data["code"]) == (status, status, code)
    assert answer.data["detail"] and answer.data["title"]
    assert answer["Content-Type"] == "application/problem+json"


def test_errors_of_nested_fields_say_where_they_are() -> None:
    team = Team(data={"staff": [{"name": "Sok"}, {}]})
    assert not team.is_valid()
    answer = raising(exceptions.ValidationError(team.errors))
    assert [(e["field"], e["code"]) for e in answer.data["errors"]] == [("staff.1.name", "required")]
    whole = raising(exceptions.ValidationError({"non_field_errors": ["Both."], "message": ["Empty."], "code": ["x"]}))
    assert [e["field"] for e in whole.data["errors"]] == ["", "message", "code"]


def raising(exception: Exception) -> Any:
    class Endpoint(APIView):
        authentication_classes = ()
        permission_classes = ()

        def get(self, request: Request) -> Response:
            raise exception

    return Endpoint.as_view()(APIRequestFactory().get("/")).render()


def test_a_fault_of_our_own_is_not_dressed_as_a_refusal() -> None:
    with pytest.raises(ZeroDivisionError):
        raising(ZeroDivisionError())
