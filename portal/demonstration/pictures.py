"""Pictures that say that they show nothing real."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from portal.demonstration.chance import Chance


def a_photo(words: str) -> SimpleUploadedFile:
    picture = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    _write(picture, words, fill="white")
    return _file(picture, "JPEG", "photo.jpg")


def a_page(words: str) -> SimpleUploadedFile:
    """A document with a title and nothing else."""
    picture = Image.new("RGB", (640, 905), "white")
    _write(picture, words, fill="black")
    return _file(picture, "PNG", "page.png")


def a_signature(name: str) -> SimpleUploadedFile:
    """A wavy line, another for everybody."""
    picture, hand = Image.new("RGB", (320, 120), "white"), Chance(name)
    points = [(20 + 20 * step, 60 + hand.randint(-35, 35)) for step in range(15)]
    ImageDraw.Draw(picture).line(points, fill="black", width=3, joint="curve")
    return _file(picture, "PNG", "signature.png")


def _write(picture: Image.Image, words: str, *, fill: str) -> None:
    draw = ImageDraw.Draw(picture)
    draw.text((40, 200), "DEMONSTRATION", fill=fill, font_size=60)
    draw.text((40, 280), words, fill=fill, font_size=30)


def _file(picture: Image.Image, kind: str, name: str) -> SimpleUploadedFile:
    content = io.BytesIO()
    picture.save(content, kind)
    return SimpleUploadedFile(name, content.getvalue())
