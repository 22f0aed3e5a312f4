from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.areas.models import Area, OperationalDistrict
from registry.core.history import keep_history
from registry.models.catalogue import FacilityType, Service
from registry.models.operator import Operator
from registry.querysets import FacilityQuerySet, OfFacilityQuerySet
from registry.states import OperationalStatus, Ownership


@keep_history(exclude=["number", "brand_key", "phone_key", "search_key", "sort_key"])
class Facility(models.Model):
    """One site where health care is given, or is suspected to be given, to people."""

    number = models.GeneratedField(
        verbose_name=_("number"),
        # ISO 7064 MOD 97-10: the last two digits catch every wrong digit and every swap of neighbours.
        expression=RawSQL("'KH' || lpad(id::text, 7, '0') || lpad((98 - mod(id * 100, 97))::text, 2, '0')", ()),
        output_field=models.CharField(max_length=11),
        db_persist=True,
        unique=True,
    )
    name_km = models.CharField(_("name in Khmer"), max_length=250, blank=True)
    name_en = models.CharField(_("name in Latin letters"), max_length=250, blank=True)
    type = models.ForeignKey(
        FacilityType, models.PROTECT, db_index=False, related_name="facilities", verbose_name=_("type")
    )
    ownership = models.CharField(_("ownership"), max_length=8, choices=Ownership)
    operator = models.ForeignKey(
        Operator, models.PROTECT, null=True, blank=True, related_name="facilities", verbose_name=_("operator")
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area"))
    province = models.ForeignKey(
        Area, models.PROTECT, db_index=False, null=True, editable=False, related_name="+", verbose_name=_("province")
    )
    operational_district = models.ForeignKey(
        OperationalDistrict,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="facilities",
        verbose_name=_("operational district"),
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    point_accuracy_m = models.PositiveIntegerField(_("accuracy of the point in metres"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("beds"), null=True, blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    brand = models.CharField(
        _("brand"),
        max_length=120,
        blank=True,
        db_default="",
        help_text=_("The name on the sign, where a chain uses it."),
    )
    brand_key = models.GeneratedField(
        expression=RawSQL("lower(regexp_replace(brand, '[[:space:][:punct:]\u200b]', '', 'g'))", ()),
        output_field=models.CharField(max_length=120),
        db_persist=True,
    )
    """Facilities of one brand share it, however it is spaced and capitalised."""
    phone_key = models.GeneratedField(
        # The first number alone, written as inside the country.
        expression=RawSQL(
            "regexp_replace(regexp_replace(split_part(translate(phone, '/,;', '///'), '/', 1), '[^0-9]', '', 'g'),"
            " '^(00)?855', '0')",
            (),
        ),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    operational_status = models.CharField(
        _("operational status"), max_length=20, choices=OperationalStatus, editable=False
    )
    predecessor = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="successor", verbose_name=_("predecessor")
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    registered_at = models.DateTimeField(_("registered at"), editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    search_key = models.CharField(max_length=560, editable=False)
    sort_key = models.TextField(editable=False, db_collation="C")

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        indexes = [
            GinIndex(OpClass("search_key", "gin_trgm_ops"), name="facility_search_trigram"),
            models.Index(fields=["sort_key", "id"], name="facility_in_khmer_order"),
            models.Index(fields=["province", "sort_key", "id"], name="facility_of_province_in_order"),
            models.Index(fields=["type", "sort_key", "id"], name="facility_of_type_in_order"),
            models.Index(fields=["changed_at", "id"], name="facility_by_change"),
            models.Index(fields=["brand_key"], condition=~Q(brand_key=""), name="facility_by_brand"),
            models.Index(fields=["phone_key"], condition=~Q(phone_key=""), name="facility_by_phone"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name_km="", name_en=""), name="facility_has_a_name"),
            models.CheckConstraint(
                # A comparison with null is not false, and a constraint lets through what is not false.
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="point_is_whole_and_on_earth",
            ),
            models.CheckConstraint(condition=Q(ownership__in=Ownership.values), name="ownership_is_known"),
            models.CheckConstraint(
                condition=Q(operational_status__in=OperationalStatus.values), name="operational_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(area=None, province=None) | Q(area__isnull=False, province__isnull=False),
                name="province_follows_from_area",
            ),
            models.CheckConstraint(condition=~Q(predecessor=F("id")), name="facility_does_not_succeed_itself"),
            models.CheckConstraint(condition=Q(id__range=(1, 9_999_999)), name="key_fits_the_number"),
        ]

    def __str__(self) -> str:
        first, second = self.name_km, self.name_en
        return (first or second) if (get_language() or "").startswith("km") else (second or first)

    @property
    def point(self) -> tuple[Any, Any] | None:
        return None if self.latitude is None else (self.latitude, self.longitude)


@keep_history()
class FacilityIdentifier(models.Model):
    """The number by which another system knows a facility."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="identifiers")
    system = models.CharField(_("system"), max_length=60)
    value = models.CharField(_("identifier"), max_length=200)

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            # The value first, because search knows no system.
            models.UniqueConstraint(fields=["value", "system"], name="an_identifier_names_one_facility"),
            models.CheckConstraint(condition=~Q(system="") & ~Q(value=""), name="identifier_is_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.value}"


@keep_history()
class OperationalStatusChange(models.Model):
    """From which day a facility had which operational status, and why."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="status_changes")
    status = models.CharField(_("operational status"), max_length=20, choices=OperationalStatus)
    effective_on = models.DateField(_("from"), null=True, help_text=_("Empty: since before the register began."))
    reason = models.TextField(_("reason"), blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of operational status")
        verbose_name_plural = _("changes of operational status")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "effective_on"], nulls_distinct=False, name="one_status_change_a_day"
            ),
            models.CheckConstraint(condition=Q(status__in=OperationalStatus.values), name="status_change_is_known"),
            models.CheckConstraint(
                condition=Q(effective_on=None) | ~Q(reason=""), name="a_change_of_status_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.effective_on or ''}"


@keep_history()
class FacilityService(models.Model):
    """A service that a facility says it offers (declared; not yet seen on a visit, not an authorisation)."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="declared_services")
    service = models.ForeignKey(Service, models.PROTECT, related_name="declarations")
    declared_on = models.DateField(_("declared on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared service")
        verbose_name_plural = _("declared services")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "service"], condition=Q(withdrawn_on=None), name="a_service_is_declared_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("declared_on")),
                name="withdrawn_after_declared",
            ),
        ]

    def __str__(self) -> str:
        return str(self.service)
