"""The log holds neither what people wrote nor the token, at any level."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from support.running_bot import ANSWER, Log
from support.telegram_double import TelegramDouble
from telegram.ext import Application

from bot.monitoring.logs import SafeFormatter, log_to_stderr
from bot.monitoring.monitor import Monitor
from bot.settings import Settings

WORDS = "Which mushrooms are Elvira's?"
LEVELS = ["debug", "info", "warning", "error", "critical"]
LIBRARIES = [
    "telegram",
    "telegram.ext.Application",
    "httpx",
    "httpcore.http11",
    "tornado.application",
    "asyncio",
    "any",
]


TOKEN = "42:secret"  # noqa: S105


def begin(level, token=TOKEN, log_format="text", monitor=None):
    settings = Settings.model_construct(telegram_bot_token=SecretStr(token), log_level=level, log_format=log_format)
    log_to_stderr(settings, monitor)


@pytest.fixture
def written(capsys):
    """What was written to standard error; the log is as before afterwards."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield lambda: capsys.readouterr().err
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", LIBRARIES)
def test_no_library_logs_what_people_wrote(written, level, name):
    begin(level)
    for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logging.getLogger(name).log(number, "Update %s", {"text": WORDS})
        logging.getLogger(name).log(number, f"Update {WORDS}")
        logging.getLogger(name).log(number, "It failed.", exc_info=KeyError(WORDS))
    text = written()
    assert "Elvira" not in text
    assert (f" ERROR {name}: A problem at test_logs.py:" in text) == (level != "critical")


def test_our_lines_are_logged_from_their_level_on(written):
    begin("info")
    logging.getLogger("bot.telegram.app").info("Answering as @%s.", "quoth_bot")
    logging.getLogger("bot.telegram.app").debug("No more.")
    logging.getLogger("alembic.runtime.migration").info("Context impl SQLiteImpl.")
    [line] = written().splitlines()
    assert line.endswith(" INFO bot.telegram.app: Answering as @quoth_bot.")


def test_the_token_is_masked():
    record = logging.LogRecord("bot", logging.ERROR, "", 1, "POST /bot42:%s", ("secret",), None)
    assert SafeFormatter("42:secret").format(record).endswith("ERROR bot: POST /bot42:***")


def test_an_error_is_logged_by_its_places_and_its_kind():
    with pytest.raises(KeyError) as caught:
        {}[WORDS]
    record = logging.LogRecord("bot", logging.ERROR, "", 1, "It failed.", (), caught._excinfo)
    text = SafeFormatter("42:secret").format(record)
    assert "It failed.\n" in text
    assert "test_logs.py" in text
    assert text.endswith("KeyError")
    assert "Elvira" not in text


def test_in_json_each_record_is_one_object_on_a_line(written):
    begin("info", log_format="json")
    before = datetime.now(UTC)
    logging.getLogger("bot.web.server").info("Two\nlines of %s, and Ё.", "secret")
    logging.getLogger("bot").warning("Next.")
    first, second = map(json.loads, written().splitlines())
    at = datetime.fromisoformat(first.pop("time"))
    assert before <= at.replace(microsecond=999_999)
    assert at.tzname() == "UTC"
    assert first == {"level": "info", "logger": "bot.web.server", "message": "Two\nlines of ***, and Ё."}
    assert (second["level"], second["message"]) == ("warning", "Next.")


def test_in_json_an_error_has_its_kind_and_places_but_no_words(written):
    begin("info", log_format="json")
    try:
        {}[WORDS]
    except KeyError:
        logging.getLogger("bot").exception("It failed.")
    logging.getLogger("httpx").error("Update %s", WORDS, exc_info=KeyError(WORDS))
    text = written()
    ours, other = map(json.loads, text.splitlines())
    assert (ours["message"], ours["exception"]) == ("It failed.", "KeyError")
    (place,) = ours["places"]
    assert "test_logs.py:" in place
    assert place.endswith(" test_in_json_an_error_has_its_kind_and_places_but_no_words")
    assert other["message"].startswith("A problem at test_logs.py:")
    assert "Elvira" not in text


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_without_a_token_nothing_is_masked(written, log_format):
    begin("info", "", log_format)
    logging.getLogger("bot").info("Hello.")
    assert "***" not in written()


def test_warnings_and_errors_are_counted_by_their_level(written):
    monitor = Monitor()
    begin("info", monitor=monitor)
    for name in ("bot", "httpx"):
        for level in (logging.INFO, logging.WARNING, logging.ERROR):
            logging.getLogger(name).log(level, WORDS)
    counts = {
        level: monitor.registry.get_sample_value("quoth_log_messages_total", {"level": level})
        for level in ("info", "warning", "error")
    }
    assert counts == {"info": None, "warning": 2, "error": 2}


def test_no_line_of_a_whole_conversation_holds_its_words(written, request, monkeypatch):
    begin("debug", TelegramDouble.token)  # which writes all that the other levels do
    telegram, service = request.getfixturevalue("telegram"), request.getfixturevalue("service")
    request.getfixturevalue("bot")
    ann = telegram.person("Elvira")
    telegram.delivers(message={"message_id": 1, "date": 10**20, "text": WORDS, "chat": ann.chat.to_json()})
    telegram.delivers(poll={"id": "1", "question": WORDS})
    telegram.shows_next("sendMessage", 502, f"<html>{WORDS}</html>")
    telegram.shows_next("getUpdates", 200, f"<html>{WORDS}</html>")
    telegram.fails_next("sendMessage", 400, f'Bad Request: can\'t parse entities: unsupported start tag "{WORDS}"')
    question = ann.writes(WORDS)
    answer = ann.reads()
    assert answer.text == ANSWER
    service.error = RuntimeError(WORDS)
    ann.edits(question, f"{WORDS} again")
    ann.reads_edited()
    service.error = None
    ann.presses(telegram.button(answer, WORDS, "unknown")).reads()
    ann.types(WORDS).reads()
    ann.sends("voice", {"file_id": "1", "file_unique_id": "1", "duration": 1}, caption=WORDS)
    ann.reads()
    with monkeypatch.context() as broken:
        broken.setattr(Application, "process_update", _fail)
        logging.root.addHandler(log := Log())
        ann.writes(WORDS)
        log.waits_for("is set aside after 3 failures; 1 in all.")
    text = written()
    assert "Elvira" not in text
    assert "Traceback" not in text


async def _fail(*_):
    raise ValueError(WORDS)
