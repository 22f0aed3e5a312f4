"""What the cells of a row say about a facility."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registry.actions.facilities import keys
from registry.areas.models import Area, OperationalDistrict
from registry.core.cells import day, degrees, khmer_text, whole_number
from registry.core.khmer import ascii_digits, search_key
from registry.core.mappings import CellRefused, MappingRefused, Rule, folded, shortened
from registry.models import Facility, FacilityType, Service
from registry.states import OperationalStatus, Ownership

FIELDS = (
    "name_km",
    "name_en",
    "type",
    "ownership",
    "area",
    "operational_district",
    "address",
    "latitude",
    "longitude",
    "point_accuracy_m",
    "beds",
    "opening_hours",
    "phone",
    "email",
    "website",
    "brand",
    "opened_on",
    "operational_status",
)
"""What `[fields]` of a mapping may name."""

Choices = dict[str, Any]
"""What a file may write, folded, and the stored value."""


class Areas:
    """The areas in force, found by code (leading zeros or not) or by the names from the province down."""

    def __init__(self) -> None:
        rows = Area.objects.filter(valid_to=None).values_list("code", "id", "province_id")
        self._by_code = {code: (pk, province) for code, pk, province in rows}

    def by_code(self, text: str, column: str) -> tuple[int, int]:
        code = ascii_digits(text).replace(" ", "")
        code = code.rjust(len(code) + len(code) % 2, "0")
        if code not in self._by_code:
            raise CellRefused(
                column, "unknown_area", _("There is no area with the code “%(code)s”.") % {"code": shortened(text)}
            )
        return self._by_code[code]

    def by_names(self, cells: Mapping[str, str], rule: Rule) -> tuple[int, int] | None:
        parent: int | None = None
        found = None
        for column in rule.columns:
            name = cells[column]
            if not name or folded(name) in rule.empty:
                break
            pk = self._by_name.get((parent, search_key(name)))
            if pk is None:
                raise CellRefused(
                    column, "unknown_area", _("There is no area called “%(name)s” there.") % {"name": shortened(name)}
                )
            parent, found = pk[0], pk
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[int | None, str], tuple[int, int]]:
        """By parent and name, with and without the kind of area before or after it; not where two share it."""
        places: dict[tuple[int | None, str], set[tuple[int, int]]] = {}
        for area in Area.objects.filter(valid_to=None).iterator():
            for name in (
                area.name_km,
                area.name_en,
                f"{area.kind_km}{area.name_km}",
                f"{area.name_en} {area.kind_en}",
            ):
                places.setdefault((area.parent_id, search_key(name)), set()).add((area.pk, area.province_id))
        return {key: next(iter(found)) for key, found in places.items() if len(found) == 1}


class FacilityCells:
    """Reads rows by the rules of one mapping. Made once for a file: it holds the catalogue and the area codes."""

    def __init__(self, rules: Mapping[str, Rule], services: list[tuple[Rule, str]]) -> None:
        self.rules = rules
        self.services = services
        self.choices: dict[str, Choices] = {
            "type": catalogue(FacilityType.objects.all()),
            "ownership": {folded(value): value for value in Ownership.values},
            "operational_status": {folded(value): value for value in OperationalStatus.values},
            "service": catalogue(Service.objects.all()),
        }
        for field in ("type", "ownership", "operational_status"):
            if field in rules:
                self._check_meanings(rules[field], self.choices[field])
        self.service_keys = [self._service_of(rule, code) for rule, code in services]

    def read(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[CellRefused]]:
        """The facts of a row by the names of the columns they go to, and every cell that cannot be understood."""
        found: dict[str, Any] = {}
        faults: list[CellRefused] = []
        for field, rule in self.rules.items():
            try:
                found |= self._fact(field, rule, cells)
            except CellRefused as fault:
                faults.append(fault)
        try:
            found["services"] = self._services(cells)
        except CellRefused as fault:
            faults.append(fault)
        if not faults:
            faults = self._together(found)
        return found, faults

    def _fact(self, field: str, rule: Rule, cells: Mapping[str, str]) -> dict[str, Any]:
        if field == "area" and rule.by == "name":
            area = self._areas.by_names(cells, rule)
            return {"area_id": area[0], "province_id": area[1]} if area else {}
        text = rule.meaning(cells)
        if not text:
            return {}
        if field == "area":
            area_id, province_id = self._areas.by_code(text, rule.named)
            return {"area_id": area_id, "province_id": province_id}
        if field == "operational_district":
            return {"operational_district_id": self._district(text, rule.named)}
        if field in self.choices:
            return {COLUMN.get(field, field): self._choice(field, text, rule)}
        return {field: READ[field](text, rule)}

    def _choice(self, field: str, text: str, rule: Rule) -> Any:
        stored = self.choices[field].get(folded(text))
        if stored is None:
            sentence = {
                "type": _("There is no facility type “%(text)s”."),
                "service": _("There is no service “%(text)s”."),
            }.get(field, _("“%(text)s” is not among the values that the register knows."))
            raise CellRefused(rule.named, f"unknown_{field}", sentence % {"text": shortened(text)})
        return stored

    def _district(self, text: str, column: str) -> int:
        found = self._districts.get(folded(ascii_digits(text)))
        if found is None:
            sentence = _("There is no operational district “%(text)s”.") % {"text": shortened(text)}
            raise CellRefused(column, "unknown_operational_district", sentence)
        return found

    def _services(self, cells: Mapping[str, str]) -> str | None:
        """The declared services as an array of keys, or None where every cell that could say so is empty."""
        told, keys = False, set()
        for (rule, _code), key in zip(self.services, self.service_keys, strict=True):
            text = rule.text(cells)
            told = told or bool(text)
            if key is None:
                parts = (part.strip() for part in text.split(rule.separator))
                keys |= {self._choice("service", rule.means(part), rule) for part in parts if part}
            elif text and rule.means(text) == "yes":
                keys.add(key)
        return f"{{{','.join(map(str, sorted(keys)))}}}" if told else None

    def _together(self, found: dict[str, Any]) -> list[CellRefused]:
        if ("latitude" in found) != ("longitude" in found):
            missing = "longitude" if "latitude" in found else "latitude"
            column = self.rules[missing].named if missing in self.rules else ""
            return [CellRefused(column, "half_a_point", _("A point needs both its latitude and its longitude."))]
        found |= keys(found.get("name_km", ""), found.get("name_en", ""))
        return []

    @cached_property
    def _areas(self) -> Areas:
        return Areas()

    @cached_property
    def _districts(self) -> dict[str, int]:
        return {folded(code): pk for code, pk in OperationalDistrict.objects.values_list("code", "pk")}

    def _service_of(self, rule: Rule, code: str) -> int | None:
        if not code:
            self._check_meanings(rule, self.choices["service"])
            return None
        if rule.values is None or not {*rule.values.values()} <= {"yes", "no"}:
            raise MappingRefused(_("“%(key)s.values” must say which texts mean yes and no.") % {"key": rule.key})
        if folded(code) not in self.choices["service"]:
            raise MappingRefused(_("“%(key)s”: there is no “%(text)s”.") % {"key": rule.key, "text": code})
        return int(self.choices["service"][folded(code)])

    def _check_meanings(self, rule: Rule, choices: Choices) -> None:
        meanings = [*(rule.values or {}).values(), *([rule.other] if rule.other else [])]
        for text in [rule.constant] if rule.constant else meanings:
            if text and folded(text) not in choices:
                raise MappingRefused(_("“%(key)s”: there is no “%(text)s”.") % {"key": rule.key, "text": text})


def catalogue(queryset: QuerySet[Any]) -> Choices:
    """A catalogue by code and by name; a code wins over a name that is written the same."""
    choices: Choices = {}
    for pk, code, name_km, name_en in queryset.values_list("pk", "code", "name_km", "name_en"):
        choices |= {folded(code): pk}
        choices.setdefault(folded(name_km), pk)
        choices.setdefault(folded(name_en), pk)
    return choices


def _text(field: str) -> Callable[[str, Rule], str]:
    longest: int = vars(Facility._meta.get_field(field))["max_length"]

    def read(text: str, rule: Rule) -> str:
        if len(text) > longest:
            sentence = _("The text has %(length)s characters; %(most)s is the most.")
            raise CellRefused(rule.named, "too_long", sentence % {"length": len(text), "most": longest})
        return text

    return read


def _name_km(text: str, rule: Rule) -> str:
    return _text("name_km")(khmer_text(text, rule.named), rule)


def _email(text: str, rule: Rule) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        sentence = _("“%(text)s” is not an e-mail address.") % {"text": shortened(text)}
        raise CellRefused(rule.named, "not_an_email", sentence) from error
    return _text("email")(text, rule)


def _website(text: str, rule: Rule) -> str:
    try:
        return str(Facility._meta.get_field("website").clean(text, None))
    except ValidationError as error:
        sentence = _("“%(text)s” is not the address of a website.") % {"text": shortened(text)}
        raise CellRefused(rule.named, "not_a_website", sentence) from error


def _phone(text: str, rule: Rule) -> str:
    return _text("phone")(ascii_digits(text), rule)


def _degrees(most: int) -> Callable[[str, Rule], Decimal]:
    return lambda text, rule: degrees(text, rule.named, most=most)


def _number(text: str, rule: Rule) -> int:
    return whole_number(text, rule.named)


COLUMN = {"type": "type_id"}
READ: dict[str, Callable[[str, Rule], Any]] = {
    "name_km": _name_km,
    "name_en": _text("name_en"),
    "address": _text("address"),
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "point_accuracy_m": _number,
    "beds": _number,
    "opening_hours": _text("opening_hours"),
    "phone": _phone,
    "email": _email,
    "website": _website,
    "brand": _text("brand"),
    "opened_on": lambda text, rule: day(text, rule.named, written_as=rule.format),
}
