"""Courses, trainings and what they make people competent for."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from inspections.actions import competences
from inspections.models import Competence, Course, TrainingSession
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_checklist_version, a_user, another_province

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def administrator():
    return a_user(Role.ADMINISTRATOR)


@pytest.fixture
def course(administrator):
    return competences.add_course(
        code="jhic",
        name_km="វគ្គ",
        name_en="Joint inspection",
        checklists=[a_checklist_version().checklist, a_checklist_version().checklist],
        valid_months=12,
        by=administrator,
        at=NOW,
    )


def held(course, by, participants, held_on=TODAY, **given):
    return competences.record_training(
        course=course,
        held_on=held_on,
        place="Kampot",
        trainer="Dr Sok",
        participants=participants,
        by=by,
        at=NOW,
        **given,
    )


def test_whoever_took_part_is_competent_for_every_checklist_of_the_course(course, administrator):
    people = [a_user(Role.INSPECTOR), a_user(Role.INSPECTOR, province=another_province())]
    held(course, administrator, people, held_on=date(2026, 2, 28))
    found = Competence.objects.all()
    assert {(row.person, row.checklist) for row in found} == {
        (person, checklist) for person in people for checklist in course.checklists.all()
    }
    assert {(row.valid_from, row.valid_until) for row in found} == {(date(2026, 2, 28), date(2027, 2, 27))}
    assert AuditEvent.objects.get(verb="training.recorded").facts["valid_until"] == "2027-02-27"


def test_a_manager_records_for_the_own_province_and_nobody_for_oneself(course):
    manager, here = a_user(Role.PROVINCIAL_MANAGER), a_user(Role.INSPECTOR)
    held(course, manager, [here])
    with pytest.raises(NotPermitted):
        held(course, manager, [a_user(Role.INSPECTOR, province=another_province())])
    for role in set(Role) - {Role.PROVINCIAL_MANAGER, Role.ADMINISTRATOR}:
        with pytest.raises(NotPermitted):
            held(course, a_user(role), [here])
    assert TrainingSession.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"), [({"held_on": TODAY + DAY}, "once it was held"), ({"participants": []}, "who took part")]
)
def test_what_cannot_have_been_is_refused(course, administrator, given, said):
    with pytest.raises(Refused, match=said):
        held(course, administrator, **{"participants": [a_user(Role.INSPECTOR)]} | given)
    with pytest.raises(Refused, match="no inspector"):
        held(course, administrator, [a_user(Role.AUDITOR)])


def test_a_competence_ends_before_its_time_with_a_reason(course, administrator):
    held(course, administrator, [a_user(Role.INSPECTOR)])
    competence = Competence.objects.first()
    for day in (competence.valid_from - DAY, competence.valid_until):
        with pytest.raises(Refused, match="within"):
            competences.end(competence=competence, on=day, reason="Retired", by=administrator, at=NOW)
    assert (
        competences.end(competence=competence, on=TODAY, reason="Retired", by=administrator, at=NOW).valid_until
        == TODAY
    )


def test_a_code_names_one_course(course, administrator):
    with pytest.raises(Refused, match="already"):
        competences.add_course(
            code="jhic", name_km="ក", name_en="A", checklists=[], valid_months=1, by=administrator, at=NOW
        )


def test_pages_lead_from_the_course_to_the_list(client, administrator):
    client.force_login(administrator)
    checklist = a_checklist_version().checklist
    sent = {"code": "x-ray", "name_km": "ក", "name_en": "X-ray", "checklists": [checklist.pk], "valid_months": "១២"}
    assert client.post(reverse("course-create"), sent)["location"] == reverse("course-list")
    assert b"X-ray" in client.get(reverse("course-list")).content
    person = a_user(Role.INSPECTOR)
    sent = {
        "course": Course.objects.get().pk,
        "held_on": "1/3/2026",
        "place": "Takeo",
        "trainer": "Dr Sok",
        "participants": [person.pk],
    }
    assert client.post(reverse("training-record"), sent)["location"] == reverse("competence-list")
    competence = Competence.objects.get()
    assert str(competence.valid_until) == "2027-02-28"
    detail = reverse("competence-detail", args=[competence.pk])
    assert detail in client.get(reverse("competence-list")).content.decode()
    assert client.post(detail, {"on": "31/12/2026", "reason": "Left"})["location"] == detail
    competence.refresh_from_db()
    assert str(competence.valid_until) == "2026-12-31"


def test_the_list_keeps_to_the_province_filters_and_costs_the_same(
    client, course, administrator, django_assert_num_queries
):
    manager = a_user(Role.PROVINCIAL_MANAGER)
    client.force_login(manager)
    held(course, administrator, [a_user(Role.INSPECTOR, province=another_province())])
    assert len(client.get(reverse("competence-list")).context["rows"]) == 0
    held(course, administrator, [a_user(Role.INSPECTOR)], held_on=TODAY - 300 * DAY)
    with django_assert_num_queries(5):
        assert len(client.get(reverse("competence-list")).context["rows"]) == 2
    held(course, administrator, [a_user(Role.INSPECTOR) for _number in range(10)])
    with django_assert_num_queries(5):
        assert len(client.get(reverse("competence-list")).context["rows"]) == 22
    for validity, expected in {"now": 22, "soon": 2, "over": 0}.items():
        answer = client.get(reverse("competence-list"), {"validity": validity})
        assert len(answer.context["rows"]) == expected, validity


@pytest.mark.parametrize("name", ["course-create", "training-record"])
def test_pages_for_keepers_are_closed_to_others(client, name):
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get(reverse(name)).status_code == 403
