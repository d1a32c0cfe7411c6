"""Web pages in Telegram: who may add documents sends a link and presses a button, and the page can be asked."""

from __future__ import annotations

import pytest
from support.site import redirect_to, send, serving_site
from support.uploading import asks

from bot.services import sources
from retrieval import Fetcher, FetchSettings

NO_LINKS = "I do not open links. Those who may add documents send me the file itself."
NOTHING = "The documents do not seem to answer this."
OLD = "This button does not work any more. Please ask again."
THIS, BELOW, NO = "This page", "And pages below it, at most 1,000", "No"


@pytest.fixture
def site():
    with serving_site() as site:
        site.pages["/"] = '<title>Pets</title><p>A cat sleeps all day.</p><p><a href="/whales">Whales</a></p>'
        site.pages["/whales"] = "<title>Sea</title><p>A whale sings at night.</p>"
        yield site


@pytest.fixture(autouse=True)
def fetcher(monkeypatch):
    """Pages of this machine are fetched, without a pause."""

    def open_fetcher(settings):
        private = settings.allow_private_addresses
        return Fetcher(FetchSettings(allows_private=private, max_mib=1, min_pause_s=0), sleep=lambda _: None)

    monkeypatch.setattr(sources, "open_fetcher", open_fetcher)


@pytest.fixture
def bot(bots):
    bots.start(allow_private_addresses=True, max_file_mib=1)
    return bots


def offers(person, link, to=None):
    """Send a link, and give what the bot says to it."""
    person.writes(link, to=to)
    return (to or person.chat).reads()


def chooses(person, question, label, to=None):
    """Press a button, and give the text that takes the place of the message's."""
    [button] = [button for button in question.buttons if button.text == label]
    person.presses(button)
    assert (to or person.chat).reads_edited() is question
    return question.text


def test_a_link_becomes_a_document_with_receipts(olga, ann, bot, site):
    address = site.address()
    question = offers(olga, f"{address}#top")
    assert question.text == f"Add this page?\n{address}"
    assert [button.text for button in question.buttons] == [THIS, BELOW, NO]
    assert site.requests == []
    assert chooses(olga, question, THIS) == f"{address} is among the documents now: 1 passage."
    assert [button.text for button in question.buttons] == ["Undo"]
    answer = asks(ann, "cat")
    assert answer.marked("bold")[0] == "A cat sleeps all day."
    assert answer.text.splitlines()[-1].startswith("— Pets · ")
    assert "/whales" not in site.requests
    receipt = chooses(ann, answer, "Receipt")
    assert f" · uploads: {address} · fetched " in receipt
    assert answer.links[f"uploads: {address}"].startswith(f"{address}#:~:text=A%20cat%20sleeps")


def test_no_adds_nothing_and_ends_the_question(olga, bot, site):
    question = offers(olga, site.address())
    this, *_ = question.buttons
    assert chooses(olga, question, NO) == f"{site.address()} was not added."
    assert question.buttons == []
    assert olga.presses(this).reads() == OLD
    assert site.requests == []


def test_nobody_else_can_add_a_page(olga, ann, group, bot, site):
    assert offers(ann, site.address()).text == NO_LINKS
    question = offers(olga, f"@quoth_bot {site.address()}", to=group)
    assert ann.presses(question.buttons[0]).reads().startswith("You cannot add documents here.")
    assert offers(ann, f"@quoth_bot {site.address()}", to=group).text == NO_LINKS
    assert site.requests == []


def test_an_administrator_adds_a_page_for_the_group_alone(olga, ann, group, bot, site):
    olga.writes("/uploads on", to=group)
    group.reads()
    link = olga.writes(site.address(), to=group)
    ann.writes("/add", to=group, reply_to=link)
    question = group.reads()
    assert chooses(ann, question, THIS, to=group) == f"{site.address()} is among the documents now: 1 passage."
    assert asks(ann, "cat", to=group).marked("bold")[0] == "A cat sleeps all day."
    assert asks(ann, "cat").text == NOTHING


def test_a_link_in_a_question_is_asked(olga, bot, site):
    assert offers(olga, f"snow {site.address()}").text == NOTHING


def test_a_page_that_is_not_fetched_says_why_and_is_forgotten(olga, bot, site):
    site.pages |= {
        "/robots.txt": "User-agent: *\nDisallow: /private",
        "/inside": lambda it: send(it, b"", status=403),
        "/large": "cat " * 300_000,
        "/ftp": redirect_to("ftp://example.org/"),
        "/broken": lambda it: send(it, b"", status=418),
    }
    reasons = {
        "/gone": "was not found: the site has no such page. Check the link, and send it again.",
        "/private": "is not for programs: the site asks for that in its robots.txt.",
        "/inside": "is shown only to some, such as after a login.",
        "/large": "is too large. I can fetch pages of up to 1 MB.",
        "/ftp": "is no address of a web page, or holds a password.",
        "/broken": "cannot be fetched: the site does not answer as it should.",
    }
    for path, reason in reasons.items():
        question = offers(olga, site.address(path))
        assert chooses(olga, question, THIS).startswith(f"{site.address(path)} {reason}")
        assert question.buttons == []
    olga.writes("/documents")
    assert olga.reads().text == "1 document:\n1. snow · snow.txt"


def test_a_page_without_text_says_so(olga, bot, site):
    site.pages["/"] = "<script>draw()</script>"
    question = offers(olga, site.address())
    assert chooses(olga, question, THIS).startswith(f"{site.address()} holds no text that I can read. Open it in a")
    assert [button.text for button in question.buttons] == ["Undo"]


def test_a_private_address_is_refused(olga, bots, site):
    bots.start()
    text = chooses(olga, offers(olga, site.address()), THIS)
    assert text.startswith(f"{site.address()} leads into a private network.")
    assert site.requests == []


def test_an_address_with_a_password_is_refused_at_once(olga, bot, site):
    assert "holds a password" in offers(olga, site.address().replace("//", "//ann:secret@")).text
    assert site.requests == []


def test_pages_below_a_link_are_added_listed_refreshed_and_removed(olga, ann, bot, site):
    text = chooses(olga, offers(olga, site.address()), BELOW)
    assert text == f"{site.address()} and pages below it are among the documents now: 2 pages, 2 passages."
    assert asks(ann, "whale").marked("bold")[0] == "A whale sings at night."
    olga.writes("/documents")
    shown = olga.reads()
    assert shown.text == f"2 documents:\n1. Pets · 2 pages · {site.address()}\n2. snow · snow.txt"
    delete, refresh = shown.buttons
    site.pages["/"] = "<title>Pets</title><p>A cat eats.</p>"
    assert chooses(olga, shown, refresh.text).startswith(f"{site.address()} and pages below it are")
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."
    olga.writes("/documents")
    shown = olga.reads()
    assert chooses(olga, shown, delete.text) == f"Delete {site.address()}?"
    assert chooses(olga, shown, "Delete") == f"{site.address()} has been removed."
    for word in ("cat", "whale"):
        assert asks(ann, word).text == NOTHING


def test_a_page_that_is_gone_stays_quoted(olga, ann, bot, site):
    chooses(olga, offers(olga, site.address()), THIS)
    del site.pages["/"]
    olga.writes("/documents")
    text = chooses(olga, olga.reads(), "🔄")
    assert text.endswith("For now, I go on quoting its last good version.")
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps all day."


def test_the_buttons_work_after_a_restart(olga, bot, site):
    question = offers(olga, site.address())
    bot.stop()
    bot.start(allow_private_addresses=True, max_file_mib=1)
    assert chooses(olga, question, THIS).startswith(f"{site.address()} is among")
    assert chooses(olga, question, "Undo") == f"{site.address()} has been removed."
