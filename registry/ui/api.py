"""What every endpoint of the REST API shares: scope, filters, pages, and one shape for all that goes wrong."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.filters import QuerySetRequestMixin
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from redis import RedisError
from rest_framework import exceptions, serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView
from rest_framework.views import exception_handler as rest_exception_handler
from rest_framework.viewsets import ReadOnlyModelViewSet

from registry.core.errors import Refusal
from registry.ui import keyset
from registry.ui.middleware import status_of

log = structlog.get_logger(__name__)

CURSOR = "cursor"
PAGE_SIZE = "page_size"
PROBLEM = "application/problem+json"
SENTENCES: dict[str, Promise] = {
    "not_authenticated": gettext_lazy("Send a token (Authorization: Bearer …) or sign in."),
    "authentication_failed": gettext_lazy("This token is not valid. Create a new one on the page of your token."),
    "permission_denied": gettext_lazy("You may not do this."),
    "not_found": gettext_lazy("There is nothing here, or it lies outside your province."),
    "method_not_allowed": gettext_lazy("This can only be read: use GET."),
    "not_acceptable": gettext_lazy("The answer is JSON: ask for application/json."),
    "throttled": gettext_lazy("Too many requests. Wait for as many seconds as Retry-After says."),
    "error": gettext_lazy("Something went wrong here. It is recorded; try again later."),
}
"""What the framework says, in words of our own that are translated."""


def problem_details(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to any refusal, wrong request or missing thing; None lets a fault of our own be one (500)."""
    if isinstance(exception, Refusal):
        return problem(status_of(exception), code=exception.code, detail=str(exception.sentence))
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    answer = rest_exception_handler(exception, context)
    if answer is None or not isinstance(exception, exceptions.APIException):
        return None
    if isinstance(exception, exceptions.ValidationError):
        errors = list(_errors(exception.get_full_details()))
        return problem(answer.status_code, code="invalid", detail=" ".join(e["detail"] for e in errors), errors=errors)
    known = problem(answer.status_code, code=str(exception.get_codes()), detail=str(exception.detail))
    for header in ("WWW-Authenticate", "Retry-After"):
        if header in answer:
            known[header] = answer[header]
    return known


def problem(status: int, *, code: str, detail: str, errors: Sequence[dict[str, str]] = ()) -> Response:
    content = _content(status, code=code, detail=detail) | ({"errors": errors} if errors else {})
    return Response(content, status=status, content_type=PROBLEM)


def server_error(request: HttpRequest) -> JsonResponse:
    """The answer to a fault of our own, and nothing about the fault."""
    return JsonResponse(_content(500, code="error"), status=500, content_type=PROBLEM)


def _content(status: int, *, code: str, detail: str = "") -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    sentence = str(SENTENCES.get(code, detail))
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": sentence}


def _errors(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Every error with the path of its field: "staff.0.name"."""
    if _is_one(details):
        yield {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
        return
    for name, nested in details.items() if isinstance(details, dict) else enumerate(details):
        nameless = name == "non_field_errors" or (isinstance(name, int) and _is_one(nested))
        yield from _errors(nested, path if nameless else f"{path}.{name}".removeprefix("."))


def _is_one(details: Any) -> bool:
    return isinstance(details, dict) and isinstance(details.get("message"), str) and "code" in details


class Filters(DjangoFilterBackend):
    """The FilterSet of the page. An unknown parameter is refused: ignored, it would answer with everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = {CURSOR, PAGE_SIZE, *(filterset.filters if filterset else ())}
        if unknown := sorted(set(request.query_params) - known):
            raise exceptions.ValidationError(
                {name: exceptions.ErrorDetail(_("There is no such parameter."), code="unknown") for name in unknown}
            )
        return super().filter_queryset(request, queryset, view)


class FilterDescription(DjangoFilterExtension):
    """Every parameter is described by its label; what is chosen among rows is sent as the code of a row."""

    target_class = "registry.ui.api.Filters"
    match_subclasses = True
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        if isinstance(filter_field, QuerySetRequestMixin):
            extend_schema_field(OpenApiTypes.STR)(filter_field)
        parameters = super().resolve_filter_field(auto_schema, model, filterset_class, field_name, filter_field)
        for parameter in parameters:
            parameter.setdefault("description", str(filter_field.extra.get("help_text") or filter_field.label))
        return parameters


class KeysetPagination(BasePagination):
    """Pages by cursor, in the `ordering` of the view; the cost of a page does not depend on how far it is."""

    default_size = 50
    largest_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        cursor = request.query_params.get(CURSOR)
        ordering: Sequence[str] = view.ordering if view else ()  # type: ignore[attr-defined]
        try:
            self.page = keyset.page(queryset, ordering, cursor, self.size(request), strict=True)
        except keyset.InvalidCursor:
            raise exceptions.ValidationError(
                {CURSOR: exceptions.ErrorDetail(_("Start again without a cursor."), code="invalid_cursor")}
            ) from None
        self.address = remove_query_param(request.build_absolute_uri(), CURSOR)
        return self.page.rows

    def size(self, request: Request) -> int:
        asked = serializers.IntegerField(min_value=1)
        try:
            return min(asked.run_validation(request.query_params.get(PAGE_SIZE, self.default_size)), self.largest_size)
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({PAGE_SIZE: error.detail}) from None

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "results": data,
                "next": self.link(self.page.next_cursor),
                "previous": self.link(self.page.previous_cursor),
            }
        )

    def link(self, cursor: str | None) -> str | None:
        return replace_query_param(self.address, CURSOR, cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        example = "https://registry.example/api/v1/…/?cursor=…"
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**address, "description": "The next page; null on the last one.", "example": example},
                "previous": {**address, "description": "The page before; null on the first one.", "example": None},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "default": self.default_size}
        return [
            {
                "name": CURSOR,
                "in": "query",
                "schema": {"type": "string"},
                "description": "The position of a page, as it stands in `next` and `previous`; all else unchanged.",
            },
            {
                "name": PAGE_SIZE,
                "in": "query",
                "schema": size,
                "description": f"Rows on a page. More than {self.largest_size} gives {self.largest_size}.",
            },
        ]


class PersonThrottle(UserRateThrottle):
    """So many requests a minute for each person. Without the cache nobody is held up: answers matter more."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            log.warning("api.throttle_without_cache", error=str(error))
            return True


class ReadOnlyViewSet(ReadOnlyModelViewSet[Any]):
    """A list and its things, as far as the person who asks may see them; out of scope is 404.

    Set `queryset` (with the joins the serializer needs), `serializer_class`, `filterset_class` and `ordering`.
    """

    pagination_class = KeysetPagination
    filter_backends: Sequence[type[BaseFilterBackend]] = (Filters,)
    throttle_classes = (PersonThrottle,)
    http_method_names: tuple[str, ...] = ("get", "head")
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    ordering: Sequence[str] = ("pk",)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[attr-defined]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filters choose from a list; one thing is found by its number alone."""
        return super().filter_queryset(queryset) if self.detail is False else queryset

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}


class NoSuchAddress(APIView):
    """Answers what no other address of the API answers."""

    schema = None

    def initial(self, request: Request, *arguments: Any, **options: Any) -> None:
        super().initial(request, *arguments, **options)
        raise exceptions.NotFound


class Text(serializers.CharField):
    """Text that may be unknown: null, never empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_null": True, **options})

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) if value else None


class Choice(serializers.ChoiceField):
    """One of a few codes; null, never empty, where it may be unknown (`allow_null`)."""

    def to_representation(self, value: Any) -> Any:
        return None if value == "" else super().to_representation(value)


class Names(serializers.Serializer[Any]):
    """A name in Khmer and in Latin letters; at least one of them is known."""

    km = Text(source="name_km", help_text="In Khmer script.")
    en = Text(source="name_en", help_text="In Latin letters.")
