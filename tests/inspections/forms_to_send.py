"""Workbooks of XLSForms as people write them, made row by row."""

import io
import zipfile
from pathlib import Path

from openpyxl import Workbook

COLUMNS = ("type", "name", "label::English (en)", "label::Khmer (km)")
YES_NO = [("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No")]
BEGIN, END = ("begin_group", "S01", "Water", "ទឹក"), ("end_group",)
WELL = ("select_one yn", "well", "Is there a well?", "តើមានអណ្តូងទេ?")
SETTINGS = [("form_title", "form_id"), ("Water", "water")]


def a_form(path: Path, *rows, columns=COLUMNS, choices=YES_NO, settings=SETTINGS) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, lines in (("survey", [columns, *rows]), ("choices", choices), ("settings", settings)):
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def with_parts(path: Path, **parts: bytes) -> Path:
    """The workbook with parts put in or replaced; `xl__vbaProject` is the part xl/vbaProject.bin."""
    kept = io.BytesIO(path.read_bytes())
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    with zipfile.ZipFile(kept) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            stem = name.rpartition(".")[0]
            target.writestr(name, named.pop(stem, source.read(name)))
        for stem, content in named.items():
            target.writestr(f"{stem}.bin", content)
    return path
