"""What the law allows while an application is with the authority, whoever asks."""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inspections.models import Visit
from inspections.states import BandCode, VisitOutcome, VisitState
from licensing.models import Advice, AdviceBody, Application, ApplicationDocument
from licensing.states import (
    APPLICATION_TRANSITIONS,
    EVENTS,
    IN_REVIEW,
    KINDS_OF_ANOTHER_SITE,
    KINDS_TO_VISIT,
    AdviceOpinion,
    ApplicationKind,
    ApplicationState,
)
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from registry.models import Facility


def check_can_become(application: Application, state: ApplicationState) -> None:
    """The table of transitions knows this step."""
    if state not in APPLICATION_TRANSITIONS[application.state]:
        raise wrong_state(application)


def check_is_in_review(application: Application) -> None:
    if application.state not in IN_REVIEW:
        raise wrong_state(application)


def check_is_in(application: Application, state: ApplicationState) -> None:
    if application.state != state:
        raise wrong_state(application)


def check_is_as_seen(application: Application, seen: str) -> None:
    """Nobody has changed the application since the page was shown from which somebody acts."""
    if application.token == seen:
        return
    latest = (
        AuditEvent.objects.filter(subject_kind=application._meta.label_lower, subject_number=application.number)
        .order_by("-occurred_at", "-id")
        .first()
    )
    if latest is None:
        sentence = _("The application was changed after you opened this page.")
    else:
        moment = timezone.localtime(latest.occurred_at)
        sentence = _("%(person)s was faster: “%(event)s”, %(day)s %(time)s.") % {
            "person": latest.by_username or _("Somebody"),
            "event": EVENTS.get(latest.verb, latest.verb),
            "day": date_format(moment),
            "time": f"{moment:%H:%M}",
        }
    raise Refused(
        sentence + " " + _("What you typed is kept: compare, then send it again if it still holds."),
        code="changed_meanwhile",
    )


def check_says(text: str) -> None:
    if not text.strip():
        raise Refused(_("Say why."), code="no_reason")


def check_can_ask(application: Application, *, text: str) -> None:
    check_can_become(application, ApplicationState.QUERIED)
    if not text.strip():
        raise Refused(_("Write the question."), code="no_question")


def check_can_ask_for_advice(application: Application, body: AdviceBody, *, due_on: date, today: date) -> None:
    check_is_in_review(application)
    if due_on <= today:
        raise Refused(_("Give the adviser a day to come."), code="advice_due_in_the_past")
    if body.withdrawn_on is not None and body.withdrawn_on <= today:
        raise Refused(_("“%(body)s” is no longer asked.") % {"body": body}, code="adviser_withdrawn")
    if application.advice.filter(body=body, given_at=None).exists():
        raise Refused(_("“%(body)s” is asked already.") % {"body": body}, code="asked_already")


def check_can_give_advice(advice: Advice, *, opinion: str, text: str) -> None:
    check_is_in_review(advice.application)
    if advice.given_at is not None:
        raise Refused(_("This advice is given already."), code="given_already")
    if opinion != AdviceOpinion.NO_OBJECTION and not text.strip():
        raise Refused(_("Write what the adviser says."), code="no_reason")


def check_can_check_document(document: ApplicationDocument, *, accepted: bool, remark: str) -> None:
    check_is_in_review(document.application)
    if document.removed_at is not None:
        raise Refused(_("This document was replaced or removed."), code="document_removed")
    if not accepted and not remark.strip():
        raise Refused(_("Say what is not in order with “%(document)s”.") % {"document": document}, code="no_reason")


def check_can_place(application: Application) -> None:
    """The review says which facility on the register it is: a new site, or the new place of one that moves."""
    check_is_in(application, ApplicationState.UNDER_REVIEW)
    if application.kind not in KINDS_OF_ANOTHER_SITE:
        raise Refused(_("This application is about a facility that is on the register."), code="has_a_site")
    if application.facility is not None and has_its_site(application):
        raise Refused(
            _("The site is on the register: %(number)s.") % {"number": application.facility.number},
            code="has_a_site",
        )


def check_can_link(application: Application, facility: Facility) -> None:
    check_can_place(application)
    if application.type is not None and not application.type.facility_types.filter(pk=facility.type_id).exists():
        raise Refused(
            _("“%(licence_type)s” is not a licence for a facility of the type “%(facility_type)s”.")
            % {"licence_type": application.type, "facility_type": facility.type},
            code="type_does_not_fit",
        )
    if application.concerns_id and application.concerns.facility_id == facility.pk:  # type: ignore[union-attr]
        raise Refused(_("That is the place from which it moves."), code="moves_to_itself")
    if facility.operator_id not in (None, application.operator_id):
        raise Refused(
            _("%(facility)s is run by somebody else: %(operator)s.")
            % {"facility": facility, "operator": facility.operator},
            code="another_operator",
        )


def has_its_site(application: Application) -> bool:
    """Whether the facility of the application is the one that is to have the licence."""
    if application.facility_id is None:
        return False
    return not (
        application.kind == ApplicationKind.RELOCATION
        and application.concerns is not None
        and application.concerns.facility_id == application.facility_id
    )


def check_can_request_visit(application: Application) -> None:
    check_can_become(application, ApplicationState.VISIT_REQUESTED)
    check_has_site(application)
    if application.kind == ApplicationKind.SURRENDER:
        raise Refused(_("A licence is given back without a visit."), code="no_visit_needed")


def check_visit_is_over(application: Application) -> None:
    check_is_in(application, ApplicationState.VISIT_REQUESTED)
    visit = counting_visit(application)
    if visit is not None and visit.state not in (VisitState.APPROVED, VisitState.CANCELLED):
        raise Refused(
            _("The visit is “%(state)s”: its result is not there yet.") % {"state": visit.get_state_display()},
            code="visit_not_over",
        )


def counting_visit(application: Application) -> Visit | None:
    """The visit of the application, or what replaced it when it was amended."""
    visit = application.visit
    while visit is not None and visit.state == VisitState.SUPERSEDED:
        visit = visit.amendments.exclude(state=VisitState.CANCELLED).first()
    return visit


def needs_visit(application: Application) -> bool:
    return bool(application.terms and application.terms.visit_needed and application.kind in KINDS_TO_VISIT)


def check_visit_suffices(application: Application) -> None:
    """Where a visit is needed, or was made: it is approved, completed, and not below the lowest band of the terms."""
    visit = counting_visit(application)
    if visit is None:
        if needs_visit(application):
            raise Refused(_("A visit to the site is needed first. Request it."), code="no_visit")
        return
    if visit.state != VisitState.APPROVED or visit.outcome != VisitOutcome.COMPLETED:
        raise Refused(
            _("The visit has not seen the site: “%(outcome)s”.")
            % {"outcome": visit.get_outcome_display() or visit.get_state_display()},
            code="visit_not_completed",
        )
    bands, lowest = list(BandCode), application.terms.minimum_band if application.terms else ""
    if lowest and (not visit.band or bands.index(BandCode(visit.band)) < bands.index(BandCode(lowest))):
        raise Refused(
            _("The visit ended in the band “%(band)s”. “%(lowest)s” is needed at least.")
            % {"band": visit.get_band_display(), "lowest": BandCode(lowest).label},
            code="visit_below_band",
        )


def check_can_finish(application: Application, *, today: date) -> None:
    """The site is known, each document is looked at, and no adviser still has time to answer."""
    check_can_become(application, ApplicationState.REVIEWED)
    check_has_site(application)
    unchecked = application.documents.filter(removed_at=None, accepted=None).select_related("required").first()
    if unchecked is not None:
        raise Refused(
            _("Say of each document whether it is in order: “%(document)s” is not checked.") % {"document": unchecked},
            code="document_not_checked",
        )
    waiting = application.advice.filter(given_at=None, due_on__gte=today).select_related("body").first()
    if waiting is not None:
        raise Refused(
            _("“%(body)s” has until %(day)s to give advice.")
            % {"body": waiting.body, "day": date_format(waiting.due_on)},
            code="advice_is_awaited",
        )


def check_has_site(application: Application) -> None:
    if not has_its_site(application):
        raise Refused(
            _("The site is not on the register yet. Register it, or say which facility it is."), code="no_site"
        )


def wrong_state(application: Application) -> Refused:
    return Refused(
        _("Application %(number)s is in the state “%(state)s”, so this cannot be done.")
        % {"number": application.number, "state": application.get_state_display()},
        code="wrong_state",
    )
