"""The letters that leave the register, for those who see to it that they do."""

from typing import Any, cast

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from registry.accounts.models import User
from registry.core.errors import passes
from registry.outbox import actions, permissions, policies, rules
from registry.outbox.filters import LetterFilterSet
from registry.outbox.models import Letter
from registry.ui.lists import Column, ListPage


def address(letter: Letter) -> str:
    return reverse("letter-detail", args=[letter.pk])


def about(letter: Letter) -> str:
    return rules.title(letter.kind)


def sent_to(letter: Letter) -> str:
    return _("in confidence") if letter.kind in rules.in_confidence() else letter.address


def failure(letter: Letter) -> str:
    """What the post office said, which may repeat the address."""
    return _("in confidence") if letter.failure and letter.kind in rules.in_confidence() else letter.failure


class LetterList(ListPage):
    model = Letter
    title = gettext_lazy("Letters")
    lead = gettext_lazy("What leaves the register by e-mail, SMS or Telegram, and whether it has left.")
    filterset_class = LetterFilterSet
    columns = (
        Column("at", gettext_lazy("Written"), "posted_at", sort="posted_at", kind="date"),
        Column("about", gettext_lazy("About"), about, link=address),
        Column("subject", gettext_lazy("Subject"), page=False),
        Column("channel", gettext_lazy("Channel")),
        Column("address", gettext_lazy("Address"), sent_to),
        Column("facility", gettext_lazy("Facility"), "facility_number"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("attempts", gettext_lazy("Attempts"), kind="number", page=False),
        Column("sent_at", gettext_lazy("Sent"), kind="date", page=False),
        Column("failure", gettext_lazy("Last failure"), failure, page=False),
    )
    default_sort = "-at"
    empty_state = gettext_lazy("No letter has been written yet")

    def check_may_see(self, user: Any) -> None:
        permissions.check_may_see_letters(user)


@login_required
@require_safe
def letter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    permissions.check_may_see_letters(request.user)
    letter = _letter(request, pk)
    rows = [
        (_("Written"), letter.posted_at),
        (_("Channel"), letter.get_channel_display()),
        (_("Address"), sent_to(letter)),
        (_("Facility"), letter.facility_number or "–"),
        (_("State"), letter.get_state_display()),
        (_("Attempts"), letter.attempts),
        (_("Sent"), letter.sent_at or "–"),
        (_("Last failure"), failure(letter) or "–"),
        (_("Reference"), letter.uuid),
    ]
    context = {
        "letter": letter,
        "title": about(letter),
        "rows": rows,
        "may_send_again": passes(permissions.check_may_send_again, request.user)
        and passes(policies.check_can_send_again, letter),
        "breadcrumbs": [(LetterList.title, reverse("letter-list")), (about(letter), "")],
    }
    return render(request, "outbox/letter_detail.html", context)


@login_required
@require_POST
def letter_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    permissions.check_may_send_again(request.user)
    letter = actions.send_again(letter=_letter(request, pk), by=cast(User, request.user), at=timezone.now())
    notices.success(request, _("The letter is sent again within a minute."))
    return redirect(address(letter))


def _letter(request: HttpRequest, pk: int) -> Letter:
    letter: Letter = get_object_or_404(Letter.objects.all().visible_to(request.user), pk=pk)
    return letter
