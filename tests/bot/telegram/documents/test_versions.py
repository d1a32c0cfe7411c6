"""A file whose name another document has: people decide, and can undo it."""

from __future__ import annotations

import pytest
from support.small_library import labels, pressed, presses
from support.uploading import asks, sends

from bot.telegram.documents import reporter, versions
from bot.telegram.state.uploads import UploadRepository
from retrieval import StoreError

QUESTION = (
    "There is a cats.txt already.\n"
    "Until you choose, I quote the old one. After a day without a choice, I drop the new one."
)
NOTHING = "The documents do not seem to answer this."
OLD = "This button does not work any more. Please ask again."
NO_UPLOADS = (
    "You cannot add documents here. An owner of the bot can let the group’s administrators do so with /uploads on."
)


def sends_another(person, to=None, **options):
    """Send a file of a name that another has, and give the question."""
    sends(person, "cats.txt", "A cat sleeps.", to=to, **options)
    return sends(person, "cats.txt", "A cat eats.", to=to, **options)


def test_until_somebody_decides_the_old_file_is_quoted(olga, ann, bot):
    question = sends_another(olga)
    assert question.text == QUESTION
    assert labels(question) == ["Replace", "Keep both"]
    assert question.keyboard[0][0]["text"] == "Replace"
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."
    olga.writes("/documents")
    assert labels(olga.reads()) == ["🗑 cats.txt"]


def test_replace_puts_the_new_file_in_its_place(olga, ann, bot):
    question = sends_another(olga)
    assert pressed(olga, question, "Replace") is question
    assert question.text == "cats.txt has been replaced: 1 passage."
    assert labels(question) == ["Undo"]
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."
    assert "A cat sleeps." not in asks(ann, "cat").text


def test_undo_brings_the_old_file_back_with_its_title(olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.", caption="Of sleep")
    question = sends(olga, "cats.txt", "A cat eats.", caption="Of food")
    pressed(olga, question, "Replace")
    assert "\n— Of food · line 1 · uploads: cats.txt" in asks(ann, "cat").text
    pressed(olga, question, "Undo")
    assert (question.text, question.buttons) == ("cats.txt is again as it was before: 1 passage.", [])
    assert "A cat sleeps.\n— Of sleep · line 1 · uploads: cats.txt" in asks(ann, "cat").text
    assert bot.stored() == ["cats.txt"]


def test_the_old_title_stays_if_the_new_file_brings_none(olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.", caption="Of cats")
    pressed(olga, sends(olga, "cats.txt", "A cat eats."), "Replace")
    assert "A cat eats.\n— Of cats · line 1" in asks(ann, "cat").text


def test_keep_both_gives_the_new_file_a_number(olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.", caption="Of sleep")
    question = sends(olga, "cats.txt", "A cat eats.", caption="Of food")
    pressed(olga, question, "Keep both")
    assert question.text == "cats (2).txt is among the documents now: 1 passage."
    assert bot.stored() == ["cats (2).txt", "cats.txt"]
    olga.writes("/sources")
    assert olga.reads().text.endswith("• Of food · uploads: cats (2).txt\n• Of sleep · uploads: cats.txt")
    pressed(olga, question, "Undo")
    assert question.text == "cats (2).txt has been removed."
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."


def test_a_caption_edited_before_the_decision_is_the_title(telegram, olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.")
    sent = olga.sends_file("cats.txt", b"A cat eats.", "Of foot")
    question = olga.reads()
    olga.edits_caption(sent, "Of food")
    telegram.waits_for_calls("editMessageText")
    pressed(olga, question, "Replace")
    assert "A cat eats.\n— Of food · line 1" in asks(ann, "cat").text


def test_a_choice_works_after_a_restart_and_so_does_undo(olga, ann, bot):
    question = sends_another(olga)
    bot.stop()
    bot.start()
    pressed(olga, question, "Replace")
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."
    bot.stop()
    bot.start()
    pressed(olga, question, "Undo")
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."


def test_a_question_that_was_not_sent_is_after_the_next_start(telegram, olga, bot):
    sends(olga, "cats.txt", "A cat sleeps.")
    sent = len(telegram.calls("sendMessage"))
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.sends_file("cats.txt", b"A cat eats.")
    telegram.waits_for_calls("sendMessage", sent + 1)
    bot.stop()
    bot.start()
    assert olga.reads().text == QUESTION
    assert olga.chat.unread == 0


def test_an_update_that_comes_again_asks_once(telegram, olga, bot):
    sends(olga, "cats.txt", "A cat sleeps.")
    sent = olga.sends_file("cats.txt", b"A cat eats.")
    question = olga.reads()
    telegram.delivers_again(sent)
    olga.writes("/help")
    olga.reads()
    assert olga.chat.unread == 0
    pressed(olga, question, "Replace")
    assert bot.stored()[-1] == "cats.txt"


def test_only_those_who_may_add_documents_decide(olga, ann, bot, group):
    question = sends_another(olga, to=group, caption="/add")
    assert presses(ann, question, "Replace").reads() == NO_UPLOADS
    assert presses(ann, question, "Keep both").reads() == NO_UPLOADS
    olga.writes("/uploads on", to=group)
    group.reads()
    assert presses(ann, question, "Replace").reads() == ""
    assert group.reads_edited().text == "cats.txt has been replaced: 1 passage."


def test_in_another_group_the_name_is_free(telegram, olga, bot, group):
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    status = sends(olga, "cats.txt", "A cat eats.", to=telegram.group("Writers"), caption="/add")
    assert status.text == "cats.txt is among the documents now: 1 passage."


def test_an_album_asks_in_one_message(olga, ann, bot, monkeypatch):
    monkeypatch.setattr(reporter, "ALBUM_S", 0.2)
    sends(olga, "cats.txt", "A cat sleeps.")
    sends(olga, "whales.txt", "A whale sleeps.")
    for name, text in {"cats.txt": "A cat eats.", "whales.txt": "A whale eats.", "snow.txt": "Snow falls."}.items():
        olga.sends_file(name, text.encode(), media_group_id="77")
    report = olga.reads()
    assert report.text == (
        "There is a cats.txt already.\nThere is a whales.txt already.\n"
        "snow.txt is among the documents now: 1 passage.\n"
        "Until you choose, I quote the old one. After a day without a choice, I drop the new one."
    )
    assert labels(report) == [
        "Undo: snow.txt",
        "Replace: cats.txt",
        "Keep both: cats.txt",
        "Replace: whales.txt",
        "Keep both: whales.txt",
    ]
    pressed(olga, report, "Keep both: whales.txt")
    pressed(olga, report, "Replace: cats.txt")
    assert report.text.splitlines() == [
        "cats.txt has been replaced: 1 passage.",
        "whales (2).txt is among the documents now: 1 passage.",
        "snow.txt is among the documents now: 1 passage.",
    ]
    assert labels(report) == ["Undo: cats.txt", "Undo: whales (2).txt", "Undo: snow.txt"]
    pressed(olga, report, "Undo: cats.txt")
    assert report.text.splitlines()[0] == "cats.txt is again as it was before: 1 passage."
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."


@pytest.fixture
def at_once(monkeypatch):
    """Files that wait are dropped at once, from the next start on."""
    monkeypatch.setattr(versions, "UNDECIDED_S", 0)


def test_a_file_that_nobody_decides_about_is_dropped(olga, ann, bot, at_once):
    question = sends_another(olga)
    replace = question.buttons[0]
    bot.stop()
    bot.start()
    assert olga.reads_edited() is question
    assert question.text == "The new cats.txt is not kept any more. Send it again if you still need it."
    assert question.buttons == []
    question.keyboard.append([{"text": "Replace", "callback_data": replace.data}])
    assert olga.presses(replace).reads() == OLD
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."


def test_after_a_week_a_replacement_cannot_be_undone(olga, ann, bot, monkeypatch):
    question = sends_another(olga)
    pressed(olga, question, "Replace")
    monkeypatch.setattr(versions, "FORMER_S", 0)
    bot.stop()
    bot.start()
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."
    assert presses(olga, question, "Undo").reads() == OLD
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."


def test_a_replaced_document_that_is_deleted_leaves_nothing(olga, ann, bot):
    pressed(olga, sends_another(olga), "Replace")
    olga.writes("/documents")
    listed = olga.reads()
    pressed(olga, listed, "🗑 cats.txt")
    pressed(olga, listed, "Delete")
    assert listed.text == "cats.txt has been removed."
    assert bot.stored() == []
    assert asks(ann, "cat").text == NOTHING


def test_an_unreadable_replacement_leaves_the_last_version_quoted(olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.")
    question = sends(olga, "cats.txt", b"\0")
    pressed(olga, question, "Replace")
    assert question.text.endswith("For now, I go on quoting its last good version.")
    pressed(olga, question, "Undo")
    assert question.text == "cats.txt is again as it was before: 1 passage."


def test_the_undo_of_a_file_that_was_replaced_is_old(olga, bot):
    status = sends(olga, "cats.txt", "A cat sleeps.")
    question = sends(olga, "cats.txt", "A cat eats.")
    pressed(olga, question, "Replace")
    assert presses(olga, status, "Undo").reads() == OLD
    assert "cats.txt" in bot.stored()


def test_a_file_in_french_is_asked_about_in_french(olga, bot):
    olga.user["language_code"] = "fr"
    question = sends_another(olga)
    assert question.text.startswith("Il existe déjà un fichier cats.txt.\n")
    pressed(olga, question, "Remplacer")
    assert question.text == "cats.txt a été remplacé\u00a0: 1 passage."


@pytest.mark.parametrize(
    ("choice", "stored", "report"),
    [
        ("Replace", ["cats.txt"], "cats.txt has been replaced: 1 passage."),
        ("Keep both", ["cats (2).txt", "cats.txt"], "cats (2).txt is among the documents now: 1 passage."),
    ],
)
def test_a_choice_that_failed_halfway_can_be_made_again(olga, bot, monkeypatch, choice, stored, report):
    question = sends_another(olga)

    def fail(*_):
        raise StoreError("The disk is full.")

    with monkeypatch.context() as failing:
        failing.setattr(UploadRepository, "place", fail)
        presses(olga, question, choice)
        assert olga.reads().text.startswith("Sorry, something went wrong here.")
    pressed(olga, question, choice)
    assert question.text == report
    assert [name for name in bot.stored() if not name.startswith(".")] == stored
