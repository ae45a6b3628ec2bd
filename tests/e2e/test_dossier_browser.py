"""The page in a real browser, opened from disk as a reader opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import chromium
from tests.support.dossier_model import HOSTILE, make_model, page_of

pytestmark = pytest.mark.browser

WITH_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WITHOUT_WEBGL = ["--disable-gpu", "--disable-3d-apis"]


class Visit:
    """A page and all it did that it should not."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text)
        )
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("request", lambda r: self._asked(r.url))
        page.goto(url)

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(f"asked the network for {url}")

    def press(self, slider: str, key: str) -> None:
        self.page.focus(slider)
        self.page.keyboard.press(key)

    def label(self) -> str:
        return self.page.inner_text("#date-label").replace("\u00a0", " ")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("dossier with space")
    for name, content in page_of(make_model(HOSTILE)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return (folder / "index.html").as_uri()


@pytest.fixture
def webgl() -> Iterator[Browser]:
    with chromium(*WITH_WEBGL) as browser:
        yield browser


@pytest.fixture
def plain() -> Iterator[Browser]:
    with chromium(*WITHOUT_WEBGL) as browser:
        yield browser


def test_map_and_sliders_by_keyboard(webgl: Browser, url: str) -> None:
    visit = Visit(webgl.new_page(), url)
    page = visit.page
    page.wait_for_selector("html[data-map=webgl]", timeout=30_000)
    assert visit.label().startswith("4 October 2020")
    assert page.locator(".site-number:visible").count() == 3
    after = page.locator("#map canvas").screenshot()
    visit.press("#date-slider", "ArrowLeft")
    assert visit.label() == "1 August 2019, 89 % of the area seen"
    assert page.locator(".site-number:visible").count() == 2
    visit.press("#date-slider", "Home")
    assert page.locator(".site-number:visible").count() == 0
    assert page.inner_text("#site-count").startswith("0 of 2 confirmed sites and 0 of 1 ")
    page.wait_for_timeout(500)
    assert page.locator("#map canvas").screenshot() != after
    page.check("input[name=colouring][value=false]")
    assert visit.complaints == []


def test_before_after_by_keyboard_and_side_by_side(webgl: Browser, url: str) -> None:
    visit = Visit(webgl.new_page(), url)
    page = visit.page
    box = page.locator(".compare").first
    cut = "e => getComputedStyle(e.querySelector('.after .crop')).clipPath"
    start = box.evaluate(cut)
    visit.press("#site-1-pair-1", "ArrowRight")
    assert box.evaluate(cut) != start
    visit.press("#site-1-pair-1", "Home")
    assert "0%" in str(box.evaluate(cut))
    page.locator(".side").first.check()
    before, after = (box.locator(n).bounding_box() for n in (".before", ".after"))
    assert before is not None
    assert after is not None
    assert before["x"] + before["width"] <= after["x"]
    assert visit.complaints == []


def test_without_webgl_the_drawn_map_answers(plain: Browser, url: str) -> None:
    visit = Visit(plain.new_page(), url)
    page = visit.page
    page.wait_for_selector("html[data-map=still]")
    assert page.locator("#still").is_visible()
    assert page.locator("#still .site:visible").count() == 3
    visit.press("#date-slider", "Home")
    assert visit.label().startswith("1 August 2016")
    assert page.locator("#still .site:visible").count() == 0
    assert visit.complaints == []


def test_without_scripts_everything_is_readable(plain: Browser, url: str) -> None:
    page = plain.new_context(java_script_enabled=False).new_page()
    page.goto(url)
    assert page.locator("#still").is_visible()
    assert page.locator(".compare .after").first.is_visible()
    assert not page.locator("#map-controls").is_visible()


@pytest.mark.parametrize("width", [360, 390, 768, 1600])
def test_no_sideways_scrolling(plain: Browser, url: str, width: int) -> None:
    page = plain.new_page(viewport={"width": width, "height": 800})
    page.goto(url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
