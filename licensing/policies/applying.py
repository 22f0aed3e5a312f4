"""What the law allows an applicant, whoever asks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Application, Licence, LicenceTerms, LicenceType, RequiredDocument, ServiceAuthorisation
from licensing.policies.licences import terms_of
from licensing.rules import proposals
from licensing.rules.proposals import LABELS
from licensing.states import (
    AT_THE_AUTHORITY,
    ENDED_EARLY,
    ONCE_IN_FORCE,
    RENEWABLE_DAYS,
    WITH_THE_APPLICANT,
    ApplicationKind,
    ApplicationState,
)
from registry.core.errors import Refused
from registry.models import Facility, FacilityType, Operator, Service
from registry.states import OperationalStatus

OPEN = (*AT_THE_AUTHORITY, *WITH_THE_APPLICANT)
MOST_DOCUMENTS = 60
NEVER_EMPTY = (ApplicationKind.VARIATION, ApplicationKind.CHANGE_OF_TYPE)


@dataclass(frozen=True)
class Missing:
    """What stands in the way of handing in; `part` is the page of the application where it can be mended."""

    part: str
    sentence: str


def check_can_begin(
    *, kind: str, operator: Operator, facility: Facility | None, licence: Licence | None, on: date
) -> None:
    """The kind fits the licence or the site, whose it is, and nothing of the kind is under way for it."""
    if proposals.ASKED[kind].of_licence != (licence is not None):
        raise Refused(_("Say which licence it is about."), code="which_licence")
    if licence is not None:
        _check_licence(kind, operator, licence, on)
    elif facility is not None:
        _check_unlicensed(operator, facility, on)
    if facility is not None:
        check_nothing_of_the_kind(kind, operator, facility, but=None)


def _check_licence(kind: str, operator: Operator, licence: Licence, on: date) -> None:
    own = licence.facility.operator_id == operator.pk
    if kind == ApplicationKind.CHANGE_OF_OWNER and own:
        raise Refused(_("This licence is the operator's own already."), code="own_licence")
    if kind != ApplicationKind.CHANGE_OF_OWNER and not own:
        raise Refused(_("This licence belongs to somebody else."), code="licence_of_another")
    if kind != ApplicationKind.SURRENDER:
        check_is_not_closed(licence.facility)
    if licence.state in ENDED_EARLY or licence.state not in ONCE_IN_FORCE:
        raise Refused(
            _("Licence %(number)s is in the state “%(state)s”: apply for a new one.")
            % {"number": licence.number, "state": licence.get_state_display()},
            code="licence_ended",
        )
    if kind == ApplicationKind.RENEWAL:
        check_is_time_to_renew(licence, on)
    elif licence.valid_until < on:
        raise Refused(
            _("Licence %(number)s has expired. Apply for its renewal first.") % {"number": licence.number},
            code="licence_expired",
        )


def check_is_not_closed(facility: Facility) -> None:
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("The facility is closed."), code="facility_closed")


def check_is_time_to_renew(licence: Licence, on: date) -> None:
    """A licence is renewed in its last 120 days or when it has lapsed, and only the last one of the site."""
    first = licence.valid_until - timedelta(days=RENEWABLE_DAYS)
    if licence.state in ENDED_EARLY or licence.state not in ONCE_IN_FORCE:
        raise Refused(_("Only a licence that was issued and not taken back is renewed."), code="licence_ended")
    if on < first:
        raise Refused(
            _("Licence %(number)s can be renewed from %(day)s on.")
            % {"number": licence.number, "day": date_format(first)},
            code="too_early_to_renew",
        )
    later = Licence.objects.filter(facility=licence.facility_id, state__in=ONCE_IN_FORCE)
    if later.filter(valid_from__gt=licence.valid_from).exists():
        raise Refused(
            _("There is a newer licence than %(number)s for this site.") % {"number": licence.number},
            code="renewed_already",
        )


def _check_unlicensed(operator: Operator, facility: Facility, on: date) -> None:
    if facility.operator_id != operator.pk:
        raise Refused(_("This site belongs to somebody else."), code="site_of_another")
    check_is_not_closed(facility)
    held = Licence.objects.within_period(on).filter(facility=facility).first()
    if held is not None:
        raise Refused(_("The site has licence %(number)s already.") % {"number": held.number}, code="licensed_already")


def check_nothing_of_the_kind(kind: str, operator: Operator, facility: Facility, *, but: Application | None) -> None:
    """Of each kind one application at a time is under way for a site; an operator begins it once."""
    others = Application.objects.filter(facility=facility, kind=kind, state__in=OPEN)
    drafts = Q(state=ApplicationState.DRAFT)
    others = others.exclude(drafts).exclude(pk=but.pk) if but else others.exclude(drafts, ~Q(operator=operator))
    other = others.order_by("pk").first()
    if other is not None:
        raise Refused(
            _("An application of this kind for this site is there already: %(number)s (%(state)s).")
            % {"number": other.number, "state": other.get_state_display()},
            code="under_way_already",
        )


def check_is_with_the_applicant(application: Application) -> None:
    if application.state not in WITH_THE_APPLICANT:
        raise Refused(
            _("This application is in the state “%(state)s” and cannot be changed.")
            % {"state": application.get_state_display()},
            code="wrong_state",
        )


def check_has_seen(present: str, seen: str) -> None:
    """What is saved was made from what is kept now (`rules.proposals.fingerprint`)."""
    if present != seen:
        raise Refused(
            _("Somebody else changed this meanwhile. What you typed is kept: compare, then save again."),
            code="changed_meanwhile",
        )


def check_can_ask_for(application: Application, services: Collection[Service], *, on: date) -> None:
    """Services need an authorisation of their own; what is to be added is not authorised already."""
    for service in services:
        if not service.needs_authorisation:
            raise Refused(
                _("“%(service)s” needs no authorisation of its own.") % {"service": service}, code="needs_none"
            )
    if application.kind == ApplicationKind.ADDED_SERVICE and application.facility is not None:
        held = authorised(application.facility, on).intersection(services)
        if held:
            raise Refused(
                _("“%(service)s” is authorised already.") % {"service": min(held, key=lambda service: service.pk)},
                code="authorised_already",
            )


def authorised(facility: Facility, on: date) -> set[Service]:
    """The services with an authorisation of their own whose period holds on that day, suspended or not."""
    held = ServiceAuthorisation.objects.within_period(on).filter(facility=facility)
    return set(Service.objects.filter(pk__in=held.values("service")))


def check_has_room(application: Application) -> None:
    if application.documents.filter(removed_at=None).count() >= MOST_DOCUMENTS:
        raise Refused(
            _("At most %(most)s documents can be handed in with one application.") % {"most": MOST_DOCUMENTS},
            code="too_many_documents",
        )


def check_is_required_of(application: Application, required: RequiredDocument, *, on: date) -> None:
    if required not in documents_asked(application, on):
        raise Refused(_("This document is not asked for with this application."), code="not_asked_for")


def check_can_be_called(title: str) -> None:
    if not title.strip():
        raise Refused(_("Say what this document is."), code="no_title")


def type_of(application: Application) -> LicenceType | None:
    """The type of licence that is asked for: for the type of facility proposed, or that of the licence."""
    facility_type = facility_type_of(application)
    if application.concerns is not None and application.kind != ApplicationKind.CHANGE_OF_TYPE:
        return application.concerns.type
    if facility_type is None:
        return None
    same = Case(When(authority=facility_type.authority, then=Value(0)), default=Value(1), output_field=IntegerField())
    fitting: QuerySet[LicenceType] = LicenceType.objects.filter(facility_types=facility_type)
    return fitting.order_by(same, "code").first()


def facility_type_of(application: Application) -> FacilityType | None:
    proposed = application.proposal.get("facility_type")
    if proposed:
        return FacilityType.objects.filter(code=proposed).first()
    return application.facility.type if application.facility is not None else None


def terms_for(application: Application, on: date) -> LicenceTerms | None:
    """Those it was handed in under, or those that would hold today; None while no type of licence is known."""
    if application.terms is not None:
        return application.terms
    type = type_of(application)
    try:
        return terms_of(type, on) if type is not None else None
    except Refused:
        return None


def documents_asked(application: Application, on: date) -> list[RequiredDocument]:
    terms = terms_for(application, on)
    return list(terms.documents.filter(kinds__contains=[application.kind]).order_by("pk")) if terms else []


def missing(application: Application, on: date) -> list[Missing]:
    """Everything that is still to be done before the application can be handed in, in the order of its pages."""
    return [
        *_missing_facts(application),
        *_missing_services(application),
        *_missing_documents(application, on),
        *_missing_wishes(application, on),
    ]


def _missing_facts(application: Application) -> list[Missing]:
    wanted = proposals.asked(application.kind, registered=application.facility_id is not None)
    if wanted.of_licence and not wanted.needed and application.kind in NEVER_EMPTY and not application.proposal:
        return [Missing("proposal", _("Say what is to change."))]
    found = [
        Missing("proposal", _("“%(field)s” is empty.") % {"field": LABELS[name]})
        for name in proposals.missing(wanted, application.proposal)
    ]
    facility_type = facility_type_of(application)
    if not found and type_of(application) is None:
        sentence = _("There is no type of licence for a facility of the type “%(type)s”.") % {"type": facility_type}
        found.append(Missing("proposal", sentence))
    if (
        application.kind == ApplicationKind.CHANGE_OF_TYPE
        and application.facility is not None
        and facility_type == application.facility.type
    ):
        found.append(Missing("proposal", _("The site is of this type already.")))
    return found


def _missing_services(application: Application) -> list[Missing]:
    if application.kind == ApplicationKind.ADDED_SERVICE and not application.asked_services.exists():
        return [Missing("services", _("Choose the services that are to be added."))]
    return []


def _missing_documents(application: Application, on: date) -> list[Missing]:
    if type_of(application) is None:
        return [Missing("documents", _("Which documents are needed is known with the type of the facility."))]
    present = application.documents.filter(removed_at=None).exclude(required=None)
    codes = set(present.values_list("required__code", flat=True))
    return [
        Missing("documents", _("“%(document)s” is missing.") % {"document": required})
        for required in documents_asked(application, on)
        if not required.optional and required.code not in codes
    ]


def _missing_wishes(application: Application, on: date) -> list[Missing]:
    if application.begins_on is None:
        if application.kind == ApplicationKind.SURRENDER:
            return [Missing("wishes", _("Say from which day the licence is given back."))]
        return []
    if application.begins_on < on and application.state == ApplicationState.DRAFT:
        return [Missing("wishes", _("The first day lies in the past."))]
    return []


def check_can_hand_in(application: Application, *, revision: int, declared_by_name: str, on: date) -> LicenceType:
    """The draft is whole, is what was declared to be true, and may still be asked for. Returns its type of licence."""
    if application.state != ApplicationState.DRAFT:
        raise Refused(_("This application was handed in already."), code="handed_in_already")
    if application.revision != revision:
        raise Refused(
            _("The application was changed after you opened this page. Check it again, then hand it in."),
            code="changed_meanwhile",
        )
    if not declared_by_name.strip():
        raise Refused(_("Give the name of who declares."), code="no_name")
    type = _check_is_whole(application, on)
    if application.concerns is not None:
        _check_licence(application.kind, application.operator, application.concerns, on)
    elif application.facility is not None:
        _check_unlicensed(application.operator, application.facility, on)
    if application.facility is not None:
        check_nothing_of_the_kind(application.kind, application.operator, application.facility, but=application)
    return type


def check_can_answer(application: Application, *, answer: str, on: date) -> LicenceType:
    """A question is open, and the application is whole. Returns its type of licence."""
    if application.state != ApplicationState.QUERIED:
        raise Refused(_("No question is open."), code="no_open_question")
    if not answer.strip():
        raise Refused(_("Write an answer."), code="no_answer")
    return _check_is_whole(application, on)


def _check_is_whole(application: Application, on: date) -> LicenceType:
    for one in missing(application, on):
        raise Refused(one.sentence, code="not_whole")
    check_can_ask_for(application, [asked.service for asked in application.asked_services.all()], on=on)
    type = type_of(application)
    if type is None:
        raise Refused(_("There is no type of licence for this."), code="no_licence_type")
    return type


def check_can_withdraw(application: Application, *, reason: str) -> None:
    if application.state not in OPEN:
        raise Refused(
            _("This application is in the state “%(state)s” and cannot be withdrawn.")
            % {"state": application.get_state_display()},
            code="wrong_state",
        )
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")
