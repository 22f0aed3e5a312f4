"""Where a facility itself shows that something is put right: no account, an address from the receipt of its visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from inspections.actions import corrective_actions
from inspections.forms.corrective_actions import EvidenceForm
from inspections.models import CorrectiveAction
from inspections.policies import check_is_open
from registry.core.errors import Refused, passes
from registry.ui.throttles import StrangerThrottle

throttle = StrangerThrottle("evidence", rate="20/hour")


@never_cache
def give(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Shows what was found, by when it is to be put right and where that stands, and nothing else of the register."""
    action = get_object_or_404(CorrectiveAction.objects.select_related("finding"), uuid=uuid)
    if request.method == "POST" and not throttle.lets_through(request):
        return render(request, "429.html", status=429)
    form, status = EvidenceForm(request.POST or None, request.FILES or None), 200
    if form.is_valid():
        try:
            corrective_actions.give_evidence(action=action, **form.cleaned_data, by=None, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(
                request, _("Thank you. Your evidence has arrived; the provincial health department looks at it.")
            )
            return redirect("evidence", uuid=uuid)
    context = {
        "form": form,
        "open": passes(check_is_open, action),
        "facts": [
            (_("What was found"), action.finding.text),
            (_("To be put right by"), action.due_on),
            (_("State"), action.get_state_display()),
        ],
    }
    response = render(request, "inspections/evidence_give.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
