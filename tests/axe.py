"""What axe finds on a page, in sentences."""

from functools import cache

from django.conf import settings
from playwright.sync_api import Page

RUN = """but => axe.run({exclude: but}, {resultTypes: ["violations"]})
    .then(r => r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)}`)))"""


@cache
def script() -> str:
    return (settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text()


def findings(page: Page, *, but: str = "") -> list[str]:
    """Every accessibility fault of the page as it is now shown; `but` selects what is not ours to mend."""
    page.evaluate(script())
    return page.evaluate(RUN, [[but]] if but else [])


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways; nothing when it does not."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll-region"))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
