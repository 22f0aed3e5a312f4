"""The portal with pages beside it that end in every way a page can fail."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path

from portal.urls import urlpatterns as portal_urls
from registry.core.errors import NotPermitted, Refused


def raising(exception):
    def view(request):
        raise exception

    return view


urlpatterns = [
    path("refused/", raising(Refused("The licence is already revoked.", code="wrong_state"))),
    path("not-permitted/", raising(NotPermitted("Only an approver may do this.", code="role"))),
    path("denied/", raising(PermissionDenied())),
    path("missing/", raising(Http404())),
    path("api/v1/refused/", raising(Refused("No.", code="wrong_state"))),
    path("broken/", raising(RuntimeError("secret detail"))),
    *portal_urls,
]
