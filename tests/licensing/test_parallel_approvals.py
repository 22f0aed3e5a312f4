"""Many approvers at once: one licence comes out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from licensing.actions import licences
from licensing.models import Licence
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from tests.factories import NOW, a_facility, a_facility_type, a_licence, a_licence_type, a_user

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


@pytest.mark.parametrize("waiting", [1, THREADS], ids=["one licence", "overlapping licences"])
def test_parallel_approvals_give_one_licence_in_force(waiting):
    a_licence_type().facility_types.add(a_facility_type())
    facility = a_facility()
    recorded = [
        a_licence(facility, valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31), state=LicenceState.RECORDED)
        for _ in range(waiting)
    ]
    approvers = [a_user(Role.APPROVER) for _ in range(THREADS)]
    start = Barrier(THREADS)

    def approve(number: int) -> str:
        try:
            start.wait()
            licences.approve(licence=recorded[number % waiting], by=approvers[number], at=NOW)
            return "approved"
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(approve, range(THREADS)))

    assert answers.count("approved") == 1
    assert set(answers) == {"approved", "wrong_state" if waiting == 1 else "licences_overlap"}
    assert Licence.objects.filter(state=LicenceState.ISSUED).count() == 1
    assert AuditEvent.objects.filter(verb="licence.approved").count() == 1
