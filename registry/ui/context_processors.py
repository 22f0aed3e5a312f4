"""What the base template asks on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


def page(request: HttpRequest) -> dict[str, Any]:
    """Whether this is a demonstration, and the service navigation of the person who asks."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "navigation": SimpleLazyObject(lambda: navigation(request)),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's navigation (`text`, `href`, `current`), from the setting NAVIGATION: a function of a user."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = []
    for text, name in import_string(getattr(settings, "NAVIGATION", "portal.navigation.items"))(user):
        try:
            items.append({"text": text, "href": reverse(name), "current": False})
        except NoReverseMatch:
            continue
    under = [item for item in items if request.path.startswith(item["href"])]
    if under:
        nearest = max(under, key=lambda item: len(item["href"]))
        nearest["current"] = nearest["href"] != "/" or request.path == "/"
    return items
