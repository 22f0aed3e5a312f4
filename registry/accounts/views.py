"""Signing in and out, one's own password and token for the API, and everybody's accounts for the administrator."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from registry.accounts.actions import api_tokens, users
from registry.accounts.filters import UserFilterSet
from registry.accounts.forms import (
    ChangePasswordForm,
    ChangeUserForm,
    CloseUserForm,
    CreateUserForm,
    SignInForm,
)
from registry.accounts.models import User
from registry.accounts.permissions import check_may_close, check_may_manage_people, check_may_read_people
from registry.accounts.policies import check_can_close
from registry.core.errors import passes
from registry.ui.lists import Column, ListAction, ListPage


class SignIn(views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class ChangePassword(views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def api_token(request: HttpRequest) -> HttpResponse:
    """Create or revoke the own token. A new one is in this one answer, and nowhere else."""
    user, token = _me(request), None
    if request.POST.get("revoke"):
        api_tokens.revoke(user=user, by=user, at=timezone.now())
        messages.success(request, _("Your token is revoked."))
        return redirect("api-token")
    if request.method == "POST":
        token = api_tokens.create(user=user, by=user, at=timezone.now())
    present = Token.objects.filter(user=user).first()
    return render(request, "accounts/api_token.html", {"token": token, "present": present})


sign_in = SignIn.as_view()
sign_out = views.LogoutView.as_view()
change_password = ChangePassword.as_view()


def user_address(user: User) -> str:
    return reverse("user-detail", args=[user.username])


class UserList(ListPage):
    model = User
    title = gettext_lazy("People")
    lead = gettext_lazy("Everybody with an account. Accounts are closed, never deleted: the history speaks of them.")
    filterset_class = UserFilterSet
    columns = (
        Column("username", gettext_lazy("User name"), sort="username", link=user_address),
        Column("name", gettext_lazy("Name"), User.get_full_name, sort=("last_name", "first_name")),
        Column("role", gettext_lazy("Role"), sort="role"),
        Column("province", gettext_lazy("Province"), sort="province__sort_key"),
        Column(
            "account",
            gettext_lazy("Account"),
            lambda user: gettext_lazy("Open") if user.is_active else gettext_lazy("Closed"),
            sort="is_active",
        ),
        Column("last_login", gettext_lazy("Last signed in"), sort="last_login", kind="date"),
    )
    default_sort = "username"
    empty_state = gettext_lazy("Nobody has an account yet")

    def check_may_see(self, user: Any) -> None:
        check_may_read_people(user)

    def queryset_for(self, user: Any) -> QuerySet[User]:
        return super().queryset_for(user).select_related("province")

    def actions_for(self, user: Any) -> list[ListAction]:
        return (
            [ListAction(reverse("user-create"), _("Open an account"))] if passes(check_may_manage_people, user) else []
        )


@login_required
def user_detail(request: HttpRequest, username: str) -> HttpResponse:
    check_may_read_people(_me(request))
    user = _person(request, username)
    may_manage = passes(check_may_manage_people, request.user)
    context = {
        "person": user,
        "rows": [
            (_("User name"), user.username),
            (_("Name"), user.get_full_name()),
            (_("Role"), user.get_role_display()),
            (_("Province"), user.province or _("The whole country")),
            (_("Email"), user.email),
            (_("Account"), _("Open") if user.is_active else _("Closed")),
            (_("Opened at"), timezone.localtime(user.date_joined)),
            (_("Last signed in"), user.last_login and timezone.localtime(user.last_login)),
        ],
        "may_manage": may_manage,
        "may_close": may_manage and passes(check_may_close, request.user, user) and passes(check_can_close, user),
        "breadcrumbs": [(UserList.title, reverse("user-list")), (user.username, "")],
    }
    return render(request, "accounts/user_detail.html", context)


@login_required
@never_cache
def user_create(request: HttpRequest) -> HttpResponse:
    """Open an account. Its first password is in this one answer, and nowhere else."""
    check_may_manage_people(_me(request))
    form = CreateUserForm(request.POST or None)
    breadcrumbs = [(UserList.title, reverse("user-list")), (_("Open an account"), "")]
    if form.is_valid():
        user, password = users.create(**form.cleaned_data, by=_me(request), at=timezone.now())
        return _show_password(request, user, password)
    return render(
        request,
        "accounts/user_form.html",
        {"form": form, "title": _("Open an account"), "cancel": reverse("user-list"), "breadcrumbs": breadcrumbs},
    )


@login_required
def user_edit(request: HttpRequest, username: str) -> HttpResponse:
    check_may_manage_people(_me(request))
    user = _person(request, username)
    # The form fills in the instance it is given; the action wants the person as stored.
    form = ChangeUserForm(request.POST or None, instance=_person(request, username))
    if form.is_valid():
        users.change(user=user, **form.cleaned_data, by=_me(request), at=timezone.now())
        messages.success(request, _("The account is changed."))
        return redirect(user_address(user))
    breadcrumbs = [
        (UserList.title, reverse("user-list")),
        (user.username, user_address(user)),
        (_("Change the account"), ""),
    ]
    return render(
        request,
        "accounts/user_form.html",
        {"form": form, "title": _("Change the account"), "cancel": user_address(user), "breadcrumbs": breadcrumbs},
    )


@login_required
def user_close(request: HttpRequest, username: str) -> HttpResponse:
    check_may_manage_people(_me(request))
    user = _person(request, username)
    form = CloseUserForm(request.POST or None)
    if form.is_valid():
        users.close(user=user, reason=form.cleaned_data["reason"], by=_me(request), at=timezone.now())
        messages.success(request, _("The account is closed."))
        return redirect(user_address(user))
    breadcrumbs = [
        (UserList.title, reverse("user-list")),
        (user.username, user_address(user)),
        (_("Close the account"), ""),
    ]
    context = {"form": form, "person": user, "cancel": user_address(user), "breadcrumbs": breadcrumbs}
    return render(request, "accounts/user_close.html", context)


@login_required
@require_POST
def user_reopen(request: HttpRequest, username: str) -> HttpResponse:
    check_may_manage_people(_me(request))
    user = users.reopen(user=_person(request, username), by=_me(request), at=timezone.now())
    messages.success(request, _("The account is open again."))
    return redirect(user_address(user))


@login_required
@never_cache
@require_POST
def user_password(request: HttpRequest, username: str) -> HttpResponse:
    """Give a person a new password. It is in this one answer, and nowhere else."""
    check_may_manage_people(_me(request))
    user = _person(request, username)
    return _show_password(request, user, users.renew_password(user=user, by=_me(request), at=timezone.now()))


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _person(request: HttpRequest, username: str) -> User:
    people = User.objects.all().visible_to(request.user).select_related("province")
    person: User = get_object_or_404(people, username=username)
    return person


def _show_password(request: HttpRequest, user: User, password: str) -> HttpResponse:
    breadcrumbs = [(UserList.title, reverse("user-list")), (user.username, user_address(user)), (_("New password"), "")]
    context = {"person": user, "password": password, "back": user_address(user), "breadcrumbs": breadcrumbs}
    return render(request, "accounts/user_password.html", context)
