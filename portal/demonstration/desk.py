"""What lies on the desks of the ministry: requests for re-inspection, and rulebooks that are being written."""

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from inspections import rules
from inspections.actions import reinspections, rulebook, rulesets, xlsforms
from inspections.models import Band, GridCell, Ruleset, Standing, Visit
from inspections.states import BandCode
from portal.demonstration.country import read
from portal.demonstration.people import SHOWN, People

ASKED = "យើងបានកែតម្រូវអ្វីៗទាំងអស់ · We have put everything right"
OWNER = "ម្ចាស់ · Owner"
DECLINED = "រូបថតមិនបង្ហាញពីការកែតម្រូវ · The photos do not show it"
STRICTER = 5
"""By so many per cent the draft of the next ruleset raises the best band."""


def ask_again(people: People, *, today: date, at: datetime) -> None:
    """Facilities with a low band ask to be inspected again: one waits, one gets a visit, one is declined."""
    low = Standing.objects.filter(band__in=(BandCode.NON_COMPLIANT, BandCode.MINIMALLY_COMPLIANT))
    idle = low.exclude(facility__in=Visit.objects.open().exclude(inspector=None).values("facility"))
    rows = idle.select_related("facility", "visit__checklist_version").order_by("last_visit_on", "pk")
    chosen = rows.filter(facility__province__code__in=SHOWN)[:3] or rows[:3]
    for standing, answer in zip(chosen, ("waits", "granted", "declined"), strict=False):
        officer, version = people["officer"], standing.visit.checklist_version
        request = reinspections.record(
            facility=standing.facility,
            asked_on=today - timedelta(8),
            asked_by_name=OWNER,
            text=ASKED,
            by=officer,
            at=at - timedelta(7),
        )
        if answer == "granted" and version is not None:
            planned_on = today + timedelta(6)
            reinspections.grant(
                request=request, checklist_version=version, planned_on=planned_on, by=officer, at=at - timedelta(2)
            )
        elif answer == "declined":
            reinspections.decline(request=request, reason=DECLINED, by=officer, at=at - timedelta(2))


def draft_rulebooks(people: People, *, at: datetime) -> None:
    """A checklist loaded from an XLSForm, and a stricter ruleset: both drafts, for the ministry to go on with."""
    definition = read_form()
    xlsforms.draft(definition=definition, by=people["officer"], at=at)
    for like in Ruleset.objects.published().order_by("pk")[:1]:
        draft = rulesets.draft(like=like, by=people["officer"], at=at)
        said = rules.contents(draft)
        bands, cells = said.pop("band"), said.pop("cell")
        for band in bands:
            if band["code"] == BandCode.FULLY_COMPLIANT:
                band["from_percent"] += STRICTER
            elif band["code"] == BandCode.SUBSTANTIALLY_COMPLIANT:
                band["below_percent"] += STRICTER
        rulesets.change(
            ruleset=draft,
            facts=said,
            bands=[Band(**band) for band in bands],
            cells=[GridCell(**cell) for cell in cells],
            seen=rules.ruleset_edition(draft),
            by=people["officer"],
            at=at,
        )


def read_form() -> rulebook.Definition:
    """The form of `data/form.toml`, written as a workbook and read as one that somebody sends."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in read("form").items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "form.xlsx"
        book.save(file)
        found = xlsforms.examine(file, known=rulebook.known())
    if found.definition is None:
        raise ValueError("; ".join(fault.sentence for fault in found.faults))
    return found.definition
