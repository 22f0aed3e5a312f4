from datetime import timedelta

import pytest

from inspections import rules
from inspections.reports import LONG_AGO, Counts, counts, due_list, explanation
from inspections.states import BandCode, Grace, LicenceSeen, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.states import OperationalStatus
from tests.factories import (
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_ruleset,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
    answers_to,
)

pytestmark = pytest.mark.django_db


def due_in(days, **fields):
    facility = a_facility(**fields)
    an_approved_visit(facility, visited_on=TODAY - timedelta(days=500), next_due_on=TODAY + timedelta(days=days))
    return facility


def test_home_pages_count_what_a_person_sees(django_assert_num_queries):
    inspector = a_user(Role.INSPECTOR)
    for state in (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED, VisitState.SUBMITTED):
        a_visit(state=state, inspector=inspector)
        a_visit(a_facility(province=another_province()), state=state)
    for days in (-1, 0, 30, 31):
        due_in(days)
    with django_assert_num_queries(2):
        assert counts(inspector, TODAY) == Counts(1, 1, 1, 1, overdue=1 + 4, due_soon=2)
    assert counts(a_user(Role.INSPECTOR), TODAY) == Counts(0, 0, 0, 0, overdue=1 + 4, due_soon=2)
    assert counts(a_user(Role.APPROVER), TODAY) == Counts(2, 2, 2, 2, overdue=1 + 8, due_soon=2)


def test_who_is_closed_is_not_due():
    due_in(-1, status=OperationalStatus.CLOSED)
    here = due_in(-1)
    assert list(due_list(a_user(Role.APPROVER), TODAY)) == [here]


def test_who_was_never_inspected_is_due_since_the_first_day_of_work_once_there_is_a_checklist():
    since = TODAY - timedelta(days=9)
    began, of_old, opened = a_facility(since=since), a_facility(), a_facility(opened_on=since - timedelta(days=1))
    a_facility(type=a_facility_type("laboratory"))
    a_facility(status=OperationalStatus.CLOSED)
    due = due_list(a_user(Role.APPROVER), TODAY)
    assert not due.exists()
    a_checklist_version()
    assert {place: place.due_on for place in due} == {
        began: since,
        of_old: LONG_AGO,
        opened: since - timedelta(days=1),
    }
    an_approved_visit(began, visited_on=TODAY, next_due_on=TODAY + timedelta(days=400))
    assert set(due.all()) == {of_old, opened}


def said(answer="yes", ruleset=None, **fields):
    version = a_checklist_version()
    visit = a_visit(
        state=VisitState.SUBMITTED,
        checklist_version=version,
        ruleset=ruleset or a_ruleset(),
        answers=answers_to(version, answer),
        outcome=VisitOutcome.COMPLETED,
        **fields,
    )
    structure = rules.structure(version)
    return " ".join(explanation(visit, rules.result(visit, structure, visited_on=TODAY), structure))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "75 per cent and more is “Fully compliant”"),
        ({"answer": "partial"}, "from 40 to under 60 per cent is “Partially compliant”"),
        ({"answer": "no"}, "At the latest, 24 months after this visit"),
        ({"answer": "na"}, "There is no score and no band"),
        ({"licence_seen": LicenceSeen.NONE}, "75 per cent and more"),
    ],
)
def test_band_and_next_day_are_explained_in_words(fields, sentence, settings):
    settings.LANGUAGE_CODE = "en"
    assert sentence in said(**fields)


def test_the_missing_licence_and_the_longest_interval_are_named(settings):
    settings.LANGUAGE_CODE = "en"
    strict = a_ruleset("strict", unlicensed_band="non_compliant")
    assert "showed no licence at all" in said(ruleset=strict, licence_seen=LicenceSeen.NONE)
    assert "12 months, is shorter than the band's" in said(ruleset=a_ruleset("short", hard_maximum_months=12))


def test_an_expired_licence_and_the_yearly_visit_are_explained(settings):
    settings.LANGUAGE_CODE = "en"
    ruleset = a_ruleset("full", unlicensed_band="non_compliant", grace_months=3, longest_by_type={"pharmacy": 12})
    expired = {"ruleset": ruleset, "licence_seen": LicenceSeen.EXPIRED}
    assert "3 months are given, once, to renew it" in said(**expired, grace=Grace.GIVEN)
    assert "the time given once to renew it is over" in said(**expired, grace=Grace.SPENT)
    assert "visited every 12 months at least" in said(ruleset=ruleset, facility_type="pharmacy")


def test_the_proposal_to_close_is_explained_by_the_fewest_visits(settings):
    settings.LANGUAGE_CODE = "en"
    version = a_checklist_version()
    visit = a_visit(state=VisitState.SUBMITTED, checklist_version=version, answers=answers_to(version, "no"))
    structure = rules.structure(version)
    result = rules.result(visit, structure, visited_on=TODAY)
    three = [BandCode.PARTIALLY_COMPLIANT, BandCode.MINIMALLY_COMPLIANT, BandCode.PARTIALLY_COMPLIANT]
    for bands, sentence in (
        ([BandCode.NON_COMPLIANT, *three], "so the ruleset says of the band “Non-compliant”"),
        (three, "3 visits in a row ended in the band “Partially compliant” or a lower one"),
    ):
        assert sentence in explanation(visit, result, structure, bands=bands)[-1]
    assert "Closing" not in " ".join(explanation(visit, result, structure, bands=three[:2]))
