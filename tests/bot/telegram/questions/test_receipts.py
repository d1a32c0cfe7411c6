"""Receipts in Telegram: the button below an answer, /receipt, links, and who may see what."""

from __future__ import annotations

import dataclasses
import re
from contextlib import closing

import pytest
from pydantic import AnyHttpUrl
from support.running_bot import restartable
from support.small_library import SmallLibrary, labels, pressed, presses

from retrieval import Ledger, ask

SNOW = "Snow is cold."
SHA_OF_SNOW = "2d85a90325545e3b"
UNKNOWN = "There is no such receipt, or nothing in it is for this chat."
NO_ID = "Write the code of a receipt after /receipt, or reply with /receipt to an answer of mine."


@pytest.fixture
def library(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rain.txt").write_text("It will rain. Take an umbrella.")
    (documents / "snow.txt").write_text(SNOW)
    made = SmallLibrary(tmp_path)
    yield made
    made.close()


@pytest.fixture
def start(telegram, library, tmp_path):
    with restartable(telegram, library, tmp_path / "data") as started:
        yield started


@pytest.fixture
def bot(start):
    start()


@pytest.fixture
def asked(ann):
    """The answer to a question of Ann's."""
    ann.writes("snow")
    return ann.reads()


def id_of(answer):
    return answer.buttons[-1].data.partition(":")[2]


def link_to(answer):
    return f"https://t.me/quoth_bot?start=r_{id_of(answer)}"


def without_time(text):
    return re.sub(r"Given on .* UTC", "Given on … UTC", text)


def receipt_of(library, question, collections=None):
    """The id of a receipt that was given on the terminal."""
    return ask(library.index, question, collections=collections).receipt_id


def test_the_receipt_takes_the_answers_place_and_goes_back(ann, asked):
    text = asked.text
    view = pressed(ann, asked, "Receipt")
    assert view is asked
    assert without_time(view.text) == (
        "This probably answers your question.\n\n"
        f"Receipt {id_of_receipt(view)} · Link\nGiven on … UTC.\n\n"
        "Snow is cold.\n1. snow · line 1 · snow.txt\n"
        f"SHA-256 {SHA_OF_SNOW}\n✅ These words still stand there."
    )
    assert labels(view) == ["‹ Back"]
    back = pressed(ann, view, "‹ Back")
    assert (back.text, labels(back)) == (text, ["More", "Context", "Receipt", "👍", "👎"])


def id_of_receipt(view):
    return view.marked("code")[0]


def test_the_number_can_be_copied_and_the_link_opens_the_same(telegram, ann, bea, asked):
    receipt_id, link = id_of(asked), link_to(asked)
    view = pressed(ann, asked, "Receipt")
    assert view.marked("code")[:3] == [receipt_id, "snow.txt", SHA_OF_SNOW]
    assert view.links == {"Link": link}
    bea.opens(link)
    opened = bea.reads()
    assert opened.text == view.text
    assert opened.marked("bold") == ["Receipt", SNOW]
    assert opened.marked("expandable_blockquote") == [SNOW]
    assert opened.buttons == []


def test_a_receipt_shows_the_status_of_its_words(library, ann, asked):
    (library.documents / "snow.txt").write_text("Snow is cold.\n\nIce is colder.")
    library.sync()
    assert "\n✅ The file has changed since, but these words still stand there." in receipt(ann, asked)
    (library.documents / "snow.txt").write_text("First of all.\n\nSnow is cold.")
    library.sync()
    assert receipt(ann, asked).endswith("\n↪️ These words stand elsewhere now.")
    (library.documents / "snow.txt").write_text("Snow is warm.")
    library.sync()
    assert f"SHA-256 {SHA_OF_SNOW}\n✏️ The document does not say these words any more." in receipt(ann, asked)
    (library.documents / "snow.txt").unlink()
    library.sync()
    view = receipt(ann, asked)
    assert "\n❌ The document is not there any more." in view
    assert "\n\nSnow is cold.\n1. snow" in view


def test_a_receipt_shows_where_a_document_is_now(library, ann, asked):
    (library.documents / "snow.txt").rename(library.documents / "ice.txt")
    library.sync()
    view = pressed(ann, asked, "Receipt")
    assert "1. snow · line 1 · snow.txt\n" in view.text
    assert view.text.endswith("\n↪️ These words stand elsewhere now.\n— ice.txt")


def receipt(who, answer):
    """What the receipt below an answer says; the answer has its place again then, or says that it is gone."""
    text = pressed(who, answer, "Receipt").text
    pressed(who, answer, "‹ Back")
    return text


def test_a_receipt_reads_a_changed_file_that_is_not_indexed_yet(library, ann, asked):
    (library.documents / "snow.txt").write_text("Snow is warm.")
    assert "✏️ The document does not say these words any more." in receipt(ann, asked)


def test_a_receipt_of_no_answer_leads_back_to_it(ann):
    ann.writes("Who conducts the orchestra under an umbrella?")
    answer = ann.reads()
    nothing = answer.text
    view = pressed(ann, answer, "Receipt")
    assert view.text.startswith("The documents do not seem to answer this.\n\nReceipt ")
    assert view.text.endswith("UTC.")
    back = pressed(ann, view, "‹ Back")
    assert (back.text, labels(back)) == (nothing, ["Closest passages", "Receipt"])
    pressed(ann, back, "Closest passages")
    view = pressed(ann, back, "Receipt")
    assert "UTC.\nThe closest passages, in case they help:\n\nIt will rain." in view.text
    assert pressed(ann, back, "‹ Back").text == nothing


def test_three_quotes_are_shown_and_the_others_counted(library, ann):
    for number in range(1, 8):
        (library.documents / f"{number}.txt").write_text(f"Snow, {'or rain, ' * number}fell.")
    library.sync()
    ann.writes("snow")
    answer = ann.reads()
    assert len(pressed(ann, answer, "Receipt").marked("expandable_blockquote")) == 1
    pressed(ann, answer, "‹ Back")
    pressed(ann, pressed(ann, answer, "More"), "More")
    pressed(ann, answer, "‹ Back")
    view = pressed(ann, answer, "Receipt")
    assert len(view.marked("expandable_blockquote")) == 3
    assert view.text.endswith("\n\n… and 4 more.")


def test_the_heading_stays_above_a_receipt(ann, asked):
    ann.writes("And snow?")
    answer = ann.reads()
    assert answer.text.startswith("Searched for: snow And snow?\n")
    heading = answer.text.partition("\n\n")[0]
    assert pressed(ann, answer, "Receipt").text.startswith(f"{heading}\n\nReceipt ")
    assert pressed(ann, answer, "‹ Back").text.startswith(f"{heading}\n\n")


@pytest.mark.parametrize("written", ["{id}", " {ID} ", "r_{id}", "https://t.me/quoth_bot?start=r_{id}"])
def test_receipt_with_a_number_or_a_link_shows_it(telegram, bot, bea, library, written):
    receipt_id = receipt_of(library, "snow")
    bea.writes(f"/receipt {written.format(id=receipt_id, ID=receipt_id.upper())}")
    shown = bea.reads()
    assert shown.text.startswith(f"This probably answers your question.\n\nReceipt {receipt_id} · Link\nGiven on ")
    assert SHA_OF_SNOW in shown.text
    assert shown.buttons == []


def test_receipt_in_reply_to_an_answer_shows_its_receipt(telegram, ann, bea, asked):
    ann.writes("/receipt", reply_to=asked)
    assert id_of_receipt(ann.reads()) == id_of(asked)
    group = telegram.group("Readers")
    ann.writes("/ask rain", to=group)
    answer = group.reads()
    bea.writes("/receipt@quoth_bot", to=group, reply_to=answer)
    assert id_of_receipt(group.reads()) == id_of(answer)
    bea.writes(f"/receipt {id_of(asked)}", to=group)
    assert id_of_receipt(group.reads()) == id_of(asked)


def test_receipt_alone_says_how_it_is_written(ann):
    said = ann.writes("Hello, all.")
    ann.reads()
    for reply_to in (None, said):
        ann.writes("/receipt", reply_to=reply_to)
        assert ann.reads().text == NO_ID


@pytest.mark.parametrize("receipt_id", ["x", "a" * 20, "' OR 1 = 1 --", "../../x", "<b>", "r_", "ab " * 900])
def test_an_unknown_receipt_gets_one_line(ann, receipt_id):
    ann.writes(f"/receipt {receipt_id}")
    assert ann.reads().text in {UNKNOWN, NO_ID}


def test_a_revoked_receipt_is_not_shown(ann, asked, tmp_path):
    with closing(Ledger(tmp_path / "data")) as receipts:
        receipts.revoke(id_of(asked))
    ann.opens(link_to(asked))
    assert ann.reads().text == UNKNOWN
    text = asked.text
    assert pressed(ann, asked, "Receipt").text == f"This probably answers your question.\n\n{UNKNOWN}"
    assert pressed(ann, asked, "‹ Back").text == text


def test_a_revoked_receipt_of_nothing_found_leads_back_there(ann, tmp_path):
    ann.writes("Who conducts the orchestra?")
    answer = ann.reads()
    nothing = answer.text
    with closing(Ledger(tmp_path / "data")) as receipts:
        receipts.revoke(id_of(answer))
    pressed(ann, answer, "Receipt")
    assert pressed(ann, answer, "‹ Back").text == nothing


def test_an_altered_receipt_is_not_trusted_and_quotes_nothing(ann, asked, tmp_path):
    with closing(Ledger(tmp_path / "data")) as receipts, receipts._db.transaction() as db:
        db.execute("UPDATE receipts SET said = x'00'")
    view = pressed(ann, asked, "Receipt")
    assert view.text == (
        f"This probably answers your question.\n\nReceipt {id_of_receipt(view)} · Link\n"
        "This receipt was altered. Do not trust it."
    )


@pytest.fixture
def secret(library, tmp_path, telegram):
    """A group, and the id of a receipt that quotes what was sent there, besides what everybody may see."""
    group = telegram.group("Readers")
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "secret.txt").write_text("Snow is a secret.")
    library.sync_collection(f"chat{group.id}", folder)
    return group, receipt_of(library, "snow secret")


def test_receipts_of_group_uploads_are_for_the_group_and_owners(telegram, start, secret):
    ann, olga = telegram.person("Ann"), telegram.person("Olga")
    start(owners=frozenset({olga.user["id"]}))
    group, receipt_id = secret
    other = telegram.group("Writers")
    for who, chat, sees in ((ann, group, True), (olga, None, True), (ann, None, False), (olga, other, False)):
        who.writes(f"/receipt {receipt_id}", to=chat)
        shown = (chat or who).reads()
        assert "\n\nReceipt " in shown.text
        assert ("secret" in shown.text) is sees
        assert "snow.txt" in shown.text


def test_a_receipt_of_nothing_that_a_chat_may_see_looks_like_none(telegram, bot, ann, library, secret):
    group, _ = secret
    receipt_id = receipt_of(library, "snow secret", [f"chat{group.id}"])
    ann.writes(f"/receipt {receipt_id}")
    assert ann.reads().text == UNKNOWN
    ann.writes(f"/receipt {receipt_id}", to=group)
    assert "1. secret · line 1 · secret.txt\n" in group.reads().text


def test_a_receipt_hides_a_place_that_its_chat_may_not_see(library, ann, asked, secret, tmp_path):
    group, _ = secret
    (library.documents / "snow.txt").rename(tmp_path / "sent" / "hidden.txt")
    library.sync()
    library.sync_collection(f"chat{group.id}", tmp_path / "sent")
    view = pressed(ann, asked, "Receipt")
    assert view.text.endswith("↪️ These words stand elsewhere now.")
    assert "hidden" not in view.text


def test_a_stranger_learns_nothing(telegram, start, library):
    ann = telegram.person("Ann")
    start(public=False, owners=frozenset({1}))
    ann.opens(f"https://t.me/quoth_bot?start=r_{receipt_of(library, 'snow')}")
    assert ann.reads().text.startswith("This bot is private.")
    ann.writes(f"/receipt {receipt_of(library, 'snow')}")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has it")
    assert ann.chat.unread == 0


def test_where_there_is_a_page_a_button_opens_it(telegram, start, tmp_path):
    start(public_url=AnyHttpUrl("https://quoth.example"))
    ann = telegram.person("Ann")
    ann.writes("snow")
    answer = ann.reads()
    receipt_id = id_of(answer)
    view = pressed(ann, answer, "Receipt")
    with closing(Ledger(tmp_path / "data")) as receipts:
        page = f"https://quoth.example/r/{receipts.links.make(receipt_id)}"
    assert labels(view) == ["‹ Back"]
    assert view.links == {"Link": f"https://t.me/quoth_bot?start=r_{receipt_id}", "In the browser": page}
    ann.writes(f"/receipt {receipt_id}")
    assert ann.reads().links["In the browser"] == page
    assert receipt_id not in page


def test_a_page_that_telegram_would_refuse_is_left_out(telegram, start, library):
    start(public_url=AnyHttpUrl("http://localhost:8080"))
    ann = telegram.person("Ann")
    ann.writes(f"/receipt {receipt_of(library, 'snow')}")
    assert ann.reads().links.keys() == {"Link"}


def test_an_inline_message_links_to_its_receipt(telegram, bot, ann, bea):
    listed = ann.types("snow").reads().results
    assert [result.links.keys() for result in listed] == [{"Receipt"}] * 2
    bea.opens(listed[0].links["Receipt"])
    shown = bea.reads()
    assert shown.text.startswith("Passages to choose from, without a verdict.\n\nReceipt ")
    assert "1. snow · line 1 · snow.txt\n" in shown.text
    assert "rain.txt" not in shown.text


def test_an_inline_receipt_names_what_was_chosen(telegram, bot, ann, library):
    listed = ann.types("snow").reads().results
    receipt_id = listed[1].id.partition(":")[0]
    assert library.index.receipts.get(receipt_id).citations == ()
    ann.chooses(listed[1], "snow")
    telegram.wait_until(lambda: library_receipt(library, receipt_id).citations, "the bot knows it")
    assert [citation.rank for citation in library_receipt(library, receipt_id).citations] == [2]


def library_receipt(library, receipt_id):
    return library.index.receipts.get(receipt_id)


@pytest.mark.parametrize("result_id", ["", "x", "x:1", "x:y", "unknown:²"])
def test_a_made_up_choice_does_nothing(telegram, bot, ann, result_id):
    (result, *_) = ann.types("snow").reads().results
    ann.chooses(dataclasses.replace(result, id=result_id), "snow")
    ann.writes("snow")
    assert ann.reads().text.startswith("This probably answers")


def test_a_receipt_names_what_a_group_was_shown(telegram, bot, ann, library):
    (library.documents / "more.txt").write_text("Snow is cold, too.")
    library.sync()
    group = telegram.group("Readers")
    ann.writes("/ask snow", to=group)
    answer = group.reads()
    assert len(library_receipt(library, id_of(answer)).citations) == 1
    assert len(library_receipt(library, id_of(answer)).further) == 2


def test_the_receipt_button_works_after_a_restart(telegram, start):
    start()
    eva = telegram.person("Eva", "de")
    eva.writes("snow")
    answer = eva.reads()
    start()
    view = pressed(eva, answer, "Beleg")
    assert "\nAusgestellt am " in view.text
    assert "✅ Diese Worte stehen noch dort." in view.text
    presses(eva, answer, "‹ Zurück")
    assert eva.reads_edited().text.startswith("Das beantwortet deine Frage wahrscheinlich.\n\nSnow is cold.")
