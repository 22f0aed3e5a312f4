"""What can be done in the register, whoever asks."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.core.khmer import has_khmer, looks_like_limon
from registry.models import (
    Equipment,
    Facility,
    FacilityType,
    Interest,
    OperationalStatusChange,
    Operator,
    Posting,
    Practitioner,
    Representative,
)
from registry.models.practitioner import HOME
from registry.states import STATUS_TRANSITIONS, OperationalStatus


def check_can_hold(facility: Facility, *, on: date) -> None:
    """Whether these facts can stand together. The database has the same constraints and gives no sentences."""
    check_names(facility.name_km, facility.name_en)
    if (facility.latitude is None) != (facility.longitude is None):
        raise Refused(_("A point has a latitude and a longitude."), code="half_a_point")
    district = facility.operational_district
    if district is not None and district.province_id != facility.province_id:
        raise Refused(
            _("The operational district “%(district)s” is not in the province of the facility.")
            % {"district": district},
            code="operational_district_elsewhere",
        )
    if facility.opened_on is not None and facility.opened_on > on:
        raise Refused(_("The facility cannot have opened on a day to come."), code="opened_in_the_future")
    _check_predecessor(facility)


def check_names(name_km: str, name_en: str) -> None:
    if not (name_km or name_en):
        raise Refused(_("Give a name in Khmer or in Latin letters."), code="no_name")
    check_khmer_name(name_km)
    check_latin_name(name_en)


def check_khmer_name(name: str) -> None:
    if not name or has_khmer(name):
        return
    if looks_like_limon(name):
        raise Refused(
            _("“%(name)s” is typed in a Limon font. Type the name in Khmer Unicode.") % {"name": name}, code="limon"
        )
    raise Refused(_("“%(name)s” has no Khmer letter.") % {"name": name}, code="not_khmer")


def check_latin_name(name: str) -> None:
    if has_khmer(name):
        raise Refused(_("“%(name)s” has Khmer letters. Type it in Latin letters.") % {"name": name}, code="not_latin")


def _check_predecessor(facility: Facility) -> None:
    if facility.predecessor_id is None:
        return
    if facility.predecessor_id == facility.pk:
        raise Refused(_("A facility does not succeed itself."), code="succeeds_itself")
    other = Facility.objects.filter(predecessor=facility.predecessor_id).exclude(pk=facility.pk).first()
    if other is not None:
        raise Refused(
            _("Facility %(number)s already succeeds that one.") % {"number": other.number}, code="already_succeeded"
        )


def check_can_edit(facility: Facility, *, revision: int) -> None:
    """Nobody has changed the facility since the person who edits it read it."""
    if facility.revision != revision:
        raise Refused(
            _("Somebody else changed this facility meanwhile. What you typed is kept: compare, then save again."),
            code="changed_meanwhile",
        )


def check_can_change_status(facility: Facility, *, status: str, effective_on: date, reason: str, on: date) -> None:
    """The table knows the step, there is a reason, and the day lies after the last change and not in the future."""
    if status not in STATUS_TRANSITIONS[facility.operational_status]:
        raise Refused(
            _("The facility is “%(present)s”: it cannot become “%(status)s”.")
            % {"present": facility.get_operational_status_display(), "status": OperationalStatus(status).label},
            code="wrong_status",
        )
    if not reason.strip():
        raise Refused(_("Say why."), code="no_reason")
    if effective_on > on:
        raise Refused(_("A status changes on the day it happens, not before."), code="status_in_the_future")
    latest: OperationalStatusChange | None = (
        facility.status_changes.exclude(effective_on=None).order_by("-effective_on").first()
    )
    if latest is not None and latest.effective_on is not None and effective_on <= latest.effective_on:
        raise Refused(
            _("The last change was on %(day)s. The next one is later.") % {"day": date_format(latest.effective_on)},
            code="status_before_the_last",
        )


def beds_beside_the_range(type: FacilityType, beds: int | None) -> str:
    """A warning where the beds do not fit the type, else nothing. No refusal: the place exists all the same."""
    if (
        beds is None
        or type.beds_from is None
        or (beds >= type.beds_from and (type.beds_below is None or beds < type.beds_below))
    ):
        return ""
    has = ngettext("The facility has %(beds)s bed.", "The facility has %(beds)s beds.", beds) % {"beds": beds}
    if type.beds_below is None:
        needs = _("A “%(type)s” has %(first)s beds or more.") % {"type": type, "first": type.beds_from}
    elif type.beds_below == 1:
        needs = _("A “%(type)s” has no beds.") % {"type": type}
    else:
        needs = _("A “%(type)s” has %(first)s to %(last)s beds.") % {
            "type": type,
            "first": type.beds_from,
            "last": type.beds_below - 1,
        }
    return f"{has} {needs} " + _("Check the beds and the type.")


def check_can_hold_operator(operator: Operator) -> None:
    """Whether these facts can stand together: a name, and no operator above itself."""
    check_names(operator.name_km, operator.name_en)
    above = operator.parent
    seen = {operator.pk}
    while above is not None:
        if above.pk in seen:
            raise Refused(_("“%(name)s” belongs to this operator itself.") % {"name": above}, code="operator_in_circle")
        seen.add(above.pk)
        above = above.parent


def check_can_represent(person: User, operator: Operator) -> None:
    """Nobody of the staff acts for an operator, and nobody twice for the same one."""
    if person.role != Role.OPERATOR or not person.is_active:
        raise Refused(_("“%(name)s” has no open account of an operator's people.") % {"name": person}, code="staff")
    if Representative.objects.in_force().filter(person=person, operator=operator).exists():
        raise Refused(_("“%(name)s” acts for this operator already.") % {"name": person}, code="appointed_already")


def check_is_in_force(representative: Representative) -> None:
    if representative.ended_on is not None:
        raise Refused(_("This person no longer acts for the operator."), code="ended_already")


def check_can_end_representation(representative: Representative, *, reason: str) -> None:
    check_is_in_force(representative)
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")


def check_can_declare(
    person: User, *, facility: Facility | None, operator: Operator | None, nature: str, on: date
) -> None:
    """An interest is in a facility or an operator, says of what kind it is, and is not declared already."""
    if (facility is None) == (operator is None):
        raise Refused(_("An interest is in one facility or in one operator."), code="facility_or_operator")
    if not nature.strip():
        raise Refused(_("Say what the interest is."), code="no_nature")
    if Interest.objects.in_force(on).filter(person=person, facility=facility, operator=operator).exists():
        raise Refused(_("This interest is declared already."), code="declared_already")


def check_can_end(interest: Interest, *, reason: str) -> None:
    if interest.ended_on is not None:
        raise Refused(_("This interest has ended already."), code="ended_already")
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")


def check_can_hold_practitioner(practitioner: Practitioner) -> None:
    """Whether these facts can stand together: a name, a council number of one's own, a permission for foreigners."""
    check_names(practitioner.name_km, practitioner.name_en)
    others = Practitioner.objects.exclude(pk=practitioner.pk)
    if others.filter(council=practitioner.council_id, council_number=practitioner.council_number).exists():
        raise Refused(
            _("%(council)s: the number %(number)s belongs to another practitioner.")
            % {"council": practitioner.council, "number": practitioner.council_number},
            code="council_number_taken",
        )
    permitted = bool(practitioner.permission_number) and practitioner.permission_until is not None
    if practitioner.nationality != HOME and not permitted:
        raise Refused(
            _("A foreigner needs a permission to practise: give its number and its last day."), code="no_permission"
        )
    if practitioner.nationality == HOME and (practitioner.permission_number or practitioner.permission_until):
        raise Refused(_("Only foreigners have a permission to practise."), code="permission_of_a_national")


def check_can_post(facility: Facility, practitioner: Practitioner, *, valid_from: date, on: date) -> None:
    """The facility is open, the day is not to come, and the practitioner does not work there already."""
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("The facility is closed."), code="facility_closed")
    if valid_from > on:
        raise Refused(_("Enter a posting on the day it begins, not before."), code="posting_in_the_future")
    same = Posting.objects.filter(facility=facility, practitioner=practitioner)
    if same.exclude(valid_until__lt=valid_from).exists():
        raise Refused(
            _("%(name)s works in this facility already, or did so after that day.") % {"name": practitioner},
            code="posted_already",
        )


def check_can_answer_for(facility: Facility, practitioner: Practitioner, *, on: date, knowingly: bool) -> None:
    """Whether the practitioner can be the facility's responsible person from that day on.

    Only with a valid council licence; and `knowingly` where the same person answers for other facilities too.
    """
    until = practitioner.practises_until
    if until is None or until < on:
        raise Refused(
            _("%(name)s has no valid licence of the %(council)s on %(day)s, and cannot be the responsible person.")
            % {"name": practitioner, "council": practitioner.council, "day": date_format(on)},
            code="responsible_person_not_licensed",
        )
    later = Posting.objects.responsible().filter(facility=facility).exclude(valid_until__lt=on)
    if later.exclude(valid_until=None, valid_from__lte=on).exists():
        raise Refused(
            _("Somebody else is on record as the responsible person on %(day)s or after it.")
            % {"day": date_format(on)},
            code="somebody_else_answered",
        )
    elsewhere = stands_for(practitioner, on=on, but=facility)
    if elsewhere and not knowingly:
        sentence = ngettext(
            "%(name)s is the responsible person of %(number)s other facility already. Tick below that this is known.",
            "%(name)s is the responsible person of %(number)s other facilities already. Tick below that this is known.",
            elsewhere,
        )
        raise Refused(sentence % {"name": practitioner, "number": elsewhere}, code="responsible_elsewhere")


def stands_for(practitioner: Practitioner, *, on: date, but: Facility) -> int:
    """For how many other facilities the practitioner answers on that day, in the whole country."""
    answering = Posting.objects.in_force(on).responsible()
    number: int = answering.filter(practitioner=practitioner).exclude(facility=but).count()
    return number


def check_can_be_made_responsible(posting: Posting) -> None:
    check_is_open(posting)
    if posting.is_responsible:
        raise Refused(_("This is the responsible person already."), code="responsible_already")


def check_can_end_posting(posting: Posting, *, valid_until: date, on: date) -> None:
    check_is_open(posting)
    if not posting.valid_from <= valid_until <= on:
        raise Refused(
            _("The last day is not before %(first)s and not after today.") % {"first": date_format(posting.valid_from)},
            code="last_day_out_of_range",
        )


def check_is_open(posting: Posting) -> None:
    if posting.valid_until is not None:
        raise Refused(_("This posting has ended already."), code="posting_ended")


def check_can_hold_equipment(equipment: Equipment, *, on: date) -> None:
    """Whether these facts can stand together: days that are past, a whole approval, a serial number of its own."""
    if equipment.installed_on > on:
        raise Refused(_("Enter equipment on the day it comes into use, not before."), code="installed_in_the_future")
    if bool(equipment.approval_number) != (equipment.approved_on is not None):
        raise Refused(_("An approval has a number and a day."), code="half_an_approval")
    same = Equipment.objects.filter(
        kind=equipment.kind_id, maker__iexact=equipment.maker, serial__iexact=equipment.serial
    ).exclude(pk=equipment.pk)
    if same.exists():
        raise Refused(
            _("A device of this kind and maker with the serial number %(serial)s is in the register already.")
            % {"serial": equipment.serial},
            code="serial_taken",
        )


def check_is_in_use(equipment: Equipment) -> None:
    if equipment.withdrawn_on is not None:
        raise Refused(_("This equipment is withdrawn."), code="equipment_withdrawn")


def check_can_withdraw(equipment: Equipment, *, withdrawn_on: date, on: date) -> None:
    check_is_in_use(equipment)
    if not equipment.installed_on <= withdrawn_on <= on:
        raise Refused(
            _("The day is not before %(first)s and not after today.") % {"first": date_format(equipment.installed_on)},
            code="withdrawn_out_of_range",
        )
