"""The demonstration: made-up facilities everywhere, a history, work for everybody, and only where it belongs."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from enforcement.models import Complaint, Flag
from enforcement.rules import RULES
from enforcement.states import ComplaintState
from enforcement.sweeps import sweep
from inspections import rules
from inspections.models import (
    BackCheck,
    Campaign,
    ChecklistVersion,
    CorrectiveAction,
    ReinspectionRequest,
    RiskModel,
    Ruleset,
    Standing,
    Visit,
)
from inspections.states import ActionState, BandCode, CampaignState, RequestState, VersionState, VisitState
from licensing.models import Appeal, Application, Certificate, Condition, Invoice, Licence, ServiceAuthorisation
from licensing.states import (
    AppealOutcome,
    ApplicationKind,
    ApplicationState,
    InvoiceState,
    LicencePhase,
    LicenceState,
)
from portal.demonstration import people
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.areas.actions import gazetteer
from registry.areas.models import Area
from registry.audit.models import AuditEvent
from registry.models import Equipment, Facility, Network, Operator, Posting, Practitioner
from registry.outbox.models import Message
from registry.states import NetworkKind, OperationalStatus
from tests.factories import a_facility, a_user

pytestmark = pytest.mark.django_db
NUMBER = 100


@pytest.fixture(scope="module")
def places():
    """The provinces and a commune or two of each, as the gazetteer has them: the villages take their time."""
    found = [place for place in gazetteer.places() if len(place.code) < 8]
    communes = {place.code: place for place in found if place.code[4:] in ("01", "02")}
    wanted = {code[:2] for code in communes} | {code[:4] for code in communes}
    return [place for place in found if place.code in communes or place.code in wanted]


@pytest.fixture
def register(places, settings):
    """A register with areas and reference data, and no facility yet."""
    settings.DEMONSTRATION = True
    gazetteer.load(by=None, at=timezone.now(), found=places)
    call_command("load_reference_data", stdout=io.StringIO())


@pytest.fixture
def demonstration(register):
    return load()


def load(number=NUMBER):
    out = io.StringIO()
    call_command("load_demo", facilities=number, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def everything():
    return [model.objects.count() for model in (Facility, Operator, Licence, Visit, Standing, AuditEvent, User, Flag)]


def test_somebody_answers_for_most_sites_and_one_person_for_the_branch_network(demonstration):
    assert Posting.objects.responsible().count() > NUMBER / 2
    assert not Practitioner.objects.exclude(council_number__startswith="DEMO-").exists()
    kinds = Network.objects.filter(sites__gt=2).values_list("kind", flat=True)
    assert {NetworkKind.OPERATOR, NetworkKind.BRAND, NetworkKind.RESPONSIBLE} <= set(kinds)
    assert Equipment.objects.exists()


def test_every_province_has_a_facility_and_all_of_them_say_that_they_are_made_up(demonstration):
    assert Facility.objects.exclude(operational_status=OperationalStatus.PLANNED).count() == NUMBER
    assert Facility.objects.values("province").distinct().count() == Area.objects.provinces().count() == 25
    assert not Facility.objects.exclude(identifiers__system="demonstration").exists()
    assert not Licence.objects.exclude(number__startswith="DEMO-").filter(application=None).exists()
    assert not Operator.objects.exclude(registration_number__startswith="DEMO-").exists()


def test_the_second_time_nothing_changes_and_the_accounts_are_said_again(demonstration):
    before = everything()
    assert load() == demonstration
    assert everything() == before
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    assert out.getvalue() == demonstration


def test_the_sweep_flags_every_rule_and_some_flags_are_escalated(demonstration):
    sweep(as_of=timezone.localdate(), started_by="test")
    flags = Flag.objects.open()
    assert {flag.rule for flag in flags} == {rule.code for rule in RULES}
    assert flags.filter(level__gt=0).exists()


def test_scores_and_bands_are_those_of_the_rules(demonstration):
    approved = Visit.objects.filter(state=VisitState.APPROVED, outcome="completed").select_related("ruleset")
    for visit in approved:
        result = rules.result(visit, rules.structure(visit.checklist_version), visited_on=visit.visited_on)
        assert (visit.score, visit.band, visit.next_due_on) == (result.percent, result.band_code, result.next_due_on)
    assert {visit.band for visit in approved} == set(BandCode.values)
    assert approved.earliest("visited_on").visited_on > timezone.localdate() - timedelta(days=731)


def test_there_are_facilities_and_licences_of_every_sort(demonstration):
    today = timezone.localdate()
    assert set(Facility.objects.values_list("operational_status", flat=True)) == set(OperationalStatus.values)
    phases = {licence.phase(today) for licence in Licence.objects.all()}
    assert phases == set(LicencePhase)
    branches = Facility.objects.filter(operator__parent__isnull=False)
    assert branches.count() >= 2
    assert not branches.exclude(licences=None).exists()
    assert Facility.objects.filter(declared_services__service__code="cosmetic_surgery").exists()


def test_everybody_has_something_to_do(demonstration):
    for name in ("inspector.phnompenh", "inspector.siemreap"):
        states = Visit.objects.filter(inspector__username=name).values_list("state", flat=True)
        assert {VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.SUBMITTED, VisitState.RETURNED} <= set(states)
    roles = User.objects.values_list("role").annotate(Count("id"))
    assert set(dict(roles)) == set(Role.values)
    assert Licence.objects.waiting_for_approval().exists()


def test_every_kind_of_page_of_inspections_has_something_to_show(demonstration):
    assert set(CorrectiveAction.objects.values_list("state", flat=True)) == set(ActionState) - {ActionState.WITHDRAWN}
    assert CorrectiveAction.objects.overdue(timezone.localdate()).exists()
    campaign = Campaign.objects.get(state=CampaignState.RUNNING)
    assert {answer.acknowledged_at is None for answer in campaign.acknowledgements.all()} == {True, False}
    assert campaign.visits.exists()
    assert Campaign.objects.filter(state=CampaignState.DRAFT).exists()
    assert BackCheck.objects.filter(repeat__state=VisitState.APPROVED).exists()
    assert ReinspectionRequest.objects.filter(state=RequestState.WAITING).exists()
    assert ChecklistVersion.objects.filter(state=VersionState.DRAFT, source__contains="XLSForm").exists()
    assert Ruleset.objects.filter(state=VersionState.DRAFT).exists()
    assert RiskModel.objects.published().exists()
    signed = Visit.objects.exclude(photos=None).exclude(signatures=None).exclude(content_hash="")
    assert set(signed.values_list("state", flat=True)) >= {VisitState.SUBMITTED, VisitState.APPROVED}
    assert Visit.objects.filter(amends__isnull=False).exists()


def test_every_kind_of_page_of_licensing_and_of_complaints_has_something_to_show(demonstration):
    today = timezone.localdate()
    applications = Application.objects.all()
    assert set(applications.values_list("state", flat=True)) == set(ApplicationState)
    assert set(applications.values_list("kind", flat=True)) == set(ApplicationKind)
    assert applications.overdue(today).exists()
    assert {appeal.outcome for appeal in Appeal.objects.all()} == {"", AppealOutcome.DISMISSED}
    assert set(Invoice.objects.values_list("state", flat=True)) == set(InvoiceState)
    assert Invoice.objects.unpaid(today).exists()
    assert applications.filter(created_by__username="operator").count() > 5
    assert Message.objects.filter(person__username="operator").exists()
    assert ServiceAuthorisation.objects.filter(state=LicenceState.SUSPENDED).exists()
    assert Condition.objects.overdue(today).exists()
    in_force = Licence.objects.in_force(today)
    assert not in_force.exclude(pk__in=Certificate.objects.values("licence")).exists()

    assert set(Complaint.objects.values_list("state", flat=True)) == set(ComplaintState)
    assert Complaint.objects.filter(urgent=True, state=ComplaintState.RECEIVED).exists()


def test_every_number_on_a_home_page_is_the_length_of_the_list_it_opens(demonstration, client):
    sweep(as_of=timezone.localdate(), started_by="test")
    planned = Visit.objects.filter(inspector__username="inspector.phnompenh", state=VisitState.PLANNED).first()
    Visit.objects.filter(pk=planned.pk).update(inspector=User.objects.get(username="inspector2.phnompenh"))
    for name in ("inspector.phnompenh", "manager.phnompenh", *people.OF_THE_COUNTRY):
        client.force_login(User.objects.get(username=name))
        for figure in client.get("/").context["work"].figures:
            listed = client.get(figure.href).context["total"]
            assert (name, figure.href, listed.count) == (name, figure.href, figure.number)


def test_the_password_opens_the_accounts(demonstration):
    assert people.password() in demonstration
    for name in ("inspector.phnompenh", "manager.siemreap", *people.OF_THE_COUNTRY):
        assert name in demonstration
        assert User.objects.get(username=name).check_password(people.password())


def test_it_refuses_where_the_register_is_no_demonstration(register, settings):
    settings.DEMONSTRATION = False
    for command in ("load_demo", "demo_accounts"):
        with pytest.raises(CommandError, match="no demonstration"):
            call_command(command)
    assert not User.objects.exists()


def test_it_refuses_a_register_that_is_in_use(register):
    a_facility(province=Area.objects.get(code="12"))
    with pytest.raises(CommandError, match="facilities already"):
        load()


def test_it_refuses_where_somebody_has_one_of_the_user_names(register):
    a_user(Role.ADMINISTRATOR, username="admin")
    with pytest.raises(CommandError, match="“admin”"):
        load()
    assert not Facility.objects.exists()


def test_what_visitors_add_later_is_no_reason_to_refuse(demonstration):
    a_facility(province=Area.objects.get(code="12"))
    assert load() == demonstration


def test_it_refuses_fewer_facilities_than_provinces(register):
    with pytest.raises(CommandError, match="25 provinces"):
        load(10)


def test_it_refuses_a_register_without_areas(settings):
    settings.DEMONSTRATION = True
    with pytest.raises(CommandError, match="load_gazetteer"):
        load()
