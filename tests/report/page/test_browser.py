"""The page in a real browser: it sorts, filters, opens hosts, draws, and asks nobody anything."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and its driver are not there"),
    pytest.mark.xdist_group("browser"),
]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def browser(page: Path, tmp_path_factory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_page_load_timeout(120)
    driver.get_log("performance")  # of the empty page before ours
    driver.get(page.as_uri())
    yield driver
    driver.quit()


def shown(browser: Any, column: int = 1) -> list[str]:
    """Text of a column of the table's visible lines."""
    script = """return [...document.querySelectorAll('#ranked tbody tr')].filter(r => !r.hidden)
        .map(r => r.cells[arguments[0]].firstChild.textContent.trim())"""
    return list(browser.execute_script(script, column))


def click(browser: Any, selector: str) -> None:
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def until(browser: Any, script: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not browser.execute_script(script):
        assert time.monotonic() < end, script
        time.sleep(0.1)


def test_the_table_filters_by_ion_and_text(browser: Any) -> None:
    assert {"Cu", "Ag", "broken"} <= set(shown(browser))
    assert set(shown(browser, 2)) == {"Li"}
    click(browser, "input[name=ion][value=Na]")
    assert set(shown(browser)) == {"Cu", "Ag"}
    type_ = """const i = document.querySelector('[name=text]'); i.value = arguments[0];
        i.dispatchEvent(new Event('input', {bubbles: true}))"""
    browser.execute_script(type_, "cu")
    assert shown(browser) == ["Cu"]
    browser.execute_script(type_, "")
    click(browser, "input[name=ion][value='']")
    assert len(shown(browser)) == 6


def test_a_click_on_a_head_sorts_and_another_turns_it_round(browser: Any) -> None:
    names = browser.execute_script(
        "return [...document.querySelectorAll('#ranked thead th')].map(h => h.textContent)"
    )
    place = next(i for i, name in enumerate(names) if "e_ads_ev" in name)
    head = f"#ranked thead th:nth-child({place + 1}) button"
    values = []
    for _ in range(2):
        click(browser, head)
        cells = shown(browser, place)
        assert cells[-1].startswith("–")  # missing ones stay last
        numbers = [float(c.split()[0].replace("−", "-")) for c in cells if not c.startswith("–")]
        values.append(numbers)
    assert values[0] == sorted(values[0])
    assert values[1] == sorted(values[0], reverse=True)


def test_a_host_opens_and_its_structure_is_drawn(browser: Any) -> None:
    click(browser, "#ranked tbody a")
    until(browser, "return document.querySelector('.host[open] #canvas canvas') !== null")
    # Colours in what the canvas shows: one would be an empty ground.
    colours = """const c = document.querySelector('#canvas canvas');
        const two = document.createElement('canvas'); two.width = c.width; two.height = c.height;
        const pen = two.getContext('2d'); pen.drawImage(c, 0, 0);
        const d = new Uint32Array(pen.getImageData(0, 0, c.width, c.height).data.buffer);
        return new Set(d).size > 50"""
    until(browser, colours)


def test_there_is_one_viewer_however_many_hosts_are_opened(browser: Any) -> None:
    browser.execute_script("document.querySelectorAll('.host').forEach(h => h.open = true)")
    until(browser, "return document.querySelectorAll('.show button').length === 4")
    browser.execute_script("document.querySelectorAll('.show button').forEach(b => b.click())")
    assert browser.execute_script("return document.querySelectorAll('#canvas canvas').length") == 1
    until(browser, "return document.querySelector('#viewer-text').textContent.startsWith('Na')")


def test_arrow_keys_turn_the_structure(browser: Any) -> None:
    grab = "return document.querySelector('#canvas canvas').toDataURL()"
    before = browser.execute_script(grab)
    browser.execute_script(
        """document.querySelector('#canvas').dispatchEvent(
        new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}))"""
    )
    assert browser.execute_script(grab) != before


def test_a_small_screen_needs_no_sideways_scrolling(browser: Any) -> None:
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    width = browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 390


def test_the_console_is_clean_and_nothing_left_the_page(browser: Any, page: Path) -> None:
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    asked = [p["request"]["url"] for p in sent if p["documentURL"].startswith(page.as_uri())]
    assert [url for url in asked if not url.startswith((page.as_uri(), "data:"))] == []
    assert asked


def test_on_paper_are_the_hosts_that_are_open_and_no_heading_over_nothing(browser: Any) -> None:
    display = """document.querySelectorAll('.host').forEach((h, n) => h.open = n < arguments[0]);
        return getComputedStyle(document.querySelector('#hosts')).display"""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    found = [browser.execute_script(display, opened) for opened in (1, 0)]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert found == ["block", "none"]
