"""What was found on the visits, what of it is mended, and what the facilities have promised and not done."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from inspections import rules
from inspections.actions.findings import findings_of
from inspections.models import ActionEvidence, CorrectiveAction, Finding, FindingCheck, Visit
from inspections.states import ActionState, CorrectedHow, Mended
from portal.demonstration.chance import Chance
from portal.demonstration.people import People
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.core.working_days import add_working_days
from registry.models import PublicHoliday

WAYS = {"in_time": 84.0, "late": 6.0, "evidence_waits": 5.0, "only_visits_help": 5.0}
"""What becomes of a corrective action: evidence is accepted before or after its day, waits, or never comes."""
EVIDENCE = "បានជួសជុលរួច រូបថតនៅក្នុងឯកសារ · Put right; the photo is in the file"
OWNER = "ម្ចាស់គ្រឹះស្ថាន · Owner"


class Course:
    """What happens to the findings of all facilities, gathered from their visits in the order of time."""

    def __init__(self, people: People, *, chance: Chance, today: date) -> None:
        self.people, self.chance, self.today = people, chance, today
        self.holidays = set(PublicHoliday.objects.values_list("day", flat=True))
        self.findings: list[Finding] = []
        self.checks: list[FindingCheck] = []
        self.actions: list[CorrectiveAction] = []
        self.evidence: list[ActionEvidence] = []
        self.open: dict[int, dict[str, Finding]] = {}
        """By the key of the facility, by item."""
        self._action_of: dict[int, CorrectiveAction] = {}
        self._ways: dict[int, str] = {}

    def take(self, visits: Sequence[Visit]) -> None:
        """Completed, approved visits, each facility's in order of time."""
        facilities = list(dict.fromkeys(visit.facility_id for visit in visits))
        self._ways = dict(zip(facilities, self.chance.deal(WAYS, len(facilities)), strict=True))
        later = {(a.facility_id, a.pk): b for a, b in pairwise(visits) if a.facility == b.facility}
        structures: dict[int, rules.Structure] = {}
        for visit in visits:
            version: Any = visit.checklist_version
            if version.pk not in structures:
                structures[version.pk] = rules.structure(version)
            self._look(visit, structures[version.pk], later.get((visit.facility_id, visit.pk)))

    def _look(self, visit: Visit, structure: rules.Structure, following: Visit | None) -> None:
        at: Any = visit.decided_at
        found = {finding.item_code: finding for finding in findings_of(visit, structure, at)}
        open_ = self.open.setdefault(visit.facility_id, {})
        for item, earlier in list(open_.items()):
            if item not in visit.answers:
                continue
            again = found.pop(item, None)
            mended = again is None or again.corrected_on is not None
            self.checks.append(
                FindingCheck(finding=earlier, visit=visit, mended=Mended.YES if mended else Mended.NO, note="")
            )
            if mended:
                how = CorrectedHow.VISIT if again is None else CorrectedHow.ON_THE_SPOT
                self._close(open_.pop(item), visit.visited_on, how, by=visit.decided_by, at=at)
        self.findings += found.values()
        days = rules.correction_days(visit.ruleset)
        for item, finding in found.items():
            if finding.corrected_on is not None:
                continue
            open_[item] = finding
            if (finding.severity, finding.scope) in days:
                self._require(visit, finding, days[finding.severity, finding.scope])
        self._mend(visit, open_, following)

    def _require(self, visit: Visit, finding: Finding, days: int) -> None:
        at: Any = visit.decided_at
        due_on = add_working_days(timezone.localdate(at), days, self.holidays)
        action = CorrectiveAction(finding=finding, facility=visit.facility, due_on=due_on, opened_at=at)
        self._action_of[id(finding)] = action
        self.actions.append(action)

    def _mend(self, visit: Visit, open_: dict[str, Finding], following: Visit | None) -> None:
        """What the facility shows between one visit and the next."""
        way, decided_at = self._ways[visit.facility_id], visit.decided_at
        if way == "only_visits_help" or decided_at is None:
            return
        last = (following.visited_on if following and following.visited_on else self.today) - timedelta(1)
        for item, finding in list(open_.items()):
            action = self._action_of.get(id(finding))
            if action is None or action.state != ActionState.REQUIRED or self.chance.random() < 0.02:
                continue
            first = timezone.localdate(decided_at) + timedelta(2)
            if way == "late":
                first = action.due_on + timedelta(5)
            shown_on = self.chance.day(first, max(first, action.due_on + timedelta(40 if way == "late" else -1)))
            if shown_on + timedelta(6) > last:
                continue
            self.evidence.append(
                ActionEvidence(action=action, text=EVIDENCE, given_by_name=OWNER, given_at=self.chance.moment(shown_on))
            )
            if way == "evidence_waits" and following is None:
                action.state = ActionState.EVIDENCE_GIVEN
                continue
            looked_at = self.chance.moment(shown_on + timedelta(5))
            manager = self.people.managers[visit.facility.province_id or 0]
            self._close(open_.pop(item), timezone.localdate(looked_at), CorrectedHow.DESK, by=manager, at=looked_at)

    def _close(self, finding: Finding, day: date | None, how: CorrectedHow, *, by: Any, at: datetime) -> None:
        finding.corrected_on, finding.corrected_how = day, how
        action = self._action_of.get(id(finding))
        if action is not None:
            action.state, action.verified_how, action.decided_by, action.decided_at = ActionState.VERIFIED, how, by, at

    def write(self) -> list[AuditEvent]:
        """Everything gathered; returns the events to be written."""
        Finding.objects.bulk_create(self.findings, batch_size=5000)
        FindingCheck.objects.bulk_create(self.checks, batch_size=5000)
        CorrectiveAction.objects.bulk_create(self.actions, batch_size=5000)
        ActionEvidence.objects.bulk_create(self.evidence, batch_size=5000)
        return [AuditEvent(**event) for event in self._events()]

    def _events(self) -> Iterator[dict[str, Any]]:
        given: dict[int, ActionEvidence] = {evidence.action_id: evidence for evidence in self.evidence}
        for action in self.actions:
            finding = action.finding
            facts: dict[str, Any] = {"due_on": action.due_on.isoformat()}
            by = finding.visit.decided_by
            yield fields(verb="corrective_action.required", subject=action, by=by, at=action.opened_at, facts=facts)
            if evidence := given.get(action.pk):
                facts = {"name": evidence.given_by_name, "file": None}
                verb = "corrective_action.evidence_given"
                yield fields(verb=verb, subject=action, by=None, at=evidence.given_at, facts=facts)
            if action.decided_at is not None:
                facts = {"how": action.verified_how}
                verb, at = "corrective_action.verified", action.decided_at
                yield fields(verb=verb, subject=action, by=action.decided_by, at=at, facts=facts)

    def carry(self, visits: Iterable[Visit]) -> None:
        """Visits that are begun ask for the findings that were open; what is handed in has answered them."""
        for visit in visits:
            open_ = self.open.get(visit.facility_id, {}).values()
            said = {} if visit.submitted_at is None else {"mended": str(Mended.NO)}
            visit.carried = {str(finding.pk): said for finding in open_}
