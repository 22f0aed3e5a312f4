from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.catalogue import Catalogue
from registry.models.facility import Facility
from registry.querysets import EquipmentQuerySet


class EquipmentKind(Catalogue):
    """A kind of device that services depend on."""

    needs_calibration = models.BooleanField(_("needs calibration"))

    class Meta:
        verbose_name = _("kind of equipment")
        verbose_name_plural = _("kinds of equipment")


@keep_history()
class Equipment(models.Model):
    """One device in a facility, from its first day there until it is withdrawn."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="equipment", verbose_name=_("facility"))
    kind = models.ForeignKey(EquipmentKind, models.PROTECT, related_name="equipment", verbose_name=_("kind"))
    maker = models.CharField(_("maker"), max_length=120)
    model = models.CharField(_("model"), max_length=120, blank=True)
    serial = models.CharField(_("serial number"), max_length=80)
    installed_on = models.DateField(_("in use since"))
    approval_number = models.CharField(_("approval, number"), max_length=60, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    calibration_due_on = models.DateField(
        _("calibration due on"), null=True, blank=True, help_text=_("The last day on which the calibration holds.")
    )
    withdrawn_on = models.DateField(
        _("withdrawn on"), null=True, blank=True, help_text=_("The first day on which it is no longer used.")
    )

    objects = EquipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        indexes = [models.Index(fields=["calibration_due_on", "id"], name="equipment_by_calibration")]
        constraints = [
            models.UniqueConstraint(
                "kind", Upper("maker"), Upper("serial"), name="a_serial_number_names_one_device_of_a_maker"
            ),
            models.CheckConstraint(condition=~Q(maker="") & ~Q(serial=""), name="equipment_is_named"),
            models.CheckConstraint(
                condition=Q(approval_number="", approved_on=None)
                | (~Q(approval_number="") & Q(approved_on__isnull=False)),
                name="an_approval_has_a_number_and_a_day",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("installed_on")),
                name="equipment_is_withdrawn_after_it_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.maker} {self.serial}"
