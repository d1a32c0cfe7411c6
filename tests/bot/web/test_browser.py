"""The pages in a real browser: what they load, and how they look and read, in the light, in the dark, on a phone."""

from __future__ import annotations

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from pydantic import SecretStr
from support.asking import RAIN, TOKEN, AskSite
from support.made_files import drawn
from support.receipt_pages import Archive, Site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")

RULES = "# Rules\n\nThe gate is open. Six ships may pass. Nobody swims.\n\nThe end.\n"
WORDS = "The gate is open. Six ships may pass. Nobody swims."
PHONE = {"width": 320, "height": 640}
KINDS = ["unchanged", "moved", "changed", "gone", "unchecked", "altered", "pdf", "hostile", "unknown"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM)
        yield made
        made.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Pages of every kind: what kind → the address."""
    archive = Archive(tmp_path_factory.mktemp("archive"))
    long = "x" * 400
    hostile = f"<script>alert(1)</script><img src=http://elsewhere.example/x.png>\u202e{long}\u202e. Six. {long}"
    for kind in ("unchanged", "moved", "changed", "gone", "unchecked", "altered"):
        archive.holds(f"{kind}.md", f"{RULES}\n{kind}\n")
    archive.holds("pdf.pdf", drawn([(60, 500, "The gate is open for all ships"), (60, 480, "Six ships may pass it")]))
    archive.holds("hostile.txt", hostile)
    archive.is_indexed()
    further = archive.cited("unchanged.md", "The end.", rank=2), archive.cited("gone.md", "The end.", rank=3)
    ids = {
        kind: archive.quotes(archive.cited(f"{kind}.md", WORDS, "Six ships may pass."), *further)
        for kind in ("unchanged", "moved", "changed", "gone", "unchecked", "altered")
    }
    ids["pdf"] = archive.quote("pdf.pdf", "Six ships may pass it")
    ids["hostile"] = archive.quote("hostile.txt", f". Six. {long}", "Six.", title=hostile, heading=hostile)
    ids["unknown"] = "unknown"
    (archive.documents / "moved.md").rename(archive.documents / "elsewhere.md")
    archive.is_indexed()
    archive.holds("changed.md", RULES.replace("Six ships", "Nine boats"))
    (archive.documents / "gone.md").unlink()
    archive.holds("unchecked.md", " ")
    archive.alter(ids["altered"], "A title", "Another")
    with Site(archive) as site:
        yield {kind: f"{site.address}{archive.link(receipt_id)}" for kind, receipt_id in ids.items()}


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_page(url, is_shown=lambda page: None, status=200, **options):
        """The page, with everything unfolded, after `is_shown`; it may have loaded and complained of nothing else."""
        context = browser.new_context(**{"locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        complaints, addresses = [], []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(url)
        is_shown(page)
        for each in page.locator("summary").all():
            each.click()
        for picture in page.locator("img").all():
            picture.evaluate("each => { each.loading = 'eager'; return each.decode(); }")
        # The browser itself says that.
        assert [each for each in complaints if f"status of {status}" not in each] == []
        origin = "/".join(url.split("/")[:3])
        pages = {f"{origin}/", f"{origin}/sign-in"} if url == f"{origin}/" else set()
        assert [each for each in addresses if each not in pages and not each.startswith(f"{origin}/r/")] == []
        return page

    yield open_page
    for each in contexts:
        each.close()


@pytest.fixture
def visit(open_page, shown):
    """Open the page of a receipt."""

    def visit(kind, **options):
        return open_page(shown[kind], status=404 if kind == "unknown" else 200, **options)

    return visit


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_runs_nothing_and_fits_the_smallest_phone(visit, kind):
    page = visit(kind, viewport=PHONE, is_mobile=True)  # which sees that it asks no other site, nor breaks its policy
    assert page.locator("form").count() == 0
    _check_is_plain_and_fits(page)


def _check_is_plain_and_fits(page):
    assert page.locator("script, iframe, object, [style], [onload], [onerror]").count() == 0
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(_OUTSIDE) == []


_OUTSIDE = """[...document.body.querySelectorAll(':not(.aside, .aside *)')]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1)
    .map(each => each.outerHTML.slice(0, 80))"""


def test_quote_and_sentence_are_visible_in_the_text_around(visit):
    page = visit("unchanged")
    around, mark = page.locator("blockquote").first, page.locator("blockquote mark").first
    paper = [each.evaluate("each => getComputedStyle(each).backgroundColor") for each in (around, mark)]
    assert paper == ["rgba(0, 0, 0, 0)", "rgb(255, 238, 174)"]
    strong = mark.locator("strong")
    assert strong.inner_text() == "Six ships may pass."
    assert strong.evaluate("each => getComputedStyle(each).fontWeight") == "700"
    assert mark.evaluate("each => getComputedStyle(each).fontWeight") == "400"
    assert mark.bounding_box()["height"] > 10


def test_pages_are_light_or_dark_as_the_person_likes(visit):
    looks = {}
    for scheme in ("light", "dark"):
        page = visit("unchanged", color_scheme=scheme)
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        looks[scheme] = (_luminance(ink), _luminance(paper))
    assert looks["light"] == pytest.approx((0.01, 0.92), abs=0.05)
    assert looks["dark"] == pytest.approx((0.8, 0.01), abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_stands_out_and_axe_finds_nothing(visit, kind):
    _check_is_readable(visit(kind))


def _check_is_readable(page):
    assert Axe().run(page).response["violations"] == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        texts = page.evaluate(_COLOURS)
        assert len(texts) > 3
        too_faint = [text for text, ink, paper in texts if _contrast(ink, paper) < 4.5]
        assert (scheme, too_faint) == (scheme, [])


_COLOURS = """(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || parent.closest('.aside')) continue;
    let behind = parent;
    while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
    found.push([walker.currentNode.data, getComputedStyle(parent).color, getComputedStyle(behind).backgroundColor]);
  }
  return found;
})()"""


def _luminance(colour):
    """As WCAG 2 defines it, of "rgb(1, 2, 3)"."""
    parts = (int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, other):
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_screen_reader_finds_landmarks_headings_and_the_quote(visit):
    tree = visit("unchanged").locator("body").aria_snapshot()
    outline = [line.strip() for line in tree.splitlines() if not line.strip().startswith("- text:")]
    assert [line for line in outline if line in {"- banner:", "- main:", "- contentinfo:"}] == [
        "- banner:",
        "- main:",
        "- contentinfo:",
    ]
    headings = [line.removeprefix("- heading ") for line in outline if line.startswith("- heading")]
    assert headings[:5] == [
        '"A title" [level=1]',
        '"In the document" [level=2]',
        '"Source" [level=2]',
        '"Check it yourself" [level=2]',
        '"Further passages that were found" [level=2]',
    ]
    assert "Quote begins: The gate is open." in tree
    assert "Nobody swims. Quote ends." in tree


def test_what_was_removed_and_added_is_said_and_not_only_coloured(visit):
    tree = visit("changed").locator("main").aria_snapshot()
    assert "removed: Six" in tree
    assert "added: Nine" in tree


def test_a_picture_of_a_page_is_loaded_and_described(visit):
    image = visit("pdf").get_by_role("img", name="The page as a picture. The quoted words stand above as text.")
    image.scroll_into_view_if_needed()
    image.evaluate("each => each.decode()")
    assert 1_000 < image.evaluate("each => each.naturalWidth") <= 1_400


def test_direction_marks_end_with_the_document(visit):
    page = visit("hostile")
    ends = page.locator("blockquote mark strong").evaluate(
        """each => ['S', '.'].map(letter => {
            const range = document.createRange(), at = each.firstChild.data.indexOf(letter);
            range.setStart(each.firstChild, at); range.setEnd(each.firstChild, at + 1);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert ends[0] < ends[1]


def test_without_scripts_a_page_is_the_same(visit):
    page = visit("unchanged", java_script_enabled=False)
    assert page.locator("details mark").first.is_visible()
    assert page.locator("blockquote mark").first.inner_text().count("Six ships may pass.") == 1


@pytest.mark.parametrize("locale", ["ar", "de-DE"])
def test_a_page_is_in_the_language_and_direction_of_the_browser(visit, locale):
    page = visit("moved", locale=locale)
    heading = page.locator("h1").evaluate(
        "each => [each.getBoundingClientRect(), each.firstChild.getBoundingClientRect()]"
    )
    gaps = heading[1]["left"] - heading[0]["left"], heading[0]["right"] - heading[1]["right"]
    assert (gaps[0] > gaps[1]) == (locale == "ar")


# --- the page to ask on


@pytest.fixture(scope="module")
def at_home(tmp_path_factory):
    with AskSite(tmp_path_factory.mktemp("home")) as site:
        yield f"{site.address}/"


@pytest.fixture(scope="module")
def abroad(tmp_path_factory):
    """The address of a page that asks for a token."""
    with AskSite(tmp_path_factory.mktemp("abroad"), api_token=SecretStr(TOKEN)) as site:
        yield f"{site.address}/"


def ask(question):
    """Type a question, and press Enter."""

    def is_shown(page):
        page.get_by_role("textbox").fill(question)
        with page.expect_navigation():
            page.get_by_role("textbox").press("Enter")

    return is_shown


def sign_in(token):
    def is_shown(page):
        page.get_by_label("Token").fill(token)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()

    return is_shown


ASKED = {
    "field": (lambda page: None, 200),
    "answer": (ask("rain"), 200),
    "no answer": (ask(f"Does the rain fall in Oban {'x' * 400}?"), 200),
    "no question": (ask("Thanks!"), 422),
}


@pytest.mark.parametrize("kind", ASKED)
def test_the_page_to_ask_on_is_fit_for_everybody(open_page, at_home, kind):
    is_shown, status = ASKED[kind]
    page = open_page(at_home, is_shown, status, viewport=PHONE, is_mobile=True)
    _check_is_plain_and_fits(page)
    _check_is_readable(page)


@pytest.mark.parametrize(("is_shown", "status"), [(lambda page: None, 200), (sign_in("wrong"), 403)])
def test_the_page_to_sign_in_is_fit_for_everybody(open_page, abroad, is_shown, status):
    page = open_page(abroad, is_shown, status, viewport=PHONE, is_mobile=True)
    _check_is_plain_and_fits(page)
    _check_is_readable(page)


def test_a_person_asks_without_scripts_and_opens_the_receipt(open_page, at_home):
    page = open_page(at_home, ask("rain"), java_script_enabled=False)
    assert page.title().endswith("· Quoth")
    assert "rain" not in page.title()
    assert page.url == f"{at_home}#answer"
    assert page.get_by_role("textbox", name="Your question").input_value() == "rain"
    assert page.locator("mark").filter(has_text=RAIN).first.is_visible()
    page.get_by_role("link", name="Receipt of this answer").click()
    assert page.get_by_role("heading", name="Check it yourself").is_visible()


def test_a_token_opens_the_page_until_one_signs_out(open_page, abroad):
    page = open_page(abroad, sign_in(TOKEN))
    ask("rain")(page)
    assert page.locator("mark").filter(has_text=RAIN).first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_label("Token").is_visible()


def test_a_screen_reader_hears_verdict_answer_and_source(open_page, at_home):
    tree = open_page(at_home, ask("rain")).locator("main").aria_snapshot()
    headings = [line.strip() for line in tree.splitlines() if line.strip().startswith("- heading")]
    assert headings[0] == '- heading "Ask the documents" [level=1]'
    assert headings[1].startswith('- heading "This ')
    assert f"Answer begins: {RAIN}" in tree


def test_what_is_wrong_with_a_question_is_said_at_once(open_page, at_home):
    page = open_page(at_home, ask("Thanks!"), 422)
    assert page.get_by_role("alert").inner_text() == "You are welcome!"
    assert page.evaluate("document.activeElement.id") == "question"
