from celery import shared_task
from django.utils import timezone, translation

from registry.actions import idempotency, imports
from registry.models import ImportJob


@shared_task
def work_import(job: str, language: str) -> None:
    """Read, check and load a staged file, its sentences in the language of whoever staged it. Safe to run twice."""
    with translation.override(language):
        imports.work(job=ImportJob.objects.get(pk=job), at=timezone.now())


@shared_task
def forget_old_answers() -> None:
    """What the API answered days ago is forgotten. Safe to run twice."""
    idempotency.forget_old_answers(at=timezone.now())
