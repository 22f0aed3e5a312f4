"""What the law allows when an application is recommended, decided and appealed against, whoever asks."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inspections.models import Visit, VisitMember
from licensing.models import Advice, Appeal, Application, RefusalReason
from licensing.policies.applications import (
    check_can_become,
    check_has_site,
    check_is_in,
    check_says,
    check_visit_suffices,
    counting_visit,
    wrong_state,
)
from licensing.policies.applying import check_is_not_closed
from licensing.policies.fees import check_is_paid
from licensing.states import NEXT_PART, AdviceOpinion, ApplicationKind, ApplicationState, LicenceState, Opinion
from registry.accounts.models import User
from registry.core.errors import Refused
from registry.models import Interest, Service
from registry.reports.prerequisites import missing
from registry.states import Authority


def check_can_recommend(application: Application, *, opinion: str, text: str, on_objections: str, today: date) -> None:
    """With reasons; to grant only what can be granted, and with an answer to whoever objects."""
    check_can_become(application, ApplicationState.RECOMMENDED)
    check_says(text)
    if opinion != Opinion.GRANT:
        return
    check_is_in_order(application, today=today)
    if objections(application) and not on_objections.strip():
        names = ", ".join(str(advice.body) for advice in objections(application))
        raise Refused(
            _("%(advisers)s object. Say why it should be granted all the same.") % {"advisers": names},
            code="objection_not_answered",
        )


def objections(application: Application) -> list[Advice]:
    return list(application.advice.filter(opinion=AdviceOpinion.OBJECTION).select_related("body").order_by("pk"))


def check_is_in_order(application: Application, *, today: date) -> None:
    """What must be so before anybody says that it may be granted."""
    check_has_site(application)
    bad = application.documents.filter(removed_at=None, accepted=False).select_related("required").first()
    if bad is not None:
        raise Refused(
            _("“%(document)s” is not in order: %(remark)s") % {"document": bad, "remark": bad.remark},
            code="document_not_in_order",
        )
    check_visit_suffices(application)
    lacking = [sentence for _service, sentences in lacks(application, today) for sentence in sentences]
    if lacking:
        raise Refused(" ".join(lacking), code="prerequisites_missing")


def lacks(application: Application, on: date) -> list[tuple[Service, list[str]]]:
    """Of each service that is asked for what the site lacks; where a site goes on as another, its people go along."""
    moves = application.kind in (ApplicationKind.RELOCATION, ApplicationKind.CHANGE_OF_OWNER)
    site = application.concerns.facility if moves and application.concerns else application.facility
    services = Service.objects.filter(applications=application).order_by("code") if site else ()
    return [
        (service, [prerequisite.sentence for prerequisite in missing(site, service, on)])  # type: ignore[arg-type]
        for service in services
    ]


def is_countersigned(application: Application) -> bool:
    """What the ministry licenses is signed by two of its approvers."""
    return application.type is not None and application.type.authority == Authority.MINISTRY


def check_can_approve(application: Application, *, to: ApplicationState, note: str, today: date) -> None:
    """The decision to grant: paid for, in order, and with reasons where the recommendation is another."""
    check_can_become(application, to)
    if application.opinion != Opinion.GRANT and not note.strip():
        raise Refused(_("The recommendation is to refuse. Say why you grant it."), code="against_the_recommendation")
    check_is_grantable(application, today=today)


def check_can_countersign(application: Application, *, today: date) -> None:
    check_is_in(application, ApplicationState.APPROVED)
    check_is_grantable(application, today=today)


def check_is_grantable(application: Application, *, today: date) -> None:
    _check_signed_by_the_fit(application, today)
    _check_concerned(application)
    _check_site(application)
    check_is_in_order(application, today=today)
    check_is_paid(application)


def check_can_refuse(application: Application, *, reasons: Collection[RefusalReason], text: str, today: date) -> None:
    check_can_become(application, ApplicationState.REFUSED)
    _check_signed_by_the_fit(application, today)
    if not reasons:
        raise Refused(_("A refusal rests on a reason of the catalogue. Choose one."), code="no_ground")
    for reason in reasons:
        if reason.withdrawn_on is not None and reason.withdrawn_on <= today:
            raise Refused(_("“%(reason)s” is no longer a reason.") % {"reason": reason}, code="ground_withdrawn")
    if not text.strip():
        raise Refused(_("Explain the refusal to the applicant."), code="no_reason")


def check_can_send_back(application: Application, *, reason: str) -> None:
    if application.state not in NEXT_PART:
        raise wrong_state(application)
    check_says(reason)


def check_can_lodge(application: Application, *, grounds: str, lodged_on: date, today: date) -> None:
    """Against a refusal, once, until the day that stands in it, the last day included."""
    check_is_in(application, ApplicationState.REFUSED)
    if application.appeal_until is None or application.decided_at is None or lodged_on > application.appeal_until:
        raise Refused(
            _("An appeal was possible until %(day)s.")
            % {"day": date_format(application.appeal_until) if application.appeal_until else "–"},
            code="appeal_too_late",
        )
    if not timezone.localdate(application.decided_at) <= lodged_on <= today:
        raise Refused(_("An appeal comes after the refusal, and not on a day to come."), code="lodged_on_another_day")
    if not grounds.strip():
        raise Refused(_("Say why the refusal is wrong."), code="no_reason")
    if application.appeals.filter(Q(decided_at=None) | Q(decided_at__gte=application.decided_at)).exists():
        raise Refused(_("An appeal against this refusal is lodged already."), code="appeal_lodged_already")


def check_has_open_appeal(application: Application) -> None:
    check_is_in(application, ApplicationState.REFUSED)
    if not application.appeals.filter(decided_at=None).exists():
        raise Refused(_("No appeal waits for a decision."), code="no_open_appeal")


def check_can_decide_appeal(appeal: Appeal, *, reason: str) -> None:
    check_is_in(appeal.application, ApplicationState.REFUSED)
    if appeal.decided_at is not None:
        raise Refused(_("This appeal is decided already."), code="appeal_decided_already")
    check_says(reason)


def _check_signed_by_the_fit(application: Application, on: date) -> None:
    """Nobody has declared an interest, or come into the team of the visit, since signing."""
    signers = application.signatures.filter(revision=application.revision).values("person")
    sites = [site for site in (application.facility, application.concerns and application.concerns.facility) if site]
    operators = {application.operator_id, *(site.operator_id for site in sites)} - {None}
    tied = Interest.objects.in_force(on).filter(Q(operator__in=operators) | Q(facility__in=sites), person__in=signers)
    visits = {visit.pk for visit in (application.visit, counting_visit(application)) if visit}
    visited = Q(pk__in=Visit.objects.filter(pk__in=visits).values("inspector"))
    visited |= Q(pk__in=VisitMember.objects.filter(visit__in=visits).values("person"))
    unfit = User.objects.filter(Q(pk__in=tied.values("person")) | visited & Q(pk__in=signers)).first()
    if unfit is not None:
        raise Refused(
            _(
                "%(person)s signed this application, and visited the site for it or has an interest in it. "
                "Send it back to the review."
            )
            % {"person": unfit},
            code="signed_by_the_unfit",
        )


def _check_site(application: Application) -> None:
    """It has not come into other hands meanwhile, nor closed for good."""
    site = application.facility
    if site is None:
        return
    changes_hands = application.kind == ApplicationKind.CHANGE_OF_OWNER
    if site.operator_id not in (None, application.operator_id) and not changes_hands:
        raise Refused(
            _("%(facility)s is run by somebody else: %(operator)s.") % {"facility": site, "operator": site.operator},
            code="another_operator",
        )
    if application.kind != ApplicationKind.SURRENDER:
        check_is_not_closed(site)


def _check_concerned(application: Application) -> None:
    """The licence it is about is not taken away meanwhile, and no suspension is got round by a new one."""
    licence = application.concerns
    if licence is None:
        return
    surrender = application.kind == ApplicationKind.SURRENDER
    lapsed = application.kind == ApplicationKind.RENEWAL and licence.state == LicenceState.EXPIRED
    if (
        licence.state != LicenceState.ISSUED
        and not lapsed
        and not (surrender and licence.state == LicenceState.SUSPENDED)
    ):
        raise Refused(
            _("Licence %(number)s, which this is about, is in the state “%(state)s”.")
            % {"number": licence.number, "state": licence.get_state_display()},
            code="licence_not_in_force",
        )
