"""What is kept and what is not."""

from collections.abc import Collection

from django.template.defaultfilters import filesizeformat
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from registry.core.errors import Refused
from registry.files import rules
from registry.files.states import FileKind

LARGEST = 10 * 1024 * 1024


def check_size(size: int) -> None:
    if size == 0:
        raise Refused(_("This file is empty. Take the picture again or choose another file."), code="empty_file")
    if size > LARGEST:
        raise Refused(
            _("This file has %(size)s; at most %(most)s can be kept.")
            % {"size": filesizeformat(size), "most": filesizeformat(LARGEST)},
            code="file_too_large",
        )


def check_kind(kind: FileKind | None, kinds: Collection[FileKind]) -> FileKind:
    if kind is None or kind not in kinds:
        allowed = get_text_list([str(allowed.label) for allowed in kinds], _("or"))
        raise Refused(_("This file is not what is asked for: %(kinds)s.") % {"kinds": allowed}, code="wrong_kind")
    return kind


def check_content(content: bytes, kind: FileKind) -> tuple[int, int] | None:
    """The size in pixels of a picture that is whole, harmless to open and no larger than a camera makes it."""
    if rules.TEST_VIRUS in content:
        raise Refused(_("This file contains a virus, or the text by which scanners are tried."), code="virus")
    try:
        return rules.measured(content, kind)
    except rules.Broken:
        raise Refused(_("This file is damaged or did not arrive whole. Send it again."), code="damaged_file") from None
    except rules.TooManyPixels:
        raise Refused(
            _("This picture has more than %(most)s million pixels. Take a smaller one.")
            % {"most": rules.MOST_PIXELS // 1_000_000},
            code="too_many_pixels",
        ) from None


def check_arrived_whole(content: bytes, expected: str) -> None:
    """`expected` is the SHA-256 that the sender computed, or empty where it could not."""
    if expected and expected.lower() != rules.fingerprint(content):
        raise Refused(_("This file did not arrive whole. Send it again."), code="not_arrived_whole")
