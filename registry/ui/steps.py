"""The page before a step in the life of a thing: it says what will happen, and asks once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise

from registry.core.errors import Refused
from registry.ui.forms import PageForm

Text = str | Promise


@dataclass(frozen=True)
class Step:
    """One verb: the action behind it, what is checked before it is offered, what it asks for, and what its page says.

    `act` is called with the thing under the name `noun`, what the form asked for, `by` and `at`. `check` raises
    NotPermitted or Refused. `is_grave`: something is taken away, or cannot be undone.
    """

    noun: str
    act: Callable[..., Any]
    check: Callable[[Any, Any], None]
    form: type[PageForm]
    title: Text
    question: Text
    consequence: Callable[[Any], str]
    done: Text
    is_grave: bool = True


def take(
    request: HttpRequest,
    thing: Any,
    step: Step,
    *,
    address: str,
    facts: Sequence[tuple[Any, Any]],
    breadcrumbs: Sequence[tuple[Any, str | None]],
    reasons: Sequence[str] = (),
) -> HttpResponse:
    """Ask, then act and go to `address`. What the law refuses comes back on the page with what was typed.

    `facts` are shown above the question; `reasons` are sentences that explain what the step rests on.
    """
    step.check(request.user, thing)
    form = step.form(request.POST, request.FILES) if request.method == "POST" else step.form()
    status = 200
    if form.is_valid():
        try:
            step.act(**{step.noun: thing}, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, str(step.done))
            return redirect(address)
    context = {
        "thing": thing,
        "step": step,
        "consequence": step.consequence(thing),
        "reasons": reasons,
        "form": form,
        "cancel": address,
        "facts": facts,
        "breadcrumbs": [*breadcrumbs, (step.title, "")],
    }
    return render(request, "ui/step.html", context, status=status)
