"""Licence types that every installation begins with."""

import pytest

from licensing.actions import licence_types
from licensing.models import LicenceType
from registry.accounts.states import Role
from registry.actions import catalogue
from registry.core.errors import NotPermitted
from registry.models import FacilityType
from tests.factories import NOW, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def facility_types():
    catalogue.load(by=None, at=NOW)


def test_every_facility_type_that_needs_a_licence_has_one_of_its_own_authority_and_no_other(facility_types):
    licence_types.load(by=None, at=NOW)
    for type in FacilityType.objects.prefetch_related("licence_types"):
        authorities = [licence.authority for licence in type.licence_types.all()]
        assert authorities == ([type.authority] if type.licence_needed else []), type.code


def test_loading_twice_changes_nothing(facility_types):
    assert licence_types.load(by=None, at=NOW).total() == LicenceType.objects.count()
    LicenceType.objects.filter(code="clinic_licence").update(name_en="Licence of a small clinic")
    assert set(licence_types.load(by=None, at=NOW)) == {"unchanged"}
    assert LicenceType.objects.get(code="clinic_licence").name_en == "Licence of a small clinic"
    assert licence_types.load_reviewing(by=None, at=NOW)["created"] > 0
    assert set(licence_types.load_reviewing(by=None, at=NOW)) == {"unchanged"}


def test_only_administrators_load_them_by_name(facility_types):
    with pytest.raises(NotPermitted):
        licence_types.load(by=a_user(Role.LICENSING_OFFICER), at=NOW)
