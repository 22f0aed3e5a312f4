def test_a_browser_starts_and_shows_khmer(page):
    page.set_content('<p lang="km">ខ្មែរ</p>')
    assert page.inner_text("p") == "ខ្មែរ"
