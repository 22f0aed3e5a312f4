"""What the bytes of a file say about it. Pure functions."""

import hashlib
import io
import re
import unicodedata
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import IO, Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, UnidentifiedImageError

from registry.files.states import PICTURES, FileKind

LONGEST_NAME = 200
MOST_PIXELS = 50_000_000
"""What the largest phone cameras take; a picture that claims more is not opened."""

SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), FileKind.JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), FileKind.PNG),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), FileKind.WEBP),
    (re.compile(rb"%PDF-[12]\.\d"), FileKind.PDF),
)
TEST_VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
"""What every scanner calls a virus, so that refusing one can be tried; the register is no scanner."""


class Broken(ValueError):
    """The bytes begin like a picture or document and do not go on like one."""


class TooManyPixels(ValueError):
    """The picture would fill the memory of whoever opens it."""


def fingerprint(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def kind_of(content: bytes) -> FileKind | None:
    """What the content begins like; None for all that is not kept here."""
    return next((kind for signature, kind in SIGNATURES if signature.match(content)), None)


def spoken_name(name: str) -> str:
    """The name for showing: no folders, no control or direction characters, not too long."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf") or sign == "\u200b")
    return clean.strip()[-LONGEST_NAME:] or "-"


def measured(content: bytes, kind: FileKind) -> tuple[int, int] | None:
    """Width and height in pixels of a whole picture; None for a whole document.

    Raises Broken where the end is missing or the content is not of its kind, TooManyPixels before anything so large
    is unpacked.
    """
    if kind == FileKind.PDF:
        if b"%%EOF" not in content[-1024:]:
            raise Broken
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[kind.name])
            if picture.width * picture.height > MOST_PIXELS:
                raise TooManyPixels
            size = picture.size
            if kind == FileKind.PNG:
                picture.verify()
            else:
                picture.draft("RGB", (64, 64))
                picture.load()
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        if isinstance(error, TooManyPixels):
            raise
        raise Broken from error
    return size


def smaller(content: IO[bytes], longest_side: int) -> bytes:
    """The picture as a small JPEG, the right way up, on white where it was transparent."""
    with Image.open(content) as picture:
        picture.draft("RGB", (longest_side, longest_side))
        turn = picture.getexif().get(ExifTags.Base.Orientation, 1)
        picture.thumbnail((longest_side, longest_side))
        upright = picture.convert("RGBA")
    if turn in TURNS:
        upright = upright.transpose(TURNS[turn])
    on_white = Image.new("RGB", upright.size, "white")
    on_white.paste(upright, mask=upright.getchannel("A"))
    small = io.BytesIO()
    on_white.save(small, "JPEG", quality=70, optimize=True)
    return small.getvalue()


TURNS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}


@dataclass(frozen=True)
class Taken:
    """When and where a camera says that it took a picture; None for what it does not say."""

    at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


def taken(content: bytes, zone: ZoneInfo) -> Taken:
    """What a picture's own notes (EXIF) say; `zone` is that of a camera clock that names none."""
    try:
        notes = Image.open(io.BytesIO(content)).getexif()
        details, place = notes.get_ifd(ExifTags.IFD.Exif), notes.get_ifd(ExifTags.IFD.GPSInfo)
        return Taken(_moment(details, zone), *_point(place))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, ArithmeticError):
        return Taken()


def _moment(details: dict[int, str], zone: ZoneInfo) -> datetime | None:
    text = details.get(ExifTags.Base.DateTimeOriginal)
    if not text:
        return None
    offset = details.get(ExifTags.Base.OffsetTimeOriginal)
    if offset:
        return datetime.strptime(text + offset.replace(":", ""), "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
    return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)


def _point(place: dict[int, Any]) -> tuple[float | None, float | None]:
    sides = (
        (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef),
        (
            ExifTags.GPS.GPSLongitude,
            ExifTags.GPS.GPSLongitudeRef,
        ),
    )
    point = []
    for angle, side in sides:
        if angle not in place:
            return None, None
        degrees, minutes, seconds = map(float, place[angle])
        point.append((degrees + minutes / 60 + seconds / 3600) * (-1 if place.get(side) in ("S", "W") else 1))
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        return None, None
    return point[0], point[1]


def is_blank(content: bytes) -> bool:
    """Whether a picture shows nothing: one colour all over. What is no picture is not blank."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind.name for kind in PICTURES]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return False
            picture.draft("RGB", (200, 200))
            on_white = Image.new("RGBA", picture.size, "white")
            on_white.alpha_composite(picture.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError):
        return False
    return all(low == high for low, high in on_white.getextrema())  # type: ignore[misc]
