import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from registry.accounts.models import User
from registry.accounts.permissions import check_may_manage_token
from registry.audit.actions import record
from registry.core.errors import Refused


@transaction.atomic
def create(*, user: User, by: User | None, at: datetime) -> str:
    """Give `user` a token for the API in place of an earlier one, and return it: it is not kept.

    Raises NotPermitted for another's token, Refused for a closed account.
    """
    check_may_manage_token(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Refused(_("This account is closed."), code="account_closed")
    token = secrets.token_urlsafe(32)
    Token.objects.filter(user=user).delete()
    Token.objects.create(user=user, key=digest(token))
    record(verb="api_token.created", subject=user, by=by, at=at)
    return token


@transaction.atomic
def revoke(*, user: User, by: User | None, at: datetime) -> None:
    """Make the token of `user` useless at once.

    Raises NotPermitted for another's token, Refused where there is none.
    """
    check_may_manage_token(by, user)
    if not Token.objects.filter(user=user).delete()[0]:
        raise Refused(_("There is no token to revoke."), code="no_token")
    record(verb="api_token.revoked", subject=user, by=by, at=at)


def digest(token: str) -> str:
    """What is kept of a token: 160 bits that tell it from any other and do not give it away."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]
