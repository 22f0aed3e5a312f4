"""pyxform, which most tools read XLSForms with, has the last word on what is one; it is loaded only when asked."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from inspections.actions.xlsforms.faults import Fault
from inspections.actions.xlsforms.sheets import Sheet

_ROW = re.compile(r"\[row : ([0-9]+)\]\s*")


def refused_by_pyxform(sheets: Mapping[str, Sheet]) -> list[Fault]:
    from pyxform.xls2xform import convert

    form: dict[str, Any] = {}
    for kind, sheet in sheets.items():
        form[kind] = sheet.plain
        form[f"{kind}_header"] = [dict.fromkeys(sheet.headings)]
    try:
        convert(form, warnings=[], form_name="data")
    except Exception as error:  # whatever stops pyxform stops other tools as well
        written = str(error)
        row = _ROW.search(written)
        sentence = _("Other tools would refuse the form: %(message)s") % {
            "message": _ROW.sub("", written).strip()[:500]
        }
        return [Fault(sentence, sheets["survey"].name, int(row[1]) if row else None)]
    return []
