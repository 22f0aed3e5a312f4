import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.facility import Facility
from registry.models.practitioner import Practitioner
from registry.querysets import PostingQuerySet
from registry.states import Cadre

DAYS = Func("valid_from", "valid_until", Value("[]"), function="daterange", output_field=models.Field())

LICENSED_ON_THE_FIRST_DAY = """
    -- Locked, so that the council's register does not strike the person off in the same moment.
    PERFORM 1 FROM registry_practitioner WHERE id = NEW.practitioner_id AND practises_until >= NEW.valid_from FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a responsible person has a valid council licence' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@keep_history()
class Posting(models.Model):
    """A practitioner at work in a facility, from the first to the last day; one of them answers for the place."""

    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, related_name="postings", verbose_name=_("practitioner")
    )
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="postings", verbose_name=_("facility"))
    cadre = models.CharField(_("works as"), max_length=20, choices=Cadre)
    is_responsible = models.BooleanField(_("responsible person"), default=False)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        indexes = [
            models.Index(
                fields=["practitioner"], condition=Q(is_responsible=True), name="postings_of_responsible_people"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="posting_period_is_whole"
            ),
            models.CheckConstraint(condition=Q(cadre__in=Cadre.values), name="posting_cadre_is_known"),
            ExclusionConstraint(
                name="postings_of_a_person_to_a_facility_do_not_overlap",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    ("facility", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="one_responsible_person_per_facility_and_day",
                expressions=[("facility", RangeOperators.EQUAL), (DAYS, RangeOperators.OVERLAPS)],
                condition=Q(is_responsible=True),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_responsible_person_is_licensed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("is_responsible", "valid_from", "practitioner_id", "facility_id"),
                condition=pgtrigger.Q(new__is_responsible=True),
                func=LICENSED_ON_THE_FIRST_DAY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}: {self.facility}"
