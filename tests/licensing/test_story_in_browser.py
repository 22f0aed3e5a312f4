"""The whole story of a licence on a phone: from the account of an operator to a certificate that anyone can check."""

import io
import re
from urllib.parse import urljoin

import pypdfium2
import pytest
import zxingcpp
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import override
from playwright.sync_api import expect

from inspections.models import ChecklistVersion
from inspections.states import BandCode, LicenceSeen
from licensing.models import AdviceBody, Application, Fee, Licence, RefusalReason, RequiredDocument
from licensing.rules.payload import PREFIX
from licensing.states import AdviceOpinion, ApplicationKind, ApplicationState, Opinion, PaymentMethod, Verdict
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.models import Facility, Representative
from registry.states import OperationalStatus
from tests.factories import NOW, a_checklist_version, a_ruleset, a_service, a_user, an_operator, the_terms
from tests.factories_applying import SITE, licensable
from tests.factories_desk import Desk, a_desk, a_refusal_reason, an_application, brought_to
from tests.inspections.test_story_in_browser import HERE, PHOTO, approve, hand_in, start_and_say_so, state_no_interest
from tests.inspections.test_story_in_browser import Phone as EmptyPhone
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MAIN_BUTTON = "main form .govuk-button:not(.govuk-button--secondary)"
CLINIC = SITE | {
    "name_en": "Good Health Clinic",
    "province": "12",
    "beds": "១២",
    "latitude": "11.556400",
    "longitude": "104.928200",
}
FEE = 400_000


class Phone(EmptyPhone):
    def fill(self, **answers: str) -> None:
        for name, answer in answers.items():
            field = self.page.locator(f"main form [name='{name}']")
            if field.first.get_attribute("type") in ("radio", "checkbox"):
                self.page.locator(f"main form [name='{name}'][value='{answer}']").check()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(answer)
                self.page.wait_for_load_state("networkidle")
            else:
                field.fill(answer)

    def go_on(self) -> None:
        """Press the button of the page; it leads to another one."""
        self.page.locator(MAIN_BUTTON).last.click()
        self.look()
        expect(self.page.locator(".govuk-error-summary")).to_have_count(0)

    def send(self) -> None:
        self.go_on()
        expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()

    def step(self, verb: str, **answers: str) -> None:
        """From the page of a thing to the page of the step, and back when it is taken."""
        self.follow(f"main a[href$='/{verb}/']")
        self.fill(**answers)
        self.send()

    def signs(self, person: User, application: Application, verb: str, **answers: str) -> None:
        """Somebody finds the application on the own home page, and takes the step."""
        self.open("home", user=person)
        self.follow(f"main a[href$='/{application.number}/']")
        self.step(verb, **answers)
        application.refresh_from_db()

    def says(self, verdict: str, **of_services: str) -> None:
        """The page of the certificate says what it is worth, and what each service is worth."""
        with override(self.language):
            expect(self.page.get_by_role("heading", level=1)).to_have_text(str(Verdict(verdict).label))
            rows = self.page.locator("#main h2 ~ dl .govuk-summary-list__row")
            for name, worth in of_services.items():
                expect(rows.filter(has_text=name)).to_contain_text(str(Verdict(worth).label))


@pytest.mark.parametrize("language", ["km", "en"])
def test_from_an_account_to_a_certificate_that_anyone_checks(site, page, language, tmp_path):
    cache.clear()
    desk = licensing_clinics()
    manager, inspector = a_user(Role.PROVINCIAL_MANAGER), a_user(Role.INSPECTOR)
    operator = an_operator(name_km="សុខ ដារ៉ា")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    phone = Phone(site, page, language)

    person = has_an_account(phone, operator, desk.reviewer)
    application = applies(phone, person)
    assert (application.state, application.submitted_by) == (ApplicationState.SUBMITTED, person)
    pays(phone, application, desk.recommender)

    phone.signs(desk.reviewer, application, "take-up")
    phone.step("check-documents", **{f"accepted_{one.pk}": "yes" for one in application.documents.all()})
    phone.step("ask", text="តើទ្វារនៅឯណា?")
    application.refresh_from_db()
    assert application.due_on is None and application.days_left is not None, "the clock stands still"
    answers_the_question(phone, person)
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW and application.due_on is not None

    phone.open("application-detail", application.number, user=desk.reviewer)
    phone.step("place")
    assert Facility.objects.get().operational_status == OperationalStatus.PLANNED
    phone.step("ask-advice", body=str(AdviceBody.objects.get().pk), question="Are the doctors registered?")
    phone.follow("main a[href*='/advice/']")
    phone.fill(opinion=AdviceOpinion.NO_OBJECTION, text="They are.")
    phone.send()
    checklist = str(ChecklistVersion.objects.get().pk)
    phone.step("visit", checklist_version=checklist, planned_on=f"{timezone.localdate():%d/%m/%Y}")
    application.refresh_from_db()
    is_visited(phone, application, manager, inspector)

    phone.signs(desk.reviewer, application, "read-visit")
    phone.step("finish", note="The documents and the site are in order.")
    phone.signs(desk.recommender, application, "recommend", opinion=Opinion.GRANT, text="All is in order.")
    phone.signs(desk.decider, application, "approve")
    assert not Licence.objects.exists(), "one signature is not enough"
    phone.signs(desk.countersigner, application, "countersign")
    assert application.state == ApplicationState.GRANTED

    paper = has_the_certificate(phone, person)
    codes = [code.text for code in zxingcpp.read_barcodes(paper)]
    (address,) = (code for code in codes if code.startswith("http"))
    assert any(code.startswith(PREFIX) for code in codes)
    picture = tmp_path / "certificate.jpg"
    paper.convert("RGB").resize((paper.width // 2, paper.height // 2)).save(picture)
    anyone_checks(phone, address, desk.decider, picture)


def licensing_clinics() -> Desk:
    """A clinic needs one document and one photo, a visit, a fee and the advice of a council."""
    terms = the_terms(
        licensable().type,
        valid_from=timezone.localdate(),
        visit_needed=True,
        minimum_band=BandCode.SUBSTANTIALLY_COMPLIANT,
    )
    for code, name_en, name_km in (
        ("identity", "Identity card", "អត្តសញ្ញាណប័ណ្ណ"),
        ("site_plan", "Plan of the site", "ប្លង់ទីតាំង"),
    ):
        RequiredDocument.objects.create(
            terms=terms, code=code, name_km=name_km, name_en=name_en, kinds=[ApplicationKind.NEW]
        )
    Fee.objects.create(terms=terms, kind=ApplicationKind.NEW, amount_khr=FEE)
    AdviceBody.objects.create(code="council", name_km="គណៈគ្រូពេទ្យ", name_en="Medical Council")
    a_service("cosmetic_surgery", name_km="វះកាត់កែសម្ផស្ស", name_en="Cosmetic surgery")
    a_ruleset(unlicensed_band=BandCode.NON_COMPLIANT)
    a_checklist_version(items=3)
    return a_desk()


def has_an_account(phone: Phone, operator, officer: User) -> User:
    """An officer opens it, and the person signs in with the password that was shown once."""
    page = phone.page
    phone.open("operator-detail", operator.pk, user=officer)
    phone.follow("main a[href$='/people/open/']")
    phone.fill(username="sok.dara", first_name="ដារ៉ា", last_name="សុខ")
    phone.go_on()
    password = page.locator("#password").inner_text()
    phone.open("login")
    phone.fill(username="sok.dara", password=password)
    phone.go_on()
    return Representative.objects.get(operator=operator).person


def applies(phone: Phone, person: User) -> Application:
    page = phone.page
    phone.follow("main a[href$='/applications/start/']")
    phone.fill(kind=ApplicationKind.NEW)
    phone.go_on()
    page.locator("main input[name=facility]").first.check()
    phone.send()
    draft = Application.objects.get()
    phone.follow("main a[href$='/proposal/']")
    phone.fill(**{name: answer for name, answer in CLINIC.items() if name != "area"})
    phone.go_on()
    phone.follow("main a[href$='/services/']")
    phone.fill(services="cosmetic_surgery")
    phone.go_on()
    hands_in_a_document(phone, "identity", {"name": "អត្ត.pdf", "mimeType": "application/pdf", "buffer": a_pdf()})

    phone.open("home", user=person)
    phone.follow(f"main a[href$='/{draft.number}/']")
    phone.follow("main a[href$='/tasks/']")
    hands_in_a_document(phone, "site_plan", PHOTO)
    phone.follow("main a[href$='/check/']")
    expect(page.locator("main")).to_contain_text("អត្ត.pdf")
    page.locator("#id_agreed").check()
    phone.go_on()
    expect(page).to_have_url(re.compile("/handed-in/$"))
    expect(page.locator(".govuk-panel--confirmation")).to_contain_text(draft.number)
    phone.follow("main a[href*='/invoices/']")
    return Application.objects.get()


def hands_in_a_document(phone: Phone, code: str, file) -> None:
    phone.follow("main a[href$='/documents/']")
    phone.follow(f"main a[href$='/documents/{code}/']")
    phone.page.locator("#id_upload").set_input_files(file)
    phone.send()
    phone.follow("main a.govuk-button")


def a_pdf() -> bytes:
    document, made = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.new_page(595, 842)
    document.save(made)
    return made.getvalue()


def pays(phone: Phone, application: Application, officer: User) -> None:
    phone.open("application-detail", application.number, user=officer)
    phone.follow("main a[href*='/invoices/']")
    phone.step(
        "pay",
        amount_khr="៤០០ ០០០",
        method=PaymentMethod.CASH,
        paid_on=f"{timezone.localdate():%d/%m/%Y}",
        receipt_number="R-1",
    )


def reads_the_letter(phone: Phone, person: User) -> None:
    """The newest one, which leads to what it is about."""
    phone.open("message-list", user=person)
    phone.follow("main tbody a")
    phone.page.locator("main form button").click()
    phone.look()


def answers_the_question(phone: Phone, person: User) -> None:
    reads_the_letter(phone, person)
    expect(phone.page.locator("main")).to_contain_text("តើទ្វារនៅឯណា?")
    phone.step("answer", text="នៅខាងជើង។")


def is_visited(phone: Phone, application: Application, manager: User, inspector: User) -> None:
    visit = application.visit
    reads_the_letter(phone, manager)
    phone.step("team", lead=str(inspector.pk))
    state_no_interest(phone, visit, inspector)
    start_and_say_so(phone, visit, inspector)
    for number in range(1, 4):
        phone.answer(f"S01.0{number}", "yes")
    phone.is_saved()
    hand_in(phone, visit, {inspector: None}, licence_seen=LicenceSeen.NONE)
    approve(phone, visit, manager)
    visit.refresh_from_db()
    assert visit.band == BandCode.FULLY_COMPLIANT


def has_the_certificate(phone: Phone, person: User):
    """The operator finds the licence on the own home page, and what is printed from it at 300 dpi."""
    page, licence = phone.page, Licence.objects.get()
    phone.open("home", user=person)
    phone.follow(f"main a[href$='/licences/{licence.number}/']")
    paper = page.locator("main a[href$='/certificate/']").get_attribute("href")
    answer = page.context.request.get(urljoin(page.url, paper))
    assert answer.headers["content-type"] == "application/pdf"
    return pypdfium2.PdfDocument(answer.body())[0].render(scale=300 / 72).to_pil()


def anyone_checks(phone: Phone, address: str, approver: User, picture) -> None:
    """The public page follows what becomes of the service and the licence, and so does the check of a picture."""
    page, licence = phone.page, Licence.objects.get()
    authorisation = licence.facility.service_authorisations.get()
    today = f"{timezone.localdate():%d/%m/%Y}"

    def check(verdict: str, service: str) -> None:
        page.context.clear_cookies()
        page.goto(f"{address}?language={phone.language}")
        phone.look()
        phone.says(verdict, **{"Cosmetic surgery": service})

    check(Verdict.VALID, Verdict.VALID)
    expect(page.locator("#main")).to_contain_text(CLINIC["address"])
    suspension = {"grounds": "A patient was in danger.", "notice_on": today, "from_on": today}
    phone.open("authorisation-detail", authorisation.number, user=approver)
    phone.step("suspend", **suspension)
    check(Verdict.VALID, Verdict.SUSPENDED)
    phone.open("licence-detail", licence.number, user=approver)
    phone.step("suspend", **suspension)
    check(Verdict.SUSPENDED, Verdict.SUSPENDED)
    phone.open("licence-detail", licence.number, user=approver)
    phone.step("reinstate", reason="The danger is over.")
    check(Verdict.VALID, Verdict.SUSPENDED)

    cache.clear()  # the signed list may be five minutes old
    page.goto(urljoin(address, f"/verify/offline/?language={phone.language}"))
    expect(page.locator("[data-say=kept]")).to_be_visible()
    page.locator("input[type=file]").set_input_files(picture)
    with override(phone.language):
        expect(page.locator("[data-part=answer] [data-put=verdict]")).to_have_text(str(Verdict.VALID.label))
        rows = page.locator("[data-part=answer] [data-services] .govuk-summary-list__row")
        expect(rows).to_contain_text(str(Verdict.SUSPENDED.label))
    phone.look()


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_refusal_is_appealed_against_and_granted_after_new_signatures(site, page, language):
    desk, phone = a_desk(), Phone(site, page, language)
    person = a_user(Role.OPERATOR)
    application = an_application()
    Representative.objects.create(person=person, operator=application.operator, appointed_at=NOW)
    ground: RefusalReason = a_refusal_reason()
    brought_to(application, ApplicationState.RECOMMENDED, desk, at=timezone.now())

    phone.signs(desk.decider, application, "refuse", reasons=str(ground.pk), text="ដំបូលលិចទឹក។")
    assert application.state == ApplicationState.REFUSED
    reads_the_letter(phone, person)
    expect(phone.page.locator("main")).to_contain_text("ដំបូលលិចទឹក។")
    phone.step("appeal", grounds="ដំបូលត្រូវបានជួសជុល។")

    phone.open("application-detail", application.number, user=desk.decider)
    expect(phone.page.locator("main a[href$='/uphold/']")).to_have_count(0)
    phone.open("home", user=desk.hearer)
    phone.follow("main a[href*='/appeals/']")
    phone.follow(f"main a[href$='/{application.number}/']")
    phone.step("uphold", reason="The roof is mended.")
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW

    phone.signs(desk.reviewer, application, "finish", note="The roof is seen.")
    phone.signs(desk.recommender, application, "recommend", opinion=Opinion.GRANT, text="The roof is mended.")
    phone.signs(desk.decider, application, "approve")
    phone.signs(desk.countersigner, application, "countersign")
    assert application.state == ApplicationState.GRANTED and Licence.objects.count() == 1
    phone.open("application-detail", application.number, user=person)
