import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from portal.navigation import PARTS, items
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.ui.context_processors import navigation
from tests.factories import PASSWORD, a_user

pytestmark = pytest.mark.django_db


with_raising_pages = pytest.mark.urls("tests.ui.raising_pages")


@with_raising_pages
@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/refused/", 409, "The licence is already revoked."),
        ("/not-permitted/", 403, "Only an approver may do this."),
        ("/denied/", 403, "Your role does not include this page or this act."),
        ("/missing/", 404, "Check the address"),
        ("/nowhere/", 404, "Check the address"),
    ],
)
def test_a_refusal_becomes_a_page_that_says_why(client, address, status, sentence):
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == status
    assert sentence in answer.content.decode()


@with_raising_pages
def test_a_refusal_under_api_is_left_to_the_api(client):
    with pytest.raises(Refused):
        client.get("/api/v1/refused/")


@with_raising_pages
def test_a_fault_shows_a_page_in_both_languages_that_tells_nothing():
    answer = Client(raise_request_exception=False).get("/broken/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "មានបញ្ហាបច្ចេកទេស" in page
    assert "Something went wrong" in page
    assert "secret detail" not in page


def test_the_pages_for_faults_need_no_context_and_no_translation():
    for name in ("400.html", "500.html"):
        with translation.override(None):
            assert 'lang="km"' in render_to_string(name)


def test_a_form_without_its_token_gets_a_page_that_says_what_to_do():
    answer = Client(enforce_csrf_checks=True).post(reverse("login"), {}, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_the_language_switch_comes_back_to_the_same_page(client):
    answer = client.post(reverse("set_language"), {"language": "en", "next": "/login/?next=/components/"})
    assert answer["location"] == "/login/?next=/components/"
    assert '<html class="govuk-template" lang="en">' in client.get("/login/").content.decode()


def test_the_language_switch_does_not_lead_off_the_site(client):
    answer = client.post(reverse("set_language"), {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["location"] == "/"


def test_khmer_is_the_language_of_whoever_has_not_chosen(client):
    assert 'lang="km"' in client.get(reverse("login")).content.decode()


def test_signing_in_leads_to_the_page_that_was_asked_for_and_never_off_the_site(client):
    user = a_user()
    good = {"username": user.username, "password": PASSWORD}
    assert client.get(reverse("components"))["location"] == "/login/?next=/components/"
    assert client.post("/login/", good | {"next": "/components/"})["location"] == "/components/"
    client.logout()
    answer = client.post("/login/", good | {"next": "https://elsewhere.example/"})
    assert "elsewhere" not in answer["location"]


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(client):
    user = a_user()
    answer = client.post("/login/", {"username": user.username, "password": "x"}, headers={"accept-language": "en"})
    page = answer.content.decode()
    assert " ".join(page.split("<title>")[1].split()).startswith("Error: Sign in")
    assert "The name or the password is wrong." in page
    assert 'data-module="govuk-error-summary"' in page


def test_after_too_many_wrong_passwords_the_page_says_how_long_to_wait(client, settings):
    user = a_user()
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/login/", {"username": user.username, "password": "x"}, headers={"accept-language": "en"})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert client.post("/login/", {"username": user.username, "password": PASSWORD}).status_code == 429


def test_signing_out_is_a_post(client):
    client.force_login(a_user())
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).status_code == 302
    assert client.get(reverse("components")).status_code == 302


def test_changing_the_password_keeps_the_session(client):
    client.force_login(user := a_user())
    new = "another-long-password-3"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("password-change"), sent).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert client.get(reverse("components")).status_code == 200


@pytest.mark.parametrize("name", [name for _text, name, _roles in PARTS])
def test_every_part_of_the_navigation_is_a_page(name):
    assert reverse(name)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_navigation(role):
    own = "application-list" if role == Role.OPERATOR else "facility-list"
    assert {"home", own} <= {name for _text, name in items(a_user(role))}


def two_parts(user):
    return [("Sign in", "login"), ("Components", "components")]


@pytest.mark.parametrize(
    ("address", "current"), [("/components/x/", "Components"), ("/login/", "Sign in"), ("/", None)]
)
def test_the_navigation_marks_the_part_that_a_page_belongs_to(settings, address, current):
    settings.NAVIGATION = f"{__name__}.two_parts"
    request = RequestFactory().get(address)
    request.user = a_user()
    assert [item["text"] for item in navigation(request) if item["current"]] == ([current] if current else [])


def test_every_page_says_that_the_data_is_a_demonstration_when_it_is(client, settings):
    settings.DEMONSTRATION = True
    assert "demonstration-banner" in client.get("/login/").content.decode()
    settings.DEMONSTRATION = False
    assert "demonstration-banner" not in client.get("/login/").content.decode()


def test_every_page_carries_a_policy_without_inline_script(client):
    policy = client.get("/login/")["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
