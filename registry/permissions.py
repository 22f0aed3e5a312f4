"""Who may do what in the register."""

from typing import Any

from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.areas.models import Area
from registry.core.errors import NotPermitted
from registry.models import Facility

KEEPERS_OF_FACILITIES = (Role.PROVINCIAL_MANAGER, Role.LICENSING_OFFICER)


def check_may_register(user: Any) -> None:
    """Where it may be is the question of `check_may_place`."""
    _check_keeps_facilities(user)


def check_may_edit(user: Any, facility: Facility) -> None:
    """A provincial manager within the own province, a licensing officer anywhere."""
    _check_keeps_facilities(user)
    _check_in_province(user, facility.province_id)


def check_may_place(user: Any, area: Area | None) -> None:
    """A provincial manager puts facilities into the own province, and nowhere else."""
    _check_in_province(user, area.province_id if area is not None else None)


def check_may_edit_operators(user: Any) -> None:
    """Operators work across provinces: whoever keeps facilities keeps them."""
    _check_keeps_facilities(user)


def check_may_appoint(user: Any) -> None:
    """To open and end accounts of an operator's people."""
    if not _is(user, Role.LICENSING_OFFICER, Role.ADMINISTRATOR):
        raise NotPermitted(
            _("Only licensing officers and administrators open accounts for operators."), code="not_an_appointer"
        )


def check_may_keep_practitioners(user: Any) -> None:
    """Practitioners move between provinces: whoever keeps facilities keeps them."""
    _check_keeps_facilities(user)


def check_may_import_register(user: Any) -> None:
    """The register of a council changes who may practise in the whole country."""
    if not _is(user, Role.ADMINISTRATOR):
        raise NotPermitted(_("Only an administrator imports the register of a council."), code="not_an_administrator")


def check_may_change_catalogue(user: Any) -> None:
    if not _is(user, Role.ADMINISTRATOR):
        raise NotPermitted(_("Only an administrator changes the catalogue."), code="not_an_administrator")


def check_may_import(user: Any) -> None:
    """Of provincial managers, only rows of their own province are taken: the import refuses the others one by one."""
    if not _is(user, Role.ADMINISTRATOR, *KEEPERS_OF_FACILITIES):
        raise NotPermitted(
            _("Only administrators, licensing officers and provincial managers import files."), code="not_an_importer"
        )


def check_may_declare(user: Any, person: User) -> None:
    """Everyone speaks for oneself; a manager for the people of the province; an administrator for everybody."""
    of_province = _is(user, Role.PROVINCIAL_MANAGER) and user.province_id == person.province_id
    if not (user == person or of_province or _is(user, Role.ADMINISTRATOR)):
        raise NotPermitted(_("You declare your own interests only."), code="interest_of_another")


def _check_keeps_facilities(user: Any) -> None:
    if not _is(user, *KEEPERS_OF_FACILITIES):
        raise NotPermitted(
            _("Only provincial managers and licensing officers change facilities."), code="not_a_keeper_of_facilities"
        )


def _check_in_province(user: Any, province_id: int | None) -> None:
    if user.role in PROVINCIAL_ROLES and province_id != user.province_id:
        raise NotPermitted(_("This place is not in your province."), code="another_province")


def _is(user: Any, *roles: Role) -> bool:
    return bool(user.is_authenticated and user.is_active and user.role in roles)
