"""A backup holds everything that a person would miss, and a restore gives it back, all of it or nothing."""

from __future__ import annotations

import io
import itertools
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from support.backing_up import back_up, do_until, restore
from support.commands import ROOT, TIMEOUT_S, environment, run
from support.doubles import ReaderHere, WordEncoder
from support.full_disk import full_disk

from bot.cli.operation.backup import _SCHEMAS
from bot.services.visibility import is_upload_collection
from bot.telegram.documents.storage import UploadStorage
from bot.telegram.state import State
from bot.telegram.state.chats import ChatSettings
from bot.telegram.state.people import Contact, Role
from bot.telegram.state.uploads import Upload
from retrieval import (
    Asker,
    BackupError,
    Channel,
    Index,
    Ledger,
    Storage,
    StoreError,
    UnreachableError,
    Verifier,
    ask,
    open_database,
    pin,
    write_backup,
)
from retrieval.indexing.milvus_store import MilvusStore
from retrieval.indexing.updater import IndexUpdater
from retrieval.sources.snapshots import Snapshots
from retrieval.storage.store import Store

BOT = "42"
ANN = Contact(1001, "Ann", "ann", "en")
QUESTION = "How many British police officers will work in Coquelles?"
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def open_index(data, encoder=None, **values):
    return Index(data, encoder or WordEncoder("rain", "snow"), reader=ReaderHere(), **values)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "documents"
    made.mkdir()
    (made / "rain.txt").write_text("It will rain. Take an umbrella.\n\nLater it will not.")
    (made / "snow.md").write_text("# Winter\n\nSnow is cold, and çà et là it falls.")
    (made / "damaged.pdf").write_text("no PDF")
    return made


@pytest.fixture
def data(tmp_path, folder):
    """A data folder that holds something of everything."""
    made = tmp_path / "data"
    with closing(open_index(made)) as index:
        index.sync(folder)
        uploads = UploadStorage(made / ".uploads", index.set_title)
        uploads.save("uploads", "sent.txt", b"What somebody sent: rain.", "A title")
        index.sync(uploads.folder("uploads"), collection="uploads")
        rain = ask(index, "Will it rain?", asker=Asker(Channel.TELEGRAM, "1001"))
        snow = ask(index, "Is snow cold?")
        index.receipts.rate(rain.receipt_id, "1001", is_good=True)
        index.receipts.revoke(snow.receipt_id)
        pin(index, "What is white?", snow.receipt_id)
    with closing(State(made, BOT)) as state:
        state.people.set_role(ANN, Role.OWNER)
        state.people.set_role(Contact(-5, "Friends"), Role.MEMBER)
        state.chats.set_settings(-5, ChatSettings(only_sure=True, language="fr"))
        state.updates.add(7, '{"message": {}}', "chat -5")
        state.uploads.expect(Upload("secret", "uploads", "sent.txt", 1001, 12, "en"))
    return made


def no_title(collection, path, title):
    pass


def storage_of(data, database=""):
    return Storage(data, data / ".uploads", is_upload_collection, _SCHEMAS, database)


def everything(data, database=""):
    """Every row of every table, and every upload; but not what is another one's on another machine."""
    found = {}
    for file, schema in _SCHEMAS.items():
        with closing(open_database(data / file, schema, database)) as opened:
            for table in tables_of(schema.name):
                rows = opened.run(f"SELECT * FROM {table}")  # noqa: S608
                found[schema.name, table] = sorted(map(repr, rows))
    found["index", "manifest"] = [row for row in found["index", "manifest"] if "identity" not in row]
    found["index", "collections"] = [row.replace(str(data), "DATA") for row in found["index", "collections"]]
    return found | {path.relative_to(data).as_posix(): path.read_bytes() for path in storage_of(data).upload_files()}


@cache
def tables_of(schema_name):
    (file, schema), *_ = [each for each in _SCHEMAS.items() if each[1].name == schema_name]
    with tempfile.TemporaryDirectory() as made, closing(open_database(Path(made) / file, schema)) as opened:
        rows = opened.run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [table for (table,) in rows]


def inspect_index(data):
    with closing(open_index(data)) as index:
        return index.health.find_damages(), index.health.check_indexes().damages, index.documents()


# --- out and back


def test_rows_are_the_same_in_sqlite_postgresql_and_back(data, tmp_path, postgres):
    url = postgres.create()
    there, back = tmp_path / "there", tmp_path / "back"
    assert back_up(data, tmp_path / "one.tar") == ["Backed up: 3 documents, 2 receipts, 1 upload."]
    restore(there, tmp_path / "one.tar", QUOTH_DATABASE=url)
    assert everything(there, url) == everything(data)
    back_up(there, tmp_path / "two.tar", QUOTH_DATABASE=url)
    restore(back, tmp_path / "two.tar")
    assert everything(back) == everything(data)


def test_a_restored_index_answers_as_before_without_encoding(data, folder, tmp_path):
    back_up(data, tmp_path / "all.tar")
    restore(tmp_path / "other", tmp_path / "all.tar")
    encoder = WordEncoder("rain", "snow")
    with closing(open_index(data)) as before, closing(open_index(tmp_path / "other", encoder)) as after:
        assert after.health.find_damages() == []
        assert after.health.check_indexes().damages == ()
        assert after.documents() == before.documents()
        for question in ("Will it rain?", "Does snow fall?", "Who conducts the orchestra?"):
            there, here = ask(before, question), ask(after, question)
            assert (here.quotes, here.confidence) == (there.quotes, there.confidence)
        states = [file.state for file in after.sync(folder).files]
    assert states == ["failed", "unchanged", "unchanged"]
    assert encoder.encoded == []


def test_after_a_restore_receipts_are_verified_as_before(data, folder, tmp_path):
    (folder / "snow.md").write_text("# Winter\n\nSnow is white.")
    back_up(data, tmp_path / "all.tar")
    restore(tmp_path / "other", tmp_path / "all.tar")
    assert findings(tmp_path / "other") == findings(data)
    with closing(Ledger(tmp_path / "other")) as receipts:
        first, second = receipts.all()
        assert (first.question, second.is_revoked) == ("Will it rain?", True)
        receipts.rate(first.id, "1001", is_good=False)  # the same person, who has changed their mind
        assert (receipts.ratings(first.id).good, receipts.ratings(first.id).bad) == (0, 1)
        assert [each.question for each in receipts.pins.all()] == ["What is white?"]


def findings(data):
    with closing(Ledger(data)) as receipts, closing(Verifier(data, receipts, ReaderHere())) as verifier:
        return [
            (check.receipt.id, [finding.state for finding in check.quotes])
            for check in verifier.check_all(receipts.all)
        ]


def test_a_restored_bot_knows_roles_settings_and_uploads(data, tmp_path):
    back_up(data, tmp_path / "all.tar")
    other = tmp_path / "other"
    restore(other, tmp_path / "all.tar")
    with closing(State(other, BOT)) as state:
        assert (state.people.role(1001), state.people.role(-5)) == (Role.OWNER, Role.MEMBER)
        assert state.chats.settings(-5) == ChatSettings(only_sure=True, language="fr")
        assert state.updates.next_update("chat -5").body == '{"message": {}}'
        assert [upload.path for upload in state.uploads.pending()] == ["sent.txt"]
    uploads = other / ".uploads" / "uploads"
    assert (uploads / "sent.txt").read_bytes() == b"What somebody sent: rain."
    with closing(open_index(other)) as index:
        index.sync(uploads, collection="uploads")
        assert [each.title for each in index.documents() if each.collection == "uploads"] == ["A title"]
        assert {each.name: each.folder for each in index.collections()}["uploads"] == uploads


def test_after_a_restore_no_id_is_used_twice(data, tmp_path):
    with closing(Ledger(data)) as receipts:
        pinned = receipts.pins.all()[0]
        receipts.pins.remove(receipts.pins.add("Anything?", pinned.span, pinned.sentence, pinned.text).number)
    back_up(data, tmp_path / "all.tar")
    restore(tmp_path / "other", tmp_path / "all.tar")
    with closing(Ledger(tmp_path / "other")) as receipts:
        assert receipts.pins.add("What else?", pinned.span, pinned.sentence, pinned.text).number == 3


def test_search_indexes_of_another_moment_are_made_anew(data, folder, tmp_path):
    back_up(data, tmp_path / "all.tar")
    (folder / "snow.md").unlink()
    (folder / "new.txt").write_text("It will rain, and rain again.")
    with closing(open_index(data)) as index:
        index.sync(folder)
    restore(data, tmp_path / "all.tar", force=True)
    with closing(open_index(data)) as index:
        assert index.health.check_indexes().damages == ()
        found = {hit.passage.path for hit in index.search("rain snow", 10)}
    assert found == {"rain.txt", "snow.md", "sent.txt"}


def test_milvus_forgets_the_vectors_of_what_was_replaced(data, folder, tmp_path, milvus_url):
    back_up(data, tmp_path / "all.tar")
    with closing(open_index(data, vector_store=MilvusStore(milvus_url))) as index:
        index.sync(folder)
    with closing(MilvusStore(milvus_url)) as milvus, closing(Store(data)) as store:
        assert any(store.log.read_state().identity in name for name in milvus._client.call("list_collections"))
        before = store.log.read_state().identity
    restore(data, tmp_path / "all.tar", force=True, QUOTH_INDEX=milvus_url)
    with closing(open_index(data, vector_store=MilvusStore(milvus_url))) as index:
        assert index.health.check_indexes().damages == ()
        assert index.search("rain", 1)[0].passage.path in {"rain.txt", "sent.txt"}
    with closing(MilvusStore(milvus_url)) as milvus:
        assert not any(before in name for name in milvus._client.call("list_collections"))


def test_milvus_keeps_the_vectors_of_the_original(data, folder, tmp_path, milvus_url):
    with closing(open_index(data, vector_store=MilvusStore(milvus_url))) as index:
        index.sync(folder)
    back_up(data, tmp_path / "all.tar")
    restore(tmp_path / "other", tmp_path / "all.tar", QUOTH_INDEX=milvus_url)
    for each in (data, tmp_path / "other"):
        with closing(open_index(each, vector_store=MilvusStore(milvus_url))) as index:
            assert index.search("snow", 1)[0].passage.path == "snow.md"
    with closing(MilvusStore(milvus_url)) as milvus, closing(Store(data)) as store:
        assert any(store.log.read_state().identity in name for name in milvus._client.call("list_collections"))


def test_old_questions_are_forgotten_before_a_backup(data, tmp_path):
    back_up(data, tmp_path / "all.tar", QUOTH_QUESTION_DAYS="0")
    restore(tmp_path / "other", tmp_path / "all.tar")
    with closing(Ledger(tmp_path / "other")) as receipts:
        assert [receipt.question for receipt in receipts.all()] == [None, None]


def test_a_backup_is_of_one_moment_while_others_write(database, tmp_path):
    stop, storage = threading.Event(), storage_of(tmp_path, database)

    def write():
        for number in itertools.takewhile(lambda _: not stop.is_set(), itertools.count(1)):
            with state._db.transaction():
                state.people.set_role(Contact(number, "Somebody"), Role.MEMBER)
                state.chats.set_settings(number, ChatSettings())

    with closing(State(tmp_path, BOT, database)) as state:
        thread = threading.Thread(target=write)
        thread.start()
        try:
            counts = [write_backup(io.BytesIO(), storage, "1.2.3") for _ in range(5)]
        finally:
            stop.set()
            thread.join()
    assert all(each["people"] == each["chat_settings"] for each in counts)
    assert counts[0]["people"] < counts[-1]["people"]


# --- folders


def test_a_folder_that_is_not_here_is_given_or_said(data, folder, tmp_path):
    back_up(data, tmp_path / "all.tar")
    folder.rename(tmp_path / "moved")
    *_, said = restore(tmp_path / "other", tmp_path / "all.tar")
    assert said == f"There is no folder {folder} here. Say where its documents are: quoth index FOLDER"
    *_, said = restore(tmp_path / "third", tmp_path / "all.tar", QUOTH_DOCUMENTS=tmp_path / "moved")
    assert said == f"The documents of default are read from {tmp_path / 'moved'} from now on."
    with closing(Store(tmp_path / "third")) as store:
        assert store.collections.all()[0].folder == tmp_path / "moved"


def test_a_terminal_asks_for_a_missing_folder_until_it_is_there(data, folder, tmp_path, monkeypatch):
    back_up(data, tmp_path / "all.tar")
    folder.rename(tmp_path / "moved")
    answers = iter([str(folder), str(tmp_path / "moved")])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    *_, said = restore(tmp_path / "other", tmp_path / "all.tar")
    assert said == f"The documents of default are read from {tmp_path / 'moved'} from now on."


# --- what is refused


@pytest.fixture
def file(data, tmp_path):
    back_up(data, tmp_path / "all.tar")
    return tmp_path / "all.tar"


def test_a_cut_off_or_altered_file_is_refused(file, tmp_path):
    whole = file.read_bytes()
    damaged = [whole[:length] for length in range(0, len(whole), len(whole) // 20)]
    damaged += [whole[:-1], whole + b"\0", whole[: len(whole) // 2] + whole[len(whole) // 2 + 1 :]]
    for at in range(0, len(whole), len(whole) // 20):
        damaged.append(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    for each in damaged:
        file.write_bytes(each)
        with pytest.raises(BackupError, match=r"no whole backup of Quoth.*Copy it again"):
            restore(tmp_path / "other", file)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["backup.lock"]


def test_what_is_there_is_not_replaced_without_force(data, file, folder, tmp_path):
    (folder / "rain.txt").write_text("Changed.")
    with closing(open_index(data)) as index:
        index.sync(folder)
    before = everything(data)
    with pytest.raises(BackupError, match=r"already\. --force replaces all of them"):
        restore(data, file)
    assert everything(data) == before
    restore(data, file, force=True)
    restore(tmp_path / "other", file)
    assert everything(data) == everything(tmp_path / "other") != before


@pytest.mark.parametrize("kind", ["receipt", "person", "upload"])
def test_anything_that_is_there_needs_force(kind, file, tmp_path):
    other = tmp_path / "other"
    if kind == "receipt":
        with closing(Ledger(other)) as receipts:
            receipts.record("?", Asker(), verdict=None, generation=0, model="", citations=(), texts=())
    elif kind == "person":
        with closing(State(other, BOT)) as state:
            state.people.set_role(ANN, Role.OWNER)
    else:
        UploadStorage(other / ".uploads", no_title).save("chat-5", "a.txt", b"A", "")
    with pytest.raises(BackupError, match="already"):
        restore(other, file)
    restore(other, file, force=True)
    assert not (other / ".uploads" / "chat-5").exists()


def test_a_file_is_not_overwritten_without_force(data, file):
    with pytest.raises(BackupError, match=r"all\.tar already.*--force"):
        back_up(data, file)
    assert back_up(data, file, force=True)


def test_what_is_no_folder_of_uploads_stays_where_it_is(data, file, tmp_path):
    (data / ".uploads" / "else").mkdir()
    (data / ".uploads" / "else" / "a.txt").write_text("A")
    restore(data, file, force=True)
    assert (data / ".uploads" / "else" / "a.txt").read_text() == "A"
    back_up(data, tmp_path / "two.tar")
    with tarfile.open(tmp_path / "two.tar") as tar:
        assert not any("else" in name for name in tar.getnames())


def older(file_name, tmp_path):
    """The schemas without the newest revision of one of them."""
    schema = _SCHEMAS[file_name]
    revisions = tmp_path / "revisions"
    shutil.copytree(schema.revisions, revisions)
    (newest,) = revisions.glob(f"v{schema.head}_*.py")
    newest.unlink()
    head = f"{int(schema.head) - 1:04}"
    return _SCHEMAS | {file_name: replace(schema, revisions=revisions, head=head)}


def test_a_backup_of_an_older_revision_is_upgraded(tmp_path):
    schemas = older("bot.db", tmp_path)
    storage = replace(storage_of(tmp_path / "data"), schemas=schemas)
    with storage.open() as (*_, bot):
        bot.run("INSERT INTO people (id, name, role) VALUES (1001, 'Ann', 'owner')")
    with (tmp_path / "old.tar").open("w+b") as old:
        write_backup(old, storage, "0.9")
    restore(tmp_path / "other", tmp_path / "old.tar")
    with closing(State(tmp_path / "other", BOT)) as state:
        assert state.people.role(1001) is Role.OWNER


def test_a_backup_of_a_newer_revision_names_its_version(file, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.cli.operation.backup._SCHEMAS", older("receipts.db", tmp_path))
    expected = r"written by a newer Quoth, 1\.2\.3\. Install that version"
    with pytest.raises(BackupError, match=expected):
        restore(tmp_path / "other", file)


def test_nothing_is_restored_during_indexing(file, tmp_path):
    (tmp_path / "other").mkdir()
    with FileLock(tmp_path / "other" / "write.lock"), pytest.raises(StoreError, match="is indexing"):
        restore(tmp_path / "other", file)


def test_a_folder_without_anything_is_not_backed_up_nor_made(tmp_path):
    with pytest.raises(BackupError, match=r"There is nothing in .*--data"):
        back_up(tmp_path / "nothing", tmp_path / "all.tar")
    assert not (tmp_path / "nothing").exists()
    assert not (tmp_path / "all.tar").exists()


# --- full disks and kills


@ON_POSIX
@pytest.mark.parametrize("most_bytes", [1_000, 40_000])
def test_when_the_disk_is_full_nothing_is_replaced(most_bytes, data, file, folder, tmp_path):
    (folder / "rain.txt").write_text("Another text.")
    with closing(open_index(tmp_path / "other")) as index:
        index.sync(folder)
    before = everything(tmp_path / "other")
    with full_disk(most_bytes), pytest.raises((StoreError, OSError)):
        restore(tmp_path / "other", file, force=True)
    assert everything(tmp_path / "other") == before
    restore(tmp_path / "other", file, force=True)
    assert everything(tmp_path / "other") == everything(data)


def test_when_vectors_cannot_follow_everything_is_restored(data, file, tmp_path, monkeypatch):
    def fail(*_):
        raise UnreachableError("Milvus does not answer.")

    monkeypatch.setattr(IndexUpdater, "catch_up", fail)
    with pytest.raises(UnreachableError, match=r"^Everything was restored, .*quoth index.* not answer"):
        restore(tmp_path / "other", file)
    assert everything(tmp_path / "other") == everything(data)


@pytest.fixture
def kill(monkeypatch):
    """Run a function in a process of its own once, and then be killed at one line after another."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["support.backing_up", "retrieval.storage.migrations"])

    def start(line, *arguments, **options):
        process = context.Process(target=do_until, args=(line, *arguments), kwargs=options, daemon=True)
        process.start()
        process.join(TIMEOUT_S)
        return process.exitcode

    def each_line(prepare, *arguments, times, **options):
        lines = context.Value("i", 0)
        prepare()
        assert start(0, *arguments, lines=lines, **options) == 0
        assert lines.value > times
        for number in range(times):
            prepare()
            assert start(1 + number * (lines.value - 1) // (times - 1), *arguments, **options) != 0
            yield

    return each_line


@ON_POSIX
def test_a_killed_backup_leaves_no_file_that_looks_whole(data, tmp_path, kill):
    file = tmp_path / "here" / "all.tar"
    file.parent.mkdir()
    before, was_whole = everything(data), 0
    for _ in kill(lambda: file.unlink(missing_ok=True), back_up, data, file, times=15):
        if file.exists():
            was_whole += 1
            restore(tmp_path / f"{was_whole}", file)
            assert everything(tmp_path / f"{was_whole}") == before
    back_up(data, file, force=True)
    assert [path.name for path in file.parent.iterdir()] == ["all.tar"]
    assert not (data / ".backup").exists()
    assert everything(data) == before


@ON_POSIX
@pytest.mark.parametrize("force", [False, True])
def test_a_killed_restore_leaves_old_or_new_or_is_repeated(force, data, file, folder, tmp_path, kill):
    other, old = tmp_path / "other", tmp_path / "old"
    old.mkdir()
    if force:
        (folder / "rain.txt").write_text("Another text.")
        UploadStorage(old / ".uploads", no_title).save("uploads", "before.txt", b"What was sent before.", "")
        with closing(open_index(old)) as index:
            index.sync(folder)

    def prepare():
        shutil.rmtree(other, ignore_errors=True)
        shutil.copytree(old, other)

    prepare()
    before = everything(other)
    restore(tmp_path / "new", file)
    new, seen = everything(tmp_path / "new"), set()
    for _ in kill(prepare, restore, other, file, force=force, times=18):
        begun = (other / "restoring").exists()
        state = "between" if begun else {repr(before): "old", repr(new): "new"}.get(repr(everything(other)))
        seen.add(state)
        restore(other, file, force=(force and state == "old") or state == "new")
        assert everything(other) == new
        assert inspect_index(other)[:2] == ([], ())
        assert sorted(path.name for path in (other / ".uploads").iterdir()) == ["uploads"]
    assert seen == {"old", "between", "new"}


# --- as people do it


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Where somebody has asked Quoth's own documents, the answer, and their data folder."""
    here = tmp_path_factory.mktemp("asked")
    (here / "seeds").symlink_to(ROOT / "seeds")
    answer = run("ask", "--json", QUESTION, folder=here)
    return here, json.loads(answer.stdout)


@ON_POSIX
def test_a_pipe_moves_everything_to_another_folder(asked):
    here, answer = asked
    quoth = f"{sys.executable} -m bot"
    piped = subprocess.run(
        ["/bin/sh", "-c", f"{quoth} backup - | {quoth} restore - --data other"],
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    assert "Restored: 2 documents, 1 receipt, 0 uploads." in piped.stderr
    assert f"The documents of default are read from {here / 'seeds'} from now on." in piped.stderr
    again = json.loads(run("ask", "--json", QUESTION, "--data", "other", folder=here).stdout)
    assert (again["quotes"], again["confidence"]) == (answer["quotes"], answer["confidence"])


@ON_POSIX
def test_the_documented_commands_back_up_and_restore(asked, tmp_path):
    here, _ = asked
    section = (ROOT / "docs" / "operate.md").read_text("utf-8").partition("## Back up and restore\n")[2]
    (daily,) = re.findall(r"^    @daily /opt/quoth/bin/(quoth .+)", section, re.MULTILINE)
    first, second = re.findall(r"^    (quoth .+)", section, re.MULTILINE)
    shutil.copytree(ROOT / "seeds", tmp_path / "papers")

    def execute(line, folder):
        script = f'quoth() {{ {sys.executable} -m bot "$@"; }}; {line}'
        variables = environment(HOME=str(tmp_path), TZ="UTC")
        return subprocess.run(
            ["/bin/sh", "-ec", script], cwd=folder, env=variables, capture_output=True, text=True, check=True
        )

    execute(first, here)
    for _ in range(2):  # a week later, it replaces the file
        execute(daily.replace("\\%", "%"), here)
    assert len([*here.glob("backup-[1-7].tar")]) == 1
    shutil.copy(here / "quoth-monday.tar", tmp_path)
    restored = execute(second, tmp_path).stderr
    assert "Restored: 2 documents, 1 receipt, 0 uploads." in restored
    assert f"The documents of default are read from {tmp_path / 'papers'} from now on." in restored


@ON_POSIX
def test_a_backup_is_for_its_owner_only_and_any_tar_reads_it(asked):
    here, _ = asked
    (here / "all.tar").write_text("before")
    (here / "all.tar").chmod(0o644)
    done = run("backup", "all.tar", "--force", folder=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert (here / "all.tar").stat().st_mode & 0o777 == 0o600
    with tarfile.open(here / "all.tar") as tar:
        assert tar.getnames() == ["manifest.json", "quoth.db", "receipts.db", "bot.db"]


def test_a_restore_needs_no_model(asked, tmp_path):
    here, _ = asked
    run("backup", str(tmp_path / "all.tar"), folder=here)
    script = (
        "import sys; from bot.cli.app import app; app(['restore', 'all.tar'], standalone_mode=False); "
        "print(sorted({'openvino', 'torch', 'transformers', 'telegram'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_a_restore_that_is_refused_is_one_line_and_status_1(tmp_path):
    (tmp_path / "all.tar").write_text("hello\n")
    done = run("restore", "all.tar", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: This is no whole backup of Quoth")
    missing = run("restore", "none.tar", folder=tmp_path)
    assert missing.stderr == "Error: No such file or directory: none.tar\n"


@pytest.mark.parametrize(
    ("arguments", "now"),
    [(["export", "all.jsonl"], "quoth backup FILE"), (["import", "-"], "quoth restore FILE")],
)
def test_the_former_commands_name_their_successors(arguments, now, tmp_path):
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"Error: `quoth {arguments[0]}` is no more. Use: {now}\n"


def test_a_backup_holds_what_was_fetched_of_web_pages(tmp_path):
    Store(tmp_path / "data").close()
    name = Snapshots(tmp_path / "data").save(b"what a site sent")
    back_up(tmp_path / "data", tmp_path / "backup.tar")
    restore(tmp_path / "other", tmp_path / "backup.tar")
    assert Snapshots(tmp_path / "other").load(name) == b"what a site sent"
