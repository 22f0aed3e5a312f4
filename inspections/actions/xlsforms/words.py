"""What the words of an XLSForm mean to a checklist, and the sentences for those that mean nothing to it.

pyxform weighs 37 MB in every process that loads it, so it is loaded where it is used.
"""

import re

from django.utils.translation import gettext_lazy as _

from inspections.states import AnswerKind

KINDS = {
    "integer": AnswerKind.COUNT,
    "int": AnswerKind.COUNT,
    "decimal": AnswerKind.MEASURE,
    "text": AnswerKind.TEXT,
    "string": AnswerKind.TEXT,
    "image": AnswerKind.PHOTO,
    "photo": AnswerKind.PHOTO,
}
TYPES = {
    AnswerKind.COMPLIANCE: "select_one compliance",
    AnswerKind.COUNT: "integer",
    AnswerKind.MEASURE: "decimal",
    AnswerKind.TEXT: "text",
    AnswerKind.PHOTO: "image",
}
METADATA = frozenset(
    [
        "start",
        "end",
        "today",
        "deviceid",
        "device_id",
        "imei",
        "subscriberid",
        "subscriber_id",
        "simserial",
        "sim_serial",
        "simid",
        "sim_id",
        "phonenumber",
        "phone_number",
        "uri:deviceid",
        "uri:phonenumber",
        "uri:simserial",
        "uri:subscriberid",
        "uri:username",
        "uri:email",
        "username",
        "email",
        "audit",
        "start-geopoint",
    ]
)
"""What a telephone fills in by itself. Visits have a record of their own of who, when and where."""

REFUSED_TYPES = {
    "calculate": _("A checklist calculates nothing; the register works out the score itself. Remove the row."),
    "select_multiple": _("A question has one answer. Make each of the choices a question of its own."),
    "rank": _("A question has one answer, so nothing can be put into an order."),
    "repeat": _("A checklist cannot repeat questions. Write them out, or ask for a count."),
    "geopoint": _("The place of a visit is recorded with the visit. Remove the row."),
    "select_one_external": _("The choices must be in the sheet “choices”."),
    "select_one_from_file": _("The choices must be in the sheet “choices”."),
}
REFUSED_COLUMNS = {
    "constraint": _("A checklist cannot refuse an answer by a rule. Write the rule as a hint."),
    "calculation": _("A checklist calculates nothing; the register works out the score itself."),
    "default": _("No answer is given before it is asked."),
    "choice_filter": _("Choices cannot depend on another answer."),
    "read_only": _("A question that cannot be answered has no place in a checklist."),
    "repeat_count": _("A checklist cannot repeat questions. Write them out, or ask for a count."),
    "trigger": _("A checklist calculates nothing; the register works out the score itself."),
    "save_to": _("A checklist makes no entities."),
    **{
        f"{medium}_{language}": _("A question has no picture, sound or film of its own.")
        for medium in ("image", "audio", "video", "big-image")
        for language in ("km", "en")
    },
}
"""Columns in which nothing may stand."""

LEFT_OUT = ("appearance", "parameters", "autoplay", "rows", "constraint_message", "required_message", "intent")
"""Columns of an XLSForm that say how a question looks, and never what is asked."""

SURVEY = frozenset(
    [
        "type",
        "name",
        "relevant",
        "required",
        "code",
        "kind",
        "unit",
        "weight",
        "critical",
        "clause",
        "severity",
        "scored",
        "applies_types",
        "applies_services",
        "applies_levels",
        "disabled",
        "label_km",
        "label_en",
        "hint_km",
        "hint_en",
        "guidance_hint_km",
        "guidance_hint_en",
    ]
)
CHOICES = frozenset({"list_name", "name", "label_km", "label_en"})
SETTINGS = frozenset(
    [
        "form_title",
        "form_title_km",
        "form_title_en",
        "form_id",
        "version",
        "default_language",
        "code",
        "name_km",
        "name_en",
        "source",
        "ruleset_code",
        "facility_types",
        "style",
        "allow_choice_duplicates",
    ]
)
TRUE = frozenset({"yes", "true", "true()", "1"})
FALSE = frozenset({"", "no", "false", "false()", "0"})
_BORDER = re.compile("(begin|end)[ _](group|lgroup|repeat|loop|looped group)")
_WORDS = {"select one": "select_one", "select all that apply": "select_multiple"}


def understood(written: str) -> tuple[str, str]:
    """The type of a row as one word, and the list that it chooses from: "select one yes_no" gives "select_one"."""
    from pyxform.aliases import select

    text = " ".join(written.split())
    lower = text.lower()
    if border := _BORDER.fullmatch(lower):
        return f"{border[1]} {'group' if border[2] == 'group' else 'repeat'}", ""
    for alias in sorted(select, key=len, reverse=True):
        if lower == alias or lower.startswith(f"{alias} "):
            word = alias if "external" in alias or "file" in alias else select[alias]
            return _WORDS.get(word, word.replace(" ", "_")), text[len(alias) :].strip()
    return lower, ""


def is_type(word: str) -> bool:
    """Whether XLSForm knows such a type, though a checklist may not."""
    from pyxform.question_type_dictionary import (
        QUESTION_TYPE_DICT,
    )

    return word in QUESTION_TYPE_DICT or word in ("calculate", "hidden", "audit", "xml-external", "csv-external")


def is_name(text: str) -> bool:
    """Whether a question can be called so."""
    from pyxform.parsing.expression import is_xml_tag

    return bool(is_xml_tag(text))
