import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import OfFacilityQuerySet
from inspections.states import REQUEST_TRANSITIONS, RequestState
from registry.core.history import keep_history
from registry.models import Facility


@keep_history()
class ReinspectionRequest(models.Model):
    """That a facility, having put things right, asks to be inspected again."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="reinspection_requests")
    state = models.CharField(_("state"), max_length=8, choices=RequestState, default=RequestState.WAITING)
    asked_on = models.DateField(_("asked on"))
    asked_by_name = models.CharField(_("who asks"), max_length=200)
    text = models.TextField(_("what was put right"))
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, related_name="reinspection_request")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for re-inspection")
        verbose_name_plural = _("requests for re-inspection")
        constraints = [
            models.UniqueConstraint(
                fields=["facility"], condition=Q(state=RequestState.WAITING), name="one_waiting_request_per_facility"
            ),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=RequestState.WAITING, decided_at=None, decided_by=None)
                | Q(~Q(state=RequestState.WAITING), decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_request_names_who_decided",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.GRANTED, visit__isnull=False)
                | Q(~Q(state=RequestState.GRANTED), visit=None),
                name="a_granted_request_has_its_visit",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.DECLINED) | ~Q(reason=""), name="a_declined_request_has_a_reason"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="requests_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="request_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in REQUEST_TRANSITIONS.items() for b in reached],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.asked_on}"
