"""The visit rows: what a submitted visit costs beside one raw statement of each kind, and 300 items on a phone."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from inspections import rules
from inspections.actions import visits
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion, Visit
from inspections.states import VersionState, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.models import Facility
from tests import factories
from tests.benchmarks.fill import KHMER
from tests.benchmarks.result import Result

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROUNDS = 40
COLUMNS = """uuid, facility_id, purpose, announced, state, outcome, checklist_version_id, ruleset_id, inspector_id,
    planned_on, services, licence_seen, answers, note, revision, reason, section_scores, band, source, source_key,
    created_at"""
INSERT = f"INSERT INTO bare_visit ({COLUMNS}) VALUES ({', '.join(['%s'] * 21)})"
UPDATE = "UPDATE bare_visit SET state = 'submitted', visited_on = %s, submitted_at = now() WHERE uuid = %s"


def measure() -> Iterator[Result]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # needs nothing to be collected
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}), transaction.atomic():
        yield from rows()
        transaction.set_rollback(True)


def rows() -> Iterator[Result]:
    facility = Facility.objects.filter(operational_status="operating").order_by("pk")[0]
    inspector = factories.a_user(Role.INSPECTOR, province=facility.province, username=f"bench-{uuid4()}")
    sixty, long = a_version(60), a_version(300)
    answers = factories.answers_to(sixty, "partial")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare_visit (LIKE inspections_visit INCLUDING ALL)")
    common: dict[str, Any] = {
        "facility": facility,
        "inspector": inspector,
        "checklist_version": sixty,
        "ruleset": factories.a_ruleset(),
    }
    pairs = [(raw(common, answers), stored(common, answers)) for _round in range(ROUNDS)]
    yield Result(
        "submitted visit of 60 answers / raw INSERT + UPDATE",
        median(ours / bare for bare, ours in pairs),
        4,
        True,
        f"with history and its guards, {median(ours for _bare, ours in pairs):.1f} ms a visit",
    )
    visit = factories.a_visit(state=VisitState.IN_PROGRESS, **dict(common, checklist_version=long))
    visits.save_draft(visit=visit, answers=factories.answers_to(long, "no"), revision=1, by=inspector, at=NOW)
    client = Client(SERVER_NAME="localhost")
    client.force_login(inspector)
    address = reverse("visit-fill", args=[visit.uuid])
    opened = [milliseconds(lambda: client.get(address, headers={"accept-language": "km"})) for _round in range(5)]
    answer = client.get(address, headers={"accept-language": "km"})
    assert answer.status_code == 200
    page = answer.content
    yield Result(
        "visit of 300 items in one request, gzipped KB",
        len(gzip.compress(page)) / 1024,
        60,
        True,
        f"{len(page) / 1024:,.0f} KB of HTML, opened in {median(opened):.0f} ms",
    )
    waits = sorted(saved(client, visit, number) for number in range(ROUNDS))
    yield Result(
        "saving one change of 300 items, p95 ms",
        waits[int(ROUNDS * 0.95)],
        100,
        True,
        f"median {median(waits):.1f} ms of server time, through the page's own address",
    )


def raw(common: dict[str, Any], answers: dict[str, Any]) -> float:
    uuid = uuid4()
    values = [
        uuid, common["facility"].pk, "routine", False, "in_progress", "", common["checklist_version"].pk,
        common["ruleset"].pk, common["inspector"].pk, factories.TODAY, "[]", "valid", json.dumps(answers), "", 1, "",
        "{}", "", "benchmark", str(uuid), NOW,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        return milliseconds(lambda: (cursor.execute(INSERT, values), cursor.execute(UPDATE, [factories.TODAY, uuid])))


def stored(common: dict[str, Any], answers: dict[str, Any]) -> float:
    """As the registry writes it: two statements by the ORM, each copied to the history and checked by its triggers."""
    visit = Visit(**common, uuid=uuid4(), state=VisitState.IN_PROGRESS, answers=answers, created_at=NOW)

    def write() -> None:
        visit.save()
        visit.state, visit.visited_on, visit.outcome = VisitState.SUBMITTED, factories.TODAY, VisitOutcome.COMPLETED
        visit.submitted_at, visit.submitted_by = NOW, common["inspector"]
        visit.save(update_fields=["state", "visited_on", "outcome", "submitted_at", "submitted_by"])

    return milliseconds(write)


def saved(client: Client, visit: Visit, number: int) -> float:
    sent = {"revision": 2 + number, "answers": {f"S01.{number + 1:03}": {"answer": "yes"}}}
    address = reverse("visit-answers", args=[visit.uuid])
    answers: list[Any] = []
    taken = milliseconds(lambda: answers.append(client.post(address, sent, content_type="application/json")))
    assert answers[0].status_code == 200, answers[0].content
    return taken


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def a_version(items: int) -> ChecklistVersion:
    """A published checklist of so many questions in Khmer, in sections of sixty."""
    checklist = factories.a_checklist_version(items=1).checklist
    version = ChecklistVersion.objects.create(checklist=checklist, number=2)
    for position in range(0, items, 60):
        section = ChecklistSection.objects.create(
            version=version,
            position=position,
            code=f"S{position // 60 + 1:02}",
            name_km=KHMER[position % 16],
            name_en="S",
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(
                section=section,
                position=number,
                code=f"{number + 1:03}",
                label_km=" ".join(KHMER[(number * step + position) % 16] for step in range(1, 9)),
                label_en=f"Question {number}",
                guidance_km=" ".join(KHMER[(number + step) % 16] for step in range(5)),
                clause=f"§ {number}",
            )
            for number in range(min(60, items - position))
        )
    ChecklistVersion.objects.filter(checklist=checklist, number=1).update(state=VersionState.RETIRED)
    version.state, version.published_at = VersionState.PUBLISHED, NOW
    version.save()
    assert len(rules.structure(version)) == -(-items // 60)
    return version
