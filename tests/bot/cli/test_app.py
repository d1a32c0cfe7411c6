"""The command line: arguments, exit statuses and errors; then, as a process with the real model, the whole of it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata

import pytest
from support.commands import QUOTH, ROOT, TIMEOUT_S, Terminal, environment, run

from bot.services import library
from retrieval import ModelError, StoreError

SEEDS = ROOT / "seeds"
QUESTION = "How many British police officers will work in Coquelles?"
UNRELATED = "Who won the chess world championship in 1972?"
SENTENCE = (
    "“For the first time, six British police officers since six French police officers in Coquelles "
    "will be able to work upstream against the smugglers,” he confirmed during his press conference."
)
HEAVY = {"torch", "sentence_transformers", "transformers", "telegram", "sqlalchemy", "alembic", "psycopg", "pymilvus"}
PROMPT = "\x1b[?2004h"
"""What a terminal is told when a line is to be typed: to mark what is pasted."""
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


# --- arguments


def test_without_a_command_the_help_is_shown(quoth):
    status, out, err = quoth()
    assert (status, out) == (2, "")
    assert err.startswith("Usage: quoth [OPTIONS] COMMAND [ARGS]...\n")


def test_the_version_is_that_of_the_installed_package(quoth, monkeypatch):
    monkeypatch.setattr(metadata, "version", {"quoth": "1.2.3"}.__getitem__)
    assert quoth("--version") == quoth("-V") == (0, "quoth 1.2.3\n", "")


@pytest.mark.parametrize("command", [[], ["ask"], ["index"]])
def test_h_is_short_for_help(quoth, command):
    status, out, err = quoth(*command, "-h")
    assert (status, err) == (0, "")
    assert out == quoth(*command, "--help")[1]


def test_an_unknown_command_is_answered_with_the_nearest(quoth):
    assert "No such command 'asq'. Did you mean 'ask'?" in quoth("asq", "How many?")[2]


@pytest.mark.parametrize(
    ("typed", "number", "completed"),
    [("quoth rec", 1, "receipt\nreceipts\n"), ("quoth ask --coll", 2, "--collection\n")],
)
def test_a_shell_completes_commands_and_options(quoth, monkeypatch, typed, number, completed):
    monkeypatch.setenv("_QUOTH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(number))
    assert quoth() == (0, completed, "")


def test_the_completion_of_a_shell_can_be_shown(quoth):
    status, out, _ = quoth("--show-completion", "bash")
    assert (status, "_QUOTH_COMPLETE=complete_bash" in out) == (0, True)


def test_a_checkout_that_is_not_installed_has_no_version(quoth, monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    assert quoth("--version") == (0, "quoth (not installed)\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--loud"],
        ["sing"],
        ["index", "--loud"],
        ["index", "here", "--documents", "there"],
        ["ask"],
        ["ask", "--\udcff"],
        ["ask", "How many?", "-k", "0"],
        ["ask", "How many?", "-k", "many"],
        ["chat", "--json"],
        ["bot", "--json"],
    ],
)
def test_misuse_is_explained_with_status_2(quoth, library, arguments):
    status, out, err = quoth(*arguments)
    assert (status, out) == (2, "")
    assert "\nError: " in err
    assert library.asked == []


def test_folders_come_from_the_command_line(quoth, library, tmp_path):
    quoth("ask", "How many?", "--documents", "papers", "--data", str(tmp_path / "index"))
    assert str(library.settings.documents) == "papers"
    assert library.settings.data == tmp_path / "index"
    quoth("index", "notes")
    assert str(library.settings.documents) == "notes"
    assert str(library.settings.data) == ".quoth"


def test_folders_before_the_command_count_less_than_behind_it(quoth, library):
    quoth("--documents", "papers", "--data", "index", "ask", "How many?")
    assert (str(library.settings.documents), str(library.settings.data)) == ("papers", "index")
    quoth("--documents", "papers", "--data", "index", "ask", "How many?", "--data", "nearer")
    assert (str(library.settings.documents), str(library.settings.data)) == ("papers", "nearer")
    quoth("--documents", "papers", "index", "notes")
    assert str(library.settings.documents) == "notes"


def test_a_name_that_is_no_setting_is_said_once(quoth, tmp_path):
    (tmp_path / ".env").write_text("QUOTH_DOCUMENT=papers\n")
    status, _, err = quoth("ask", "How many?")
    assert status == 0
    assert err == ("Warning: There is no setting QUOTH_DOCUMENT, which stands in .env. Did you mean QUOTH_DOCUMENTS?\n")


def test_the_model_and_its_cache_come_from_the_settings(call, monkeypatch):
    def resolve_model(name, *, cache, progress):
        message = f"{name} in {cache}"
        raise ModelError(message)

    monkeypatch.setattr("bot.services.library.resolve_model", resolve_model)
    monkeypatch.setenv("QUOTH_MODEL", "my/model")
    monkeypatch.setenv("QUOTH_CACHE", "my-cache")
    assert call("ask", "How many?") == (1, "", "Error: my/model in my-cache\n")


def test_the_bot_misses_its_token_before_it_loads_anything(call, monkeypatch):
    monkeypatch.setattr(library, "open_library", None)
    status, out, err = call("bot")
    assert (status, out) == (1, "")
    assert err.startswith("Error: TELEGRAM_BOT_TOKEN is not set. ")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--documents", "missing"], "There is no folder missing."),
        (["--documents", "file"], "There is no folder file."),
        (["--data", "file"], "Cannot use the index in file: "),
        (["--data", "file/below"], "Cannot use the index in file/below: "),
    ],
)
@pytest.mark.parametrize("arguments", [["index"], ["ask", "How high is the tower?"], ["chat"]])
def test_a_folder_that_cannot_be_used_is_one_line_with_status_1(quoth_with_words, tmp_path, options, reason, arguments):
    (tmp_path / "file").touch()
    (tmp_path / "seeds").mkdir()
    status, out, err = quoth_with_words(*arguments, *options)
    assert (status, out) == (1, "")
    assert re.fullmatch(rf"Error: {re.escape(reason)}[^\n]*\n", err)


# --- errors


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StoreError("There is no index.\nMake one."), "Error: There is no index.␤Make one.\n"),
        (OSError(28, "No space left on device"), "Error: No space left on device\n"),
        (PermissionError(13, "Permission denied", "/data/x\x1b"), "Error: Permission denied: /data/x␛\n"),
    ],
)
@pytest.mark.parametrize("arguments", [["ask", "How many?", "--json"], ["index"], ["chat"]])
def test_an_error_is_one_line_with_status_1(quoth, library, error, line, arguments):
    def fail(*_, **__):
        raise error

    library.sync = fail
    assert quoth(*arguments) == (1, "", line)
    assert library.is_closed


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("QUOTH_LOG_LEVEL", "loud", "Input should be 'debug', 'info', 'warning' or 'error'"),
        ("TELEGRAM_API_URL", "x", "Input should be a valid URL, relative URL without a base"),
    ],
)
def test_a_wrong_setting_is_named(quoth, monkeypatch, name, value, reason):
    monkeypatch.setenv(name, value)
    status, out, err = quoth("ask", "How many?")
    assert (status, out) == (1, "")
    assert err == f"Error: A setting is wrong: {name}: {reason}. Correct it in the environment or in .env.\n"


# --- the process


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """A folder with an index of the seeds in `data`, and what the first `quoth ask` in it did."""
    folder = tmp_path_factory.mktemp("outside")
    first = run("ask", QUESTION, "--documents", str(SEEDS), "--data", "data", folder=folder)
    return folder, first


def in_index(folder):
    return ["--documents", str(SEEDS), "--data", str(folder / "data")]


def test_the_first_question_indexes_and_is_answered(indexed):
    _, first = indexed
    assert first.returncode == 0
    assert first.stdout.startswith(f"This probably answers your question.\n\n**{SENTENCE}**\n— Creation of")
    assert f"\n**{SENTENCE}**\n— Creation of a “Franco-British" in first.stdout
    assert " · franco-british-intelligence-unit.txt, lines 1–9\n" in first.stdout


def test_the_second_question_loads_no_heavy_library(indexed):
    folder, first = indexed
    second = run("ask", QUESTION, *in_index(folder), folder=folder, PYTHONPROFILEIMPORTTIME="1")
    assert (second.returncode, without_receipt(second.stdout)) == (0, without_receipt(first.stdout))
    imported, said = imports(second.stderr)
    assert "retrieval.encoding.openvino_encoder" in imported
    assert not imported & HEAVY
    assert said == []


def without_receipt(answer):
    """Each answer has its own."""
    return re.sub(r"\nReceipt [a-z2-7]{20}\n\Z", "", answer)


def test_help_loads_no_heavy_library_either(tmp_path):
    done = run("--help", folder=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    assert done.stdout.startswith("Usage: quoth ")
    imported, said = imports(done.stderr)
    assert "bot.cli.output" in imported
    assert not imported & HEAVY
    assert said == []


def imports(stderr):
    """The modules that Python says it imported, and what else was written."""
    modules, said = set(), []
    for line in stderr.splitlines():
        if line.startswith("import time:"):
            modules.add(line.rpartition("|")[2].strip())
        else:
            said.append(line)
    return modules, said


def test_questions_from_a_pipe_are_answered_one_by_one_in_json(indexed):
    folder, _ = indexed
    with subprocess.Popen(
        [*QUOTH, "ask", "-", "--json", "-k", "2", *in_index(folder)],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:

        def answer(question):
            """Waits for the answer before the next question is written."""
            process.stdin.write(f"{question}\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        found, unrelated, blank = answer(QUESTION), answer(UNRELATED), answer("")
        rest, errors = process.communicate(timeout=TIMEOUT_S)
    assert_shape(found)
    assert (found["question"], found["verdict"], found["quotes"][0]["highlight"]["text"]) == (
        QUESTION,
        "strong",
        SENTENCE,
    )
    assert_shape(unrelated)
    assert (unrelated["question"], unrelated["verdict"]) == (UNRELATED, "none")
    assert blank == {"question": "", "error": "The question is empty. Ask in a few words or a sentence."}
    assert (rest, errors, process.returncode) == ("", f"{blank['error']}\n", 2)


def assert_shape(answer):
    """The object is the documented one, and its offsets are into the text of the file that it names."""
    assert list(answer) == ["question", "receipt_id", "verdict", "confidence", "quotes", "elapsed_ms", "missing"]
    assert 0 <= answer["confidence"] <= 1
    assert answer["elapsed_ms"] > 0
    assert [quote["rank"] for quote in answer["quotes"]] == [1, 2]
    for quote in answer["quotes"]:
        assert list(quote) == [
            "rank", "score", "text", "highlight", "highlights", "source", "also_in", "is_pinned", "missing", "leans_on",
            "may_answer",
        ]  # fmt: skip
        highlight, source = quote["highlight"], quote["source"]
        assert highlight in quote["highlights"]
        assert list(highlight) == ["start", "end", "text"]
        assert list(source) == [
            "path",
            "sha256",
            "title",
            "heading",
            "page",
            "lines",
            "start",
            "end",
            "place",
            "collection",
            "reader",
            "url",
            "fetched_at",
            "is_gone",
        ]
        data = (SEEDS / source["path"]).read_bytes()
        text = data.decode()
        assert source["sha256"] == hashlib.sha256(data).hexdigest()
        assert text[source["start"] : source["end"]] == quote["text"]
        assert text[highlight["start"] : highlight["end"]] == highlight["text"]
        assert source["start"] <= highlight["start"] < highlight["end"] <= source["end"]
        first, last = source["lines"]
        assert quote["text"] in "".join(text.splitlines(keepends=True)[first - 1 : last])


def test_nothing_found_is_status_3_also_with_locale_c(indexed):
    folder, _ = indexed
    done = run("ask", "Wer schrieb „Die Räuber“?", "-v", *in_index(folder), folder=folder, LC_ALL="C", LANG="C")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("The documents do not seem to answer this.\n\n")
    assert "\n— " in done.stdout


def test_a_reader_that_goes_away_ends_the_command_quietly(indexed):
    folder, _ = indexed
    with subprocess.Popen(
        [*QUOTH, "ask", "-", *in_index(folder)],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        process.stdout.close()
        process.stdin.write(f"{QUESTION}\n{QUESTION}\n")
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(TIMEOUT_S) == 1


def test_an_unreadable_file_keeps_no_other_from_being_indexed(tmp_path):
    documents = tmp_path / "papers"
    documents.mkdir()
    (documents / "broken.txt").touch()
    (documents / "tower.txt").write_text("The tower is 96 metres high.")
    done = run("index", "papers", "--data", "index", folder=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("failed    broken.txt: ")
    assert done.stdout.endswith("\nindexed   tower.txt  1 passage\n1 indexed, 1 failed\n")


@ON_POSIX
def test_with_no_color_the_answer_is_plain_and_fits(indexed):
    folder, _ = indexed
    with Terminal("ask", QUESTION, *in_index(folder), folder=folder, columns=60, NO_COLOR="1") as terminal:
        assert terminal.ends() == 0
        answer = terminal.seen[terminal.seen.index("This probably answers your question.") :]
    assert "\x1b" not in answer
    assert max(map(len, answer.splitlines())) <= 60
    assert " ".join(answer.split()).count(f"**{SENTENCE}**") == 1


@ON_POSIX
def test_chat_answers_remembers_questions_and_ends_with_ctrl_d(indexed):
    folder, _ = indexed
    with Terminal("chat", *in_index(folder), folder=folder, columns=300) as terminal:
        terminal.waits_for(PROMPT)
        terminal.types(f"{QUESTION}\r")
        terminal.waits_for(PROMPT, times=2)
        assert terminal.seen.count(f"\x1b[1m{SENTENCE}\x1b[0m") == 1
        terminal.types("\x1b[A\r")
        terminal.waits_for(PROMPT, times=3)
        assert terminal.seen.count(f"\x1b[1m{SENTENCE}\x1b[0m") == 2
        terminal.types("half a question\x03")
        terminal.waits_for(PROMPT, times=4)
        terminal.types("/sources\r")
        terminal.waits_for(PROMPT, times=5)
        assert "\nA short guide to Quoth · quoth-guide.md\n" in terminal.seen
        terminal.types("\x04")
        assert terminal.ends() == 0


@ON_POSIX
def test_indexing_shows_progress_and_ends_with_ctrl_c(tmp_path):
    documents = tmp_path / "seeds"
    documents.mkdir()
    words = "".join(f"Tower {number} is {number} metres high.\n\n" for number in range(20_000))
    (documents / "towers.txt").write_text(words)
    with Terminal("index", folder=tmp_path, columns=60) as terminal:
        terminal.waits_for("towers.txt")
        terminal.interrupts()
        assert terminal.ends() == 130
        assert "Stopped. What was indexed so far is kept" in terminal.seen
        assert "Traceback" not in terminal.seen


def test_what_a_command_writes_is_private(tmp_path, indexed):
    shutil.copytree(indexed[0] / "data", tmp_path / "data")
    everything = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    for path in everything:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert run("ask", QUESTION, *in_index(tmp_path), folder=tmp_path).returncode == 0
    open_to_others = [
        path for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")) if path.stat().st_mode & 0o77
    ]
    assert open_to_others == []
