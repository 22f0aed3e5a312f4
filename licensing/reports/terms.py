"""The terms of licences in words, and what changes from one to the next."""

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from inspections.states import BandCode
from licensing.models import LicenceTerms
from licensing.rules.riel import riel
from licensing.rules.terms import FACTS, Contents
from licensing.states import ApplicationKind


def facts_in_words(said: Contents) -> dict[str, str]:
    """Each fact by its name."""
    return {capfirst(str(_field(name))): _value(name, said[name]) for name in FACTS}


def fees_in_words(said: Contents) -> dict[str, str]:
    """What each kind of application costs; kinds that cost nothing are left out."""
    return {str(kind.label): riel(said["fees"][kind]) for kind in ApplicationKind if said["fees"].get(kind)}


def documents_in_words(said: Contents) -> dict[str, str]:
    """For which applications each document is asked."""
    name = "name_km" if (get_language() or "").startswith("km") else "name_en"
    return {document[name]: _kinds(document["kinds"], optional=document["optional"]) for document in said["documents"]}


def changes(before: Contents | None, after: Contents) -> list[tuple[str, str, str]]:
    """What is not the same, as (what, before, after); "–" where there was or will be nothing."""
    old, new = _all_in_words(before) if before else {}, _all_in_words(after)
    return [(what, old.get(what, "–"), new.get(what, "–")) for what in {**old, **new} if old.get(what) != new.get(what)]


def _all_in_words(said: Contents) -> dict[str, str]:
    fees = {_("Fee in riel: %(kind)s") % {"kind": kind}: amount for kind, amount in fees_in_words(said).items()}
    documents = {_("Document: %(name)s") % {"name": name}: kinds for name, kinds in documents_in_words(said).items()}
    return facts_in_words(said) | fees | documents


def _field(name: str) -> object:
    return LicenceTerms._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "minimum_band":
        return str(BandCode(str(value)).label) if value else _("none")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    return str(value)


def _kinds(kinds: list[str], *, optional: bool) -> str:
    names = ", ".join(str(ApplicationKind(kind).label) for kind in kinds)
    return _("%(kinds)s (optional)") % {"kinds": names} if optional else names
