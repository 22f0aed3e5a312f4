"""A directive goes out once, reaches what it says, and comes back province by province."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inspections.actions import campaigns
from inspections.models import Campaign, CampaignTarget, Visit
from inspections.reports.campaigns import progress, targets
from inspections.states import CampaignState, Purpose, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import FacilityService
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_province,
    a_ruleset,
    a_service,
    a_user,
    a_visit,
    another_province,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DEADLINE = TODAY + 60 * DAY


@pytest.fixture
def approver():
    return a_user(Role.APPROVER)


@pytest.fixture
def manager():
    return a_user(Role.PROVINCIAL_MANAGER)


def facts(**others):
    return {
        "code": "cosmetic-2026",
        "name_km": "យុទ្ធនាការ",
        "name_en": "Cosmetic services",
        "letter_number": "081 អបស",
        "letter_on": date(2026, 11, 1),
        "text": "Inspect cosmetic services.",
        "begins_on": TODAY,
        "deadline": DEADLINE,
        **others,
    }


def a_draft(by, **others):
    others.setdefault("checklist", others.pop("version", None) or a_checklist_version().checklist)
    return campaigns.draft(facts=facts(**others), by=by, at=NOW)


def launched(by, **others):
    return campaigns.launch(campaign=a_draft(by, **others), by=by, at=NOW)


def test_a_campaign_reaches_working_facilities_of_its_types_services_and_provinces(approver):
    surgery = a_service()
    here, there = a_province(), another_province()
    reached = a_facility(province=here)
    for facility in (reached, a_facility(province=there), a_facility(province=here, status=OperationalStatus.CLOSED)):
        FacilityService.objects.create(facility=facility, service=surgery, declared_on=TODAY)
    withdrawn = a_facility(province=here)
    FacilityService.objects.create(facility=withdrawn, service=surgery, declared_on=TODAY - DAY, withdrawn_on=TODAY)
    a_facility(province=here)
    a_facility(province=here, type=a_facility_type("pharmacy", name_en="Pharmacy"))

    campaign = launched(approver, services=[surgery], provinces=[here])
    assert [target.facility for target in campaign.targets.all()] == [reached]
    assert [acknowledgement.province for acknowledgement in campaign.acknowledgements.all()] == [here]


def test_with_nothing_chosen_a_campaign_reaches_every_facility_of_the_types_of_its_checklist(approver):
    expected = {a_facility(), a_facility(province=another_province())}
    a_facility(type=a_facility_type("pharmacy", name_en="Pharmacy"))
    assert {target.facility for target in launched(approver).targets.all()} == expected


def test_launching_costs_the_same_queries_however_many_targets_there_are(approver):
    checklist = a_checklist_version().checklist
    made = []
    for code in ("few", "many"):
        for _ in range(1 if code == "few" else 20):
            a_facility()
        campaign = a_draft(approver, code=code, checklist=checklist)
        with CaptureQueriesContext(connection) as queries:
            campaigns.launch(campaign=campaign, by=approver, at=NOW)
        made.append(len(queries))
    assert made[0] == made[1]


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.PROVINCIAL_MANAGER, Role.AUDITOR, Role.ENFORCEMENT_OFFICER])
def test_only_the_ministry_directs(role, approver):
    a_facility()
    with pytest.raises(NotPermitted):
        campaigns.draft(facts=facts(checklist=a_checklist_version().checklist), by=a_user(role), at=NOW)
    draft = a_draft(approver)
    with pytest.raises(NotPermitted):
        campaigns.launch(campaign=draft, by=a_user(role), at=NOW)


def test_a_campaign_that_reaches_nobody_or_is_too_late_is_not_launched(approver):
    with pytest.raises(Refused) as refusal:
        launched(approver)
    assert refusal.value.code == "reaches_nobody"
    a_facility()
    late = a_draft(approver, code="late", begins_on=TODAY - 9 * DAY, deadline=TODAY - DAY)
    with pytest.raises(Refused) as refusal:
        campaigns.launch(campaign=late, by=approver, at=NOW)
    assert refusal.value.code == "deadline_passed"
    assert not CampaignTarget.objects.exists()


def test_nobody_launches_twice_and_what_is_launched_stays(approver):
    a_facility()
    campaign = launched(approver)
    with pytest.raises(Refused):
        campaigns.launch(campaign=campaign, by=approver, at=NOW)
    with pytest.raises(Refused):
        campaigns.redraft(campaign=campaign, facts=facts(checklist=campaign.checklist), by=approver, at=NOW)
    for statement in (
        "UPDATE inspections_campaign SET text = 'something else'",
        "UPDATE inspections_campaign SET state = 'draft'",
        "DELETE FROM inspections_campaign",
        "DELETE FROM inspections_campaigntarget",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_province_sees_a_campaign_once_it_is_launched_and_reaches_it(approver, manager):
    elsewhere = a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    a_facility()
    campaign = a_draft(approver)
    assert not Campaign.objects.visible_to(manager).exists()
    campaigns.launch(campaign=campaign, by=approver, at=NOW)
    assert Campaign.objects.visible_to(manager).exists()
    assert not Campaign.objects.visible_to(elsewhere).exists()
    assert not targets(campaign, elsewhere).exists()
    with pytest.raises(NotPermitted):
        campaigns.acknowledge(campaign=campaign, note="", by=elsewhere, at=NOW)


def test_a_department_acknowledges_once_and_is_silent_until_then(approver, manager):
    a_facility()
    campaign = launched(approver)
    assert not progress(campaign, approver, as_of=TODAY + 7 * DAY)[0].silent
    assert progress(campaign, approver, as_of=TODAY + 8 * DAY)[0].silent
    campaigns.acknowledge(campaign=campaign, note="We begin on Monday.", by=manager, at=NOW)
    row = progress(campaign, approver, as_of=TODAY + 8 * DAY)[0]
    assert not row.silent
    assert (row.acknowledgement.acknowledged_by, row.acknowledgement.note) == (manager, "We begin on Monday.")
    with pytest.raises(Refused):
        campaigns.acknowledge(campaign=campaign, note="", by=manager, at=NOW)


def test_a_manager_plans_visits_of_the_own_province_once(approver, manager):
    a_ruleset()
    own, other = a_facility(), a_facility(province=another_province())
    campaign = launched(approver)
    chosen = {"facilities": [own.number, other.number], "planned_on": TODAY + DAY, "announced": False}
    assert campaigns.plan_visits(campaign=campaign, **chosen, by=manager, at=NOW) == 1
    assert campaigns.plan_visits(campaign=campaign, **chosen, by=manager, at=NOW) == 0
    visit = Visit.objects.get()
    assert (visit.facility, visit.purpose, visit.campaign) == (own, Purpose.CAMPAIGN, campaign)
    assert visit.inspector is None
    assert visit.checklist_version.checklist == campaign.checklist
    assert AuditEvent.objects.filter(verb="visit.planned", facility_number=own.number).count() == 1


def test_progress_counts_each_target_by_the_furthest_visit(approver):
    inspector = a_user(Role.INSPECTOR)
    made = {"purpose": Purpose.CAMPAIGN, "inspector": inspector}
    facilities = [a_facility() for _ in range(5)]
    campaign = launched(approver)
    decided = {"decided_by": approver, "decided_at": NOW, "next_due_on": DEADLINE}
    a_visit(facilities[0], campaign=campaign, **made)
    a_visit(facilities[1], campaign=campaign, state=VisitState.CANCELLED, **made)
    a_visit(facilities[2], campaign=campaign, state=VisitState.SUBMITTED, **made)
    approved = a_visit(facilities[3], campaign=campaign, state=VisitState.SUBMITTED, **made)
    Visit.objects.filter(pk=approved.pk).update(state=VisitState.APPROVED, **decided)
    refused = a_visit(
        facilities[4], campaign=campaign, state=VisitState.SUBMITTED, outcome=VisitOutcome.REFUSED, **made
    )
    Visit.objects.filter(pk=refused.pk).update(state=VisitState.APPROVED, **decided)
    a_visit(facilities[4], inspector=inspector)
    (row,) = progress(campaign, approver, as_of=DEADLINE)
    assert (row.targets, row.planned, row.visited, row.approved, row.overdue) == (5, 1, 3, 1, 0)
    assert progress(campaign, approver, as_of=DEADLINE + DAY)[0].overdue == 4


def test_cancelling_takes_the_visits_that_have_not_begun_along(approver):
    facilities = [a_facility(), a_facility()]
    campaign = launched(approver)
    planned = a_visit(facilities[0], campaign=campaign, purpose=Purpose.CAMPAIGN)
    begun = a_visit(facilities[1], campaign=campaign, purpose=Purpose.CAMPAIGN, state=VisitState.IN_PROGRESS)
    with pytest.raises(Refused):
        campaigns.cancel(campaign=campaign, reason=" ", by=approver, at=NOW)
    campaigns.cancel(campaign=campaign, reason="The letter was withdrawn.", by=approver, at=NOW)
    planned.refresh_from_db()
    begun.refresh_from_db()
    assert (planned.state, begun.state) == (VisitState.CANCELLED, VisitState.IN_PROGRESS)
    with pytest.raises(Refused):
        campaigns.close(campaign=campaign, reason="Done.", by=approver, at=NOW)


def test_the_pages_lead_from_draft_to_planned_visits(approver, manager):
    a_ruleset()
    facility = a_facility()
    version = a_checklist_version()
    client = Client()
    client.force_login(approver)
    typed = facts(checklist=version.checklist.pk, letter_on="១/១១/២០២៦", begins_on="22/11/2026", deadline="21/1/2027")
    response = client.post(reverse("campaign-create"), typed)
    assert response.status_code == 302, response.context["form"].errors
    here = [typed["code"]]
    assert b"reaches 1 facility" in client.get(response["Location"]).content
    assert client.get(reverse("campaign-launch", args=here)).status_code == 200
    assert client.post(reverse("campaign-launch", args=here)).status_code == 302
    assert client.post(reverse("campaign-launch", args=here)).status_code == 409
    assert client.post(reverse("campaign-acknowledge", args=here), {"note": ""}).status_code == 403

    client.force_login(manager)
    assert client.post(reverse("campaign-acknowledge", args=here), {"note": "Read."}).status_code == 302
    chosen = {"facilities": [facility.number], "planned_on": timezone.localdate().strftime("%d/%m/%Y")}
    assert client.post(reverse("campaign-plan", args=here), chosen | {"facilities": []}).status_code == 200
    assert client.post(reverse("campaign-plan", args=here), chosen | {"planned_on": "1/1/2020"}).status_code == 409
    assert client.post(reverse("campaign-plan", args=here), chosen).status_code == 302
    assert Visit.objects.get().campaign.state == CampaignState.RUNNING
    listed = client.get(reverse("campaign-targets", args=here), {"stage": "planned"})
    assert facility.number.encode() in listed.content


def test_the_pages_of_a_campaign_cost_a_fixed_number_of_queries(approver, client, django_assert_max_num_queries):
    a_facility()
    for _ in range(15):
        a_facility(province=another_province())
    campaign = launched(approver)
    client.force_login(approver)
    with django_assert_max_num_queries(16):
        client.get(reverse("campaign-detail", args=[campaign.code]))
    with django_assert_max_num_queries(10):
        client.get(reverse("campaign-targets", args=[campaign.code]))
    with django_assert_max_num_queries(8):
        client.get(reverse("campaign-list"))
