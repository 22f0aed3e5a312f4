from typing import Any

from rest_framework.authentication import TokenAuthentication

from registry.accounts.actions.api_tokens import digest


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer <token>`; the table keeps digests only, so that a leaked copy opens nothing."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> Any:
        return super().authenticate_credentials(digest(key))
