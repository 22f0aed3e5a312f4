"""Papers: PDF documents from the templates in templates/papers, the same bytes for the same content.

The typesetter is loaded when the first paper is made: few processes make any.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import fontpkg_noto_sans_khmer
from django.conf import settings

if TYPE_CHECKING:
    import typst


def paper(template: str, content: Mapping[str, Any], *, pictures: Mapping[str, bytes], made_at: datetime) -> bytes:
    """The PDF that a template makes of `content` (plain JSON) and of pictures, by their names in the content.

    Nothing is read from the network or from the machine's own fonts, and nothing depends on the clock.
    """
    import typst

    source = Path(settings.BASE_DIR) / "templates" / "papers" / template
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "content.json").write_text(json.dumps(content, ensure_ascii=False))
        for name, picture in pictures.items():
            (root / name).write_bytes(picture)
        (root / "paper.typ").write_bytes(source.read_bytes())
        return typst.compile(
            root / "paper.typ",
            root=root,
            font_paths=fonts(),
            format="pdf",
            timestamp=int(made_at.timestamp()),
        )


@cache
def fonts() -> "typst.Fonts":
    """The Khmer font, and the Latin ones that the typesetter brings."""
    import typst

    khmer = Path(fontpkg_noto_sans_khmer.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[khmer])
