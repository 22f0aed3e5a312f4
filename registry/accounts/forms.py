from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _


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
