from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from licensing.states import (
    AT_THE_AUTHORITY,
    ENDED_EARLY,
    NEXT_PART,
    ONCE_IN_FORCE,
    RENEWABLE_DAYS,
    ApplicationState,
    ConditionState,
    InvoiceState,
    LicenceState,
    Part,
)
from registry.accounts.querysets import within_scope
from registry.accounts.states import PROVINCIAL_ROLES, STAFF_ROLES, Role
from registry.states import Authority

REVIEWING_ROLES = (Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER)
DECIDING_ROLES = (Role.APPROVER, Role.PROVINCIAL_MANAGER)
REVIEWED_NOW = (ApplicationState.UNDER_REVIEW, ApplicationState.VISIT_REQUESTED)


class CatalogueQuerySet(models.QuerySet[Any]):
    """Licence types: every member of the staff may read them."""

    def visible_to(self, user: Any) -> "CatalogueQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()


class LicenceTermsQuerySet(CatalogueQuerySet):
    def in_force(self, on: date) -> "LicenceTermsQuerySet":
        """Of each type of licence the terms that hold on that day: the newest that began."""
        newest = self.model._default_manager.filter(type=OuterRef("type"), valid_from__lte=on)
        return self.filter(pk=Subquery(newest.order_by("-valid_from").values("pk")[:1]))


class WithdrawableQuerySet(CatalogueQuerySet):
    """Reasons for refusal and advisers."""

    def offered(self, on: date) -> "WithdrawableQuerySet":
        """Those that may be chosen on that day."""
        return self.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=on))


class OfTermsQuerySet(CatalogueQuerySet):
    """Documents and fees, read with the terms that they belong to."""


class GrantQuerySet(models.QuerySet[Any]):
    """Licences and authorisations for services."""

    def visible_to(self, user: Any) -> "GrantQuerySet":
        return within_scope(self, user, province="facility__province", operator="facility__operator")  # type: ignore[return-value]

    def in_force(self, on: date) -> "GrantQuerySet":
        """Both the first and the last day belong to the period; what is suspended on that day is not in force."""
        suspended = Q(suspensions__from_on__lte=on) & (Q(suspensions__ends_on=None) | Q(suspensions__ends_on__gt=on))
        return self.within_period(on).exclude(pk__in=self.model._default_manager.filter(suspended).values("pk"))

    def within_period(self, on: date) -> "GrantQuerySet":
        """Suspended or not."""
        return self.filter(state__in=ONCE_IN_FORCE, valid_from__lte=on, last_day__gte=on)

    def lapsed(self, as_of: date) -> "GrantQuerySet":
        """Past their last day, whether or not the nightly sweep has said so yet."""
        ran_out = (LicenceState.ISSUED, LicenceState.SUSPENDED, LicenceState.EXPIRED)
        return self.filter(state__in=ran_out, last_day__lt=as_of)

    def renewable(self, on: date) -> "GrantQuerySet":
        """In their last 120 days, or lapsed; of each site only the newest."""
        newer = self.model._default_manager.filter(
            facility=OuterRef("facility"), state__in=ONCE_IN_FORCE, valid_from__gt=OuterRef("valid_from")
        )
        due = self.filter(state__in=ONCE_IN_FORCE, valid_until__lte=on + timedelta(days=RENEWABLE_DAYS))
        return due.exclude(state__in=ENDED_EARLY).filter(~Exists(newer))

    def waiting_for_approval(self) -> "GrantQuerySet":
        return self.filter(state=LicenceState.RECORDED)


class OfGrantQuerySet(models.QuerySet[Any]):
    """Suspensions and conditions, seen by whoever sees the licence or the authorisation."""

    def visible_to(self, user: Any) -> "OfGrantQuerySet":
        paths = ("licence__facility", "authorisation__facility")
        seen = [
            within_scope(self, user, province=f"{path}__province", operator=f"{path}__operator").values("pk")
            for path in paths
        ]
        return self.filter(Q(pk__in=seen[0]) | Q(pk__in=seen[1]))

    def overdue(self, as_of: date) -> "OfGrantQuerySet":
        """Conditions that should have been met before that day."""
        return self.filter(state=ConditionState.OPEN, due_on__lt=as_of)


class ApplicationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """An operator's own, drafts included; what was handed in and drafts of the staff for the ministry, and for a
        province those about its sites, also where a new site is not on the register yet."""
        if getattr(user, "role", "") == Role.OPERATOR:
            return within_scope(self, user, province="", operator="operator")  # type: ignore[return-value]
        seen = within_scope(self, user, province="facility__province")
        if getattr(user, "role", "") in PROVINCIAL_ROLES and user.is_active and user.province is not None:
            of_new_site = Q(facility=None, proposal__area__startswith=user.province.code)
            mine = Q(facility=None, created_by=user)
            seen = self.filter(Q(facility__province=user.province_id) | of_new_site | mine)
        return seen.exclude(state=ApplicationState.DRAFT, created_by__role=Role.OPERATOR)  # type: ignore[return-value]

    def at_the_authority(self) -> "ApplicationQuerySet":
        return self.filter(state__in=AT_THE_AUTHORITY)

    def waiting_for(self, user: Any) -> "ApplicationQuerySet":
        """What this person of the authority is to do next: my reviews and what nobody has, what I may sign next.

        Of what the ministry licenses for its own people, of what a province licenses for its managers too. What I
        signed in another part is somebody else's; so is what waits for the applicant.
        """
        decides, reviews = user.role in DECIDING_ROLES, user.role in REVIEWING_ROLES
        waiting = Q(pk__in=[])
        if reviews:
            free = Q(reviewer=None) | Q(reviewer=user)
            waiting |= Q(state=ApplicationState.SUBMITTED) | Q(state__in=REVIEWED_NOW) & free
            waiting |= Q(state=ApplicationState.REVIEWED) & ~Q(reviewer=user)
        if decides:
            waiting |= Q(state=ApplicationState.RECOMMENDED)
        if user.role == Role.APPROVER:
            waiting |= Q(state=ApplicationState.APPROVED)
        rows = self.visible_to(user).filter(waiting)
        if user.role == Role.PROVINCIAL_MANAGER:
            rows = rows.filter(type__authority=Authority.PROVINCE)
        signed = self.model._meta.get_field("signatures").related_model._default_manager.filter(person=user)
        parts = (When(state=state, then=Value(part)) for state, part in NEXT_PART.items())
        another = signed.filter(application=OuterRef("pk")).exclude(part=OuterRef("next_part"))
        return rows.alias(next_part=Case(*parts, default=Value(Part.REVIEW))).filter(~Exists(another))

    def overdue(self, as_of: date) -> "ApplicationQuerySet":
        return self.at_the_authority().filter(due_on__lt=as_of)


class OfApplicationQuerySet(models.QuerySet[Any]):
    """What belongs to an application is seen by whoever sees the application."""

    def visible_to(self, user: Any) -> "OfApplicationQuerySet":
        application = self.model._meta.get_field("application").related_model
        return self.filter(application__in=application._default_manager.visible_to(user))


class InvoiceQuerySet(OfApplicationQuerySet):
    def unpaid(self, as_of: date) -> "InvoiceQuerySet":
        return self.filter(state=InvoiceState.OPEN, due_on__lt=as_of)


class OfInvoiceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OfInvoiceQuerySet":
        invoice = self.model._meta.get_field("invoice").related_model
        return self.filter(invoice__in=invoice._default_manager.visible_to(user))


class RefundQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "RefundQuerySet":
        payment = self.model._meta.get_field("payment").related_model
        return self.filter(payment__in=payment._default_manager.visible_to(user))


class CertificateQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "CertificateQuerySet":
        path = "licence__facility"
        return within_scope(self, user, province=f"{path}__province", operator=f"{path}__operator")  # type: ignore[return-value]

    def newest(self) -> "CertificateQuerySet":
        """Of each licence the one that replaced those before it."""
        return self.order_by("licence", "-id").distinct("licence")


class RenewalReminderQuerySet(CertificateQuerySet):
    """Seen, as certificates are, by whoever sees the licence."""


class SigningKeyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "SigningKeyQuerySet":
        """Public keys are public; their lives are kept by administrators and read by auditors."""
        known = user.is_authenticated and user.is_active
        return self if known and user.role in (Role.ADMINISTRATOR, Role.AUDITOR) else self.none()

    def signing(self, at: datetime) -> "SigningKeyQuerySet":
        """Those that sign at that moment, the newest first."""
        return self.filter(Q(retired_at=None) | Q(retired_at__gt=at), valid_from__lte=at).order_by("-valid_from", "-id")

    def trusted(self) -> "SigningKeyQuerySet":
        """Those whose signatures count."""
        return self.filter(revoked_at=None)
