"""The report in a browser: it opens alone, can be read by everybody, and filters work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from jobs.report.run import make_report
from tests.programs import program
from tests.report.publications import copy_publication, repeated

HOSTILE = (
    "<script>hacked = 1</script>",
    "<img src=http://127.0.0.1:9/x onerror=hacked=1>",
    "y" * 900,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(path), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(published_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample and of experiences with hostile names."""
    statements = [
        *repeated("Pricing Page", HOSTILE),
        "update fct_experience_lift set status = 'loser' where experience = 'Pricing Page'",
    ]
    folder = tmp_path_factory.mktemp("report")
    return make_report(copy_publication(published_sample, folder, statements)).index.parent


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that collects what goes wrong, and fails if anything does."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None,
    )
    yield page
    context.close()
    assert wrong == []


def urls(folder: Path) -> list[str]:
    return [path.as_uri() for path in sorted(folder.glob("*.html"))]


def test_report_pages_open_alone_and_links_lead_both_ways(page: Page, folder: Path) -> None:
    links: dict[str, set[str]] = {}
    for url in urls(folder):
        page.goto(url)
        assert page.locator("h1").count() == 1
        assert page.evaluate("typeof hacked") == "undefined"
        found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        links[url] = {link for link in found if "#" not in link}
    assert set().union(*links.values()) == set(links)
    index = f"{folder.as_uri()}/index.html"
    assert links[index] == set(links)
    assert all(index in found for found in links.values())


def shown(page: Page) -> list[str]:
    rows = page.locator("table[data-list] tbody tr:visible th").all_inner_texts()
    return [row.strip() for row in rows]


def test_report_filters_and_sorts_with_the_keyboard(page: Page, folder: Path) -> None:
    page.goto(f"{folder.as_uri()}/index.html")
    assert len(shown(page)) == 2 + len(HOSTILE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("wEBsite")
    assert shown(page) == ["Corporate Website"]
    assert page.locator("#shown").inner_text() == "1 of 5 rows shown"
    page.get_by_label("Experience contains").fill("")
    page.get_by_label("Verdict").select_option("loser")
    assert shown(page) == ["Pricing Page"]
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Vendor").select_option("mutiny")
    assert len(shown(page)) == 2 + len(HOSTILE)
    page.get_by_role("button", name="Lift", exact=True).focus()
    page.keyboard.press("Enter")
    assert shown(page)[0] == "Corporate Website"
    page.keyboard.press("Enter")
    assert shown(page)[-1] == "Corporate Website"


def test_report_day_table_opens_with_the_keyboard(page: Page, folder: Path) -> None:
    (url,) = [url for url in urls(folder) if "corporate-website" in url]
    page.goto(url)
    table = page.locator("table.days")
    assert not table.is_visible()
    page.get_by_text("Every day as a table").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    assert page.locator("figure > svg[role=img][aria-label]").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_has_no_serious_violation(
    browser: Browser, folder: Path, scheme: Literal["light", "dark"]
) -> None:
    """All rules in light; dark differs in its colours alone."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    names = ["index", "corporate-website", *(["quality", "integrations"] if not rules else [])]
    for name in names:
        (url,) = [url for url in urls(folder) if name in url]
        page.goto(url)
        found = Axe().run(page, options={"resultTypes": ["violations"], **rules})
        serious = [
            (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
            for each in found.response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], name
    context.close()


def test_report_fits_a_phone(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    for url in urls(folder):
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, url
    context.close()
