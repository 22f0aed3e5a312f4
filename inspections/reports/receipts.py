"""What a facility is given at the end of a visit, as a page and as a PDF, in the language that is active."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from inspections import rules
from inspections.actions.findings import findings_of
from inspections.models import CorrectiveAction, Finding, Visit
from inspections.policies import team_of
from inspections.reports.evidence import Signer, signers
from inspections.states import Answer, CorrectedHow, Mended, VisitOutcome, VisitState
from registry.files.actions import place_of

FINAL = (VisitState.APPROVED, VisitState.SUPERSEDED)


def receipt(visit: Visit, *, site: str = "") -> dict[str, Any]:
    """Texts by their place on the receipt, plain JSON but for nothing; what does not apply is empty.

    `site` is where the portal answers ("https://…"), for the codes that lead to the page for evidence.
    """
    is_final = visit.state in FINAL
    structure = rules.structure(visit.checklist_version)
    return {
        "language": "km" if (get_language() or "").startswith("km") else "en",
        "kingdom": [_("Kingdom of Cambodia"), _("Nation Religion King")],
        "ministry": _("Ministry of Health"),
        "title": _("Receipt of an inspection"),
        "standing": _standing(visit),
        "facts": [[str(name), str(value)] for name, value in _facts(visit) if value],
        "result": [[str(name), str(value)] for name, value in _result(visit) if value] if is_final else [],
        "counts": _counts(visit, structure),
        "findings_title": _("Findings"),
        "findings_columns": [_("Clause"), _("Letter"), _("What was found"), _("To be corrected by")],
        "findings": [_finding(row, structure, site) for row in _findings(visit, structure)],
        "no_findings": _("Nothing was found that is not as the standard asks.") if structure else "",
        "carried_title": _("Findings of earlier visits"),
        "carried": _carried(visit),
        "evidence": _("Scan a code to show by a photo or a letter that its finding is corrected."),
        "note": visit.note,
        "note_title": _("Remarks"),
        "signatures_title": _("Signatures"),
        "signatures": [_signature(signer) for signer in signers(visit) if signer.counts],
        "fingerprint_title": _("Fingerprint of the content (SHA-256)"),
        "fingerprint": visit.content_hash,
        "letters": _(
            "The letter stands for how severe a finding is and how far it reaches: A is the least, L the most."
        ),
    }


def _standing(visit: Visit) -> str:
    if visit.state == VisitState.APPROVED:
        return _("This visit is approved.")
    if visit.state == VisitState.SUPERSEDED:
        return _("This visit was approved and later replaced by an amendment.")
    return _("This visit is not yet approved: somebody else checks it, and the result follows.")


def _facts(visit: Visit) -> list[tuple[str, Any]]:
    facility = visit.facility
    handed_in = visit.submitted_at and timezone.localtime(visit.submitted_at)
    return [
        (_("Facility"), facility),
        (_("Facility number"), facility.number),
        (_("Province"), facility.province),
        (_("Day of the visit"), visit.visited_on and date_format(visit.visited_on)),
        (_("Purpose"), visit.get_purpose_display()),
        (_("Inspectors"), ", ".join(map(str, team_of(visit)))),
        (_("Outcome"), visit.get_outcome_display()),
        (_("Licence at the site"), visit.get_licence_seen_display()),
        (_("Checklist"), visit.checklist_version),
        (_("Handed in"), handed_in and date_format(handed_in, "DATETIME_FORMAT")),
        (_("Amends the visit of"), visit.amends and visit.amends.visited_on and date_format(visit.amends.visited_on)),
        (_("Reason for the amendment"), visit.note_of_amendment),
    ]


def _result(visit: Visit) -> list[tuple[str, Any]]:
    return [
        (_("Score"), "" if visit.score is None else _("%(score)s per cent") % {"score": number_format(visit.score)}),
        (_("Band"), visit.get_band_display()),
        (_("Next visit due on"), visit.next_due_on and date_format(visit.next_due_on)),
    ]


def _counts(visit: Visit, structure: rules.Structure) -> str:
    if visit.outcome != VisitOutcome.COMPLETED:
        return ""
    given = [
        visit.answers.get(rules.key(section, item), {}).get("answer")
        for section, items in rules.applicable(structure, rules.setting(visit), visit.answers)
        for item in items
    ]
    words = [f"{label} {given.count(answer)}" for answer, label in Answer.choices if given.count(answer)]
    return _("Answers: %(counts)s") % {"counts": ", ".join(words)} if words else ""


def _findings(visit: Visit, structure: rules.Structure) -> list[Finding]:
    """What approval wrote or, before it, what it would write."""
    if visit.state in FINAL:
        return list(visit.findings.select_related("corrective_action").order_by("-severity", "-scope", "pk"))
    if visit.outcome != VisitOutcome.COMPLETED:
        return []
    found = findings_of(visit, structure, visit.created_at)
    return sorted(found, key=lambda finding: (-finding.severity, -finding.scope))


def _finding(finding: Finding, structure: rules.Structure, site: str) -> dict[str, str]:
    items = {rules.key(section, item): item for section, part in structure for item in part}
    item = items.get(finding.item_code)
    note = "" if item and finding.text in (item.label_km, item.label_en) else finding.text
    action = getattr(finding, "corrective_action", None) if finding.pk else None
    on_the_spot = finding.corrected_how == CorrectedHow.ON_THE_SPOT
    return {
        "clause": finding.clause,
        "letter": finding.grid,
        "text": str(item or finding.text),
        "note": note if item else "",
        "due": _("Corrected on the spot") if on_the_spot else (action and date_format(action.due_on)) or "",
        "qr": _qr(action, site) if action and site else "",
    }


def _qr(action: CorrectiveAction, site: str) -> str:
    """The code, as SVG, of the address under which the facility hands in evidence."""
    try:
        address = site + reverse("evidence", args=[action.uuid])
    except NoReverseMatch:
        return ""
    from segno import make as make_qr  # 13 MB, for this alone

    return make_qr(address, micro=False).svg_inline(border=1)


def _carried(visit: Visit) -> list[dict[str, str]]:
    keys = [int(key) for key in visit.carried if key.isdecimal()]
    earlier = {str(finding.pk): finding for finding in Finding.objects.filter(pk__in=keys)} if keys else {}
    words = dict(Mended.choices)
    return [
        {
            "clause": earlier[key].clause,
            "letter": earlier[key].grid,
            "text": earlier[key].text,
            "note": given.get("note", ""),
            "mended": str(words.get(given.get("mended", ""), "–")),
        }
        for key, given in visit.carried.items()
        if key in earlier
    ]


def _signature(signer: Signer) -> dict[str, str]:
    signature = signer.signature
    if signature is None:
        return {}
    image = signature.image
    is_here = image is not None and place_of(image.sha256).is_file()
    refused = _("Refused to sign: %(reason)s") % {"reason": signature.refused_because}
    missing = _("Signed; the picture of the signature is missing on the server.")
    return {
        "role": signature.get_kind_display(),
        "name": signature.name,
        "position": signature.position,
        "at": date_format(timezone.localtime(signature.signed_at), "DATETIME_FORMAT"),
        "picture": image.sha256 if image and is_here else "",
        "instead": "" if is_here else refused if signature.refused_because else missing,
    }
