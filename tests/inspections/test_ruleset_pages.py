"""The ruleset studio in the browser's words: draft, change, look, publish."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inspections import rules
from inspections.actions import rulesets
from inspections.models import Ruleset
from inspections.states import BandCode, VersionState
from registry.accounts.states import STAFF_ROLES, Role
from registry.audit.models import AuditEvent
from tests.factories import NOW, a_facility, a_ruleset, a_user, an_approved_visit

pytestmark = pytest.mark.django_db

TOMORROW = timezone.localdate() + timedelta(days=1)
DRAFT, EDIT, CHANGES = "/rulesets/test/1/draft/", "/rulesets/test/2/edit/", "/rulesets/test/2/changes/"
FACILITIES, PUBLISH, DISCARD = f"{CHANGES}facilities/", "/rulesets/test/2/publish/", "/rulesets/test/2/discard/"


def sent(draft, **others):
    bands = {band.code: band for band in draft.bands.all()}
    form = {
        "seen": rules.ruleset_edition(draft),
        "name": draft.name,
        "source": "Letter 7",
        "valid_from": TOMORROW.strftime("%d/%m/%Y"),
        "decimal_places": "1",
        "hard_maximum_months": "២៤",
        "critical_cap": draft.critical_cap,
        "unlicensed_band": "",
        "grace_months": "3",
        "type:clinic": "9",
        "days:D": "60",
        "days:L": "1",
    }
    form |= {f"days:{letter}": str(days) for letter, days in zip("EFGHIJK", (45, 30, 20, 15, 10, 3, 2), strict=True)}
    for code, band in bands.items():
        form |= {f"from:{code}": str(band.from_percent), f"months:{code}": band.months_to_next_visit or ""}
    return form | {name.replace("__", ":"): value for name, value in others.items()}


@pytest.fixture
def draft():
    return rulesets.draft(like=a_ruleset(), by=None, at=NOW)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_who_drafts_and_who_publishes(client, role):
    ruleset = a_ruleset()
    a_facility()
    client.force_login(a_user(role))
    drafts = role in (Role.ADMINISTRATOR, Role.LICENSING_OFFICER)
    publishes = role in (Role.ADMINISTRATOR, Role.APPROVER)
    assert client.post(DRAFT).status_code == (302 if drafts else 403)
    if not drafts:
        rulesets.draft(like=ruleset, by=None, at=NOW)
    made = Ruleset.objects.get(number=2)
    assert client.post(EDIT, sent(made)).status_code == (302 if drafts else 403)
    seen = {"seen": rules.ruleset_edition(made), "understood": "on"}
    assert client.post(DISCARD).status_code == (302 if drafts else 403)
    if drafts:
        assert not Ruleset.objects.filter(number=2).exists()
        made = rulesets.draft(like=ruleset, by=None, at=NOW)
        seen["seen"] = rules.ruleset_edition(made)
    assert client.get("/rulesets/").status_code == client.get(CHANGES).status_code == 200
    assert client.get(PUBLISH).status_code == (200 if publishes else 403)
    assert client.post(PUBLISH, seen).status_code == (302 if publishes else 403)
    assert (Ruleset.objects.get(number=2).state == VersionState.PUBLISHED) is publishes


def test_a_draft_is_changed_looked_at_and_published(client, draft):
    today = timezone.localdate()
    facility = a_facility(name_en="Sok Clinic")
    an_approved_visit(
        facility, visited_on=today, next_due_on=today + timedelta(days=730), score=72, band="substantially_compliant"
    )
    client.force_login(a_user(Role.ADMINISTRATOR))
    response = client.post(EDIT, sent(draft, from__fully_compliant="70.5", closure__non_compliant="1"))
    assert response.status_code == 302, response.context["form"].errors
    draft = Ruleset.objects.get(number=2)
    assert (draft.hard_maximum_months, draft.longest_by_type, draft.grid.count()) == (24, {"clinic": 9}, 12)
    said = {band.code: (band.from_percent, band.below_percent) for band in draft.bands.all()}
    assert said[BandCode.SUBSTANTIALLY_COMPLIANT][1] == said[BandCode.FULLY_COMPLIANT][0] == 70.5
    page = client.get(CHANGES).content.decode()
    assert "Publishing changes no standing" in page
    listed = client.get(FACILITIES, {"band": "substantially_compliant", "band_then": "fully_compliant"})
    assert "Sok Clinic" in listed.content.decode()
    exported = b"".join(client.get(FACILITIES, {"export": "csv"}).streaming_content).decode()
    assert "Sok Clinic" in exported
    assert "Fully compliant" in exported
    assert client.get(FACILITIES, {"moved": "earlier"}).context["rows"] == []
    client.post(PUBLISH, {"seen": rules.ruleset_edition(draft), "understood": "on"})
    first, second = Ruleset.objects.order_by("number")
    assert (first.valid_until, second.valid_from) == (TOMORROW - timedelta(days=1), TOMORROW)
    assert second.state == VersionState.PUBLISHED
    facility.standing.refresh_from_db()
    assert facility.standing.band == "substantially_compliant"
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"ruleset.drafted", "ruleset.changed", "ruleset.published"} <= verbs


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"from__non_compliant": "5"}, "No band holds what lies from 0 to under 5 per cent"),
        ({"from__non_compliant": ""}, "No band holds what lies from 0 to under 10 per cent"),
        ({"from__partially_compliant": "80"}, "which is better"),
        ({"from__partially_compliant": "10"}, "holds no percentage"),
        ({"from__partially_compliant": ""}, "begins"),
        ({"from__fully_compliant": "101"}, "less than or equal to 100"),
        ({"days__E": "70"}, "must not leave more time"),
        ({"days__L": ""}, "must not leave more time"),
        ({"hard_maximum_months": "0"}, "greater than or equal to 1"),
        ({"seen": "another edition"}, "meanwhile"),
        ({"valid_from": "31/02/2027"}, "calendar"),
    ],
)
def test_what_makes_no_sense_is_said_and_what_was_typed_stays(client, draft, others, sentence):
    before = rules.contents(draft)
    client.force_login(a_user(Role.LICENSING_OFFICER))
    response = client.post(EDIT, sent(draft, **others))
    assert sentence in response.content.decode()
    assert "Letter 7" in response.content.decode()
    assert response.status_code in (200, 409)
    assert rules.contents(Ruleset.objects.get(pk=draft.pk)) == before


def test_nothing_is_published_that_was_not_looked_at_or_begins_today(client, draft):
    client.force_login(a_user(Role.ADMINISTRATOR))
    old = rules.ruleset_edition(draft)
    client.post(EDIT, sent(draft))
    assert client.post(PUBLISH, {"seen": old, "understood": "on"}).status_code == 409
    now = rules.ruleset_edition(Ruleset.objects.get(pk=draft.pk))
    assert client.post(PUBLISH, {"seen": now}).status_code == 200
    today = timezone.localdate().strftime("%d/%m/%Y")
    client.post(EDIT, sent(Ruleset.objects.get(pk=draft.pk), valid_from=today))
    now = rules.ruleset_edition(Ruleset.objects.get(pk=draft.pk))
    assert client.post(PUBLISH, {"seen": now, "understood": "on"}).status_code == 409
    assert Ruleset.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_one_draft_at_a_time_and_what_is_published_is_neither_edited_nor_discarded(client, draft):
    client.force_login(a_user(Role.ADMINISTRATOR))
    assert client.post(DRAFT).status_code == 409
    for page in ("edit", "publish", "discard"):
        assert client.post(f"/rulesets/test/1/{page}/").status_code == 409
    assert client.get("/rulesets/test/9/").status_code == 404


def test_pages_cost_the_same_however_many_facilities(client, draft, django_assert_max_num_queries):
    today = timezone.localdate()
    for _place in range(12):
        an_approved_visit(a_facility(), visited_on=today, next_due_on=today)
    client.force_login(a_user(Role.ADMINISTRATOR))
    for page in (CHANGES, FACILITIES, PUBLISH):
        with django_assert_max_num_queries(9):
            assert client.get(page).status_code == 200
