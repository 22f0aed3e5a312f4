"""Forms about who goes where, and with what interest."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import Campaign, ChecklistSection, ChecklistVersion, Visit
from inspections.policies import NOTE_LENGTH
from inspections.reports.planning import Candidate
from inspections.states import CampaignState, Purpose
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.models import Facility
from registry.ui.forms import DayField, PageForm

EVERYBODY = ""


class PlanForm(PageForm):
    """What is planned. A manager sends people of the province; an inspector goes alone."""

    inspector = forms.ModelChoiceField(label=gettext_lazy("Inspector"), queryset=User.objects.none())
    members = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Others in the team"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    planned_on = DayField(label=gettext_lazy("Day of the visit"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"),
        choices=[choice for choice in Purpose.choices if choice[0] not in (Purpose.BACK_CHECK, Purpose.REINSPECTION)],
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label="–"
    )
    checklist_version = forms.ModelChoiceField(
        label=gettext_lazy("Checklist"), queryset=ChecklistVersion.objects.none(), empty_label=None
    )
    announced = forms.BooleanField(label=gettext_lazy("The facility is told beforehand"), required=False)

    def __init__(
        self, *arguments: Any, facility: Facility, user: User, people: Sequence[Candidate], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        versions = ChecklistVersion.objects.published().filter(checklist__facility_types=facility.type_id)
        self.offer("checklist_version", versions.select_related("checklist").order_by("checklist__code"))
        campaigns = Campaign.objects.filter(state=CampaignState.RUNNING, targets__facility=facility)
        self.offer("campaign", campaigns.order_by("deadline"))
        fit = User.objects.filter(pk__in=[candidate.person.pk for candidate in people if not candidate.why_not])
        if user.role == Role.INSPECTOR:
            fit = fit.filter(pk=user.pk)
            self.fields["inspector"].initial = user
            self.fields["inspector"].empty_label = None  # type: ignore[attr-defined]
            del self.fields["members"]
        else:
            self.offer("members", fit.order_by("username"))
        self.offer("inspector", fit.order_by("username"))

    def offer(self, name: str, choices: Any) -> None:
        self.fields[name].queryset = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        sent["members"] = dict.fromkeys(sent.get("members", ()), ())
        return sent


class TeamForm(PageForm):
    """Who goes: one leads, others come along, and a section can belong to one of them."""

    planned_on = DayField(label=gettext_lazy("Day of the visit"))
    lead = forms.ModelChoiceField(
        label=gettext_lazy("Who leads the visit?"),
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    members = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who comes along?"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    announced = forms.BooleanField(label=gettext_lazy("The facility is told beforehand"), required=False)

    def __init__(
        self,
        *arguments: Any,
        visit: Visit,
        people: Sequence[Candidate],
        sections: Sequence[ChecklistSection],
        **options: Any,
    ) -> None:
        members = list(visit.members.all())
        initial = {
            "planned_on": visit.planned_on,
            "lead": visit.inspector_id,
            "members": [member.person_id for member in members if member.person_id != visit.inspector_id],
            "announced": visit.announced,
        }
        owners = {code: member.person_id for member in members for code in member.sections}
        super().__init__(*arguments, initial=initial, **options)
        work = {candidate.person.pk: candidate.in_words() for candidate in people}
        choices = User.objects.filter(pk__in=work).order_by("username")
        for name in ("lead", "members"):
            self.fields[name].queryset = choices  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda person: work[person.pk]  # type: ignore[attr-defined]
        if len(people) < 2:
            del self.fields["members"]
            sections = ()
        self.owned = bool(owners)
        self.sections = {f"section_{section.code}": section.code for section in sections}
        named = [(EVERYBODY, gettext_lazy("Everybody")), *((str(c.person.pk), str(c.person)) for c in people)]
        for section in sections:
            self.fields[f"section_{section.code}"] = forms.ChoiceField(
                label=str(section), choices=named, required=False, initial=owners.get(section.code, EVERYBODY)
            )
        if visit.state != "planned":
            del self.fields["planned_on"]

    def clean(self) -> dict[str, Any]:
        """A section belongs to somebody who goes."""
        sent = super().clean() or {}
        team = {person.pk: person for person in (*sent.get("members", ()), *filter(None, [sent.get("lead")]))}
        own: dict[int, list[str]] = {key: [] for key in team}
        for name, code in self.sections.items():
            owner = sent.pop(name, EVERYBODY)
            if owner and int(owner) not in own:
                self.add_error(name, gettext_lazy("This person is not in the team."))
            elif owner:
                own[int(owner)].append(code)
        sent["members"] = {person: own[key] for key, person in team.items()}
        return sent


class StatementForm(PageForm):
    answer = forms.ChoiceField(
        label=gettext_lazy("Do you have an interest in this facility?"),
        help_text=gettext_lazy(
            "For example, you or somebody of your family owns it, works or worked there, or owes it money."
        ),
        choices=[
            ("no", gettext_lazy("No: I state that I have no interest in this facility or in whoever operates it")),
            ("yes", gettext_lazy("Yes: I leave the team of this visit, and my interest is recorded")),
        ],
        widget=forms.RadioSelect,
    )
    nature = forms.CharField(
        label=gettext_lazy("What is the interest?"),
        help_text=gettext_lazy("Only where you have one."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if sent.get("answer") == "yes" and not sent.get("nature"):
            self.add_error("nature", gettext_lazy("Say what the interest is."))
        return sent
