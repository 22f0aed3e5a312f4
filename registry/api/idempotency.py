"""A request with an idempotency key has one effect and one answer, however often it is sent."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from registry.core.errors import Refused
from registry.models import AnsweredRequest
from registry.ui.api import problem

HEADER = "Idempotency-Key"
LONGEST = 255
REPLAYED = "Idempotency-Replayed"


def once(request: Request, work: Callable[[], tuple[int, Any]], *, at: datetime) -> Any:
    """The answer to a request that changes something: `work` gives its status and content, at most once for a key.

    The effect and the answer are committed together, so that a request killed before its answer arrived is answered
    the same when it is sent again. What is refused has no effect and is not kept. Raises ValidationError without a
    key, Refused while the same key is being answered; another request under the same key is answered with 422.
    """
    key = request.headers.get(HEADER, "")
    if not 0 < len(key) <= LONGEST:
        sentence = _("Send an Idempotency-Key of 1 to %(most)s characters.") % {"most": LONGEST}
        raise exceptions.ValidationError({HEADER: exceptions.ErrorDetail(sentence, code="no_idempotency_key")})
    fingerprint = _fingerprint(request)
    user: Any = request.user
    asked = {"method": request.method or "", "path": request.path[:300], "body_hash": fingerprint}
    with transaction.atomic():
        _hold(f"{user.pk}:{key}")
        known = AnsweredRequest.objects.filter(user=user, key=key).first()
        is_new = known is None
        if known is None:
            status, content = work()
            answer = JSONRenderer().render(content).decode()
            known = AnsweredRequest.objects.create(
                user=user, key=key, **asked, status=status, answer=answer, asked_at=at
            )
    if any(getattr(known, name) != value for name, value in asked.items()):
        sentence = _("This Idempotency-Key belongs to another request. Use a new key for a new request.")
        return problem(422, code="idempotency_key_reused", detail=sentence)
    return _answer(known.status or 200, known.answer, replayed=not is_new)


def _fingerprint(request: Request) -> str:
    """SHA-256 of what was sent: of a form its fields and files, as the lines between them differ in every sending."""
    if not request.content_type.startswith("multipart/"):
        return hashlib.sha256(request._request.body).hexdigest()
    form: Any = request.data
    said = [[name, *map(_said, values)] for name, values in sorted(form.lists())]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _said(value: str | File) -> str:
    return value if isinstance(value, str) else hashlib.sha256(b"".join(value.chunks())).hexdigest()


def _hold(name: str) -> None:
    """Nobody else answers this key until the transaction ends, also when it ends because somebody killed it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise Refused(
                _("The same request is being answered now. Wait a moment, then send it again."),
                code="request_in_progress",
            )


def _answer(status: int, content: str, *, replayed: bool = False) -> HttpResponse:
    headers = {REPLAYED: "true"} if replayed else {}
    return HttpResponse(content, status=status, content_type="application/json", headers=headers)
