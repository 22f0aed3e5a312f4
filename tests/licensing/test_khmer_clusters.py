"""Khmer on paper is shaped: thirty hard clusters, drawn as the papers draw them, look as they were seen to be right.

After a new font or typesetter look at the pictures that `python -m tests.licensing.test_khmer_clusters` draws anew.
"""

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
import pytest
import typst
from PIL import Image, ImageChops, ImageStat

from registry.core.papers import fonts

FOLDER = Path(__file__).with_name("khmer_clusters")
CLUSTERS = [
    "ស្ត្រី",  # two subscripts, one of which stands before
    "ក្រោម",  # a subscript before and a vowel around
    "ង្គ្រោះ",
    "ម្ល៉េះ",
    "ប៉ី",  # the shifter goes below the vowel above
    "ស៊ី",
    "ម៉ឺ",
    "យ៉ាង",
    "អ៊ី",
    "ធម៌",  # robat
    "សាស្ត្រ",
    "ព្រះ",
    "ញ្ញា",  # the letter loses its foot
    "បញ្ឈប់",
    "កញ្ច្រែង",
    "ន្ត្រៃ",
    "ខ្ញុំ",
    "ឆ្នាំ",
    "ជ្រៅ",
    "ឃើញ",
    "ជឿជាក់",
    "គ្រឿង",
    "រៀន",
    "ក្បឿង",
    "លក្ខណ៍",
    "ទិវង្គត",
    "អង់គ្លេស",
    "សម្ផស្ស",
    "បារាំង",  # ba and aa join in another form
    "កម្ពុជា",
]
SOURCE = """
#set page(width: 26mm, height: 14mm, margin: 0pt)
#set text(font: ("Libertinus Serif", "Noto Sans Khmer"), size: 17pt, lang: "km")
#for cluster in json("clusters.json") [#page(align(center + horizon, cluster))]
"""
ALIKE = 2.0
"""Mean difference of grey, of 255: releases of the rasteriser differ by less, a wrong shape by more."""


def drawn(folder: Path) -> list[Image.Image]:
    (folder / "clusters.json").write_text(json.dumps(CLUSTERS))
    (folder / "clusters.typ").write_text(SOURCE)
    paper = typst.compile(folder / "clusters.typ", root=folder, font_paths=fonts(), format="pdf")
    return [page.render(scale=1.5, grayscale=True).to_pil() for page in pypdfium2.PdfDocument(paper)]


def picture_of(number: int) -> Path:
    return FOLDER / f"{number + 1:02d}.png"


def difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("clusters"))


def test_there_are_thirty(pictures):
    assert len(set(CLUSTERS)) == len(pictures) == 30


@pytest.mark.parametrize("number", range(30), ids=CLUSTERS)
def test_a_cluster_is_drawn_as_it_was_seen_to_be_right(pictures, number):
    assert difference(pictures[number], Image.open(picture_of(number))) < ALIKE


def test_a_cluster_drawn_wrongly_would_be_seen(pictures):
    wrong = [difference(pictures[number], Image.open(picture_of((number + 1) % 30))) for number in range(30)]
    assert min(wrong) > 2 * ALIKE


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        for number, picture in enumerate(drawn(Path(scratch))):
            buffer = io.BytesIO()
            picture.convert("L").quantize(16).save(buffer, "PNG", optimize=True)
            picture_of(number).write_bytes(buffer.getvalue())
