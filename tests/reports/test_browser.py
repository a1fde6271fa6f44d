"""Reports as HTML in a real browser. `make test-long` needs Debian's: apt-get install chromium."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.catalogue import REPORTS
from reports.wording import ENGLISH
from tests.reports.test_paper import ACME, as_html, drawn, on_paper, words_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("chromium") is None,
        reason="there is no browser: `apt-get install chromium`, then `make test-long`",
    ),
]
PHONE, DESK = 390, 1280
# of each frame: how wide it is, how wide its page is, the smallest text, what of it failed to load
LOOK = """
addEventListener("load", () => { document.title = [...document.querySelectorAll("iframe")].map(
  frame => {
    const page = frame.contentDocument
    const sizes = [...page.querySelectorAll("td, th, p, h1, h2, li")].map(
      one => parseFloat(frame.contentWindow.getComputedStyle(one).fontSize))
    const words = [...page.querySelectorAll("svg text")].map(
      one => one.getBoundingClientRect().height)
    return [frame.width, page.documentElement.scrollWidth, Math.min(...sizes),
      Math.min(99, ...words)].join(" ")
  }).join(";") })
"""


def browsed(directory: Path, *asked: str) -> str:
    """What the browser prints; it sees nothing but that directory and has no network."""
    return subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",  # as root; the pages are ours
            "--disable-gpu",
            "--allow-file-access-from-files",  # the frame looks at the pages within it
            "--proxy-server=127.0.0.1:9",
            f"--user-data-dir={directory / 'profile'}",
            "--window-size=1300,900",
            *asked,
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=100,
    ).stdout


def test_every_report_fits_a_phone_and_a_desk_and_can_be_read(tmp_path: Path) -> None:
    frames = []
    for name in REPORTS:
        (tmp_path / f"{name}.html").write_text(as_html(drawn(name)))
        for width in (PHONE, DESK):
            frames.append(f"<iframe src='{name}.html' width={width} height=800></iframe>")
    (tmp_path / "frames.html").write_text(f"<script>{LOOK}</script>" + "".join(frames))
    seen = browsed(tmp_path, "--dump-dom", f"file://{tmp_path / 'frames.html'}")
    [title] = re.findall("<title>(.*?)</title>", seen)
    told = [[float(word) for word in frame.split()] for frame in title.split(";")]
    assert len(told) == 2 * len(REPORTS)
    for frame, page, text, label in told:
        assert page <= frame
        assert text >= 12
        assert label >= 8


@pytest.mark.parametrize("name", ["departments", "menus", "owed"])
def test_a_printed_page_has_every_figure(name: str, tmp_path: Path) -> None:
    made = drawn(name)
    (tmp_path / "page.html").write_text(as_html(made, ACME))
    paper = tmp_path / "page.pdf"
    browsed(tmp_path, f"--print-to-pdf={paper}", f"file://{tmp_path / 'page.html'}")
    asked = ["pdftotext", "-layout", str(paper), "-"]
    text = words_of(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
    for row in made.lines():
        for column in made.columns:
            for word in on_paper(made, row, column, ENGLISH).split():
                assert word in text
