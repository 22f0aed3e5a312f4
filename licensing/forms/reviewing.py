"""What the staff types at the desk. Every form carries what it was made from, so that nobody acts on an old page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inspections.models import ChecklistVersion
from licensing.models import AdviceBody, Application, ApplicationDocument, RefusalReason
from licensing.policies.decisions import objections
from licensing.states import AdviceOpinion, Opinion
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.numbers import normalised
from registry.models import Facility
from registry.states import Authority
from registry.ui.forms import CodeField, DayField, PageForm

LINES = forms.Textarea(attrs={"rows": 5})
ADVICE_DAYS = 14


class DeskForm(PageForm):
    """The base of the forms about one application."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, application: Application, user: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.application, self.user = application, user
        self.fields["seen"].initial = application.token

    def look_again(self, application: Application) -> None:
        """What was typed stays, and is sent the next time with the application as it now is."""
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["seen"] = application.token


class NoteForm(DeskForm):
    note = forms.CharField(label=_("Note"), widget=LINES, required=False)


class WhyForm(DeskForm):
    reason = forms.CharField(label=_("Reason"), help_text=_("It is kept in the history."), widget=LINES)


class QuestionForm(DeskForm):
    text = forms.CharField(label=_("Question"), help_text=_("The applicant reads it as you write it."), widget=LINES)


class ReleaseForm(DeskForm):
    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who goes on with the review?"),
        required=False,
        empty_label=_("Whoever takes it up"),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        reviewers = User.objects.filter(role=Role.LICENSING_OFFICER)
        type, site = self.application.type, self.application.facility
        if type is not None and type.authority == Authority.PROVINCE and site is not None:
            reviewers |= User.objects.filter(role=Role.PROVINCIAL_MANAGER, province=site.province_id)
        reviewers = reviewers.filter(is_active=True).exclude(pk=self.application.reviewer_id)
        self.fields["to"].queryset = reviewers.order_by("username")  # type: ignore[attr-defined]


class AskAdviceForm(DeskForm):
    body = forms.ModelChoiceField(
        AdviceBody.objects.none(), label=_("Adviser"), empty_label=None, widget=forms.RadioSelect
    )
    question = forms.CharField(label=_("Question"), widget=LINES, required=False)
    due_on = DayField(label=_("Wanted by"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        today = timezone.localdate()
        offered = AdviceBody.objects.offered(today).order_by("code")
        self.fields["body"].queryset = offered  # type: ignore[attr-defined]
        self.fields["due_on"].initial = today + timedelta(days=ADVICE_DAYS)


class AdviceForm(DeskForm):
    opinion = forms.ChoiceField(label=_("Advice"), choices=AdviceOpinion.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("In their words"), widget=LINES, required=False)


class VisitForm(DeskForm):
    """The province says who goes."""

    checklist_version = forms.ModelChoiceField(
        ChecklistVersion.objects.none(), label=_("Checklist"), empty_label=None, widget=forms.RadioSelect
    )
    planned_on = DayField(label=_("Wanted by"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        site = self.application.facility
        versions = ChecklistVersion.objects.published().filter(checklist__facility_types=site and site.type_id)
        offered = versions.select_related("checklist").order_by("checklist__code")
        self.fields["checklist_version"].queryset = offered  # type: ignore[attr-defined]


class LinkForm(DeskForm):
    """The site is on the register already."""

    facility = CodeField(label=_("Number of the facility"))

    def clean_facility(self) -> Facility:
        number = normalised(self.cleaned_data["facility"])
        found: Facility | None = Facility.objects.visible_to(self.user).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no facility with this number."))
        return found


class DocumentsForm(DeskForm):
    """Each document: in order or not, and a remark."""

    mark_optional = False
    IN_ORDER, NOT_IN_ORDER = "yes", "no"

    def __init__(self, *arguments: Any, documents: list[ApplicationDocument], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.documents = documents
        for document in documents:
            said = {None: "", True: self.IN_ORDER, False: self.NOT_IN_ORDER}[document.accepted]
            self.fields[f"accepted_{document.pk}"] = forms.ChoiceField(
                label=str(document),
                choices=[(self.IN_ORDER, _("In order")), (self.NOT_IN_ORDER, _("Not in order"))],
                widget=forms.RadioSelect,
                required=False,
                initial=said,
            )
            self.fields[f"remark_{document.pk}"] = forms.CharField(
                label=_("Remark"), required=False, initial=document.remark, widget=forms.Textarea(attrs={"rows": 2})
            )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        verdicts = {
            document: (said == self.IN_ORDER, sent.pop(f"remark_{document.pk}", "").strip())
            for document in self.documents
            if (said := sent.pop(f"accepted_{document.pk}", ""))
        }
        return {"seen": sent.get("seen"), "verdicts": verdicts}


class RecommendForm(DeskForm):
    opinion = forms.ChoiceField(label=_("Recommendation"), choices=Opinion.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("Why"), widget=LINES)
    on_objections = forms.CharField(
        label=_("What becomes of the objections?"),
        help_text=_("An adviser objects. Say why it should be granted all the same."),
        widget=LINES,
        required=False,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not objections(self.application):
            del self.fields["on_objections"]


class RefuseForm(DeskForm):
    reasons = forms.ModelMultipleChoiceField(
        RefusalReason.objects.none(), label=_("Reasons"), widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(label=_("Explanation"), help_text=_("The applicant reads it as you write it."), widget=LINES)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        offered = RefusalReason.objects.offered(timezone.localdate()).order_by("code")
        self.fields["reasons"].queryset = offered  # type: ignore[attr-defined]
