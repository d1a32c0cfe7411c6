"""The bot as people run it: the process `quoth bot` with the real model, against a double of the Bot API."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading

import httpx
import pytest
from support.commands import ROOT, environment
from support.telegram_double import TelegramDouble

from bot.telegram.state import State
from retrieval import Ledger

TIMEOUT_S = 120
SECRET = "A-token-of-the-double"  # noqa: S105


class Process:
    """`quoth bot`, and everything that it writes to standard output and standard error."""

    def __init__(self, folder, documents, stderr=subprocess.STDOUT, **changes):
        variables = {
            name: value for name, value in environment(**changes).items() if not name.lower().endswith("_proxy")
        }
        data = folder / "data"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "bot", "--documents", documents, "--data", data],
            # Not in the project's folder, whose .env may hold a real token.
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
        )
        self._lines = []
        self._has_ended = False
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._grown:
                self._lines.append(line)
                self._grown.notify_all()
        with self._grown:
            self._has_ended = True
            self._grown.notify_all()

    @property
    def output(self):
        with self._grown:
            return "".join(self._lines)

    def waits_for(self, text):
        with self._grown:
            self._grown.wait_for(lambda: text in "".join(self._lines) or self._has_ended, TIMEOUT_S)
        assert text in self.output, f"{text!r} is not in the output:\n{self.output}"

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def wait(self):
        """The exit status."""
        status = self._process.wait(TIMEOUT_S)
        self._reader.join()
        return status

    def close(self):
        self._process.kill()
        self.wait()
        self._process.stdout.close()


@pytest.fixture
def telegram():
    with TelegramDouble() as double:
        yield double
    assert double.complaints == []


@pytest.fixture
def quoth_bot(telegram, tmp_path):
    processes = []

    def start(documents=ROOT / "seeds", stderr=subprocess.STDOUT, **changes):
        defaults = {
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "QUOTH_PUBLIC": "true",
        }
        processes.append(Process(tmp_path, documents, stderr, **(defaults | changes)))
        return processes[-1]

    yield start
    for process in processes:
        process.close()


@pytest.fixture
def bot_with_index(telegram, quoth_bot, indexed, tmp_path):
    """The bot as it is started a second time: the seeds are indexed, and its own files are there."""
    data = tmp_path / "data"
    shutil.copytree(indexed, data)
    Ledger(data).close()
    State(data, telegram.token.partition(":")[0]).close()
    return quoth_bot


def test_neither_the_question_nor_the_token_is_logged(telegram, quoth_bot):
    process = quoth_bot(QUOTH_LOG_LEVEL="debug")
    process.waits_for("Answering as @quoth_bot.")
    ann = telegram.person("Ann")
    ann.writes("How many British police officers will work in Coquelles?")
    answer = ann.reads()
    assert "six British police officers" in answer.marked("bold")[0]
    assert re.search(r"\n— .* · lines? \d+.* · franco-british-intelligence-unit\.txt$", answer.text)
    assert answer.marked("code")[0] == "franco-british-intelligence-unit.txt"
    process.terminate()
    assert process.wait() == 0
    assert SECRET not in process.output
    assert "Coquelles" not in process.output
    assert "Traceback" not in process.output


def test_the_bot_answers_from_documents_that_change_while_it_runs(telegram, quoth_bot, tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "tower.txt").write_text("The tower of Linden is 96 metres high.")
    (documents / "bell.txt").write_text("Nine bells ring in the morning.")
    process = quoth_bot(documents)
    process.waits_for("Answering as @quoth_bot.")
    ann = telegram.person("Ann")
    ann.writes("How high is the tower of Linden?")
    assert "96 metres" in ann.reads().text
    (documents / "tower.txt").write_text("The tower of Linden is 97 metres high.")
    process.waits_for("Documents: 1 indexed.")
    ann.writes("How high is the tower of Linden?")
    assert "97 metres" in ann.reads().text
    (documents / "tower.txt").unlink()
    process.waits_for("Documents: 1 removed.")
    ann.writes("How high is the tower of Linden?")
    assert "metres" not in ann.reads().text
    (documents / "bell.txt").unlink()
    process.waits_for("is empty: 1 of its 1 indexed documents are kept")


def test_an_inline_query_is_answered_and_not_logged(telegram, bot_with_index):
    process = bot_with_index(QUOTH_LOG_LEVEL="debug")
    process.waits_for("Answering as @quoth_bot.")
    answer = telegram.person("Ann").types("How many British police officers will work in Coquelles?").reads()
    first = answer.results[0]
    assert first.title.startswith("Creation of a “Franco-British intelligence unit” against smugglers · lines ")
    assert "six British police officers" in first.description
    assert "six British police officers" in first.marked("bold")[0]
    assert first.marked("code") == ["franco-british-intelligence-unit.txt"]
    assert "Coquelles" not in process.output


def test_a_button_below_an_answer_works_after_the_process_was_killed(telegram, bot_with_index):
    ann = telegram.person("Ann")
    ann.writes("Which mushrooms may be eaten raw?")
    process = bot_with_index()
    answer = ann.reads()
    assert answer.text == "The documents do not seem to answer this."
    ann.writes("/help")
    ann.reads()
    process.close()
    ann.presses(answer.buttons[0])
    bot_with_index()
    assert ann.reads_edited() is answer
    assert answer.text.startswith(
        "The documents do not seem to answer this.\n\nThe closest passages, in case they help:\n\n"
    )
    assert len(answer.marked("expandable_blockquote")) == 3
    assert answer.marked("bold") == []
    ann.presses(answer.buttons[1])
    assert ann.reads_edited().text.count("✅ These words still stand there.") == 3


def test_a_confirmed_question_is_answered_after_a_kill(telegram, bot_with_index):
    process = bot_with_index()
    process.waits_for("Answering as @quoth_bot.")
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    ann = telegram.person("Ann")
    ann.writes("How many British police officers will work in Coquelles?")
    telegram.waits_for_calls("sendMessage")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has confirmed it")
    process.close()
    bot_with_index()
    assert "six British police officers" in ann.reads().marked("bold")[0]


def test_an_answer_sent_before_a_kill_is_not_sent_again(telegram, bot_with_index):
    process = bot_with_index()
    process.waits_for("Answering as @quoth_bot.")
    telegram.holds_next("sendMessage")
    ann = telegram.person("Ann")
    ann.writes("How many British police officers will work in Coquelles?")
    answer = ann.reads()
    process.close()
    bot_with_index().waits_for("Answering as @quoth_bot.")
    ann.writes("/sources")
    assert re.match(r"\d+ documents:", ann.reads().text)
    assert ann.chat.by_the_bot[0] == answer.text
    assert len(ann.chat.by_the_bot) == 2


def test_an_upload_survives_a_kill_before_and_after_its_download(telegram, bot_with_index, tmp_path):
    olga = telegram.person("Olga")
    process = bot_with_index(QUOTH_OWNERS=str(olga.user["id"]))
    telegram.holds_next("file")
    olga.sends_file("bees.txt", b"The beekeeper harvests honey in late summer.", "On bees")
    telegram.waits_for_calls("file")
    process.close()
    shelf = tmp_path / "data" / ".uploads"
    assert not shelf.exists()

    process = bot_with_index(QUOTH_OWNERS=str(olga.user["id"]))
    first = olga.reads()
    while not first.buttons:
        olga.reads_edited()
    assert first.text == "bees.txt is among the documents now: 1 passage."
    sent = len(telegram.calls("sendMessage"))
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.sends_file("snails.txt", b"The snail crosses the garden path after rain.")
    telegram.waits_for_calls("sendMessage", sent + 1)
    process.close()
    bot_with_index(QUOTH_OWNERS=str(olga.user["id"]))
    second = olga.reads()
    while not second.buttons:
        olga.reads_edited()
    assert second.text == "snails.txt is among the documents now: 1 passage."
    assert sorted(path.name for path in (shelf / "uploads").iterdir()) == [
        "bees.txt",
        "snails.txt",
    ]
    olga.writes("When does the beekeeper harvest honey?")
    assert "\n— On bees · line 1 · uploads: bees.txt" in olga.reads().text


def test_a_replaced_upload_and_its_undo_survive_kills(telegram, bot_with_index, tmp_path):
    olga = telegram.person("Olga")

    def start():
        return bot_with_index(QUOTH_OWNERS=str(olga.user["id"]))

    def refuse_next(method):
        """Gives what waits until Telegram has refused the next call, so that it is not made for an hour."""
        calls = len(telegram.calls(method))
        telegram.fails_next(method, 429, "Too Many Requests: retry after 3600", retry_after=3600)
        return lambda: telegram.waits_for_calls(method, calls + 1)

    def reads_edited(text):
        while text not in question.text:
            assert olga.reads_edited() is question

    process = start()
    olga.sends_file("bees.txt", b"The beekeeper harvests honey in late summer.", "On bees")
    first = olga.reads()
    while not first.buttons:
        olga.reads_edited()
    wait = refuse_next("sendMessage")
    olga.sends_file("bees.txt", b"The beekeeper harvests honey in early autumn.")
    wait()
    process.close()

    process = start()
    question = olga.reads()
    assert question.text.startswith("There is a bees.txt already.")
    wait = refuse_next("editMessageText")
    olga.presses(question.buttons[0])
    wait()
    process.close()

    process = start()
    reads_edited("bees.txt has been replaced: 1 passage.")
    olga.writes("When does the beekeeper harvest honey?")
    assert "early autumn" in olga.reads().text
    wait = refuse_next("editMessageText")
    olga.presses(question.buttons[0])
    wait()
    process.close()

    start()
    reads_edited("bees.txt is again as it was before: 1 passage.")
    olga.writes("When does the beekeeper harvest honey?")
    answer = olga.reads().text
    assert "late summer" in answer
    assert "\n— On bees · line 1 · uploads: bees.txt" in answer
    assert [path.name for path in (tmp_path / "data" / ".uploads" / "uploads").iterdir()] == ["bees.txt"]


def test_a_damaged_file_gives_one_line_and_status_1(bot_with_index, tmp_path):
    (tmp_path / "data" / "bot.db").write_bytes(b"no database" * 1000)
    process = bot_with_index()
    assert process.wait() == 1
    last_line = process.output.splitlines()[-1]
    assert re.match(r"Error: Cannot use .*: file is not a database\. .* move bot\.db\* away", last_line)
    assert "Traceback" not in process.output


def test_without_a_terminal_the_pairing_link_is_in_a_private_file(telegram, bot_with_index, tmp_path):
    process = bot_with_index(QUOTH_PUBLIC="false", QUOTH_LOG_LEVEL="debug")
    process.waits_for("Answering as @quoth_bot.")
    file = tmp_path / "data" / "pairing-link.txt"
    assert f"Whoever opens the link in {file} in Telegram first does from then on." in process.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ann = telegram.person("Ann")
    ann.opens(file.read_text().strip())
    assert ann.reads().text.startswith("You own this bot now")
    ann.writes("How many British police officers will work in Coquelles?")
    assert "six British police officers" in ann.reads().marked("bold")[0]
    process.terminate()
    assert process.wait() == 0
    assert not file.exists()
    assert "pair_" not in process.output


def test_the_pairing_link_is_shown_at_the_terminal(telegram, bot_with_index, tmp_path):
    terminal, side = pty.openpty()
    process = bot_with_index(QUOTH_PUBLIC="false", stderr=side)
    os.close(side)
    shown = b""
    while b"Answering as" not in shown:
        shown += os.read(terminal, 1000)
    process.close()
    os.close(terminal)
    first = shown.decode().splitlines()[0]
    assert first == "Nobody owns this bot yet. Whoever opens this link in Telegram first does from then on:"
    assert shown.count(b"https://t.me/quoth_bot?start=pair_") == 1
    assert not (tmp_path / "data" / "pairing-link.txt").exists()


def test_an_allowed_group_is_answered_in_each_persons_language(telegram, bot_with_index):
    olga, zoe = telegram.person("Olga"), telegram.person("Zoé", "fr")
    group = telegram.group("Lecteurs")
    process = bot_with_index(QUOTH_PUBLIC="false", QUOTH_OWNERS=str(olga.user["id"]))
    zoe.writes("/ask Combien de policiers britanniques vont travailler à Coquelles ?", to=group)
    assert group.reads().text.startswith("Ce groupe ne peut pas encore m’interroger.")
    olga.writes("/allow", to=group)
    assert group.reads().text == f"Lecteurs ({group.id}) may ask now."
    process.close()
    bot_with_index(QUOTH_PUBLIC="false", QUOTH_OWNERS=str(olga.user["id"]))
    asked = zoe.writes("/ask Combien de policiers britanniques vont travailler à Coquelles ?", to=group)
    answer = group.reads()
    assert answer.reply_to is asked
    assert "six British police officers" in answer.marked("bold")[0]
    assert answer.text.startswith("Ceci répond probablement")
    assert "franco-british-intelligence-unit.txt" in answer.marked("code")


def test_a_webhook_bot_answers_and_logs_no_secret(telegram, bot_with_index):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = bot_with_index(
        QUOTH_WEBHOOK_URL="https://bot.example.org/quoth",
        QUOTH_WEBHOOK_SECRET="a-secret-of-the-webhook",
        QUOTH_WEBHOOK_PORT=str(port),
        QUOTH_LOG_LEVEL="debug",
    )
    process.waits_for("Listening for what Telegram sends to https://bot.example.org/quoth.")
    ann = telegram.person("Ann")
    ann.writes("How many British police officers will work in Coquelles?")
    headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.webhook["secret_token"]}
    url, [update] = f"http://127.0.0.1:{port}/quoth", telegram.world.updates
    assert httpx.post(url, json=update, headers=headers, trust_env=False).status_code == 200
    assert "six British police officers" in ann.reads().marked("bold")[0]
    process.terminate()
    assert process.wait() == 0
    for secret in ("a-secret-of-the-webhook", "Coquelles", SECRET):
        assert secret not in process.output


def test_with_a_public_address_the_bot_shows_receipts_to_browsers(telegram, bot_with_index):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = bot_with_index(QUOTH_PUBLIC_URL="https://example.org/quoth", QUOTH_SERVE_PORT=str(port))
    process.waits_for("Answering as")
    response = httpx.get(f"http://127.0.0.1:{port}/quoth/r/unknown-receipt", trust_env=False)
    assert (response.status_code, "There is no receipt here" in response.text) == (404, True)
    process.terminate()
    assert process.wait() == 0
    assert "unknown-receipt" not in process.output


def test_a_webhook_without_a_secret_gives_one_line_and_status_1(quoth_bot):
    process = quoth_bot(QUOTH_WEBHOOK_URL="https://bot.example.org/quoth")
    assert process.wait() == 1
    assert process.output.startswith("Error: A setting is wrong: QUOTH_WEBHOOK_URL: ")
    assert "QUOTH_WEBHOOK_SECRET" in process.output
    assert "Traceback" not in process.output


def test_a_process_without_a_network_can_be_ended(bot_with_index):
    process = bot_with_index(TELEGRAM_API_URL="http://127.0.0.1:9")
    process.waits_for("No answer from Telegram")
    process.terminate()
    assert process.wait() == 0
    assert "Traceback" not in process.output


def test_a_missing_token_gives_one_line_and_status_1(quoth_bot):
    process = quoth_bot(TELEGRAM_BOT_TOKEN="")
    assert process.wait() == 1
    last_line = process.output.splitlines()[-1]
    assert last_line.startswith("Error: TELEGRAM_BOT_TOKEN is not set. Talk to @BotFather")
    assert "Traceback" not in process.output


def test_a_wrong_token_gives_one_line_and_status_1(telegram, bot_with_index):
    process = bot_with_index(TELEGRAM_BOT_TOKEN="43:A-token-that-was-revoked")
    assert process.wait() == 1
    last_line = process.output.splitlines()[-1]
    assert last_line.startswith(f"Error: {telegram.url} refuses the token in TELEGRAM_BOT_TOKEN.")
    assert "A-token-that-was-revoked" not in process.output
    assert "Traceback" not in process.output
