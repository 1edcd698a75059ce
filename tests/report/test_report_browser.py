"""The report in a real browser: what a person would see and do."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from chromium import Page, browser, chromium_path
from PIL import Image
from sphere_run import write_run

from dig_framework.report import write_report

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no chromium is installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def chrome():
    with browser() as page:
        yield page


@pytest.fixture
def page(chrome: Page, reported: Path) -> Page:
    chrome.errors.clear()
    chrome.requests.clear()
    chrome.open(reported / "report.html", 1280, 900)
    return chrome


def _drawn(page: Page) -> np.ndarray:
    """Return what the canvas shows, rows from the top."""
    import base64

    page.frame()
    data = page.value("document.querySelector('#viewer canvas').toDataURL('image/png')")
    with Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))) as image:
        return np.array(image.convert("RGB"))


def _middle(page: Page) -> tuple[float, float]:
    box = "document.querySelector('#viewer canvas').getBoundingClientRect()"
    page.value("document.querySelector('#viewer').scrollIntoView()")
    left, top, width, height = page.value(f"(b => [b.left, b.top, b.width, b.height])({box})")
    return left + width / 2, top + height / 2


def _press(page: Page, name: str) -> None:
    page.value(f"document.querySelector('[data-toggle=\"{name}\"]').click()")


def _only(page: Page, *names: str) -> None:
    """Switch everything off but what is named."""
    on = page.value("[...document.querySelectorAll('[aria-pressed=true]')].map(b => b.dataset.toggle)")
    for name in {*on} ^ {*names}:
        _press(page, name)


def _share(image: np.ndarray, ground: np.ndarray) -> float:
    return float((np.abs(image.astype(int) - ground.astype(int)).max(-1) > 8).mean())


def test_it_opens_from_a_file_without_error_or_network(page: Page):
    assert page.errors == []
    assert [url for url in page.requests if not re.match(r"(file|data):", url)] == []
    assert page.value("location.protocol") == "file:"
    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"
    assert page.value(broken) == 0
    assert page.value("document.images.length") > 10


def test_the_canvas_is_not_blank(page: Page):
    image = _drawn(page)
    assert image.shape[0] > 300
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 500
    assert _share(image, image[2, 2]) > 0.05


def test_the_sphere_is_red_round_and_in_the_middle(page: Page):
    _only(page, "objects")
    image = _drawn(page)
    ball = np.abs(image.astype(int) - image[2, 2]).max(-1) > 20
    rows, columns = np.nonzero(ball)
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert width == pytest.approx(height, rel=0.04)
    assert ball.sum() == pytest.approx(np.pi / 4 * width * height, rel=0.03)
    assert abs(columns.mean() - image.shape[1] / 2) < 0.05 * image.shape[1]
    red, green, blue = image[ball].mean(0)
    assert red > 2 * max(green, blue)


@pytest.mark.parametrize("name", ["objects", "points", "table", "grasps", "camera"])
def test_every_toggle_shows_and_hides_its_thing(page: Page, name: str):
    _only(page)
    empty = _drawn(page)
    assert len(np.unique(empty.reshape(-1, 3), axis=0)) == 1
    _press(page, name)
    shown = _drawn(page)
    assert _share(shown, empty) > 0.0005
    _press(page, name)
    assert _share(_drawn(page), empty) == 0


def test_one_colour_an_object(page: Page):
    _only(page, "objects")
    before = _drawn(page)
    _press(page, "tinted")
    assert _share(_drawn(page), before) > 0.01


@pytest.mark.parametrize("modifiers", [0, 8], ids=["orbit", "pan"])
def test_dragging_changes_the_view_and_reset_undoes_it(page: Page, modifiers: int):
    x, y = _middle(page)
    before = _drawn(page)
    page.drag((x, y), (x + 120, y + 30), modifiers)
    assert _share(_drawn(page), before) > 0.02
    page.value("document.querySelector('[data-action=reset]').click()")
    assert _share(_drawn(page), before) == 0
    assert page.errors == []


def test_the_wheel_zooms_in(page: Page):
    _only(page, "objects")
    before = _drawn(page)
    page.wheel(_middle(page), -100)
    page.wheel(_middle(page), -100)
    after = _drawn(page)
    assert _share(after, after[2, 2]) > 1.3 * _share(before, before[2, 2])


def test_the_keyboard_turns_and_zooms(page: Page):
    page.value("document.querySelector('#viewer canvas').focus()")
    before = _drawn(page)
    for key in ("ArrowLeft", "ArrowUp", "+"):
        page.key(key)
        after = _drawn(page)
        assert _share(after, before) > 0.01, key
        before = after


def test_from_the_camera_the_sphere_looks_as_in_the_image(page: Page):
    """The camera's vertical angle of view is that of the canvas, so the sphere must have its share of the height."""
    _only(page, "objects")
    page.value("document.querySelector('[data-action=from-camera]').click()")
    image = _drawn(page)
    ball = np.abs(image.astype(int) - image[2, 2]).max(-1) > 20
    rows, columns = np.nonzero(ball)
    # Of a sphere at the centre: diameter 2 f r / sqrt(d^2 - r^2) = 30.15 of 120 rows.
    assert (np.ptp(rows) + 1) / image.shape[0] == pytest.approx(30.15 / 120, rel=0.03)
    assert abs(rows.mean() - image.shape[0] / 2) < 0.02 * image.shape[0]
    assert abs(columns.mean() - image.shape[1] / 2) < 0.02 * image.shape[1]


def test_another_stage_and_another_grasp_can_be_chosen(page: Page):
    for name, value in (("stage", "initialize"), ("grasp", "1"), ("grasp", "all")):
        before = _drawn(page)
        select = f"document.querySelector('select[name={name}]')"
        page.value(f"{select}.value = '{value}'; {select}.dispatchEvent(new Event('change'))")
        assert _share(_drawn(page), before) > 0.0005, name


def test_a_row_of_the_table_shows_its_grasp(page: Page):
    _only(page)
    empty = _drawn(page)
    page.value("document.querySelector('[data-show-grasp=\"1\"]').click()")
    assert page.value("document.querySelector('select[name=grasp]').value") == "1"
    assert _share(_drawn(page), empty) > 0.0005


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_width_scrolls_sideways(chrome: Page, reported: Path, width: int):
    chrome.open(reported / "report.html", width, 800, touch=width < 500)
    assert chrome.value("document.documentElement.scrollWidth") <= width


def test_two_fingers_zoom(chrome: Page, reported: Path):
    chrome.open(reported / "report.html", 390, 844, touch=True)
    _only(chrome, "objects")
    before = _drawn(chrome)
    x, y = _middle(chrome)
    chrome.touch("touchStart", (x - 30, y), (x + 30, y))
    for apart in (40, 60, 80):
        chrome.touch("touchMove", (x - apart, y), (x + apart, y))
    chrome.touch("touchEnd")
    after = _drawn(chrome)
    assert _share(after, after[2, 2]) > 1.5 * _share(before, before[2, 2])
    chrome.touch("touchStart", (x, y))
    chrome.touch("touchMove", (x + 60, y + 40))
    chrome.touch("touchEnd")
    assert chrome.value("window.scrollX") == 0


def test_the_dark_page_is_dark(chrome: Page, reported: Path):
    shades = []
    for scheme in ("light", "dark"):
        chrome.open(reported / "report.html", 1280, 900, scheme=scheme)
        color = chrome.value("getComputedStyle(document.body).backgroundColor")
        shades.append(sum(map(int, re.findall(r"\d+", color)[:3])) / 3)
        corner = _drawn(chrome)[2, 2].mean()
        assert abs(corner - shades[-1]) < 40, "the canvas follows the page"
    assert shades[0] > 200
    assert shades[1] < 60


def test_an_empty_run_opens_too(chrome: Page, tmp_path: Path):
    chrome.errors.clear()
    chrome.open(write_report(tmp_path), 1280, 900)
    assert chrome.errors == []
    assert chrome.value("document.querySelector('#viewer')") is None


def test_measured_points_alone_can_be_seen(chrome: Page, tmp_path: Path):
    folder = write_run(tmp_path)
    for name in ("initialize", "fit", "deform", "scene.json"):
        (folder / name).rename(folder / f".{name}")
    chrome.errors.clear()
    chrome.open(write_report(folder), 1280, 900)
    assert chrome.errors == []
    assert len(np.unique(_drawn(chrome).reshape(-1, 3), axis=0)) > 3


def test_without_webgl_the_page_says_so(reported: Path):
    with browser("--disable-3d-apis") as page:
        page.open(reported / "report.html", 1280, 900)
        shown = page.value("getComputedStyle(document.querySelector('#viewer .without')).display")
        assert shown == "block"
        assert page.value("document.querySelector('#viewer canvas').offsetHeight") == 0
        assert page.value("document.images.length") > 10
