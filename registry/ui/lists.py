"""Every list in the register: filters, sorting, pages and exports, declared rather than written.

A list is a `ListPage` with columns. The page, the part that htmx swaps, and the CSV and XLSX files all
come from one address, whose parameters are the filters, `sort`, `cursor` and `export`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.views import View

from registry.ui import exports, keyset
from registry.ui.filters import FilterSet

RESULT = "list-result"
SEARCH = "q"
"""The filter that stands above the folded panel, always in sight."""

ROWS_PER_READ = 2000

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """One column of a list and of its export.

    `value`: a path through attributes ("facility.name_en"), or a function of the row; the name itself by default.
    `sort`: the field or fields that order the list by this column. An index over them and the key makes it fast.
    `page`, `export`: whether the column is on the page and in the file; a page has room for about eight.
    `link`: the address that a row's cell leads to. A tag's colour follows the stored status.
    """

    name: str
    heading: Text
    value: str | Callable[[Any], Any] = ""
    sort: str | Sequence[str] | None = None
    page: bool = True
    export: bool = True
    link: Callable[[Any], str | None] | None = None
    kind: Literal["text", "date", "number", "tag"] = "text"

    @property
    def order(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) else tuple(self.sort or ())

    def stored(self, row: Any) -> Any:
        return self.value(row) if callable(self.value) else _follow(row, self.value or self.name)[0]

    def shown(self, row: Any) -> Any:
        """The value for people: the label of a choice, otherwise what is stored."""
        if callable(self.value):
            value, label = self.value(row), None
        else:
            value, label = _follow(row, self.value or self.name)
        return label or getattr(value, "label", value)


def _follow(row: Any, path: str) -> tuple[Any, str | None]:
    """The value at the end of a path of attributes (None where it breaks off) and its label, if it is a choice."""
    *way, last = path.replace("__", ".").split(".")
    for name in way:
        try:
            row = getattr(row, name)
        except ObjectDoesNotExist:
            row = None
        if row is None:
            return None, None
    label = getattr(row, f"get_{last}_display", None)
    return getattr(row, last), str(label()) if label else None


@dataclass(frozen=True)
class Header:
    column: Column
    href: str | None
    aria_sort: str | None


@dataclass(frozen=True)
class Cell:
    column: Column
    value: Any
    status: Any
    href: str | None


@dataclass(frozen=True)
class ListAction:
    """A button: where it leads and what it says."""

    href: str
    text: Text


class ListPage(LoginRequiredMixin, View):
    """One list: set `model`, `title`, `columns` and `default_sort`; the rest is optional.

    `default_sort` is the name of a sortable column, with "-" in front for descending.
    """

    model: ClassVar[type[Model]]
    title: ClassVar[Text]
    lead: ClassVar[Text] = ""
    columns: ClassVar[Sequence[Column]]
    default_sort: ClassVar[str]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    page_size: ClassVar[int] = 50
    template_name: ClassVar[str] = "ui/list_page.html"
    empty_state: ClassVar[Text]
    empty_advice: ClassVar[Text] = ""

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        """What `user` may see, with the joins that the columns need."""
        return self.model._default_manager.all().visible_to(user)  # type: ignore[attr-defined]

    def check_may_see(self, user: Any) -> None:
        """Raise NotPermitted where the whole list is closed to `user`. Rows are scoped by `queryset_for`."""

    def actions_for(self, user: Any) -> Sequence[ListAction]:
        """The buttons beside the heading; the first one is offered again where the list is empty."""
        return ()

    def extra_context(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.check_may_see(request.user)
        wanted = request.GET.get("export")
        response = self.export(wanted) if wanted in exports.FORMATS and self.is_valid else self.page()
        # Personal, and one address gives a page, a part of one, or a file.
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    # --- what is asked for

    @cached_property
    def filterset(self) -> FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(
            data=self.request.GET, queryset=self.queryset_for(self.request.user), request=self.request
        )

    @property
    def is_valid(self) -> bool:
        return self.filterset is None or self.filterset.is_valid()

    def rows(self) -> QuerySet[Any]:
        return self.queryset_for(self.request.user) if self.filterset is None else self.filterset.rows

    @cached_property
    def sort(self) -> str:
        asked = self.request.GET.get("sort", "")
        return asked if asked.removeprefix("-") in self.sorts else self.default_sort

    @cached_property
    def sorts(self) -> dict[str, tuple[str, ...]]:
        return {column.name: column.order for column in self.columns if column.sort}

    @property
    def on_page(self) -> list[Column]:
        return [column for column in self.columns if column.page]

    @property
    def order(self) -> list[str]:
        sign = "-" if self.sort.startswith("-") else ""
        return [sign + path for path in self.sorts[self.sort.removeprefix("-")]]

    # --- the file

    def export(self, file_format: str) -> HttpResponseBase:
        columns = [column for column in self.columns if column.export]
        key = "-pk" if self.sort.startswith("-") else "pk"
        rows = self.rows().order_by(*self.order, key).iterator(chunk_size=ROWS_PER_READ)
        return exports.response(
            file_format,
            title=f"{self.title} {timezone.localdate():%Y-%m-%d}",
            headings=[str(column.heading) for column in columns],
            rows=([column.shown(row) for column in columns] for row in rows),
        )

    # --- the page

    def page(self) -> TemplateResponse:
        rows = self.rows()
        page = keyset.page(rows, self.order, self.request.GET.get("cursor"), self.page_size)
        alone = page.next_cursor is None and page.previous_cursor is None
        total = keyset.Total(len(page.rows), exact=True) if alone else keyset.total(rows)
        active = list(self.filterset.active()) if self.filterset else []
        actions = [action for action in self.actions_for(self.request.user) if self.opens(action.href)]
        context = {
            "title": self.title,
            "lead": self.lead,
            "actions": actions,
            "form": self.filterset.form if self.filterset else None,
            "filters_open": any(name != SEARCH for _text, name, _keep in active) or not self.is_valid,
            "chips": [(text, self.address(**{name: keep})) for text, name, keep in active],
            "cleared": f"?sort={self.sort}" if self.sort != self.default_sort else "?",
            "sort": self.sort if self.sort != self.default_sort else "",
            "headers": list(self.headers()),
            "rows": [[self.cell(column, row) for column in self.on_page] for row in page.rows],
            "total": total,
            "next": self.address(cursor=page.next_cursor) if page.next_cursor else None,
            "previous": self.address(cursor=page.previous_cursor) if page.previous_cursor else None,
            "exports": [(name.upper(), self.address(export=name)) for name in exports.FORMATS],
            "empty_state": self.empty_state,
            "empty_advice": self.empty_advice,
            "empty_action": actions[0] if actions else None,
            "is_part": self.is_part,
            **self.extra_context(),
        }
        template = "ui/_list_result.html" if self.is_part else self.template_name
        response = TemplateResponse(self.request, template, context)
        if self.is_part:
            response["HX-Push-Url"] = self.request.path + self.address(cursor=self.request.GET.get("cursor"))
        return response

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for the part it swaps; going back in history it wants the whole page."""
        asked = self.request.headers
        return asked.get("HX-Target") == RESULT and "HX-History-Restore-Request" not in asked

    def address(self, **changes: str | list[str] | None) -> str:
        """This list with other parameters, from its first page on unless a cursor is among them."""
        parameters = self.request.GET.copy()
        for name, value in {"cursor": None, "export": None, **changes}.items():
            parameters.setlist(name, value if isinstance(value, list) else [value or ""])
        for name in list(parameters):
            parameters.setlist(name, [value for value in parameters.getlist(name) if value])
        return f"?{parameters.urlencode()}"

    def headers(self) -> Iterator[Header]:
        for column in self.on_page:
            ascending = self.sort == column.name
            aria_sort = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort)
            href = self.address(sort=f"-{column.name}" if ascending else column.name) if column.sort else None
            yield Header(column, href, aria_sort)

    def opens(self, href: str) -> bool:
        """Whether the person who asks may follow this link; the setting DOORS names a function that knows."""
        return bool(import_string(settings.DOORS)(self.request.user, href))

    def cell(self, column: Column, row: Any) -> Cell:
        value = column.shown(row)
        href = column.link(row) if column.link else None
        if href and not self.opens(href):
            href = None
        return Cell(
            column=column,
            value=("–" if href else "") if value in (None, "") else value,
            status=column.stored(row) if column.kind == "tag" else None,
            href=href,
        )
