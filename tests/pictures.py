"""Pictures to test with."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def a_picture(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), shade: int = 90, **options: Any) -> bytes:
    """A picture with something in it, so that half of its bytes are half of the picture."""
    picture = Image.effect_noise(size, shade).convert("RGB") if max(size) > 64 else _stripes(size, shade)
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def _stripes(size: tuple[int, int], shade: int) -> Image.Image:
    picture = Image.new("RGB", size)
    picture.putdata(
        [((x * 37 + shade) % 256, (y * 91) % 256, (x * y) % 256) for y in range(size[1]) for x in range(size[0])]
    )
    return picture


def a_png_that_claims(width: int, height: int) -> bytes:
    """A small file that says it is a large picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")
