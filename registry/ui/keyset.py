"""Pages by position instead of by count: page 10,000 costs what page 1 costs.

A cursor holds the sort values of the row at the edge of a page and points forward or backward from it.
It is signed together with the model and the sort, so a forged or foreign cursor is simply no cursor.

Nulls sort where PostgreSQL's own indexes have them: last when ascending, first when descending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

PREFIX = "keyset_"


class InvalidCursor(ValueError):
    """A cursor of another list or another sort, or none at all."""


@dataclass(frozen=True)
class Page:
    """Rows of one page in order, and the cursors of its neighbours (None where there is none)."""

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True)
class Position:
    """A place between two rows, and the way to walk from it."""

    forward: bool
    values: list[Any]


@dataclass(frozen=True)
class Column:
    path: str
    alias: str
    nullable: bool


def page(
    queryset: QuerySet[Any, Any], order_by: Sequence[str], cursor: str | None, size: int, *, strict: bool = False
) -> Page:
    """The page of at most `size` rows that `cursor` points to, or the first one; always one query.

    A cursor that is not one leads to the first page; with `strict` it raises `InvalidCursor`, because a
    machine that walks pages would walk for ever.

    `order_by` names fields, related fields or annotations, all ascending or all descending ("-name");
    the primary key is added as the last of them. An index over the same columns makes every page cheap.
    Rows may be instances or `values()`.
    """
    columns, descending = _columns(queryset, order_by)
    signer = _signer(queryset, order_by)
    start = _read(cursor, signer)
    if strict and cursor and start is None:
        raise InvalidCursor
    forward = start is None or start.forward
    up = forward != descending

    walk = queryset.annotate(**{column.alias: F(column.path) for column in columns})
    walk = walk.order_by(*(column.alias if up else f"-{column.alias}" for column in columns))
    if start is not None:
        walk = _beyond(walk, _segments(columns, start.values, up=up), size + 1)
    found = list(walk[: size + 1])

    more = len(found) > size
    rows = found[:size] if forward else found[:size][::-1]
    edges = [_take_values(row, columns) for row in rows] or ([start.values] if start else [])
    has_next = more if forward else bool(edges)
    has_previous = start is not None if forward else more
    return Page(
        rows=rows,
        next_cursor=_write(signer, forward=True, values=edges[-1]) if has_next else None,
        previous_cursor=_write(signer, forward=False, values=edges[0]) if has_previous else None,
    )


@dataclass(frozen=True)
class Total:
    """How many rows there are: counted when few, otherwise the planner's estimate."""

    count: int
    exact: bool

    @property
    def rounded(self) -> int:
        """The two leading digits of an estimate: more would pretend to know."""
        return self.count if self.exact else round(self.count, 2 - len(str(self.count)))


def total(queryset: QuerySet[Any, Any], *, counted_up_to: int = 1000) -> Total:
    """Never counts more than `counted_up_to` rows; beyond that PostgreSQL's statistics answer."""
    bare = queryset.order_by()
    counted = bare[: counted_up_to + 1].count()
    if counted <= counted_up_to:
        return Total(counted, exact=True)
    plan = signing.JSONSerializer().loads(bare.explain(format="json").encode())
    return Total(max(int(plan[0]["Plan"]["Plan Rows"]), counted_up_to), exact=False)


def _columns(queryset: QuerySet[Any, Any], order_by: Sequence[str]) -> tuple[list[Column], bool]:
    directions = {name.startswith("-") for name in order_by}
    if len(directions) > 1:
        raise ValueError(f"A keyset order is all ascending or all descending, not {order_by}.")
    paths = [name.removeprefix("-") for name in order_by if name.removeprefix("-") != "pk"] + ["pk"]
    columns = [Column(path, f"{PREFIX}{i}", _nullable(queryset, path)) for i, path in enumerate(paths)]
    return columns, directions == {True}


def _nullable(queryset: QuerySet[Any, Any], path: str) -> bool:
    """Whether null is possible at the end of `path`; yes for anything that is not a plain field."""
    options = queryset.model._meta
    if path == "pk":
        return False
    for name in path.split(LOOKUP_SEP):
        try:
            field = options.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return True
        if field.auto_created or field.null:
            return not getattr(field, "primary_key", False)
        options = field.related_model._meta if field.is_relation else None
    return False


def _segments(columns: list[Column], values: list[Any], *, up: bool) -> list[Q]:
    """Everything beyond `values`, as disjoint stretches in walking order, each a range of an index.

    A comparison of rows drops rows with a null in the deciding column. Walking up, those come after
    and need stretches of their own; walking down, they lie behind the reader.
    """
    (head, *tail), (value, *rest) = columns, values
    if None not in values and not (up and any(column.nullable for column in tail)):
        stretches = [_compare(columns, values, up=up)]
    else:
        here = Q(**{f"{head.alias}__isnull": True}) if value is None else Q(**{head.alias: value})
        stretches = [here & stretch for stretch in _segments(tail, rest, up=up)]
        if value is not None:
            stretches.append(_compare([head], [value], up=up))
        elif not up:
            stretches.append(Q(**{f"{head.alias}__isnull": False}))
    if up and head.nullable and value is not None:
        stretches.append(Q(**{f"{head.alias}__isnull": True}))
    return stretches


def _compare(columns: list[Column], values: list[Any], *, up: bool) -> Q:
    if len(columns) == 1:
        return Q(**{f"{columns[0].alias}__{'gt' if up else 'lt'}": values[0]})
    comparison = TupleGreaterThan if up else TupleLessThan
    return Q(comparison(Tuple(*(F(column.alias) for column in columns)), values))


def _beyond(walk: QuerySet[Any, Any], stretches: list[Q], limit: int) -> QuerySet[Any, Any]:
    """Several stretches joined by OR would read the index from its start; a union of limited ones does not."""
    if len(stretches) == 1:
        return walk.filter(stretches[0])
    first, *others = (walk.filter(stretch).values("pk")[:limit] for stretch in stretches)
    return walk.filter(pk__in=first.union(*others, all=True))


def _take_values(row: Any, columns: list[Column]) -> list[Any]:
    taken = (row.pop(c.alias) if isinstance(row, dict) else getattr(row, c.alias) for c in columns)
    return [value if value is None or isinstance(value, str | int | float) else str(value) for value in taken]


def _signer(queryset: QuerySet[Any, Any], order_by: Sequence[str]) -> signing.Signer:
    return signing.Signer(salt=f"keyset:{queryset.model._meta.label_lower}:{','.join(order_by)}")


def _write(signer: signing.Signer, *, forward: bool, values: list[Any]) -> str:
    return signer.sign_object([forward, values], compress=True)


def _read(cursor: str | None, signer: signing.Signer) -> Position | None:
    if not cursor:
        return None
    try:
        return Position(*signer.unsign_object(cursor))
    except signing.BadSignature:
        return None
