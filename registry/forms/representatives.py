from registry.accounts.forms import CreateUserForm


class AccountForm(CreateUserForm):
    """A new account for somebody of an operator."""

    class Meta(CreateUserForm.Meta):
        fields = ("username", "first_name", "last_name", "email")  # type: ignore[assignment]

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        for name in ("first_name", "last_name"):
            self.fields[name].required = True
