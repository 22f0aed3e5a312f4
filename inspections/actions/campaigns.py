"""Campaigns: a directive is drafted, launched, acknowledged, worked through and closed."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inspections.actions import letters
from inspections.actions.visits.locking import in_force
from inspections.models import Campaign, CampaignAcknowledgement, CampaignTarget, Visit
from inspections.permissions.campaigns import check_may_acknowledge, check_may_direct
from inspections.policies import check_reason
from inspections.policies.campaigns import (
    check_campaign_can_move,
    check_can_acknowledge,
    check_can_launch,
    check_can_plan_for_campaign,
    check_can_redraft,
)
from inspections.states import CampaignState, Purpose, VisitState
from registry.accounts.models import User
from registry.audit.actions import fields as event_fields
from registry.audit.actions import record as record_event
from registry.audit.models import AuditEvent
from registry.models import Facility
from registry.states import OperationalStatus

FIELDS = ("code", "name_km", "name_en", "letter_number", "letter_on", "text", "checklist", "begins_on", "deadline")
TARGETING = ("facility_types", "services", "provinces")
AT_WORK = (OperationalStatus.OPERATING, OperationalStatus.SUSPECTED_UNLICENSED)


@transaction.atomic
def draft(*, facts: Mapping[str, Any], by: User, at: datetime) -> Campaign:
    """A directive is written down; no department sees it yet. Raises NotPermitted.

    `facts`: the fields of a campaign by name (`FIELDS`), and of `TARGETING` the things chosen; none means all.
    """
    check_may_direct(by)
    campaign = Campaign.objects.create(**{name: facts[name] for name in FIELDS}, created_at=at)
    _aim(campaign, facts)
    record_event(verb="campaign.drafted", subject=campaign, by=by, at=at)
    return campaign


@transaction.atomic
def redraft(*, campaign: Campaign, facts: Mapping[str, Any], by: User, at: datetime) -> Campaign:
    """The draft says something else. Raises NotPermitted, or Refused once it is launched."""
    check_may_direct(by)
    campaign = _lock(campaign)
    check_can_redraft(campaign)
    for name in FIELDS:
        setattr(campaign, name, facts[name])
    campaign.save()
    _aim(campaign, facts)
    record_event(verb="campaign.redrafted", subject=campaign, by=by, at=at)
    return campaign


@transaction.atomic
def launch(*, campaign: Campaign, by: User, at: datetime) -> Campaign:
    """The facilities are drawn as they are today and every department that has one is asked to acknowledge.

    What is drawn stays. Raises NotPermitted, or Refused where the campaign is no draft, its deadline has passed, its
    checklist is not published or it reaches nobody.
    """
    check_may_direct(by)
    campaign = _lock(campaign)
    check_campaign_can_move(campaign, CampaignState.RUNNING)
    drawn = _draw(campaign)
    check_can_launch(campaign, drawn, timezone.localdate(at))
    provinces = campaign.targets.order_by().values_list("facility__province", flat=True).distinct()
    CampaignAcknowledgement.objects.bulk_create(
        CampaignAcknowledgement(campaign=campaign, province_id=province) for province in provinces
    )
    campaign.state, campaign.launched_at, campaign.launched_by = CampaignState.RUNNING, at, by
    campaign.save()
    record_event(verb="campaign.launched", subject=campaign, by=by, at=at, facts={"targets": drawn})
    letters.launched(campaign, at=at)
    return campaign


def reached(campaign: Campaign) -> QuerySet[Facility]:
    """The facilities that the campaign would reach if it were launched now. Nothing is written.

    Working facilities of the chosen provinces and types that declare one of the chosen services, as far as the
    checklist is for their type.
    """
    facilities = Facility.objects.filter(
        operational_status__in=AT_WORK, province__isnull=False, type__checklists=campaign.checklist_id
    )
    if types := list(campaign.facility_types.values_list("pk", flat=True)):
        facilities = facilities.filter(type__in=types)
    if services := list(campaign.services.values_list("pk", flat=True)):
        offering = Q(declared_services__service__in=services, declared_services__withdrawn_on=None)
        facilities = facilities.filter(pk__in=Facility.objects.filter(offering).values("pk"))
    if provinces := list(campaign.provinces.values_list("pk", flat=True)):
        facilities = facilities.filter(province__in=provinces)
    return facilities


@transaction.atomic
def acknowledge(*, campaign: Campaign, note: str, by: User, at: datetime) -> CampaignAcknowledgement:
    """The department of the manager's province has read the directive. Raises NotPermitted, or Refused where it
    said so before or the campaign is over."""
    check_may_acknowledge(by, campaign)
    acknowledgement = campaign.acknowledgements.select_for_update(no_key=True).get(province=by.province_id)
    check_can_acknowledge(Campaign.objects.get(pk=campaign.pk), acknowledgement)
    acknowledgement.acknowledged_at, acknowledgement.acknowledged_by, acknowledgement.note = at, by, note
    acknowledgement.save()
    facts = {"province": acknowledgement.province.code}
    record_event(verb="campaign.acknowledged", subject=campaign, by=by, at=at, reason=note, facts=facts)
    return acknowledgement


def still_to_plan(campaign: Campaign, province_id: int | None) -> QuerySet[Facility]:
    """Targets of one province that work and have no visit of the campaign, planned or done."""
    visited = Visit.objects.filter(campaign=campaign).exclude(state=VisitState.CANCELLED)
    # The database keeps one planned visit of a purpose for each facility; another campaign's has to be made first.
    planned = Visit.objects.filter(purpose=Purpose.CAMPAIGN, state=VisitState.PLANNED)
    return Facility.objects.filter(
        campaign_targets__campaign=campaign, province=province_id, operational_status__in=AT_WORK
    ).exclude(Q(pk__in=visited.values("facility")) | Q(pk__in=planned.values("facility")))


@transaction.atomic
def plan_visits(
    *, campaign: Campaign, facilities: Collection[str], planned_on: date, announced: bool, by: User, at: datetime
) -> int:
    """Visits to these targets (numbers) of the manager's own province are planned for a day, the inspectors open yet.

    Returns how many: a target that has one already, or does not work any more, is passed over, so two managers can
    plan at once. Raises NotPermitted, or Refused where the campaign is over, the day does not fit or nothing is chosen.
    """
    check_may_acknowledge(by, campaign)
    campaign = _lock(campaign)
    check_can_plan_for_campaign(campaign, facilities, planned_on, timezone.localdate(at))
    version, ruleset = in_force(campaign.checklist.versions.published().first(), planned_on)
    targets = still_to_plan(campaign, by.province_id).filter(number__in=facilities).order_by("pk")
    visits = Visit.objects.bulk_create(
        Visit(
            facility=facility,
            purpose=Purpose.CAMPAIGN,
            campaign=campaign,
            checklist_version=version,
            ruleset=ruleset,
            planned_on=planned_on,
            announced=announced,
            created_at=at,
        )
        for facility in targets
    )
    facts = {"planned_on": planned_on.isoformat(), "purpose": Purpose.CAMPAIGN.value, "campaign": campaign.code}
    _record_each("visit.planned", visits, by=by, at=at, facts=facts)
    return len(visits)


@transaction.atomic
def close(*, campaign: Campaign, reason: str, by: User, at: datetime) -> Campaign:
    """The campaign is over as far as it went; visits already planned stay. Raises NotPermitted or Refused."""
    campaign = _end(campaign, CampaignState.CLOSED, reason, by)
    record_event(verb="campaign.closed", subject=campaign, by=by, at=at, reason=reason)
    return campaign


@transaction.atomic
def cancel(*, campaign: Campaign, reason: str, by: User, at: datetime) -> Campaign:
    """The campaign is called off, and with it its visits that have not begun. Raises NotPermitted or Refused."""
    campaign = _end(campaign, CampaignState.CANCELLED, reason, by)
    planned = Visit.objects.filter(campaign=campaign, state=VisitState.PLANNED).select_related("facility")
    visits = list(planned.order_by("pk").select_for_update(of=("self",), no_key=True))
    Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(state=VisitState.CANCELLED, reason=reason)
    _record_each("visit.cancelled", visits, by=by, at=at, reason=reason)
    facts = {"cancelled_visits": len(visits)}
    record_event(verb="campaign.cancelled", subject=campaign, by=by, at=at, reason=reason, facts=facts)
    return campaign


def _lock(campaign: Campaign) -> Campaign:
    joined = Campaign.objects.select_related("checklist")
    return joined.select_for_update(of=("self",), no_key=True).get(pk=campaign.pk)


def _aim(campaign: Campaign, facts: Mapping[str, Any]) -> None:
    for name in TARGETING:
        getattr(campaign, name).set(facts.get(name, ()))


def _draw(campaign: Campaign) -> int:
    """One statement, however many facilities there are."""
    chosen, values = reached(campaign).order_by().values("pk").query.sql_with_params()
    table = CampaignTarget._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (campaign_id, facility_id) SELECT %s, chosen.id FROM ({chosen}) AS chosen (id)",
            [campaign.pk, *values],
        )
        return cursor.rowcount


def _end(campaign: Campaign, state: CampaignState, reason: str, by: User) -> Campaign:
    check_may_direct(by)
    campaign = _lock(campaign)
    check_campaign_can_move(campaign, state)
    check_reason(reason)
    campaign.state = state
    campaign.save()
    return campaign


def _record_each(verb: str, visits: Collection[Visit], **facts: Any) -> None:
    AuditEvent.objects.bulk_create(AuditEvent(**event_fields(verb=verb, subject=visit, **facts)) for visit in visits)
