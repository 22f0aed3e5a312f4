"""What an approved visit says: what was not as it should be, and what of earlier findings is mended.

Everything here runs inside the transaction of an approval, which has asked permission and policy.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from inspections import rules
from inspections.actions import corrective_actions
from inspections.models import CorrectiveAction, Finding, FindingCheck, Visit
from inspections.states import Answer, CorrectedHow, Mended, Purpose, Scope, VisitOutcome
from registry.accounts.models import User
from registry.audit.actions import record

DAY_KEPT = (CorrectedHow.DESK, CorrectedHow.VISIT)


def conclude(visit: Visit, structure: rules.Structure, *, by: User, at: datetime) -> list[Finding]:
    """Write the findings of a visit just approved, close those that it found mended, and ask for what is still to be
    done. Returns the new findings.

    An item that fails again while its finding of an earlier visit is open is not doubled: the earlier finding goes on,
    with the worse severity and scope of the two. A back-check looks at inspectors and writes nothing.
    """
    if visit.purpose == Purpose.BACK_CHECK:
        return []
    completed = visit.outcome == VisitOutcome.COMPLETED
    found = {finding.item_code: finding for finding in findings_of(visit, structure, at)} if completed else {}
    replaced: dict[str, Finding] = {}
    if visit.amends is not None:
        replaced = _withdraw(visit, found, completed=completed, by=by, at=at)
    still_open = _check_carried(visit, by=by, at=at) if completed else []
    going_on = _go_on(visit, found, by=by, at=at)
    new = Finding.objects.bulk_create(finding for item, finding in found.items() if item not in going_on)
    for finding in new:
        if finding.item_code in replaced:
            _take_over(replaced[finding.item_code], finding, by=by, at=at)
    remaining = {finding.pk: finding for finding in (*still_open, *going_on.values(), *new) if not finding.corrected_on}
    corrective_actions.require(visit, remaining.values(), by=by, at=at)
    return new


def findings_of(visit: Visit, structure: rules.Structure, at: datetime) -> list[Finding]:
    """What approval finds: every no and partly among the applicable items. Nothing is written."""
    letters = rules.letters(visit.ruleset)
    findings = []
    for section, items in rules.applicable(structure, rules.setting(visit), visit.answers):
        for item in items:
            key = rules.key(section, item)
            given = visit.answers.get(key, {})
            if given.get("answer") in (Answer.NO, Answer.PARTIAL):
                severity = int(given.get("severity") or item.severity)
                scope = int(given.get("scope") or Scope.ISOLATED)
                corrected = given.get("corrected") == "yes"
                findings.append(
                    Finding(
                        visit=visit,
                        facility_id=visit.facility_id,
                        item_code=key,
                        clause=item.clause or key,
                        text=given.get("note") or item.label_km or item.label_en,
                        severity=severity,
                        scope=scope,
                        grid=letters[severity, scope],
                        corrected_on=visit.visited_on if corrected else None,
                        corrected_how=CorrectedHow.ON_THE_SPOT if corrected else "",
                        recorded_at=at,
                    )
                )
    return findings


def _check_carried(visit: Visit, *, by: User, at: datetime) -> list[Finding]:
    """Write what the visit says of earlier findings; returns those that are still open."""
    known = {str(f.pk): f for f in _locked(facility=visit.facility_id, pk__in=map(int, visit.carried))}
    still_open = []
    for key, said in visit.carried.items():
        finding = known.get(key)
        if finding is None or not said.get("mended"):
            continue
        FindingCheck.objects.create(
            finding=finding, visit=visit, mended=Mended(said["mended"]), note=said.get("note", "")
        )
        if said["mended"] == Mended.YES:
            _close(finding, CorrectedHow.VISIT, visit, by=by, at=at)
        elif finding.corrected_on is None:
            still_open.append(finding)
    return still_open


def _go_on(visit: Visit, found: dict[str, Finding], *, by: User, at: datetime) -> dict[str, Finding]:
    """Earlier open findings of the same items of the same checklist, which go on instead of new ones: by item."""
    version = visit.checklist_version
    if version is None or not found:
        return {}
    same = _locked(
        ~Q(visit=visit.amends_id),
        facility=visit.facility_id,
        corrected_on=None,
        item_code__in=found,
        visit__checklist_version__checklist=version.checklist_id,
    )
    letters = rules.letters(visit.ruleset)
    going_on = {}
    for earlier in same:
        again = found[earlier.item_code]
        severity, scope = max(earlier.severity, again.severity), max(earlier.scope, again.scope)
        if (severity, scope) != (earlier.severity, earlier.scope):
            earlier.severity, earlier.scope, earlier.grid = severity, scope, letters[severity, scope]
            earlier.save(update_fields=["severity", "scope", "grid"])
        FindingCheck.objects.get_or_create(
            finding=earlier, visit=visit, defaults={"mended": Mended.NO, "note": again.text}
        )
        if again.corrected_on:
            _close(earlier, CorrectedHow.ON_THE_SPOT, visit, by=by, at=at)
        going_on[earlier.item_code] = earlier
    return going_on


def _close(finding: Finding, how: CorrectedHow, visit: Visit, *, by: User, at: datetime) -> None:
    if finding.corrected_on is not None:
        return
    finding.corrected_on, finding.corrected_how = visit.visited_on, how
    finding.save(update_fields=["corrected_on", "corrected_how"])
    record(verb="finding.mended", subject=finding, by=by, at=at, facts={"how": how, "visit": visit.number})
    corrective_actions.verify_by_visit(finding, how, by=by, at=at)


def _withdraw(
    visit: Visit, found: dict[str, Finding], *, completed: bool, by: User, at: datetime
) -> dict[str, Finding]:
    """Take back what the amended visit had found and said; returns its findings by item.

    They stay on record, withdrawn. What the amendment finds too takes over the course of the earlier finding; what it
    does not find is no longer to be put right. An earlier finding that only the amended visit had called mended is
    open again, until the amendment says something else of it.
    """
    former = visit.amends
    replaced = {}
    for finding in _locked(visit=former):
        replaced[finding.item_code] = finding
        if finding.item_code not in found:
            _withdraw_one(finding, visit, by=by, at=at)
            corrective_actions.drop(finding, visit.note_of_amendment, by=by, at=at)
    checked = FindingCheck.objects.filter(visit=former, mended=Mended.YES).values_list("finding", flat=True)
    amended = [pk for pk in checked if not completed or visit.carried.get(str(pk), {}).get("mended")]
    for finding in _locked(pk__in=amended, corrected_how=CorrectedHow.VISIT):
        finding.corrected_on, finding.corrected_how = None, ""
        finding.save(update_fields=["corrected_on", "corrected_how"])
        record(verb="finding.reopened", subject=finding, by=by, at=at, reason=visit.note_of_amendment)
        corrective_actions.reopen(finding, visit.note_of_amendment, by=by, at=at)
    return replaced


def _take_over(former: Finding, finding: Finding, *, by: User, at: datetime) -> None:
    """What happened to the former finding after its visit happened to this one, found by the amendment."""
    if former.corrected_how in DAY_KEPT and finding.corrected_on is None:
        finding.corrected_on, finding.corrected_how = former.corrected_on, former.corrected_how
        finding.save(update_fields=["corrected_on", "corrected_how"])
    FindingCheck.objects.filter(finding=former).update(finding=finding)
    CorrectiveAction.objects.filter(finding=former).update(finding=finding)
    if finding.corrected_how == CorrectedHow.ON_THE_SPOT:
        corrective_actions.drop(finding, finding.visit.note_of_amendment, by=by, at=at)
    _withdraw_one(former, finding.visit, by=by, at=at)


def _withdraw_one(finding: Finding, amendment: Visit, *, by: User, at: datetime) -> None:
    finding.corrected_on = finding.corrected_on or timezone.localdate(at)
    finding.corrected_how = CorrectedHow.WITHDRAWN
    finding.save(update_fields=["corrected_on", "corrected_how"])
    facts = {"amendment": amendment.number}
    record(verb="finding.withdrawn", subject=finding, by=by, at=at, reason=amendment.note_of_amendment, facts=facts)


def _locked(*but: Q, **which: object) -> Iterable[Finding]:
    return (
        Finding.objects.filter(*but, **which).select_related("facility").select_for_update(of=("self",)).order_by("pk")
    )
