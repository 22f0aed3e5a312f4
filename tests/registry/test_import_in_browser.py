"""An import in a browser: the bar moves without a click, and the pages suit everybody."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from registry.accounts.states import Role
from registry.models import ImportJob
from registry.states import ImportState
from registry.tasks import work_import
from registry.views import imports as views
from tests.axe import findings, too_wide
from tests.factories import a_facility_type, a_province, a_user
from tests.registry.import_files import BAD, MAPPING
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [320, 1280])
def test_a_file_is_checked_in_a_browser(site, settings, tmp_path, monkeypatch, width):
    settings.MEDIA_ROOT = tmp_path
    handed: list[dict[str, str]] = []
    monkeypatch.setattr(views.work_import, "delay", lambda **task: handed.append(task))
    a_facility_type()
    a_province()
    page = site(reverse("import-create"), width=width, user=a_user(Role.ADMINISTRATOR))
    assert findings(page) + too_wide(page) == []
    page.locator("#id_file").set_input_files({"name": "f.csv", "mimeType": "text/csv", "buffer": BAD})
    page.locator("#id_mapping").select_option("own")
    page.locator("#id_own_mapping").set_input_files(
        {"name": "m.toml", "mimeType": "text/plain", "buffer": MAPPING.encode()}
    )
    page.locator("main form button").click()
    expect(page.locator("progress")).to_be_visible()
    assert findings(page) + too_wide(page) == []

    ImportJob.objects.update(state=ImportState.READING, rows=100, rows_done=40)
    expect(page.locator("progress[value='40']")).to_be_visible()
    work_import(**handed[0])
    expect(page.locator("table")).to_contain_text("many")
    assert findings(page) + too_wide(page) == []
