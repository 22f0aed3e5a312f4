"""Documents are handed in, replaced and removed; their files and their history stay."""

from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from licensing.actions.applications.drafting import changing
from licensing.actions.applications.locking import save
from licensing.models import Application, ApplicationDocument, RequiredDocument
from licensing.policies import applying as policies
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.files import actions as files
from registry.files.states import DOCUMENTS


@transaction.atomic
def add(
    *,
    application: Application,
    upload: File,
    required: RequiredDocument | None = None,
    title: str = "",
    by: User,
    at: datetime,
) -> ApplicationDocument:
    """A file for a required document, which takes the place of the one before, or another one under a title.

    Raises NotPermitted, or Refused: it is not the applicant's turn, the document is not asked for, or the file is
    none that is kept.
    """
    application = changing(application, by=by)
    policies.check_has_room(application)
    if required is None:
        policies.check_can_be_called(title)
    else:
        policies.check_is_required_of(application, required, on=timezone.localdate(at))
    file = files.store(upload=upload, kinds=DOCUMENTS, by=by, at=at)
    if required is not None:
        before = application.documents.filter(removed_at=None, required__code=required.code)
        for document in before:
            document.removed_at = at
            document.save(update_fields=["removed_at"])
    document = ApplicationDocument.objects.create(
        application=application,
        required=required,
        title="" if required else " ".join(title.split()),
        file=file,
        added_at=at,
        added_by=by,
    )
    save(application, at=at)
    record_event(verb="application.document_added", subject=application, by=by, at=at, facts=_facts(document))
    return document


@transaction.atomic
def remove(*, document: ApplicationDocument, by: User, at: datetime) -> None:
    """The document no longer belongs to the application. Raises NotPermitted or Refused."""
    application = changing(document.application, by=by)
    document = application.documents.select_for_update().get(pk=document.pk)
    if document.removed_at is None:
        document.removed_at = at
        document.save(update_fields=["removed_at"])
        save(application, at=at)
        record_event(verb="application.document_removed", subject=application, by=by, at=at, facts=_facts(document))


def _facts(document: ApplicationDocument) -> dict[str, str]:
    return {
        "document": document.required.code if document.required else document.title,
        "file": document.file.name,
        "sha256": document.file.sha256,
    }
