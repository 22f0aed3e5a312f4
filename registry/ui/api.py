"""What every address of the API does: keyset pages, the page's own filters, strict parameters, problems by RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from redis import RedisError
from rest_framework import exceptions, mixins, serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView, exception_handler
from rest_framework.viewsets import GenericViewSet

from registry.core.errors import Refusal
from registry.ui import keyset
from registry.ui.middleware import status_of

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"
SENTENCES: dict[str, Promise] = {
    "not_authenticated": _("Send a token (Authorization: Bearer …) or sign in."),
    "authentication_failed": _("This token is not valid. Create a new one on the page of your token."),
    "permission_denied": _("You may not do this."),
    "not_found": _("There is nothing here, or it lies outside your province."),
    "method_not_allowed": _("This can only be read: use GET."),
    "not_acceptable": _("The answer is JSON: ask for application/json."),
    "throttled": _("Too many requests. Wait for as many seconds as Retry-After says."),
    "error": _("Something went wrong here. It is recorded; try again later."),
}


# --- problems


class BadParameters(exceptions.APIException):
    """Parameters of the address that make no sense, each with a sentence."""

    status_code = HTTPStatus.BAD_REQUEST
    default_detail = _("The address has parameters that make no sense.")
    default_code = "bad_parameters"

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__()
        self.errors = errors


def bad_parameter(name: str, sentence: Any, *, code: str) -> dict[str, str]:
    return {"parameter": name, "code": code, "detail": force_str(sentence)}


def problem(status: int, code: str, detail: Any = "", **more: Any) -> dict[str, Any]:
    """The body that says what went wrong: the title is the status, `code` is for machines, `detail` for people."""
    sentence = SENTENCES.get(code, detail)
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": str(sentence), **more}


def answer_problem(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Any refusal as a problem. Something unforeseen is raised on, to be logged and answered by `server_error`."""
    if isinstance(exception, Refusal):
        status = status_of(exception)
        return Response(problem(status, exception.code, exception.sentence), status=status, content_type=PROBLEM)
    response = exception_handler(exception, context)
    if response is None:
        return None
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    code = getattr(detail, "code", "error")
    more = {"errors": exception.errors} if isinstance(exception, BadParameters) else {}
    response.data = problem(response.status_code, code, detail, **more)
    response.content_type = PROBLEM
    return response


def server_error(request: HttpRequest) -> JsonResponse:
    return JsonResponse(problem(500, "error"), status=500, content_type=PROBLEM)


# --- pages


class KeysetPagination(BasePagination):
    """Pages by position: no page costs more than the first one, and no row is counted."""

    default_size = 50
    largest_size = 200

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.page = keyset.page(queryset, view.order_by, self._cursor(request, queryset, view), self._size(request))
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(self.page.next_cursor),
                "previous": self._link(self.page.previous_cursor),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        at = "https://registry.example/api/v1/…/?cursor="
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The next page; null on the last one.", "example": f"{at}WzE"},
                "previous": {**link, "description": "The page before; null on the first one.", "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "in": "query",
                "name": "cursor",
                "schema": {"type": "string"},
                "description": "The position of a page, as `next` and `previous` have it; all else unchanged.",
            },
            {
                "in": "query",
                "name": "page_size",
                "schema": {"type": "integer", "minimum": 1, "default": self.default_size},
                "description": f"Rows on a page. More than {self.largest_size} gives {self.largest_size}.",
            },
        ]

    def _size(self, request: Request) -> int:
        try:
            size = int(request.query_params.get("page_size", self.default_size))
        except ValueError:
            size = 0
        if size < 1:
            raise BadParameters([bad_parameter("page_size", _("This is not a number above zero."), code="invalid")])
        return min(size, self.largest_size)

    def _cursor(self, request: Request, queryset: QuerySet[Any], view: Any) -> str | None:
        cursor = request.query_params.get("cursor")
        if cursor and not keyset.is_cursor(cursor, queryset, view.order_by):
            # A page would begin again; a program would go round in circles.
            raise BadParameters([bad_parameter("cursor", _("This is no position in this list."), code="invalid")])
        return cursor

    def _link(self, cursor: str | None) -> str | None:
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor) if cursor else None


class StrictFilters(DjangoFilterBackend):
    """The page's filters. A parameter that nobody knows would be silently without effect: it is refused."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        listing = view.action == "list"
        filterset = self.get_filterset(request, queryset, view) if listing else None
        known = {"cursor", "page_size", *(filterset.filters if filterset else ())} if listing else set()
        errors = [
            bad_parameter(name, _("There is no such parameter."), code="unknown")
            for name in request.query_params
            if name not in known
        ]
        if filterset and not filterset.is_valid():
            errors += [
                bad_parameter(name, error["message"], code=error["code"] or "invalid")
                for name, found in filterset.form.errors.get_json_data().items()
                for error in found
            ]
        if errors:
            raise BadParameters(errors)
        return filterset.qs if filterset else queryset


class PersonThrottle(UserRateThrottle):
    """So many requests a minute for each person. Without the cache nobody is held up: answers matter more."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            log.warning("api.throttle_without_cache", error=str(error))
            return True


class PrivateAnswers:
    """No cache, on this machine or between, keeps an answer: it belongs to one person."""

    def finalize_response(self, *arguments: Any, **options: Any) -> Any:
        response = super().finalize_response(*arguments, **options)  # type: ignore[misc]
        response.headers["Cache-Control"] = "private, no-store"
        return response


class ReadViewSet(PrivateAnswers, mixins.RetrieveModelMixin, mixins.ListModelMixin, GenericViewSet[Any]):
    """A list and its things, as far as the person who asks may see them: set `queryset`, `serializer_class`,
    `lookup_field`, `order_by` (as for `keyset.page`) and the `filterset_class` of the page."""

    order_by: ClassVar[Sequence[str]] = ()
    pagination_class = KeysetPagination
    filter_backends = [StrictFilters]
    throttle_classes = [PersonThrottle]
    http_method_names = ["get", "head"]

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[attr-defined]


class NoSuchAddress(PrivateAnswers, APIView):
    """Answers what no other address under the API answers."""

    schema = None

    def initial(self, request: Request, *arguments: Any, **options: Any) -> None:
        super().initial(request, *arguments, **options)
        raise exceptions.NotFound


# --- fields: null always means "not known", and nothing else does


class Text(serializers.CharField):
    """Text that may be unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_null": True, **options})

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) if value else None


class Choice(serializers.ChoiceField):
    """One of a few codes; may be unknown where `allow_null`."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) if value != "" else None


class Names(serializers.Serializer[Any]):
    """A name in Khmer and in Latin letters, at least one of them known."""

    km = Text(source="name_km", help_text="In Khmer script.")
    en = Text(source="name_en", help_text="In Latin letters.")
