import re
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import Q

from registry.accounts.querysets import within_scope
from registry.accounts.states import PROVINCIAL_ROLES, STAFF_ROLES, Role
from registry.core.khmer import ascii_digits, search_key
from registry.core.numbers import is_facility_number, is_meant_as_number, normalised
from registry.states import OperationalStatus

SIMILAR = 50
"""So many facilities with similar names are shown, where none has the name that was typed."""

CANDIDATES = 500
DIGIT = re.compile("[0-9]")
WHOLE_NUMBER = len("KH000000000")


class CatalogueQuerySet(models.QuerySet[Any]):
    """Types and services: everyone who is logged in may read them."""

    def visible_to(self, user: Any) -> "CatalogueQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()


class OperatorQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OperatorQuerySet":
        """Operators work across provinces, and a branch network must be findable from any of them."""
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()

    def matching(self, text: str) -> "OperatorQuerySet":
        """Operators with every word of the text, or a part of it, in a name."""
        return self.filter(*[Q(search_key__contains=word) for word in search_key(text).split()])


class FacilityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "FacilityQuerySet":
        return within_scope(self, user, province="province")  # type: ignore[return-value]

    def operating(self) -> "FacilityQuerySet":
        return self.filter(operational_status=OperationalStatus.OPERATING)

    def matching(self, text: str) -> "FacilityQuerySet":
        """The facilities that somebody means who types this: a number or its beginning, another system's identifier,
        or words of the names in any spelling; where nothing has all of the words, the names most similar to them.

        Up to three short queries look first what is meant. To show a page in an order, order `some` of the result:
        the planner may otherwise walk the whole register in that order.
        """
        if is_meant_as_number(text):
            return self.with_number(text)
        having = self.having(text)
        return having if having.exists() else self.filter(pk__in=self.similar(search_key(text)))

    def having(self, text: str) -> "FacilityQuerySet":
        """Facilities with every word of the text, or a part of it, in a name, or with the text as an identifier."""
        key = search_key(text)
        meant = Q(*[Q(search_key__contains=word) for word in key.split()])
        if DIGIT.search(key):
            known = self.filter(identifiers__value=text.strip()).order_by().values_list("pk", flat=True)
            # Their keys, not a subquery: beside one the trigram index would be of no use.
            meant |= Q(pk__in=list(known[:SIMILAR]))
        return self.filter(meant)

    def with_number(self, text: str) -> "FacilityQuerySet":
        """The facility of a whole number with the right check digits, or those whose number begins so."""
        number = normalised(text)
        if is_facility_number(number):
            return self.filter(number=number)
        return self.filter(number__startswith=number) if len(number) < WHOLE_NUMBER else self.none()

    def similar(self, key: str) -> list[int]:
        """The keys of facilities in whose names something is like `key`, a search key: the best of the first found."""
        near = self.filter(search_key__trigram_word_similar=key).some(CANDIDATES)
        best = near.order_by(TrigramWordSimilarity(key, "search_key").desc())
        return list(best.values_list("pk", flat=True)[:SIMILAR])

    def some(self, most: int) -> "FacilityQuerySet":
        """At most so many of these rows, whichever are found first. The rest of a query works on them alone."""
        return self.model._default_manager.filter(pk__in=self.order_by().values("pk")[:most])


class OfFacilityQuerySet(models.QuerySet[Any]):
    """Rows that belong to one facility and are seen by whoever sees the facility."""

    def visible_to(self, user: Any) -> "OfFacilityQuerySet":
        return within_scope(self, user, province="facility__province")  # type: ignore[return-value]


class ImportJobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ImportJobQuerySet":
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.role in (Role.ADMINISTRATOR, Role.AUDITOR):
            return self
        return self.filter(requested_by=user)


class RepresentativeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "RepresentativeQuerySet":
        """All for the staff, as operators are; one's own for an operator's people."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.role == Role.OPERATOR:
            return self.filter(person=user)
        return self if user.role in STAFF_ROLES else self.none()

    def in_force(self) -> "RepresentativeQuerySet":
        return self.filter(ended_on=None)


class InterestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "InterestQuerySet":
        """One's own; those of the province's people for its manager; all for the ministry."""
        if getattr(user, "role", "") == Role.INSPECTOR:
            return self.filter(person=user) if user.is_active else self.none()
        return within_scope(self, user, province="person__province")  # type: ignore[return-value]

    def in_force(self, on: date) -> "InterestQuerySet":
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on), declared_on__lte=on)

    def in_facility(self, facility: Any) -> "InterestQuerySet":
        """Interests in the facility itself or in whoever operates it."""
        tied = Q(facility=facility)
        return self.filter(tied | Q(operator=facility.operator_id) if facility.operator_id else tied)


class PractitionerQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "PractitionerQuerySet":
        """Practitioners move between provinces, and the councils publish who they are: all of the staff see all."""
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()

    def practising(self, on: date) -> "PractitionerQuerySet":
        """Those with a council licence, and a permission if they are foreign; the last day included."""
        return self.filter(practises_until__gte=on)

    def lapsed(self, as_of: date) -> "PractitionerQuerySet":
        return self.filter(Q(practises_until=None) | Q(practises_until__lt=as_of))

    def matching(self, text: str) -> "PractitionerQuerySet":
        """Practitioners with this council number, or with every word of the text in a name."""
        named = Q(*[Q(search_key__contains=word) for word in search_key(text).split()])
        return self.filter(named | Q(council_number__iexact=ascii_digits(text).strip()))


class PostingQuerySet(OfFacilityQuerySet):
    def in_force(self, on: date) -> "PostingQuerySet":
        """Both the first and the last day belong to the posting."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)

    def responsible(self) -> "PostingQuerySet":
        return self.filter(is_responsible=True)

    def who_stand_for_several(self) -> Any:
        """The practitioners who are the responsible person of more than one facility in these rows."""
        answering = self.responsible().order_by().values("practitioner")
        return answering.annotate(number=models.Count("pk")).filter(number__gt=1).values("practitioner")


class EquipmentQuerySet(OfFacilityQuerySet):
    def in_use(self, on: date) -> "EquipmentQuerySet":
        return self.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), installed_on__lte=on)

    def calibrated(self, on: date) -> "EquipmentQuerySet":
        """Calibrated still, the last day included, or of a kind that needs no calibration."""
        return self.filter(Q(kind__needs_calibration=False) | Q(calibration_due_on__gte=on))


class NetworkQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "NetworkQuerySet":
        """A province sees the networks that reach into it; the scope of facilities says which sites it sees."""
        if not (user.is_authenticated and user.is_active and user.role in STAFF_ROLES):
            return self.none()
        if user.role in PROVINCIAL_ROLES:
            return self.filter(province_ids__contains=[user.province_id]) if user.province_id else self.none()
        return self
