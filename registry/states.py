from django.db import models
from django.utils.translation import gettext_lazy as _


class Ownership(models.TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    NGO = "ngo", _("Non-governmental organisation")
    MILITARY = "military", _("Military or police")
    FOREIGN = "foreign", _("Foreign")
    UNKNOWN = "unknown", _("Not known")


class Authority(models.TextChoices):
    MINISTRY = "ministry", _("Ministry of Health")
    PROVINCE = "province", _("Provincial health department")


class OperatorKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class OperationalStatus(models.TextChoices):
    PLANNED = "planned", _("Not open yet")
    OPERATING = "operating", _("Operating")
    TEMPORARILY_CLOSED = "temporarily_closed", _("Temporarily closed")
    CLOSED = "closed", _("Closed")
    SUSPECTED_UNLICENSED = "suspected_unlicensed", _("Suspected unlicensed premises")


class Cadre(models.TextChoices):
    """What a practitioner is by training; the council that licenses follows the profession, not the post."""

    DOCTOR = "doctor", _("Medical doctor")
    SPECIALIST = "specialist", _("Specialist doctor")
    MEDICAL_ASSISTANT = "medical_assistant", _("Medical assistant")
    DENTIST = "dentist", _("Dentist")
    DENTAL_NURSE = "dental_nurse", _("Dental nurse")
    MIDWIFE = "midwife", _("Midwife")
    NURSE = "nurse", _("Nurse")
    PHARMACIST = "pharmacist", _("Pharmacist")
    ASSISTANT_PHARMACIST = "assistant_pharmacist", _("Assistant pharmacist")
    OTHER = "other", _("Other health professional")


class PractitionerStanding(models.TextChoices):
    """Whether a practitioner may practise on one day, read off the dates; never stored."""

    VALID = "valid", _("May practise")
    LAPSED = "lapsed", _("May not practise")


class EquipmentStanding(models.TextChoices):
    """What a device is on one day, read off its dates; never stored."""

    VALID = "valid", _("In use")
    OVERDUE = "overdue", _("Overdue for calibration")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class NetworkKind(models.TextChoices):
    """By what the sites of a branch network are found."""

    OPERATOR = "operator", _("Operator or its parent")
    BRAND = "brand", _("Brand")
    PHONE = "phone", _("Telephone")
    RESPONSIBLE = "responsible", _("Responsible person")


STATUS_TRANSITIONS: dict[str, tuple[str, ...]] = {
    OperationalStatus.PLANNED: (OperationalStatus.OPERATING, OperationalStatus.CLOSED),
    OperationalStatus.OPERATING: (OperationalStatus.TEMPORARILY_CLOSED, OperationalStatus.CLOSED),
    OperationalStatus.TEMPORARILY_CLOSED: (OperationalStatus.OPERATING, OperationalStatus.CLOSED),
    OperationalStatus.SUSPECTED_UNLICENSED: (OperationalStatus.OPERATING, OperationalStatus.CLOSED),
    OperationalStatus.CLOSED: (OperationalStatus.OPERATING,),
}


class ImportState(models.TextChoices):
    STAGED = "staged", _("Waiting")
    READING = "reading", _("Reading the file")
    LOADED = "loaded", _("Loaded")
    REFUSED = "refused", _("Refused")
    CHECKED = "checked", _("Checked, nothing loaded")


IMPORT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ImportState.STAGED: (ImportState.READING,),
    ImportState.READING: (ImportState.LOADED, ImportState.REFUSED, ImportState.CHECKED, ImportState.STAGED),
    ImportState.CHECKED: (ImportState.STAGED,),
    ImportState.REFUSED: (),
    ImportState.LOADED: (),
}


EVENTS = {
    "representative.appointed": _("Account for an operator opened"),
    "representative.ended": _("Acts for the operator no longer"),
    "facility.registered": _("Facility registered"),
    "facility.imported": _("Imported"),
    "facility.edited": _("Facts about the facility changed"),
    "facility.status_changed": _("Operational status changed"),
    "facility.identifier_added": _("Number in another system added"),
    "facility.identifier_removed": _("Number in another system removed"),
    "facility.succeeded": _("People and equipment taken over"),
    "facility.service_declared": _("Service declared"),
    "facility.service_withdrawn": _("Service withdrawn"),
    "operator.registered": _("Operator registered"),
    "operator.edited": _("Facts about the operator changed"),
    "facility_type.created": _("Facility type added"),
    "facility_type.changed": _("Facility type changed"),
    "service.created": _("Service of the catalogue added"),
    "service.changed": _("Service of the catalogue changed"),
    "operational_district.created": _("Operational district added"),
    "operational_district.changed": _("Operational district changed"),
    "gazetteer.loaded": _("Gazetteer loaded"),
    "holiday.added": _("Public holiday added"),
    "holiday.removed": _("Public holiday removed"),
    "import.loaded": _("File imported"),
    "council.created": _("Council added"),
    "council.changed": _("Council changed"),
    "equipment_kind.created": _("Kind of equipment added"),
    "equipment_kind.changed": _("Kind of equipment changed"),
    "prerequisite.created": _("Prerequisite of a service added"),
    "prerequisite.changed": _("Prerequisite of a service changed"),
    "prerequisite.removed": _("Prerequisite of a service removed"),
    "practitioner.registered": _("Practitioner registered"),
    "practitioner.edited": _("Facts about the practitioner changed"),
    "posting.begun": _("Practitioner posted"),
    "posting.ended": _("Posting ended"),
    "posting.made_responsible": _("Responsible person named"),
    "posting.released": _("Responsible person released"),
    "equipment.registered": _("Equipment registered"),
    "equipment.edited": _("Facts about the equipment changed"),
    "equipment.withdrawn": _("Equipment withdrawn"),
    "interest.declared": _("Interest declared"),
    "interest.ended": _("Interest ended"),
}
"""What the events of this floor are called."""
