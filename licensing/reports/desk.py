"""What the staff sees of an application beyond what the applicant sees, and what each person may do with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.models import Advice, Application
from licensing.permissions import applications as permissions
from licensing.policies import applications as policies
from licensing.policies import decisions
from licensing.states import AT_THE_AUTHORITY, IN_REVIEW, NEXT_PART, ApplicationState, Part
from registry.accounts.states import STAFF_ROLES
from registry.core.errors import passes
from registry.core.khmer import ascii_digits, search_key
from registry.models import Facility
from registry.states import OperationalStatus
from registry.ui.html import link, tag

May = Callable[[Any, Application], None]


@dataclass(frozen=True)
class Verb:
    """One thing that can be done: in which states, by whom, and what else must be so for it to be offered."""

    text: Promise
    states: tuple[str, ...]
    may: May
    can: Callable[[Application], None] = lambda application: None
    kind: str = ""

    def check(self, user: Any, application: Application) -> None:
        """Raises NotPermitted or Refused."""
        self.may(user, application)
        if application.state not in self.states:
            raise policies.wrong_state(application)
        self.can(application)


def _signs(part: Part) -> May:
    return lambda user, application: permissions.check_may_sign(user, application, part)


def _signs_next(user: Any, application: Application) -> None:
    part = NEXT_PART.get(ApplicationState(application.state), Part.DECISION)
    permissions.check_may_sign(user, application, part)


def _is_free(application: Application) -> None:
    if application.reviewer_id is not None:
        raise policies.wrong_state(application)


RECOMMENDS, DECIDES, COUNTERSIGNS = _signs(Part.RECOMMENDATION), _signs(Part.DECISION), _signs(Part.COUNTERSIGNATURE)
UNDER_REVIEW = (ApplicationState.UNDER_REVIEW,)

VERBS: dict[str, Verb] = {
    "take-up": Verb(
        gettext_lazy("Take up the review"),
        (ApplicationState.SUBMITTED, *UNDER_REVIEW),
        permissions.check_may_take_up,
        _is_free,
    ),
    "check-documents": Verb(
        gettext_lazy("Check the documents"), IN_REVIEW, permissions.check_may_work_on, kind="secondary"
    ),
    "place": Verb(
        gettext_lazy("Put the site on the register"),
        UNDER_REVIEW,
        permissions.check_may_work_on,
        policies.check_can_place,
    ),
    "visit": Verb(
        gettext_lazy("Request a visit"),
        UNDER_REVIEW,
        permissions.check_may_work_on,
        policies.check_can_request_visit,
        "secondary",
    ),
    "read-visit": Verb(
        gettext_lazy("Read the result of the visit"),
        (ApplicationState.VISIT_REQUESTED,),
        permissions.check_may_work_on,
        policies.check_visit_is_over,
    ),
    "finish": Verb(gettext_lazy("Sign the review"), UNDER_REVIEW, permissions.check_may_work_on),
    "ask": Verb(gettext_lazy("Ask the applicant"), UNDER_REVIEW, permissions.check_may_work_on, kind="secondary"),
    "ask-advice": Verb(gettext_lazy("Ask for advice"), IN_REVIEW, permissions.check_may_work_on, kind="secondary"),
    "release": Verb(
        gettext_lazy("Give to another reviewer"), IN_REVIEW, permissions.check_may_hand_over, kind="secondary"
    ),
    "recommend": Verb(gettext_lazy("Recommend"), (ApplicationState.REVIEWED,), RECOMMENDS),
    "approve": Verb(gettext_lazy("Grant"), (ApplicationState.RECOMMENDED,), DECIDES),
    "countersign": Verb(gettext_lazy("Countersign"), (ApplicationState.APPROVED,), COUNTERSIGNS),
    "refuse": Verb(gettext_lazy("Refuse"), (ApplicationState.RECOMMENDED,), DECIDES, kind="warning"),
    "send-back": Verb(gettext_lazy("Send back to the review"), tuple(NEXT_PART), _signs_next, kind="secondary"),
    "uphold": Verb(
        gettext_lazy("Uphold the appeal"),
        (ApplicationState.REFUSED,),
        permissions.check_may_hear,
        decisions.check_has_open_appeal,
    ),
    "dismiss": Verb(
        gettext_lazy("Dismiss the appeal"),
        (ApplicationState.REFUSED,),
        permissions.check_may_hear,
        decisions.check_has_open_appeal,
        "secondary",
    ),
}
"""By the last word of their addresses, in the order of their buttons."""

GIVES_ADVICE = Verb(gettext_lazy("Enter the advice"), IN_REVIEW, permissions.check_may_work_on)
MOST_SIMILAR = 8


def verbs_open_to(user: Any, application: Application) -> list[str]:
    """What this person may do with the application now; who may is asked once for each reason to be allowed."""
    asked: dict[May, bool] = {}
    found = []
    for name, verb in VERBS.items():
        if application.state not in verb.states:
            continue
        if verb.may not in asked:
            asked[verb.may] = passes(verb.may, user, application)
        if asked[verb.may] and passes(verb.can, application):
            found.append(name)
    return found


def context(user: Any, application: Application, on: date) -> dict[str, Any]:
    """For `licensing/application/_desk.html`; nothing for the applicant."""
    if application.state == ApplicationState.DRAFT or user.role not in STAFF_ROLES:
        return {}
    return {
        "verbs": [
            (reverse(f"application-{name}", args=[application.number]), VERBS[name].text, VERBS[name].kind)
            for name in verbs_open_to(user, application)
        ],
        "facts": list(_facts(application, on)),
        "signatures": list(signatures(application)),
        "signature_columns": [_("Part"), _("Person"), _("Signed at"), _("Note")],
        "advice": advice(user, application, on),
        "advice_columns": [_("Adviser"), _("Question"), _("Wanted by"), _("Advice"), _("In their words")],
        "lacking": [(service, sentences) for service, sentences in decisions.lacks(application, on) if sentences],
    }


def _facts(application: Application, on: date) -> Iterator[tuple[Any, Any]]:
    yield _("Reviewer"), application.reviewer or _("Nobody yet")
    if application.due_on is not None and application.due_on < on and application.state in AT_THE_AUTHORITY:
        yield _("Overdue since"), tag(application.due_on, "overdue")
    visit = policies.counting_visit(application)
    if visit is not None:
        seen = link("visit-detail", visit.uuid, text=visit.visited_on or visit.planned_on)
        yield _("Visit"), seen
        yield _("State of the visit"), tag(visit.get_state_display(), visit.state)
        if visit.outcome:
            yield _("Outcome"), visit.get_outcome_display()
        if visit.band:
            yield _("Band"), tag(visit.get_band_display(), visit.band)
    elif policies.needs_visit(application):
        yield _("Visit"), _("Needed, and not requested yet")
    if application.terms is not None and application.terms.minimum_band and policies.needs_visit(application):
        yield _("Lowest band"), application.terms.get_minimum_band_display()
    if application.opinion:
        yield _("Recommendation"), application.get_opinion_display()
        yield _("Why"), application.opinion_text


def signatures(application: Application, *, only_counting: bool = False) -> Iterator[list[Any]]:
    """Those that count, then those that an edit or a way back has voided."""
    signed = application.signatures.select_related("person").order_by("-revision", "signed_at", "pk")
    for signature in signed.filter(revision=application.revision) if only_counting else signed:
        counts = signature.revision == application.revision
        note = signature.note if counts else " ".join(filter(None, [_("No longer counts."), signature.note]))
        yield [signature.get_part_display(), signature.person, timezone.localtime(signature.signed_at), note]


def advice(user: Any, application: Application, on: date) -> list[list[Any]]:
    rows: QuerySet[Advice] = application.advice.select_related("body").order_by("pk")
    enters = application.state in IN_REVIEW and passes(permissions.check_may_work_on, user, application)
    return [[one.body, one.question, _wanted_by(one, on), _opinion(application, one, enters), one.text] for one in rows]


def _wanted_by(one: Advice, on: date) -> Any:
    return tag(one.due_on, "overdue") if one.given_at is None and one.due_on < on else one.due_on


def _opinion(application: Application, one: Advice, enters: bool) -> Any:
    if one.given_at is not None:
        return one.get_opinion_display()
    return link("application-give-advice", application.number, one.pk, text=_("Enter the advice")) if enters else ""


def similar_sites(user: Any, application: Application) -> list[Facility]:
    """Facilities of the province that could be the proposed site: alike in name, of the same telephone or operator."""
    area, proposal = application.proposal.get("area", ""), application.proposal
    sites = (
        Facility.objects.visible_to(user)
        .filter(province__code=area[:2])
        .exclude(operational_status=OperationalStatus.CLOSED)
    )
    key = search_key(f"{proposal.get('name_km', '')} {proposal.get('name_en', '')}")
    alike = Q(operator=application.operator_id)
    if digits := "".join(filter(str.isdigit, ascii_digits(proposal.get("phone", "")))):
        alike |= Q(phone_key=digits)
    if key.strip():
        alike |= Q(pk__in=Facility.objects.similar(key))
    return list(sites.filter(alike).select_related("type", "operator").order_by("sort_key", "pk")[:MOST_SIMILAR])
