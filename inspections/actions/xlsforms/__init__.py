"""Checklists as XLSForms, which ODK, Kobo and many other tools read: one sheet of questions, one of choices.

docs/xlsforms.md says what becomes what.
"""

from inspections.actions.xlsforms.drafting import draft
from inspections.actions.xlsforms.faults import SHOWN, Fault
from inspections.actions.xlsforms.reading import Examination, examine
from inspections.actions.xlsforms.writing import workbook

__all__ = ["SHOWN", "Examination", "Fault", "draft", "examine", "workbook"]
