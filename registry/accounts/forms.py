from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, STAFF_ROLES, Role
from registry.areas.models import Area
from registry.ui.forms import PageForm, PageModelForm


class SignInForm(AuthenticationForm):
    """Name and password. A wrong pair is refused without saying which of the two was wrong."""

    use_required_attribute = False
    error_messages = {
        "invalid_login": _("The name or the password is wrong. Check both and try again."),
        "inactive": _("This account is closed. Ask an administrator."),
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **options})
        self.fields["username"].label = _("User name")
        self.fields["username"].error_messages["required"] = _("Enter your user name.")
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["username"].widget.attrs["spellcheck"] = "false"
        self.fields["password"].label = _("Password")
        self.fields["password"].error_messages["required"] = _("Enter your password.")


class ChangePasswordForm(PasswordChangeForm):
    """The old password once and the new one twice."""

    use_required_attribute = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **options})
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        for name, label in (
            ("old_password", _("Present password")),
            ("new_password1", _("New password")),
            ("new_password2", _("New password again")),
        ):
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = _("Enter a password.")
        self.fields["new_password1"].help_text = _(
            "At least 12 characters, not only digits, and not a well-known password."
        )
        self.fields["new_password2"].help_text = ""


class ChangeUserForm(PageModelForm):
    """Who a person is and what they may do."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "role", "province")
        help_texts = {"province": _("For inspectors and provincial managers: they see this province only.")}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "role" not in self.fields:
            return
        roles = (Role.OPERATOR,) if self.instance.role == Role.OPERATOR else STAFF_ROLES
        self.fields["role"].choices = [("", "–"), *((role.value, role.label) for role in roles)]  # type: ignore[attr-defined]
        self.fields["province"].queryset = Area.objects.provinces().filter(valid_to=None).order_by("sort_key")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "role" not in self.fields:
            return cleaned
        if cleaned.get("role") not in PROVINCIAL_ROLES:
            cleaned["province"] = None
        elif "province" in cleaned and cleaned["province"] is None:
            self.add_error("province", _("Choose the province of this person."))
        return cleaned


class CreateUserForm(ChangeUserForm):
    """A new account. The user name stays as it is for ever, because the history speaks of it."""

    class Meta(ChangeUserForm.Meta):
        fields = ("username", *ChangeUserForm.Meta.fields)  # type: ignore[assignment]
        labels = {"username": _("User name")}
        help_texts = ChangeUserForm.Meta.help_texts | {
            "username": _("Letters, digits and @ . + - _ only. It cannot be changed later.")
        }

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody else has this user name."), code="username_taken")
        return username


class CloseUserForm(PageForm):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
