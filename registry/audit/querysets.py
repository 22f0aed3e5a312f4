from typing import Any

from django.db import models


class AuditEventQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "AuditEventQuerySet":
        """Those who audit and administer read everything; others meet events on the pages of their subjects."""
        if user.is_active and getattr(user, "role", "") in ("auditor", "administrator"):
            return self
        return self.none()

    def of_facility(self, number: str) -> "AuditEventQuerySet":
        return self.filter(facility_number=number).order_by("-occurred_at", "-id")
