"""Tabs of a browser that hear everything a page does."""

from collections.abc import Callable

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

from registry.accounts.models import User
from tests.browser import cookies

LISTEN = """
    window.heard = [];
    addEventListener("securitypolicyviolation", e => heard.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""


class Tabs:
    """One tab for each reader, in one language."""

    def __init__(self, browser: Browser, origin: str, language: str) -> None:
        self.browser, self.origin, self.language = browser, origin, language
        self.tabs: dict[User | None, Page] = {}
        self.heard: list[str] = []

    def open(self, address: str, reader: User | None, width: int = 1280) -> tuple[Page, int, Callable[[], list[str]]]:
        """The page, its status, and what was heard of it: errors, dialogs and what its policy refused."""
        tab = self.tab(reader)
        self.heard.clear()
        tab.set_viewport_size({"width": width, "height": 800})
        answer = tab.goto(self.origin + address)
        assert answer is not None
        return tab, answer.status, lambda: self.heard + tab.evaluate("heard")

    def tab(self, reader: User | None) -> Page:
        if reader not in self.tabs:
            context = self.browser.new_context(timezone_id="Asia/Phnom_Penh")
            context.add_cookies(cookies(self.origin, self.language, reader))
            context.add_init_script(LISTEN)
            self.tabs[reader] = tab = context.new_page()
            tab.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
            tab.on("console", self.listen)
            tab.on("dialog", self.dismiss)
        return self.tabs[reader]

    def listen(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.heard.append(f"console: {said.text}")

    def dismiss(self, dialog: Dialog) -> None:
        self.heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self) -> None:
        for tab in self.tabs.values():
            tab.context.close()
