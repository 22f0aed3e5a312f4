"""Who may do what with an application in which state: a table of the law, written down a second time."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from licensing.actions.applications import advice, appeals, deciding, queries, reviewing
from licensing.models import AdviceBody, Application
from licensing.reports.desk import VERBS, verbs_open_to
from licensing.states import APPLICATION_TRANSITIONS, ApplicationKind, ApplicationState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.areas.models import Area
from registry.core.errors import NotPermitted, Refusal
from registry.states import Authority
from tests.factories import NOW, TODAY, a_province, a_user, another_province
from tests.factories_desk import DAY, Desk, a_desk, a_refusal_reason, an_application, brought_to

pytestmark = pytest.mark.django_db

REVIEW = {"under_review"}
IN_REVIEW = {"under_review", "queried", "visit_requested"}
LAW: dict[str, tuple[set[str], str]] = {
    "take-up": ({"submitted"}, "officer"),
    "check-documents": (IN_REVIEW, "reviewer"),
    "ask": (REVIEW, "reviewer"),
    "visit": (REVIEW, "reviewer"),
    "ask-advice": (IN_REVIEW, "reviewer"),
    "finish": (REVIEW, "reviewer"),
    "release": (IN_REVIEW, "reviewer or approver"),
    "recommend": ({"reviewed"}, "officer"),
    "approve": ({"recommended"}, "approver"),
    "refuse": ({"recommended"}, "approver"),
    "countersign": ({"approved"}, "approver"),
}
"""By verb: in which states, and who. What a province licenses its own manager reviews and decides as well."""

STATES = [
    *("submitted", "under_review", "queried", "reviewed", "recommended", "approved", "granted", "refused"),
]


def brought(state: str, desk: Desk, authority: str) -> Application:
    application = an_application(authority=authority)
    if state == "queried":
        application = brought_to(application, ApplicationState.UNDER_REVIEW, desk)
        queries.ask(application=application, text="Which storey?", by=desk.reviewer, at=NOW)
        application.refresh_from_db()
        return application
    if authority == Authority.PROVINCE and state == "granted":
        application = brought_to(application, ApplicationState.RECOMMENDED, desk)
        return deciding.approve(application=application, by=desk.decider, at=NOW)
    return brought_to(application, ApplicationState(state), desk)


def may(who: str, person: User, desk: Desk, province: Area, authority: str) -> bool:
    """An outsider to this application, who has signed nothing, or its reviewer."""
    of_province = (
        person.role == Role.PROVINCIAL_MANAGER and person.province == province and authority == Authority.PROVINCE
    )
    officer = person.role == Role.LICENSING_OFFICER or of_province
    approver = person.role == Role.APPROVER or of_province
    return {
        "officer": officer,
        "reviewer": person == desk.reviewer,
        "reviewer or approver": person == desk.reviewer or approver,
        "approver": approver,
    }[who]


@pytest.mark.parametrize("authority", ["ministry", "province"])
@pytest.mark.parametrize("state", STATES)
def test_the_buttons_follow_the_law(state, authority):
    if (authority, state) == ("province", "approved"):
        return
    desk, province = a_desk(), a_province()
    application = brought(state, desk, authority)
    people = [a_user(role) for role in Role if role != Role.PROVINCIAL_MANAGER]
    people += [a_user(Role.PROVINCIAL_MANAGER), a_user(Role.PROVINCIAL_MANAGER, province=another_province())]
    for person in [*people, desk.reviewer]:
        allowed = {
            verb
            for verb, (states, who) in LAW.items()
            if state in states
            and may(who, person, desk, province, authority)
            and not (person == desk.reviewer and verb in ("take-up", "recommend"))
        }
        if state == "submitted" and person == desk.reviewer:
            allowed.add("take-up")
        assert set(verbs_open_to(person, application)) - {"send-back"} == allowed, person


def test_every_verb_is_written_in_the_law_or_tested_apart():
    assert set(VERBS) - set(LAW) == {"place", "read-visit", "send-back", "uphold", "dismiss"}


# --- a long walk


STEPS: dict[str, Callable[..., Any]] = {
    "take_up": lambda a, by, at: reviewing.take_up(application=a, by=by, at=at),
    "release": lambda a, by, at: reviewing.release(application=a, by=by, at=at),
    "ask": lambda a, by, at: queries.ask(application=a, text="Why?", by=by, at=at),
    "answer": lambda a, by, at: queries.answer(application=a, text="So.", by=by, at=at),
    "finish": lambda a, by, at: reviewing.finish(application=a, by=by, at=at),
    "recommend": lambda a, by, at: deciding.recommend(application=a, opinion="grant", text="Good.", by=by, at=at),
    "approve": lambda a, by, at: deciding.approve(application=a, by=by, at=at),
    "refuse": lambda a, by, at: deciding.refuse(application=a, reasons=[a_refusal_reason()], text="No.", by=by, at=at),
    "countersign": lambda a, by, at: deciding.countersign(application=a, by=by, at=at),
    "send_back": lambda a, by, at: deciding.send_back(application=a, reason="Again.", by=by, at=at),
    "lodge": lambda a, by, at: appeals.lodge(application=a, grounds="Wrong.", by=by, at=at),
    "uphold": lambda a, by, at: appeals.uphold(appeal=a.appeals.order_by("-pk").first(), reason="Right.", by=by, at=at),
    "dismiss": lambda a, by, at: appeals.dismiss(
        appeal=a.appeals.order_by("-pk").first(), reason="Wrong.", by=by, at=at
    ),
    "edit": lambda a, by, at: Application.objects.filter(pk=a.pk).update(proposal={"n": str(at)}),
}
PART_OF = {"finish": "review", "recommend": "recommendation", "approve": "decision", "refuse": "decision"}
PART_OF |= {"countersign": "countersignature"}
FROM_TO = {
    "finish": ("under_review", "reviewed"),
    "recommend": ("reviewed", "recommended"),
    "approve": ("recommended", "approved"),
    "refuse": ("recommended", "refused"),
    "countersign": ("approved", "granted"),
    "ask": ("under_review", "queried"),
    "answer": ("queried", "under_review"),
}
BACK_BY = {"reviewed": "recommendation", "recommended": "decision", "approved": "countersignature"}


class Model:
    """What the law says must come of each step, kept apart from the register."""

    def __init__(self, made_by: User) -> None:
        self.state, self.made_by = "submitted", made_by
        self.reviewer: User | None = None
        self.parts: dict[User, set[str]] = {}
        self.appeal: tuple[User, bool] | None = None

    def fit(self, by: User, part: str) -> bool:
        officer, approver = by.role == Role.LICENSING_OFFICER, by.role == Role.APPROVER
        if self.parts.get(by, set()) - {part}:
            return False
        if part == "review":
            return officer and by == self.reviewer
        if part == "recommendation":
            return officer and by != self.reviewer
        return approver and by != self.made_by

    def allows(self, verb: str, by: User) -> bool:
        officer, approver = by.role == Role.LICENSING_OFFICER, by.role == Role.APPROVER
        if verb == "take_up":
            free = self.state == "submitted" or (self.state == "under_review" and self.reviewer is None)
            return free and officer and not self.parts.get(by, set()) - {"review"}
        if verb == "release":
            return self.state == "under_review" and (by == self.reviewer or approver)
        if verb == "ask":
            return self.state == "under_review" and by == self.reviewer and not self.parts.get(by, set()) - {"review"}
        if verb == "answer":
            return self.state == "queried" and officer
        if verb == "send_back":
            return self.state in BACK_BY and self.fit(by, BACK_BY[self.state])
        if verb == "lodge":
            return self.state == "refused" and self.appeal is None and officer
        if verb in ("uphold", "dismiss"):
            waits = self.state == "refused" and self.appeal is not None and not self.appeal[1]
            return waits and approver and not self.parts.get(by) and by not in (self.made_by, self.appeal[0])
        if verb == "edit":
            return self.state not in ("granted", "refused")
        return self.state == FROM_TO[verb][0] and self.fit(by, PART_OF[verb])

    def happened(self, verb: str, by: User) -> None:
        if verb in PART_OF:
            self.parts.setdefault(by, set()).add(PART_OF[verb])
        if verb == "take_up":
            self.state, self.reviewer = "under_review", by
        elif verb == "release":
            self.reviewer = None
        elif verb in FROM_TO:
            self.state = FROM_TO[verb][1]
            self.appeal = None
        elif verb == "lodge":
            self.appeal = (by, False)
        elif verb == "dismiss":
            self.appeal = (self.appeal[0], True)
        elif verb in ("send_back", "uphold") or (verb == "edit" and self.state in BACK_BY):
            self.state = "under_review"


@pytest.mark.parametrize("seed", range(4))
def test_a_random_walk_never_leaves_the_law(seed):
    chance = random.Random(seed)
    officers, approvers = [a_user(Role.LICENSING_OFFICER) for _ in range(3)], [a_user(Role.APPROVER) for _ in range(4)]
    people = [*officers, *approvers, a_user(Role.INSPECTOR), a_user(Role.PROVINCIAL_MANAGER), a_user(Role.AUDITOR)]
    moment = NOW
    seen: set[tuple[str, str]] = set()
    every = [(verb, person) for verb in STEPS for person in people]
    for _application in range(5):
        application = an_application(by=officers[0])
        model = Model(officers[0])
        for _step in range(60):
            moment += timedelta(seconds=1)
            verb, by = chance.choice(every)
            if chance.random() < 0.5:
                lawful_ones = [one for one in every if model.allows(*one) and one[0] not in ("edit", "release", "ask")]
                verb, by = chance.choice(lawful_ones or every)
            lawful = model.allows(verb, by)
            if (verb == "edit" and not lawful) or (verb in ("uphold", "dismiss") and model.appeal is None):
                continue
            before = model.state
            try:
                STEPS[verb](application, by, moment)
                done = True
            except Refusal:
                done = False
            assert done == lawful, (seed, verb, by, before)
            if done:
                model.happened(verb, by)
            application.refresh_from_db()
            assert application.state == model.state
            if before != model.state:
                assert model.state in APPLICATION_TRANSITIONS[before]
                seen.add((before, model.state))
            signed = list(application.signatures.filter(revision=application.revision))
            assert len({one.person_id for one in signed}) == len(signed)
    assert len(seen) > 8


LAWFUL = {
    ("draft", "submitted"),
    ("submitted", "under_review"),
    ("under_review", "queried"),
    ("queried", "under_review"),
    ("under_review", "visit_requested"),
    ("visit_requested", "under_review"),
    ("under_review", "reviewed"),
    ("reviewed", "recommended"),
    ("recommended", "approved"),
    ("recommended", "refused"),
    ("approved", "granted"),
    *((state, "under_review") for state in ("reviewed", "recommended", "approved")),
    *(
        (state, "withdrawn")
        for state in ("draft", "submitted", "under_review", "queried", "visit_requested", "reviewed", "recommended")
    ),
    ("approved", "withdrawn"),
}
"""Where a ministry's application can go without an appeal, written down a second time."""

WALK = """
DO $$
DECLARE
    app record; told text; person bigint; part text;
BEGIN
    PERFORM setseed(%(seed)s);
    FOR step IN 1..20000 LOOP
        SELECT id, state, revision INTO app FROM licensing_application
        WHERE state NOT IN ('granted', 'refused', 'withdrawn') ORDER BY random() LIMIT 1;
        EXIT WHEN app IS NULL;
        BEGIN
            IF random() < 0.45 THEN
                person := (%(people)s::bigint[])[1 + floor(random() * cardinality(%(people)s::bigint[]))];
                part := (ARRAY['review', 'recommendation', 'decision', 'countersignature'])[1 + floor(random() * 4)];
                INSERT INTO licensing_applicationsignature (application_id, part, revision, person_id, signed_at, note)
                VALUES (app.id, part, app.revision - (random() < 0.1)::int, person, now(), '');
            ELSIF random() < 0.02 THEN
                UPDATE licensing_application SET note = step::text, begins_on = CURRENT_DATE + step WHERE id = app.id;
            ELSE
                told := (%(states)s::text[])[1 + floor(random() * cardinality(%(states)s::text[]))];
                CONTINUE WHEN told = 'withdrawn' AND random() < 0.98;
                CONTINUE WHEN told = 'under_review' AND app.state IN ('reviewed', 'recommended', 'approved')
                    AND random() < 0.8;
                UPDATE licensing_application
                SET state = told, decided_at = now(), refusal_text = 'x', appeal_until = CURRENT_DATE WHERE id = app.id;
            END IF;
        EXCEPTION WHEN integrity_constraint_violation OR raise_exception THEN NULL;
        END;
    END LOOP;
END $$
"""


def test_20000_random_statements_never_leave_the_law():
    """By raw SQL: random states, signatures and edits, the history of each row read afterwards."""
    made = [an_application() for _ in range(60)]
    people = [a_user(Role.APPROVER).pk for _ in range(12)]
    with connection.cursor() as cursor:
        values = {"seed": 0.42, "people": people, "states": [*ApplicationState.values]}
        cursor.execute(WALK % {name: adapted(value) for name, value in values.items()})
    seen, reached = set(), 0
    history = Application.pgh_event_model.objects.order_by("pgh_id")
    for application in made:
        states = list(history.filter(pgh_obj_id=application.pk).values_list("state", "revision", "pgh_label"))
        states = [(state, revision) for state, revision, label in states if not label.startswith("delete")]
        for (before, old), (after, new) in itertools.pairwise(states):
            assert before == after or (before, after) in LAWFUL
            assert new >= old
            assert not (before in BACK_BY and after == "under_review") or new == old + 1
            seen.add((before, after))
        application.refresh_from_db()
        signers = application.signatures.filter(revision=application.revision)
        needed = {"granted": 4, "approved": 3, "refused": 3, "recommended": 2, "reviewed": 1}.get(application.state, 0)
        assert signers.values("person").distinct().count() == signers.count() >= needed
        reached += application.state == "granted"
    assert reached > 3 and len(seen) > 14


def adapted(value: Any) -> str:
    texts = [f"'{one}'" for one in value] if isinstance(value, list) else []
    return f"ARRAY[{', '.join(texts)}]" if texts else repr(value)


def test_an_appeal_takes_everything_up_again_once():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.REFUSED, desk)
    assert application.appeal_until is not None and application.appeal_until > TODAY
    late = NOW + timedelta(days=(application.appeal_until - TODAY).days + 1)
    with pytest.raises(Refusal) as refusal:
        appeals.lodge(application=application, grounds="Wrong.", by=application.created_by, at=late)
    assert refusal.value.code == "appeal_too_late"
    last = NOW + timedelta(days=(application.appeal_until - TODAY).days)
    appeal = appeals.lodge(application=application, grounds="Wrong.", by=application.created_by, at=last)
    with pytest.raises(Refusal) as refusal:
        appeals.lodge(application=application, grounds="Wrong.", by=application.created_by, at=last)
    assert refusal.value.code == "appeal_lodged_already"
    with pytest.raises(NotPermitted):
        appeals.uphold(appeal=appeal, reason="Right.", by=desk.decider, at=last)
    appeals.uphold(appeal=appeal, reason="Right.", by=desk.hearer, at=last)
    application.refresh_from_db()
    assert (application.state, application.opinion) == (ApplicationState.UNDER_REVIEW, "")
    assert application.due_on is not None and application.due_on > application.submitted_at.date()
    application = brought_to(application, ApplicationState.GRANTED, desk, at=last)
    assert application.signatures.filter(revision=application.revision).count() == 4


def test_an_adviser_is_asked_while_the_review_lasts():
    desk = a_desk()
    body = AdviceBody.objects.create(code="council", name_km="គណៈ", name_en="Council")
    application = brought_to(an_application(ApplicationKind.VARIATION), ApplicationState.REVIEWED, desk)
    with pytest.raises(Refusal) as refusal:
        advice.ask(application=application, body=body, due_on=TODAY + DAY, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "wrong_state"
