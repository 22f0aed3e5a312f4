"""One's own messages. Opening a page changes nothing: what is read is said by a button, or by htmx for the reader."""

from typing import Any, cast

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from registry.accounts.models import User
from registry.outbox import actions, rules
from registry.outbox.filters import MessageFilterSet
from registry.outbox.forms import PreferenceForm
from registry.outbox.models import Message, Preference
from registry.ui.lists import Column, ListAction, ListPage


def address(message: Message) -> str:
    return reverse("message-detail", args=[message.pk])


def subject(message: Message) -> str:
    return rules.words(message.kind, message.context)[0]


def text(message: Message) -> str:
    return rules.words(message.kind, message.context)[1]


def state(message: Message) -> str:
    return _("Read") if message.read_at else _("Unread")


class MessageList(ListPage):
    model = Message
    title = gettext_lazy("Messages")
    lead = gettext_lazy("What the register has told you.")
    template_name = "outbox/message_list.html"
    filterset_class = MessageFilterSet
    columns = (
        Column("at", gettext_lazy("Received"), "posted_at", sort="posted_at", kind="date"),
        Column("subject", gettext_lazy("Subject"), subject, link=address),
        Column("text", gettext_lazy("Text"), text, page=False),
        Column("facility", gettext_lazy("Facility"), "facility_number"),
        Column("state", gettext_lazy("State"), state),
    )
    default_sort = "-at"
    empty_state = gettext_lazy("You have no messages")

    def actions_for(self, user: Any) -> list[ListAction]:
        return [ListAction(reverse("letter-preference"), _("How I am written to"))]


@login_required
@never_cache
@require_safe
def message_detail(request: HttpRequest, pk: int) -> HttpResponse:
    message = _mine(request, pk)
    title, text = rules.words(message.kind, message.context)
    breadcrumbs = [(MessageList.title, reverse("message-list")), (title, "")]
    context = {"message": message, "title": title, "text": text, "breadcrumbs": breadcrumbs}
    return render(request, "outbox/message_detail.html", context)


@login_required
@require_POST
def message_read(request: HttpRequest, pk: int) -> HttpResponse:
    """The message is read; on to what it speaks of."""
    message = actions.read(message=_mine(request, pk), by=_me(request), at=timezone.now())
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect(message.link or "message-list")


@login_required
@require_POST
def message_read_all(request: HttpRequest) -> HttpResponse:
    read = actions.read_all(by=_me(request), at=timezone.now())
    notices.success(
        request,
        ngettext("%(number)d message is marked as read.", "%(number)d messages are marked as read.", read)
        % {"number": read},
    )
    return redirect("message-list")


@login_required
@never_cache
def letter_preference(request: HttpRequest) -> HttpResponse:
    """In which language and by which ways I am written to."""
    preference = Preference.objects.filter(person=_me(request)).first() or Preference(person=_me(request))
    form = PreferenceForm(request.POST if request.method == "POST" else None, instance=preference)
    if form.is_valid():
        actions.prefer(**form.cleaned_data, by=_me(request))
        notices.success(request, _("You will be written to like this from now on."))
        return redirect("letter-preference")
    breadcrumbs = [(MessageList.title, reverse("message-list")), (_("How I am written to"), "")]
    return render(request, "outbox/letter_preference.html", {"form": form, "breadcrumbs": breadcrumbs})


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _mine(request: HttpRequest, pk: int) -> Message:
    message: Message = get_object_or_404(Message.objects.all().visible_to(request.user), pk=pk)
    return message
