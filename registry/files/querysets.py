from typing import Any

from django.db import models


class StoredFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "StoredFileQuerySet":
        """Files are seen through what refers to them, never by themselves."""
        return self.none()
