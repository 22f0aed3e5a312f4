from typing import Any

from registry.accounts.states import Role


def has_role(user: Any, role: Role) -> bool:
    """Of an active account, and no other."""
    return bool(user.is_authenticated and user.is_active and user.role == role)
