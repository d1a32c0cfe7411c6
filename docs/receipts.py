"""Photographs the page to ask on and receipts in a browser for the documents: real answers, as the pages show them.

    pip install ".[test]" && python docs/receipts.py

It needs a Chromium. The harbour's and the reading room's rules are invented, and those of the reading room change
after they were quoted.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from bot.services.library import open_library
from bot.settings import load_settings
from bot.web.server import serving
from retrieval import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

    from retrieval import Index

HERE = Path(__file__).parent
PORT = 8089

_READING_ROOM = """\
# Rules of the reading room

The reading room is open from Monday to Friday, nine to five. Members may borrow up to four books at a time. Books \
must be returned within three weeks.

Coats and bags stay in the lockers.
"""
_READING_ROOM_NOW = _READING_ROOM.replace("four books", "six books and two maps").replace("three weeks", "two weeks")
_HARBOUR = """\
# The Harbour of Oban
## Ferries
The ferry to Mull leaves at nine in the morning on every weekday but Monday, when it leaves at ten. Who comes later \
than ten minutes before may have to wait for the next one, as the ramp is closed by then.
## Bicycles
Bicycles travel free of charge on every ferry. They are tied to the rail of the lower deck by their owners, who bring \
a rope of their own. In a storm, the crew may refuse them.
## Dogs
Dogs are welcome on deck and in the forward saloon, on a lead. In the restaurant they are not, but for guide dogs.
## Lost property
What is found on board is kept at the office on the north pier for a month, and then given to the lifeboat crew, who \
hold a sale of it every August.
"""


def main() -> None:
    """Write the pictures."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        documents = Path(folder, "documents")
        shutil.copytree(HERE.parent / "seeds", documents)
        (documents / "reading-room.md").write_text(_READING_ROOM, "utf-8")
        (documents / "harbour.pdf").write_bytes(_pdf(_HARBOUR))
        settings = load_settings(documents, Path(folder, "data")).model_copy(update={"serve_port": PORT})
        with closing(open_library(settings, lambda _: None)) as library:
            library.sync()
            questions = (
                "How many British police officers will work in Coquelles?",
                "How many books may members borrow?",
                "What do bicycles cost on the ferry?",
            )
            police, books, bicycles = (_link(library.index, question) for question in questions)
            with serving(settings, library) as address, closing(_chromium(playwright)) as browser:
                _photograph(browser, address, "ask.png", (960, 700), question="What do bicycles cost on the ferry?")
        (documents / "reading-room.md").write_text(_READING_ROOM_NOW, "utf-8")
        with serving(settings) as address, closing(_chromium(playwright)) as browser:
            _photograph(browser, f"{address}/r/{police}", "receipt.png", (960, 1240))
            _photograph(browser, f"{address}/r/{books}", "receipt-phone.png", (390, 844), is_dark=True)
            _photograph(browser, f"{address}/r/{bicycles}", "receipt-pdf.png", (960, 1240), at="mark")


def _link(index: Index, question: str) -> str | None:
    """Ask, and give the secret of the receipt's page."""
    return index.receipts.links.make(ask(index, question).receipt_id)


def _chromium(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    return playwright.chromium.launch(executable_path=path)


def _photograph(
    browser: Browser,
    url: str,
    name: str,
    size: tuple[int, int],
    *,
    is_dark: bool = False,
    at: str = "body",
    question: str = "",
) -> None:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2,
        color_scheme="dark" if is_dark else "light",
        locale="en-GB",
    )
    page.goto(url)
    if question:
        page.get_by_role("textbox").fill(question)
        page.get_by_role("button").click()
        page.get_by_role("heading", level=2).wait_for()
    page.locator(at).first.evaluate("each => scrollTo(0, each.getBoundingClientRect().top - 48)")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / name)
    page.close()


def _pdf(text: str) -> bytes:
    """A page with a title, headings and paragraphs."""
    styles, file = getSampleStyleSheet(), BytesIO()
    names = {"#": "Title", "##": "Heading2"}
    story = []
    for line in text.splitlines():
        mark, _, rest = line.partition(" ")
        style = names.get(mark, "BodyText")
        story.append(Paragraph(rest if mark in names else line, styles[style]))
    SimpleDocTemplate(file, pagesize=A5, topMargin=36, title=text.splitlines()[0].lstrip("# ")).build(story)
    return file.getvalue()


if __name__ == "__main__":
    main()
