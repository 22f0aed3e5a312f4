"""Answers of the API are kept for those who ask again, for a while."""

from datetime import datetime, timedelta

from django.db import transaction

from registry.models import AnsweredRequest

KEPT = timedelta(days=2)


@transaction.atomic
def forget_old_answers(*, at: datetime) -> int:
    """Answers older than two days are forgotten; returns how many. Safe to run twice."""
    return AnsweredRequest.objects.filter(asked_at__lt=at - KEPT).delete()[0]
