"""How a stored file is handed out. The floor that refers to it has checked who asks."""

import structlog
from django.http import FileResponse, HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from registry.core.errors import Refused
from registry.files.actions import place_of, small_picture
from registry.files.models import StoredFile
from registry.files.states import PICTURES

log = structlog.get_logger(__name__)

CLOSED_BOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Whatever a file turns out to hold, a browser runs nothing of it."""


def send(request: HttpRequest, file: StoredFile, *, small: bool = False) -> HttpResponseBase:
    """The bytes, streamed; `small` asks for a small JPEG of a picture. They never change, so once is enough.

    Raises Refused where the bytes are gone from the disk.
    """
    is_picture = file.content_type in PICTURES
    small = small and is_picture
    tag = f'"{file.sha256}{"-small" if small else ""}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    try:
        content = (small_picture(file) if small else place_of(file.sha256)).open("rb")
    except FileNotFoundError:
        log.error("files.bytes_missing", sha256=file.sha256)
        raise Refused(
            _("The bytes of this file are missing on the server. An administrator can restore them from a backup."),
            code="bytes_missing",
        ) from None
    response = FileResponse(content, content_type="image/jpeg" if small else file.content_type)
    response["Content-Disposition"] = content_disposition_header(not is_picture, file.name) or "attachment"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CLOSED_BOX
    return response
