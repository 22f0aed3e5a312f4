"""Operators apply: begin, write, hand in, withdraw; nobody does it for another, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from licensing.actions.applications import drafting, handing_in, queries, withdrawing
from licensing.models import Application, Invoice, LicenceType
from licensing.models.terms import Fee
from licensing.policies.applying import missing
from licensing.rules.proposals import ASKED, fingerprint
from licensing.states import ApplicationKind, ApplicationState, InvoiceState, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Representative
from registry.states import Authority
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_province,
    a_service,
    a_user,
    an_authorisation,
    an_operator,
    another_province,
)
from tests.factories_applying import SITE, a_draft, a_file, a_person_of, a_whole_draft, handed_in, licensable, licensed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = timedelta(days=1)


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


def refused(act, *arguments, **named) -> str:
    with pytest.raises(Refused) as caught:
        act(*arguments, **named)
    return caught.value.code


def the_codes(application: Application) -> list[tuple[str, str]]:
    return [(one.part, one.sentence) for one in missing(application, TODAY)]


# --- the way through the pages


def test_an_operator_applies_for_a_new_site_page_by_page(client):
    terms = licensable()
    Fee.objects.create(terms=terms, kind=ApplicationKind.NEW, amount_khr=400_000)
    person = a_person_of(an_operator(), first_name="Dara", last_name="Sok")
    client.force_login(person)

    begun = client.get("/applications/start/", {"kind": "new"}, follow=True)
    assert begun.redirect_chain[-1][0].startswith("/applications/start/new/")
    operator = person.representations.get().operator_id
    answer = client.post("/applications/start/new/", {"operator": operator, "facility": ""})
    application = Application.objects.get()
    tasks = f"/applications/{application.number}/tasks/"
    assert answer["Location"] == tasks
    assert application.number == "APP-2026-000001"
    assert "Not yet" not in application.state and "“Address” is empty." in client.get(tasks).content.decode()

    page = f"/applications/{application.number}/proposal/"
    seen = client.get(page).context["form"].initial["seen"]
    typed = {key: SITE[key] for key in SITE if key != "area"} | {"province": "12", "beds": "១៥", "seen": seen}
    assert client.post(page, typed)["Location"] == tasks
    application.refresh_from_db()
    assert application.proposal == SITE | {"beds": "15"}

    upload = {"upload": a_file()}
    assert client.post(f"/applications/{application.number}/documents/site_plan/", upload).status_code == 302
    check = f"/applications/{application.number}/check/"
    form = client.get(check).context["form"]
    declared = {"revision": form.initial["revision"], "declared_by_name": "Sok Dara", "agreed": "on"}
    assert client.post(check, declared)["Location"] == f"/applications/{application.number}/handed-in/"
    confirmation = client.get(f"/applications/{application.number}/handed-in/").content.decode()
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED
    assert application.type == terms.type and application.terms == terms
    assert application.due_on > TODAY
    invoice = Invoice.objects.get()
    assert invoice.amount_khr == 400_000
    assert application.number in confirmation and invoice.number in confirmation
    assert client.get(f"/applications/{application.number}/").status_code == 200
    verbs = AuditEvent.objects.filter(subject_number=application.number).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "application.begun",
        "application.changed",
        "application.document_added",
        "application.handed_in",
    ]


def test_what_is_typed_is_saved_as_far_as_it_goes_and_a_wrong_shape_is_kept_on_the_page(client):
    application = a_draft()
    client.force_login(application.created_by)
    page = reverse("application-proposal", args=[application.number])
    seen = fingerprint({})
    answer = client.post(page, {"name_km": "Sokha", "address": "Street 63", "seen": seen})
    assert "has no Khmer letter" in answer.content.decode() and "Street 63" in answer.content.decode()
    assert client.post(page, {"address": "Street 63", "seen": seen}).status_code == 302
    application.refresh_from_db()
    assert application.proposal == {"address": "Street 63"}


def test_of_two_tabs_the_second_is_told_and_keeps_what_was_typed(client):
    application = a_draft()
    client.force_login(application.created_by)
    page = reverse("application-proposal", args=[application.number])
    seen = client.get(page).context["form"].initial["seen"]
    client.post(page, {"address": "Street 1", "seen": seen})
    answer = client.post(page, {"address": "Street 2", "seen": seen})
    assert answer.status_code == 409
    assert "Street 1" in answer.content.decode() and "Street 2" in answer.content.decode()
    again = answer.context["form"].data["seen"]
    assert client.post(page, {"address": "Street 2", "seen": again}).status_code == 302
    other_part = reverse("application-wishes", args=[application.number])
    shown = client.get(other_part).context["form"].initial["seen"]
    client.post(page, {"address": "Street 3", "seen": fingerprint({"address": "Street 2"})})
    assert client.post(other_part, {"note": "Soon, please.", "seen": shown}).status_code == 302
    application.refresh_from_db()
    assert (application.proposal["address"], application.note) == ("Street 3", "Soon, please.")


def test_what_was_declared_is_what_is_handed_in():
    application = a_whole_draft()
    by = application.created_by
    drafting.wish(
        application=application,
        begins_on=None,
        note="More.",
        seen=drafting.wishes_of(application),
        by=by,
        at=NOW,
    )
    drafting.propose(
        application=application,
        proposal=SITE | {"beds": "3"},
        seen=fingerprint(application.proposal),
        by=by,
        at=NOW,
    )
    declared = {"revision": application.revision, "declared_by_name": "Sok Dara", "by": by, "at": NOW}
    assert refused(handing_in.hand_in, application=application, **declared) == "changed_meanwhile"


# --- what each kind needs


def test_every_kind_says_what_it_asks_for():
    assert set(ASKED) == set(ApplicationKind)


def test_a_draft_says_what_is_missing_and_is_not_handed_in_before():
    application = a_draft()
    parts = [part for part, _sentence in the_codes(application)]
    assert parts == ["proposal"] * 6 + ["documents"]
    by = application.created_by
    assert (
        refused(
            handing_in.hand_in,
            application=application,
            revision=application.revision,
            declared_by_name="Sok Dara",
            by=by,
            at=NOW,
        )
        == "not_whole"
    )


def test_the_first_day_does_not_lie_in_the_past():
    application = a_whole_draft()
    drafting.wish(
        application=application,
        begins_on=TODAY - DAY,
        note="",
        seen=drafting.wishes_of(application),
        by=application.created_by,
        at=NOW,
    )
    application.refresh_from_db()
    assert the_codes(application) == [("wishes", "The first day lies in the past.")]


@pytest.mark.parametrize(("days", "allowed"), [(121, False), (120, True), (1, True), (-400, True)], ids=str)
def test_a_licence_is_renewed_in_its_last_120_days_and_after_it_lapsed(days, allowed):
    operator = an_operator()
    person = a_person_of(operator)
    licence = licensed(operator, until=TODAY + days * DAY)
    if allowed:
        assert a_draft(person, kind=ApplicationKind.RENEWAL, licence=licence).facility == licence.facility
    else:
        named = {"kind": ApplicationKind.RENEWAL, "operator": operator, "licence": licence, "by": person, "at": NOW}
        assert refused(drafting.begin, **named) == "too_early_to_renew"


def test_a_renewal_asks_for_the_services_that_are_authorised():
    operator = an_operator()
    licence = licensed(operator, until=TODAY + 30 * DAY)
    an_authorisation(licence.facility, valid_from=TODAY - 30 * DAY, valid_until=TODAY + 30 * DAY)
    application = a_draft(a_person_of(operator), kind=ApplicationKind.RENEWAL, licence=licence)
    assert [asked.service for asked in application.asked_services.all()] == [a_service()]


def test_a_service_is_added_once_and_only_if_it_needs_an_authorisation():
    operator = an_operator()
    licence = licensed(operator, until=TODAY + 300 * DAY)
    an_authorisation(licence.facility, valid_from=TODAY - 30 * DAY, valid_until=TODAY + 30 * DAY)
    application = a_draft(a_person_of(operator), kind=ApplicationKind.ADDED_SERVICE, licence=licence)
    ask = {"application": application, "by": application.created_by, "at": NOW}
    seen = drafting.services_of(application)
    assert refused(drafting.ask_for, services=[a_service()], seen=seen, **ask) == "authorised_already"
    plain = a_service("laundry", needs_authorisation=False)
    assert refused(drafting.ask_for, services=[plain], seen=seen, **ask) == "needs_none"
    assert ("services", "Choose the services that are to be added.") in the_codes(application)
    before = Application.objects.get(pk=application.pk).revision
    drafting.ask_for(services=[a_service("dialysis")], seen=seen, **ask)
    assert Application.objects.get(pk=application.pk).revision > before


@pytest.mark.parametrize("kind", [kind for kind in ApplicationKind if ASKED[kind].of_licence])
def test_a_licence_that_was_taken_away_is_the_subject_of_nothing(kind):
    operator = an_operator()
    licence = licensed(operator, until=TODAY + 30 * DAY, state=LicenceState.REVOKED, ended_on=TODAY - DAY)
    other = an_operator() if kind == ApplicationKind.CHANGE_OF_OWNER else operator
    named = {"kind": kind, "operator": other, "licence": licence, "by": a_person_of(other), "at": NOW}
    assert refused(drafting.begin, **named) == "licence_ended"


def test_a_change_of_owner_is_applied_for_by_who_takes_over():
    before, after = an_operator(), an_operator()
    licence = licensed(before, until=TODAY + 300 * DAY)
    licensable()
    named = {"kind": ApplicationKind.CHANGE_OF_OWNER, "licence": licence, "at": NOW}
    assert refused(drafting.begin, operator=before, by=a_person_of(before), **named) == "own_licence"
    assert drafting.begin(operator=after, by=a_person_of(after), **named).operator == after


def test_nobody_applies_for_the_licence_or_the_site_of_another():
    mine, theirs = an_operator(), an_operator()
    person = a_person_of(mine)
    licence = licensed(theirs, until=TODAY + 30 * DAY)
    named = {"operator": mine, "by": person, "at": NOW}
    assert refused(drafting.begin, kind=ApplicationKind.RENEWAL, licence=licence, **named) == "licence_of_another"
    site = a_facility(operator=theirs)
    assert refused(drafting.begin, kind=ApplicationKind.NEW, facility=site, **named) == "site_of_another"
    with pytest.raises(NotPermitted):
        drafting.begin(kind=ApplicationKind.NEW, operator=theirs, by=person, at=NOW)


def test_one_application_of_a_kind_is_under_way_for_a_site():
    operator = an_operator()
    person = a_person_of(operator)
    licence = licensed(operator, until=TODAY + 30 * DAY)
    handed_in(person, kind=ApplicationKind.RENEWAL, licence=licence)
    named = {"kind": ApplicationKind.RENEWAL, "operator": operator, "licence": licence, "by": person, "at": NOW}
    assert refused(drafting.begin, **named) == "under_way_already"
    variation = drafting.begin(**named | {"kind": ApplicationKind.VARIATION})
    assert the_codes(variation)[0] == ("proposal", "Say what is to change.")


def test_a_site_that_is_licensed_needs_no_first_licence():
    operator = an_operator()
    licence = licensed(operator, until=TODAY + 30 * DAY)
    named = {"operator": operator, "facility": licence.facility, "by": a_person_of(operator), "at": NOW}
    assert refused(drafting.begin, kind=ApplicationKind.NEW, **named) == "licensed_already"


def test_a_registered_site_without_a_licence_needs_no_description():
    operator = an_operator()
    application = handed_in(a_person_of(operator), facility=a_facility(operator=operator))
    assert (application.state, application.proposal) == (ApplicationState.SUBMITTED, {})


def test_a_type_of_facility_that_nobody_licenses_is_said_so():
    application = a_whole_draft()
    a_facility_type("bakery", name_en="Bakery")
    drafting.propose(
        application=application,
        proposal=SITE | {"facility_type": "bakery"},
        seen=fingerprint(application.proposal),
        by=application.created_by,
        at=NOW,
    )
    application.refresh_from_db()
    assert "There is no type of licence" in the_codes(application)[0][1]


# --- on paper, and whose it is


def test_a_licensing_officer_enters_what_comes_on_paper(client):
    officer, operator = a_user(Role.LICENSING_OFFICER), an_operator()
    application = handed_in(officer, operator=operator)
    assert application.submitted_by == officer
    client.force_login(officer)
    assert client.get("/applications/start/").status_code == 302
    assert client.get("/applications/start/", {"operator": operator.pk}).status_code == 200


def test_a_provincial_manager_enters_what_the_own_province_decides():
    operator = an_operator()
    manager = a_user(Role.PROVINCIAL_MANAGER)
    with pytest.raises(NotPermitted, match="ministry decides"):
        handed_in(manager, operator=operator)
    LicenceType.objects.update(authority=Authority.PROVINCE)
    application = handed_in(manager, operator=operator)
    assert application in Application.objects.visible_to(manager)
    draft = a_draft(manager, operator=operator)
    named = {"application": draft, "seen": fingerprint({}), "by": manager, "at": NOW}
    with pytest.raises(NotPermitted):
        drafting.propose(proposal=SITE | {"area": another_province().code}, **named)
    elsewhere = a_facility(operator=operator, province=another_province())
    with pytest.raises(NotPermitted):
        drafting.begin(kind=ApplicationKind.NEW, operator=operator, facility=elsewhere, by=manager, at=NOW)


def test_what_an_operator_entered_is_changed_by_its_people_alone():
    application = a_draft()
    named = {"application": application, "proposal": SITE, "seen": fingerprint({}), "at": NOW}
    for stranger in (a_user(Role.LICENSING_OFFICER), a_user(Role.APPROVER), a_person_of(an_operator())):
        with pytest.raises(NotPermitted):
            drafting.propose(by=stranger, **named)
    Representative.objects.update(ended_on=TODAY)
    with pytest.raises(NotPermitted):
        drafting.propose(by=application.created_by, **named)


def test_drafts_of_operators_are_hidden_from_the_staff_and_handed_in_ones_are_not():
    draft, whole = a_draft(), handed_in()
    for role in (Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER, Role.AUDITOR):
        seen = Application.objects.visible_to(a_user(role, province=a_province()))
        assert (draft in seen, whole in seen) == (False, True), role
    far = a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    assert not Application.objects.visible_to(far).exists()


# --- after it is handed in


def test_what_is_handed_in_is_changed_no_more_until_a_question_is_asked():
    application = handed_in()
    named = {"application": application, "by": application.created_by, "at": NOW}
    seen = fingerprint(application.proposal)
    assert refused(drafting.propose, proposal={}, seen=seen, **named) == "wrong_state"
    assert refused(handing_in.hand_in, revision=application.revision, declared_by_name="S", **named) == "wrong_state"


def test_withdrawing_ends_it_and_the_fee_with_it():
    terms = licensable()
    Fee.objects.create(terms=terms, kind=ApplicationKind.NEW, amount_khr=400_000)
    application = handed_in()
    named = {"application": application, "by": application.created_by, "at": NOW}
    assert refused(withdrawing.withdraw, reason=" ", **named) == "no_reason"
    assert withdrawing.withdraw(reason="No money.", **named).state == ApplicationState.WITHDRAWN
    assert Invoice.objects.get().state == InvoiceState.CANCELLED
    assert refused(withdrawing.withdraw, reason="Again.", **named) == "wrong_state"


@pytest.fixture
def queried() -> Application:
    from licensing.actions.applications import reviewing

    application = handed_in()
    officer = a_user(Role.LICENSING_OFFICER)
    application = reviewing.take_up(application=application, by=officer, at=NOW)
    queries.ask(application=application, text="Where is the door?", by=officer, at=NOW)
    application.refresh_from_db()
    return application


def test_a_question_is_answered_with_changed_facts(queried, client):
    person = queried.created_by
    client.force_login(person)
    page = reverse("application-proposal", args=[queried.number])
    seen = client.get(page).context["form"].initial["seen"]
    assert "Where is the door?" in client.get(f"/applications/{queried.number}/tasks/").content.decode()
    before = queried.revision
    typed = {key: SITE[key] for key in SITE if key != "area"} | {"province": "12", "seen": seen, "beds": "4"}
    assert client.post(page, typed).status_code == 302
    answer = reverse("application-answer", args=[queried.number])
    assert client.post(answer, {"text": "In the north."}).status_code == 302
    queried.refresh_from_db()
    assert queried.state == ApplicationState.UNDER_REVIEW
    assert queried.revision > before and queried.due_on is not None
    assert client.post(answer, {"text": "Again."}).status_code == 409


def test_a_question_is_not_answered_while_something_is_missing(queried):
    from licensing.actions.applications import documents

    person = queried.created_by
    documents.remove(document=queried.documents.get(removed_at=None), by=person, at=NOW)
    assert refused(queries.answer, application=queried, text="Here.", by=person, at=NOW) == "not_whole"


# --- the list


def test_the_list_costs_the_same_however_long_it_is(client, django_assert_num_queries):
    client.force_login(a_user(Role.LICENSING_OFFICER))
    handed_in()
    with django_assert_num_queries(5):
        assert len(client.get("/applications/").context["rows"]) == 1
    for _ in range(3):
        handed_in()
    with django_assert_num_queries(5):
        assert len(client.get("/applications/").context["rows"]) == 4


def test_the_list_is_filtered_sorted_and_exported(client):
    another_province()
    late, fresh = handed_in(), handed_in()
    Application.objects.filter(pk=late.pk).update(due_on=TODAY - DAY)
    client.force_login(a_user(Role.AUDITOR))
    for query, found in [
        ({"due": "overdue"}, [late.number]),
        ({"q": fresh.number}, [fresh.number]),
        ({"state": "draft"}, []),
        ({"province": "12", "kind": "new", "sort": "number"}, [late.number, fresh.number]),
        ({"province": "01"}, []),
    ]:
        rows = client.get("/applications/", query).context["rows"]
        assert [row[0].value for row in rows] == found, query
    exported = b"".join(client.get("/applications/", {"export": "csv"}).streaming_content).decode()
    assert late.number in exported and fresh.number in exported
