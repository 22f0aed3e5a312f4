"""The description of the API, and what in an answer is not as it says."""

import re
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker


@cache
def description() -> dict[str, Any]:
    """As served, but closed: a field that it does not name is a fault."""
    with translation.override("en"):
        described: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    _close(described)
    return described


def _close(part: Any) -> None:
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            part.setdefault("additionalProperties", False)
        for value in part.values():
            _close(value)
    elif isinstance(part, list):
        for value in part:
            _close(value)


def schema_of(address: str) -> dict[str, Any]:
    """The schema of the good answer at an address, where `{}` stands for a number."""
    described = {re.sub(r"{\w+}", "{}", path): what for path, what in description()["paths"].items()}
    return described[address]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


def faults(value: Any, schema: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(
        {**schema, "components": description()["components"]}, format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
