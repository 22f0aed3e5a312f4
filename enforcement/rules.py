"""The compliance rules. Each is one condition over the compliance clock, so that all are asked in one statement.

To add a rule: add it here with the next free bit, add what it reads to the clock (`sweeps/statements.py`) if it is new,
write its test, translate its sentences. `holds`, `since_on` and `facts` are SQL over one row `c` of the clock;
`%(as_of)s` is the day asked about.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enforcement.states import FlagSeverity
from inspections.states import BandCode


@dataclass(frozen=True)
class Rule:
    """What makes a flag: when it holds, since when, on which facts, and how long each level has to act.

    `escalates_after`: days after which an open flag goes to the department, then to the minister.
    `basis`: the text that the rule rests on.
    """

    code: str
    bit: int
    title: Promise
    sentence: Promise
    basis: Promise
    severity: FlagSeverity
    escalates_after: tuple[int, int]
    holds: str
    since_on: str
    facts: str


NEVER_INSPECTED = Rule(
    code="never_inspected",
    bit=1,
    title=_("Never inspected"),
    sentence=_("The facility works and no completed inspection of it is on record."),
    basis=_("Letter of the Minister of Health of 8 March 2023: every department inspects regularly"),
    severity=FlagSeverity.WARNING,
    escalates_after=(90, 180),
    holds="c.operating AND c.last_visit_on IS NULL",
    since_on="c.operating_since",
    facts="jsonb_build_object('operating_since', c.operating_since)",
)
INSPECTION_OVERDUE = Rule(
    code="inspection_overdue",
    bit=2,
    title=_("Inspection overdue"),
    sentence=_("The day by which the facility had to be inspected again has passed."),
    basis=_("The ruleset under which the last visit was scored: months to the next visit and longest interval"),
    severity=FlagSeverity.WARNING,
    escalates_after=(30, 90),
    holds="c.operating AND c.inspection_due_on < %(as_of)s",
    since_on="c.inspection_due_on + 1",
    facts="jsonb_build_object('last_visit_on', c.last_visit_on, 'due_on', c.inspection_due_on)",
)
BAND_NON_COMPLIANT = Rule(
    code="band_non_compliant",
    bit=4,
    title=_("Non-compliant at the last inspection"),
    sentence=_("The last inspection put the facility into the lowest band: closure is to be considered."),
    basis=_("The ruleset under which the last visit was scored: consequence of the band non-compliant"),
    severity=FlagSeverity.DANGER,
    escalates_after=(7, 30),
    holds=f"c.operating AND c.band = '{BandCode.NON_COMPLIANT}'",
    since_on="c.last_visit_on",
    facts="jsonb_build_object('last_visit_on', c.last_visit_on, 'band', c.band)",
)
OPERATING_WITHOUT_LICENCE = Rule(
    code="operating_without_licence",
    bit=8,
    title=_("Operating without a licence"),
    sentence=_(
        "The facility works and needs a licence, but never had one, or the last was revoked, surrendered or suspended."
    ),
    basis=_("Law on the Management of Private Medical, Paramedical and Medical Aide Services, 2000"),
    severity=FlagSeverity.DANGER,
    escalates_after=(7, 30),
    holds=(
        "c.operating AND c.licence_needed AND (c.licensed_until IS NULL"
        " OR (c.licensed_until < %(as_of)s AND c.licence_ended_early))"
    ),
    since_on="COALESCE(c.licensed_until + 1, c.operating_since)",
    facts="jsonb_build_object('licensed_until', c.licensed_until, 'operating_since', c.operating_since)",
)
LICENCE_EXPIRED = Rule(
    code="licence_expired",
    bit=16,
    title=_("Licence expired"),
    sentence=_("The facility works and the period of its last licence is over."),
    basis=_("Law on the Management of Private Medical, Paramedical and Medical Aide Services, 2000"),
    severity=FlagSeverity.SERIOUS,
    escalates_after=(30, 90),
    holds=("c.operating AND c.licence_needed AND c.licensed_until < %(as_of)s AND NOT c.licence_ended_early"),
    since_on="c.licensed_until + 1",
    facts="jsonb_build_object('licensed_until', c.licensed_until)",
)
CORRECTIVE_ACTION_OVERDUE = Rule(
    code="corrective_action_overdue",
    bit=32,
    title=_("Corrective action overdue"),
    sentence=_("The day by which something found on a visit had to be put right has passed."),
    basis=_("The ruleset of the visit that found it: working days to put right what falls into a cell of the grid"),
    severity=FlagSeverity.SERIOUS,
    escalates_after=(14, 60),
    holds="c.operating AND c.correction_due_on < %(as_of)s",
    since_on="c.correction_due_on + 1",
    facts="jsonb_build_object('correction_due_on', c.correction_due_on)",
)
ENTRY_REFUSED_THREE_TIMES = Rule(
    code="entry_refused_three_times",
    bit=64,
    title=_("Entry refused three times"),
    sentence=_("Since its last completed inspection the facility has refused three visits: a ground for closure."),
    basis=_("Inspection rules of the Ministry: three refusals are a ground for closure"),
    severity=FlagSeverity.DANGER,
    escalates_after=(7, 30),
    holds="c.operating AND c.third_refusal_on IS NOT NULL",
    since_on="c.third_refusal_on",
    facts="jsonb_build_object('refused_visits', c.refused_visits, 'last_visit_on', c.last_visit_on)",
)
CLOSURE_PROPOSED = Rule(
    code="closure_proposed",
    bit=128,
    title=_("Closure proposed"),
    sentence=_("So many visits in a row ended in a low band that the ruleset proposes to close the facility."),
    basis=_("The ruleset under which the last visit was scored: closure after so many visits in a low band"),
    severity=FlagSeverity.DANGER,
    escalates_after=(7, 30),
    holds="c.operating AND c.closure_proposed",
    since_on="c.last_visit_on",
    facts="jsonb_build_object('last_visit_on', c.last_visit_on, 'band', c.band)",
)
SERVICE_WITHOUT_AUTHORISATION = Rule(
    code="service_without_authorisation",
    bit=256,
    title=_("Service without an authorisation"),
    sentence=_("The facility offers a service that needs an authorisation of its own, and none is in force."),
    basis=_(
        "Letter of the Minister of Health of 8 March 2023: services beyond the licence, above all cosmetic surgery"
    ),
    severity=FlagSeverity.DANGER,
    escalates_after=(7, 30),
    holds="c.operating AND c.licence_needed AND c.unauthorised_services IS NOT NULL",
    since_on="c.unauthorised_since",
    facts="jsonb_build_object('services', c.unauthorised_services)",
)
CONDITION_OVERDUE = Rule(
    code="condition_overdue",
    bit=512,
    title=_("Condition overdue"),
    sentence=_("The day by which the facility had to meet a condition of its licence has passed."),
    basis=_("The condition as it was imposed with the licence or the authorisation"),
    severity=FlagSeverity.SERIOUS,
    escalates_after=(14, 60),
    holds="c.operating AND c.condition_due_on < %(as_of)s",
    since_on="c.condition_due_on + 1",
    facts="jsonb_build_object('condition_due_on', c.condition_due_on)",
)

RULES: tuple[Rule, ...] = (
    NEVER_INSPECTED,
    INSPECTION_OVERDUE,
    BAND_NON_COMPLIANT,
    OPERATING_WITHOUT_LICENCE,
    LICENCE_EXPIRED,
    CORRECTIVE_ACTION_OVERDUE,
    ENTRY_REFUSED_THREE_TIMES,
    CLOSURE_PROPOSED,
    SERVICE_WITHOUT_AUTHORISATION,
    CONDITION_OVERDUE,
)
BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}
