from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from registry.accounts.states import Role
from registry.outbox.states import LetterState


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "MessageQuerySet":
        """One's own and nobody else's, whatever the role."""
        return self.filter(person=user) if user.is_authenticated and user.is_active else self.none()

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at=None)


class PreferenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "PreferenceQuerySet":
        return self.filter(person=user) if user.is_authenticated and user.is_active else self.none()


def with_unread_messages(people: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """The people with how many messages they have not read, as `unread_messages`, in the same query."""
    messages = people.model._meta.get_field("messages").related_model
    unread = messages.objects.unread().filter(person=OuterRef("pk")).order_by().values("person")
    counted = Subquery(unread.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
    return people.annotate(unread_messages=Coalesce(counted, 0))


class LetterQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "LetterQuerySet":
        """Those who see to it that letters leave, and those who audit."""
        may = user.is_authenticated and user.is_active and user.role in (Role.ADMINISTRATOR, Role.AUDITOR)
        return self if may else self.none()

    def due(self, at: datetime) -> "LetterQuerySet":
        """Waiting letters whose turn it is: what one address is told of one facility is told in its order."""
        waiting = self.filter(state=LetterState.WAITING)
        earlier = self.model._default_manager.filter(
            state=LetterState.WAITING,
            facility_number=OuterRef("facility_number"),
            channel=OuterRef("channel"),
            address=OuterRef("address"),
            pk__lt=OuterRef("pk"),
        ).exclude(facility_number="")
        return waiting.filter(~Exists(earlier), next_try_at__lte=at).order_by("next_try_at", "pk")
