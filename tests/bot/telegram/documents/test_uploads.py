"""Documents in chat: who may send them, what becomes of them, and who can ask them."""

from __future__ import annotations

import re
import threading

import pytest
from support.made_files import samples
from support.telegram_double import FloodLimits
from support.uploading import asks, sends

from bot.services import watcher
from bot.services.watcher import watching
from bot.settings import UPLOADS
from bot.telegram.documents import reporter
from bot.telegram.transport import connection, flood_control
from retrieval import StoreError

FORMATS = (
    ".adoc, .bmp, .csv, .docm, .docx, .dotm, .dotx, .eml, .epub, .fb2, .heic, .htm, .html, .ics, .ipynb, "
    ".jpeg, .jpg, .json, .jsonl, .log, .markdown, .mbox, .md, .mht, .mhtml, .odp, .ods, .odt, .org, .pdf, "
    ".png, .potm, .potx, .ppsm, .ppsx, .pptm, .pptx, .rst, .rtf, .srt, .tex, .text, .tif, .tiff, .tsv, .txt, "
    ".vtt, .webp, .xhtml, .xlsm, .xlsx, .xltx"
)
NO_UPLOADS = (
    "You cannot add documents here. An owner of the bot can let the group’s administrators do so with /uploads on."
)
NOTHING = "The documents do not seem to answer this."
ONLY_TEXT = "I can only read words here. Write your question as a message, or below the picture."
OLD = "This button does not work any more. Please ask again."


# --- sending


def test_an_owners_upload_is_for_everybody(olga, ann, bot):
    status = sends(olga, "cats.txt", f"A cat {'sleeps ' * 50}.\n\nA cat {'eats ' * 50}.")
    assert status.text == "cats.txt is among the documents now: 2 passages."
    assert [button.text for button in status.buttons] == ["Undo"]
    answer = asks(ann, "cat")
    assert answer.marked("bold")[0].startswith("A cat ")
    assert "uploads: cats.txt" in answer.marked("code")
    assert bot.stored() == ["cats.txt"]


def test_the_caption_becomes_the_title_and_stays_it(olga, ann, bot):
    sends(olga, "cats.txt", "A cat sleeps.", caption="  All about\ncats ")
    assert "\n— All about cats · line 1 · uploads: cats.txt" in asks(ann, "cat").text
    bot.library.sync(rebuild=True)
    assert "\n— All about cats · line 1 · uploads: cats.txt" in asks(ann, "cat").text


# --- photos


def test_an_owners_photo_is_a_document_with_its_caption_as_title(olga, ann, bot):
    olga.sends_photo(samples()[".jpg"], caption="The sign at the door")
    status = olga.chat.reads()
    assert re.fullmatch(
        r"photo \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d \d+\.jpg is among the documents now: 1 passage\.", status.text
    )
    assert "\n— The sign at the door · uploads: photo 20" in asks(ann, "cat").text
    assert [name.startswith("photo 20") for name in bot.stored()] == [True]


def test_a_question_below_a_photo_is_asked(olga, ann, bot):
    for person in (olga, ann):
        person.sends_photo(b"not looked at", caption="snow?")
        assert "Snow is cold." in person.chat.reads().text
    assert bot.stored() == []


def test_a_photo_of_anybody_else_is_no_document(ann, bot):
    ann.sends_photo(b"not looked at")
    assert ann.chat.reads().text == ONLY_TEXT
    ann.sends_photo(b"not looked at", caption="snow")
    assert "Snow is cold." in ann.chat.reads().text
    assert bot.stored() == []


def test_an_administrator_adds_a_photo_in_a_group(olga, ann, group, bot):
    olga.writes("/uploads on", to=group)
    group.reads()
    ann.sends_photo(samples()[".jpg"], caption="@quoth_bot Cats", to=group)
    status = group.reads()
    assert status.text.endswith("is among the documents now: 1 passage.")
    assert "— Cats · " in asks(ann, "cat", to=group).text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("a\u202e.txt", "a.txt"),
        ("x" * 300 + ".txt", "x" * 120 + ".txt"),
        ("CON.txt", "_CON.txt"),
        (".titles.json.txt", "titles.json.txt"),
        ("<b>&amp;.txt", "_b_&amp;.txt"),
    ],
)
def test_a_hostile_name_does_no_harm(olga, bot, name, kept):
    assert sends(olga, name, "A cat sleeps.").text == f"{kept} is among the documents now: 1 passage."
    assert bot.stored() == [kept]


def test_the_same_file_is_kept_once(olga, bot):
    sends(olga, "a.txt", "A cat sleeps.")
    assert sends(olga, "b.txt", "A cat sleeps.").text == "a.txt is among the documents already."
    assert sends(olga, "a.txt", "A cat sleeps.").text == "a.txt is among the documents already."
    assert bot.stored() == ["a.txt"]


@pytest.mark.parametrize("name", ["cat.exe", "../../etc/passwd", ".txt", "", None])
def test_a_file_that_is_not_read_is_refused_before_it_is_fetched(telegram, olga, bot, name):
    olga.sends_file(name, b"A cat sleeps.")
    assert olga.reads().text == f"I cannot read files of this kind. I can read: {FORMATS}"
    assert telegram.calls("getFile") == []


def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(telegram, olga, bots):
    bots.start(max_file_mib=1)
    olga.sends_file("cats.txt", b"cat " * 300_000)
    assert olga.reads().text == "cats.txt is too large. I can take files of up to 1 MB."
    assert telegram.calls("getFile") == []


def test_a_file_for_which_there_is_no_space_is_refused(olga, bots):
    bots.start(max_uploads_mib=1)
    blanks = b" " * 560_000  # two of them are more than a mebibyte, and nothing to be encoded
    olga.sends_file("cats.txt", b"A cat sleeps." + blanks)
    assert olga.reads().text.startswith("cats.txt is among the documents now")
    olga.sends_file("dogs.txt", b"A dog sleeps." + blanks)
    assert olga.reads().text == (
        "dogs.txt was not kept: all the space for documents people send, 1 MB, is taken. "
        "Delete some that nobody needs any more: /documents."
    )
    olga.sends_file("cats.txt", b"A cat sleeps." + blanks)
    assert olga.reads().text == "cats.txt is among the documents already."


def test_a_file_above_the_limit_of_telegram_is_refused(telegram, olga, bot):
    document = {"file_id": "big", "file_unique_id": "big", "file_name": "cats.txt", "file_size": 20_000_001}
    olga.sends("document", document)
    assert olga.reads().text == "cats.txt is too large. I can take files of up to 20 MB."
    assert telegram.calls("getFile") == []


def test_a_file_whose_size_is_not_told_is_measured(olga, bots):
    bots.start(max_file_mib=1)
    message = olga.sends_file("cats.txt", b"cat " * 300_000)
    olga.reads()
    document = {name: value for name, value in message.extra["document"].items() if name != "file_size"}
    olga.sends("document", document)
    assert olga.reads().text == "cats.txt is too large. I can take files of up to 1 MB."
    assert bots.stored("") == []


@pytest.mark.parametrize(
    ("language", "name", "data", "reason"),
    [
        ("en", "empty.txt", b"", "empty.txt holds no text. Put some in, and send it again."),
        (
            "en",
            "broken.docx",
            b"PK no document",
            "broken.docx is damaged, or not what its name says. "
            "Save it anew in the program that made it, and send it again.",
        ),
        (
            "fr",
            "long.csv",
            b"line\n" * 200_001,
            "long.csv est trop long. Je lis jusqu’à 10\u202f000\u202f000 caractères, 5\u202f000 pages ou "
            "200\u202f000 lignes. Divisez-le, puis envoyez-m’en les parties.",
        ),
        ("ru", "empty.txt", b"", "В файле empty.txt нет текста. Добавьте его и пришлите файл ещё раз."),
    ],
)
def test_an_unreadable_upload_is_reported_in_the_senders_language(olga, bot, language, name, data, reason):
    olga.user["language_code"] = language
    olga.sends_file(name, data)
    status = olga.reads()
    assert status.text == reason
    assert len(status.buttons) == 1


def test_the_log_names_unreadable_files_in_english(olga, bot, log, monkeypatch):
    monkeypatch.setattr(watcher, "_REFRESH_MS", 50)  # the folder of uploads is a new one
    olga.user["language_code"] = "fr"
    with watching(bot.library):
        olga.sends_file("empty.txt", b"")
        log.waits_for("Cannot read empty.txt: The file holds no text. Remove it, or fill it.")


def test_an_unreadable_version_leaves_the_last_one_quoted(olga, ann, bot):
    message = olga.sends_file("cats.txt", b"A cat sleeps.")
    status = olga.reads()
    (bot.data / UPLOADS / "uploads" / "cats.txt").write_bytes(b"\0")
    olga.edits_caption(message, "Cats")
    assert olga.reads_edited() is status
    assert status.text == (
        "cats.txt is not text that I can decode. Save it as UTF-8, and send it again.\n"
        "For now, I go on quoting its last good version."
    )
    assert asks(ann, "cat").marked("bold")[0] == "A cat sleeps."


def test_a_download_that_fails_is_told_and_leaves_nothing(telegram, olga, bot):
    telegram.fails_next("getFile", 500, "Internal Server Error")
    assert sends(olga, "cats.txt", "A cat.").text.startswith("Sorry, something went wrong here.")
    assert sends(olga, "cats.txt", "A cat.").text == "cats.txt is among the documents now: 1 passage."


def test_an_upload_is_read_after_the_next_start_if_the_index_fails(olga, bot, monkeypatch, log):
    def fail(*_, **__):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(bot.library, "sync_collection", fail)
    status = sends(olga, "cats.txt", "A cat sleeps.")
    assert status.text == "Sorry, something went wrong here. Please try again in a moment."
    assert "The disk is full." in log.text
    bot.stop()
    bot.start()
    assert olga.reads_edited() is status
    assert status.text == "cats.txt is among the documents now: 1 passage."


@pytest.mark.parametrize("error", [RuntimeError("what somebody wrote"), SystemExit(1)])
def test_the_thread_of_uploads_outlives_an_error_that_nobody_foresaw(olga, ann, bot, monkeypatch, log, error):
    def fail(*_, **__):
        raise error

    with monkeypatch.context() as failing:
        failing.setattr(bot.library, "sync_collection", fail)
        status = sends(olga, "cats.txt", "A cat sleeps.")
        assert status.text == "Sorry, something went wrong here. Please try again in a moment."
    assert log.text.count("after the next start it will be: RuntimeError") == 1
    assert "what somebody wrote" not in log.text
    assert sends(olga, "whales.txt", "A whale.").text == "whales.txt is among the documents now: 1 passage."
    assert asks(ann, "snow").marked("bold")[0] == "Snow is cold."


def test_many_uploads_are_read_while_the_folders_are_watched(telegram, olga, bots):
    pavel = telegram.person("Pavel")
    bots.start(owners=frozenset({olga.user["id"], pavel.user["id"]}))
    with watching(bots.library):
        for number in range(6):
            for person in (olga, pavel):
                name = person.user["first_name"]
                person.sends_file(f"{name} {number}.txt", f"A cat called {name} {number}.".encode())
        finished = {person.user["first_name"]: set() for person in (olga, pavel)}
        for person in (olga, pavel):
            while len(finished[person.user["first_name"]]) < 6:
                finished[person.user["first_name"]].add(person.reads().text)
    names = {f"{name} {number}.txt" for name in finished for number in range(6)}
    assert set.union(*finished.values()) == {f"{name} is among the documents now: 1 passage." for name in names}
    assert set(bots.stored()) == names


def test_the_rate_limit_leaves_out_no_upload_of_an_owner(telegram, olga, ann, bots):
    bots.start(questions_a_minute=2)
    for number in range(4):
        olga.sends_file(f"{number}.txt", f"Cat {number}.".encode())
        ann.writes("How many?")
    reports = {olga.reads().text for _ in range(4)}
    assert reports == {f"{number}.txt is among the documents now: 1 passage." for number in range(4)}
    assert [ann.reads().text.splitlines()[0] for _ in range(3)] == [
        NOTHING,
        NOTHING,
        "That was a lot at once. I will read on in a minute; please ask again then.",
    ]


def test_members_cannot_send_documents(telegram, ann, bot):
    ann.sends_file("cats.txt", b"A cat sleeps.")
    assert ann.reads().text == ONLY_TEXT
    assert telegram.calls("getFile") == []


def test_progress_is_shown_and_questions_are_answered_meanwhile(olga, ann, bot, monkeypatch):
    monkeypatch.setattr(reporter, "PROGRESS_AFTER_S", (0.01,) * 1000)
    began, go_on = threading.Event(), threading.Event()
    encode = bot.encoder.encode_sentences

    def slowly(texts):
        vectors = encode(texts)
        if began.is_set():
            assert go_on.wait(20)
        began.set()
        return vectors

    monkeypatch.setattr(bot.encoder, "encode_sentences", slowly)
    text = "\n\n".join(f"Whale {number} {'swims ' * 40}." for number in range(300))
    olga.sends_file("whales.txt", text.encode())
    status = olga.reads()
    while "%" not in status.text:
        assert olga.reads_edited() is status
    assert status.text.startswith("Reading whales.txt… ")
    assert status.buttons == []
    assert asks(olga, "snow").marked("bold")[0] == "Snow is cold."
    assert asks(ann, "snow").marked("bold")[0] == "Snow is cold."
    go_on.set()
    while not status.buttons:
        olga.reads_edited()
    assert status.text.startswith("whales.txt is among the documents now: ")


# --- albums and floods


def sends_album(person, files, to=None, **options):
    return [person.sends_file(name, text.encode(), to=to, media_group_id="77", **options) for name, text in files]


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(reporter, "ALBUM_S", 0.2)


def test_an_album_gets_one_report(telegram, olga, bot, short_waits):
    files = [(f"cat-{number}.txt", f"Cat {number} sleeps.") for number in range(8)]
    sends_album(olga, [*files, ("empty.txt", ""), ("cat.exe", "x"), ("dog.exe", "y")])
    report = olga.reads()
    olga.writes("/help")
    assert olga.reads().text.startswith("For owners")
    assert report.text.splitlines() == [
        *(f"cat-{number}.txt is among the documents now: 1 passage." for number in range(8)),
        "empty.txt holds no text. Put some in, and send it again.",
        f"I cannot read files of this kind. I can read: {FORMATS}",
    ]
    assert [button.text for button in report.buttons[:2]] == ["Undo: cat-0.txt", "Undo: cat-1.txt"]
    assert len(report.buttons) == 9


def test_undo_in_an_album_takes_one_file_out(olga, ann, bot, short_waits):
    sends_album(olga, [("cats.txt", "A cat sleeps."), ("whales.txt", "A whale swims.")])
    report = olga.reads()
    olga.presses(report.buttons[0]).reads()
    assert olga.reads_edited() is report
    assert report.text == "cats.txt has been removed.\nwhales.txt is among the documents now: 1 passage."
    assert [button.text for button in report.buttons] == ["Undo: whales.txt"]
    assert asks(ann, "cat").text == NOTHING
    assert asks(ann, "whale").marked("bold")[0] == "A whale swims."


def test_a_late_file_of_an_album_gets_into_the_same_report(olga, bot, short_waits):
    sends_album(olga, [("cats.txt", "A cat sleeps.")])
    report = olga.reads()
    sends_album(olga, [("whales.txt", "A whale swims.")])
    assert olga.reads_edited() is report
    while "Reading" in report.text:
        olga.reads_edited()
    assert report.text.splitlines() == [
        "cats.txt is among the documents now: 1 passage.",
        "whales.txt is among the documents now: 1 passage.",
    ]
    assert olga.chat.unread == 0


def test_an_album_is_reported_after_the_next_start(telegram, olga, bot, short_waits):
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    sends_album(olga, [("cats.txt", "A cat sleeps."), ("whales.txt", "A whale swims.")])
    telegram.waits_for_calls("sendMessage")
    bot.stop()
    bot.start()
    assert len(olga.reads().text.splitlines()) == 2
    assert olga.chat.unread == 0


def test_in_a_group_the_report_replies_to_the_album(olga, bot, group, short_waits):
    first, _ = sends_album(olga, [("cats.txt", "A cat."), ("whales.txt", "A whale.")], to=group, caption="/add")
    report = group.reads()
    assert report.reply_to is first
    assert bot.stored(f"chat{group.id}") == ["cats.txt", "whales.txt"]


def test_a_report_that_arrived_unconfirmed_is_not_sent_again(telegram, olga, bot, monkeypatch):
    monkeypatch.setattr(connection, "DELAYS_S", (0.01,))
    telegram.loses_next("sendMessage")
    assert sends(olga, "cats.txt", "A cat sleeps.").text == "cats.txt is among the documents now: 1 passage."
    olga.writes("/help")
    assert olga.reads().text.startswith("For owners")
    assert len(olga.chat.by_the_bot) == 2


def test_25_files_are_reported_within_the_flood_limits(telegram, olga, bots, monkeypatch):
    """A second takes a twentieth of one; Telegram complains of each request before its retry_after."""
    monkeypatch.setattr(flood_control, "PRIVATE", (3, 0.15))
    telegram.flood_limits = FloodLimits(second=0.05)
    bots.start()
    for number in range(25):
        olga.sends_file(f"{number}.txt", f"Cat {number}.".encode())
        if number == 12:
            olga.writes("/help")
    texts = [olga.reads().text for _ in range(26)]
    assert {text for text in texts if "among the documents" in text} == {
        f"{number}.txt is among the documents now: 1 passage." for number in range(25)
    }
    place = next(place for place, text in enumerate(texts) if text.startswith("For owners"))
    assert place < 20
    assert telegram.flood_limits.too_early == []


# --- undoing


def test_undo_takes_the_document_out_again(olga, ann, bot):
    status = sends(olga, "cats.txt", "A cat sleeps.", caption="Cats")
    [undo] = status.buttons
    assert olga.presses(undo).reads() == ""
    assert olga.reads_edited() is status
    assert (status.text, status.buttons) == ("cats.txt has been removed.", [])
    assert asks(ann, "cat").text == NOTHING
    assert [name for name in bot.stored() if not name.startswith(".")] == []
    sends(olga, "cats.txt", "A cat eats.")
    assert olga.presses(undo).reads() == OLD
    assert asks(ann, "cat").marked("bold")[0] == "A cat eats."


def test_undo_needs_the_permission_to_add_documents(ann, olga, bot, group):
    status = sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    press = ann.presses(status.buttons[0])
    assert press.reads() == NO_UPLOADS
    assert bot.stored(f"chat{group.id}") == ["cats.txt"]


# --- after a restart


def test_a_due_report_is_sent_after_the_next_start(telegram, olga, bot):
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.sends_file("cats.txt", b"A cat sleeps.")
    telegram.waits_for_calls("sendMessage")
    bot.stop()
    bot.start()
    status = olga.reads()
    assert status.text == "cats.txt is among the documents now: 1 passage."


def test_the_fault_of_an_upload_is_known_after_a_restart(telegram, olga, bot):
    olga.user["language_code"] = "ru"
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.sends_file("empty.txt", b"")
    telegram.waits_for_calls("sendMessage")
    bot.stop()
    bot.start()
    status = olga.reads()
    assert status.text == "В файле empty.txt нет текста. Добавьте его и пришлите файл ещё раз."


def test_an_undo_that_was_not_reported_is_after_the_next_start(telegram, olga, bot):
    status = sends(olga, "cats.txt", "A cat sleeps.")
    telegram.fails_next("editMessageText", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.presses(status.buttons[0])
    telegram.waits_for_calls("editMessageText")
    bot.stop()
    bot.start()
    assert olga.reads_edited() is status
    assert status.text == "cats.txt has been removed."


def test_an_undo_works_after_a_restart(olga, bot):
    status = sends(olga, "cats.txt", "A cat sleeps.")
    bot.stop()
    bot.start()
    olga.presses(status.buttons[0])
    assert olga.reads_edited() is status
    assert status.text == "cats.txt has been removed."


# --- groups


def test_in_a_group_nobody_but_owners_may_add_until_one_allows_it(telegram, olga, ann, bot, group):
    ann.sends_file("cats.txt", b"A cat sleeps.", "/add", to=group)
    assert group.reads().text == NO_UPLOADS
    ann.writes("/uploads on", to=group)
    assert group.reads().text == "Only owners of the bot can do that."
    olga.writes("/uploads", to=group)
    assert group.reads().text.startswith("In a group, write /uploads on")
    olga.writes("/uploads on", to=group)
    assert group.reads().text.startswith("The administrators of this group may now add documents")
    status = sends(ann, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    assert status.text == "cats.txt is among the documents now: 1 passage."
    telegram.person("Bea").sends_file("more.txt", b"A cat eats.", "/add", to=group)
    assert group.reads().text == NO_UPLOADS
    olga.writes("/uploads off", to=group)
    assert group.reads().text == "Only owners of the bot may add documents here now."
    ann.sends_file("more.txt", b"A cat eats.", "/add", to=group)
    assert group.reads().text == NO_UPLOADS


def test_an_anonymous_administrator_counts_and_a_channel_does_not(telegram, olga, bot, group):
    olga.writes("/uploads on", to=group)
    group.reads()
    anonymous = telegram.person("Group", is_bot=True)
    sent = {"to": group, "caption": "/add"}
    status = sends(anonymous, "cats.txt", "A cat.", **sent, sender_chat=group.to_json())
    assert status.text == "cats.txt is among the documents now: 1 passage."
    channel = {"id": -1_009, "type": "channel", "title": "News"}
    anonymous.sends_file("more.txt", b"A cat eats.", **sent, sender_chat=channel)
    assert group.reads().text == NO_UPLOADS


def test_telegram_is_asked_once_a_minute_who_is_an_administrator(telegram, olga, ann, bot, group):
    olga.writes("/uploads on", to=group)
    group.reads()
    sends(ann, "cats.txt", "A cat.", to=group, caption="/add")
    sends(ann, "more.txt", "A whale.", to=group, caption="/add")
    assert len(telegram.calls("getChatAdministrators")) == 1


@pytest.mark.parametrize("words", ["/add", "/add@quoth_bot", "@quoth_bot"])
def test_a_group_file_is_taken_only_if_it_addresses_the_bot(telegram, olga, bot, group, words):
    olga.sends_file("mine.txt", b"A cat eats.", "look", to=group)
    olga.sends_file("mine.txt", b"A cat eats.", "/add@other_bot", to=group)
    status = sends(olga, "cats.txt", "A cat sleeps.", to=group, caption=f"{words} About cats")
    assert status.text == "cats.txt is among the documents now: 1 passage."
    assert "About cats" in asks(olga, "cat", to=group).text
    assert group.unread == 0


def test_add_takes_the_file_that_it_replies_to(olga, ann, bot, group):
    sent = ann.sends_file("cats.txt", b"A cat sleeps.", "Of cats", to=group)
    olga.writes("/add", to=group, reply_to=sent)
    status = group.reads()
    assert status.reply_to.text == "/add"
    assert status.text == "cats.txt is among the documents now: 1 passage."
    assert "Of cats · line 1" in asks(ann, "cat", to=group).text
    olga.writes("/add", to=group)
    assert group.reads().text == "Write /add in reply to the file that I should read."


def test_an_edited_caption_is_the_title_from_then_on(telegram, olga, ann, bot):
    sent = olga.sends_file("cats.txt", b"A cat sleeps.", "Of cats")
    olga.reads()
    assert "— Of cats · line 1 · uploads: cats.txt" in asks(ann, "cat").text
    olga.edits_caption(sent, "About\ncats")
    telegram.waits_for_calls("editMessageText")
    assert "— About cats · line 1 · uploads: cats.txt" in asks(ann, "cat").text
    assert bot.encoder.encoded.count("A cat sleeps.") == 1


def test_in_a_group_too_and_behind_add(telegram, olga, ann, bot, group):
    sent = olga.sends_file("cats.txt", b"A cat sleeps.", "/add Of cats", to=group)
    group.reads()
    other = ann.sends_file("whales.txt", b"A whale swims.", "A whale.", to=group)
    added = olga.writes("/add Of whales", to=group, reply_to=other)
    group.reads()
    olga.edits_caption(sent, "/add About cats")
    telegram.waits_for_calls("editMessageText")
    olga.edits(added, "/add About whales")
    telegram.waits_for_calls("editMessageText", 2)
    assert "— About cats · " in asks(ann, "cat", to=group).text
    assert "— About whales · " in asks(ann, "whale", to=group).text


def test_an_edited_caption_without_permission_changes_nothing(olga, ann, bot, group):
    olga.writes("/uploads on", to=group)
    group.reads()
    sent = ann.sends_file("cats.txt", b"A cat sleeps.", "/add Of cats", to=group)
    group.reads()
    olga.writes("/uploads off", to=group)
    group.reads()
    ann.edits_caption(sent, "/add About cats")
    never_sent = olga.sends_file("mine.txt", b"A cat eats.", "look", to=group)
    olga.edits_caption(never_sent, "/add Mine")
    assert "— Of cats · " in asks(ann, "cat", to=group).text
    assert bot.stored(f"chat{group.id}") == ["cats.txt"]


def test_a_group_sees_its_own_documents_and_no_other_group_does(telegram, olga, ann, bot, group):
    other = telegram.group("Writers")
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    answer = asks(ann, "cat", to=group)
    assert answer.text == "This probably answers your question.\n\nA cat sleeps.\n— cats · line 1 · cats.txt"
    assert asks(ann, "cat", to=other).text == NOTHING
    assert asks(olga, "cat", to=other).text == NOTHING
    assert asks(ann, "cat").text == NOTHING
    assert asks(olga, "cat").marked("bold")[0] == "A cat sleeps."
    for each in (group, other):
        assert asks(ann, "snow", to=each).marked("bold")[0] == "Snow is cold."


def test_sources_lists_only_what_can_be_asked(olga, ann, bot, group):
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    sends(olga, "whales.txt", "A whale swims.")
    ann.writes("/sources")
    assert ann.reads().text == "2 documents:\n• snow · snow.txt\n• whales · uploads: whales.txt"
    olga.writes("/sources")
    assert olga.reads().text == (
        f"3 documents:\n• snow · snow.txt\n• cats · chat{group.id}: cats.txt\n• whales · uploads: whales.txt"
    )


def test_a_button_shows_only_what_its_chat_sees(telegram, olga, ann, bot, group, monkeypatch):
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    other = telegram.group("Writers")
    olga.writes("Who conducts the orchestra?")
    closest, _ = olga.reads().buttons
    answer = asks(ann, "Who conducts the orchestra?", to=other)
    answer.keyboard[0][0]["callback_data"] = closest.data
    ann.presses(answer.buttons[0])
    assert other.reads_edited() is answer
    assert "snow.txt" in answer.text
    assert "cat" not in answer.text
    olga.presses(closest)
    assert "A cat sleeps." in olga.reads_edited().text


def test_the_context_button_shows_only_what_its_chat_sees(telegram, olga, ann, bot, group):
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    context = next(button for button in asks(olga, "cat").buttons if button.data.startswith("context:"))
    other = telegram.group("Writers")
    answer = asks(ann, "snow", to=other)
    answer.keyboard[0][0]["callback_data"] = context.data
    ann.presses(answer.buttons[0])
    assert other.reads_edited() is answer
    assert "A cat sleeps." not in answer.text
    olga.presses(context)
    assert "A cat sleeps." in olga.reads_edited().text


def test_an_inline_query_finds_no_group_documents(olga, bot, group):
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    sends(olga, "whales.txt", "A whale swims.")
    shown = "".join(result.text for question in ("cat", "whale") for result in olga.types(question).reads().results)
    assert "A whale swims." in shown
    assert "A cat sleeps." not in shown


def test_a_group_may_want_nothing_but_its_own_documents(telegram, olga, ann, bots, group):
    bots.start()
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    before = asks(ann, "snow", to=group)
    assert before.marked("bold")[0] == "Snow is cold."
    ann.writes("/settings", to=group)
    settings = group.reads()
    common = next(each for each in settings.buttons if each.text == "☑ Ask the common documents, too")
    assert ann.presses(common).reads() == ""
    assert group.reads_edited().buttons[2].text == "☐ Ask the common documents, too"
    bots.stop()
    bots.start()
    supergroup = ann.upgrades(group)
    supergroup.administrators.append(ann)
    assert asks(ann, "snow", to=supergroup).text == NOTHING
    assert asks(ann, "cat", to=supergroup).marked("bold") == ["A cat sleeps."]
    ann.writes("/receipt", to=supergroup, reply_to=before)
    assert "snow.txt" not in supergroup.reads().text
    assert asks(ann, "snow").marked("bold")[0] == "Snow is cold."
    assert asks(olga, "snow", to=telegram.group("Writers")).marked("bold")[0] == "Snow is cold."
    ann.writes("/settings", to=supergroup)
    settings = supergroup.reads()
    ann.presses(settings.buttons[2])
    supergroup.reads_edited()
    assert asks(ann, "snow", to=supergroup).marked("bold")[0] == "Snow is cold."


def test_a_group_that_becomes_a_supergroup_keeps_its_documents(olga, ann, bot, group):
    olga.writes("/uploads on", to=group)
    group.reads()
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    supergroup = ann.upgrades(group)
    supergroup.administrators.append(ann)
    assert asks(ann, "cat", to=supergroup).marked("bold")[0] == "A cat sleeps."
    sends(ann, "whales.txt", "A whale swims.", to=supergroup, caption="/add")
    assert bot.stored(f"chat{group.id}") == ["cats.txt", "whales.txt"]


def test_the_data_folder_may_lie_among_the_documents(olga, ann, bots, group):
    bots.data = bots.documents / "data"
    bots.start()
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    bots.library.sync()
    assert asks(ann, "cat").text == NOTHING


# --- /documents


def test_documents_lists_pages_and_deletes_after_asking(olga, ann, bot):
    for number in range(1, 10):
        sends(olga, f"{number}.txt", f"Cat {number}.")
    olga.writes("/documents")
    shown = olga.reads()
    lines = [f"{number}. {number} · {number}.txt" for number in range(1, 9)]
    assert shown.text == "\n".join(["10 documents:", *lines])
    assert [button.text for button in shown.buttons] == [*(f"🗑 {n}.txt" for n in range(1, 9)), "▶"]
    olga.presses(shown.buttons[-1])
    assert olga.reads_edited() is shown
    assert shown.text == "10 documents:\n9. 9 · 9.txt\n10. snow · snow.txt"
    assert [button.text for button in shown.buttons] == ["🗑 9.txt", "◀"]
    olga.presses(shown.buttons[0])
    olga.reads_edited()
    assert shown.text == "Delete 9.txt?"
    assert [button.text for button in shown.buttons] == ["Delete", "Keep"]
    olga.presses(shown.buttons[1])
    olga.reads_edited()
    assert shown.text.startswith("10 documents:\n1. 1 · 1.txt")
    olga.presses(shown.buttons[0])
    olga.reads_edited()
    olga.presses(shown.buttons[0])
    olga.reads_edited()
    assert (shown.text, shown.buttons) == ("1.txt has been removed.", [])
    olga.writes("/documents")
    assert olga.reads().text.startswith("9 documents:\n1. 2 · 2.txt")


def test_unreadable_and_foreign_files_can_be_deleted(olga, bot):
    sends(olga, "broken.docx", b"PK no document")
    (bot.data / UPLOADS / "uploads" / "by hand.txt").write_text("A cat.")
    olga.writes("/documents")
    shown = olga.reads()
    assert shown.text == "3 documents:\n1. broken.docx\n2. by hand.txt\n3. snow · snow.txt"
    olga.presses(shown.buttons[1])
    olga.reads_edited()
    olga.presses(shown.buttons[0])
    olga.reads_edited()
    assert shown.text == "by hand.txt has been removed."
    assert bot.stored() == ["broken.docx"]


def test_in_a_group_documents_are_the_groups_own(olga, ann, bot, group):
    olga.writes("/documents", to=group)
    assert group.reads().text == "There are no documents yet."
    sends(olga, "whales.txt", "A whale swims.")
    sends(olga, "cats.txt", "A cat sleeps.", to=group, caption="/add")
    ann.writes("/documents", to=group)
    assert group.reads().text == NO_UPLOADS
    olga.writes("/uploads on", to=group)
    group.reads()
    ann.writes("/documents", to=group)
    shown = group.reads()
    assert shown.text == "1 document:\n1. cats · cats.txt"
    ann.presses(shown.buttons[0])
    group.reads_edited()
    ann.presses(shown.buttons[0])
    group.reads_edited()
    assert shown.text == "cats.txt has been removed."


def test_only_owners_list_the_documents_to_delete_them(ann, bot):
    ann.writes("/documents")
    assert ann.reads().text == "Only owners of the bot can do that."


@pytest.mark.parametrize("data", ["delete:x", "choose:' OR 1 = 1 --", "documents:-1", "delete:../../x"])
def test_made_up_buttons_do_nothing(telegram, olga, bot, data):
    status = sends(olga, "cats.txt", "A cat sleeps.")
    assert olga.presses(telegram.button(status, "Undo", data)).reads() == OLD
    assert bot.stored() == ["cats.txt"]


def test_a_document_of_another_chat_cannot_be_deleted(olga, ann, bot, group):
    mine = sends(olga, "cats.txt", "A cat sleeps.")
    groups = sends(olga, "whales.txt", "A whale swims.", to=group, caption="/add")
    groups.keyboard[0][0]["callback_data"] = mine.buttons[0].data
    assert olga.presses(groups.buttons[0]).reads() == OLD
    assert bot.stored() == ["cats.txt"]
