"""The index follows its folders while they change."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager

import pytest
import watchfiles
from support.doubles import WordEncoder
from watchfiles._rust_notify import WatchfilesRustInternalError

from bot.monitoring.monitor import Monitor
from bot.services import library as library_module
from bot.services import supervision, watcher
from bot.services.library import open_library, titles
from bot.services.watcher import follow_changes, watching
from bot.settings import Settings
from retrieval import Index, UnreachableError, ask

TIMEOUT_S = 30


@pytest.fixture(autouse=True)
def short_refresh(monkeypatch):
    monkeypatch.setattr(watcher, "_REFRESH_MS", 200)


@pytest.fixture
def encoder():
    return WordEncoder("cat", "whale")


@pytest.fixture
def library(tmp_path, monkeypatch, encoder):
    (tmp_path / "documents").mkdir()
    monkeypatch.setattr(library_module, "load_models", lambda *_: (encoder, None))
    settings = Settings(QUOTH_DOCUMENTS=tmp_path / "documents", QUOTH_DATA=tmp_path / "data", _env_file=None)
    made = open_library(settings, lambda _: None)
    yield made
    made.close()


class Watch:
    """What `follow_changes` reports, from a thread of its own."""

    def __init__(self, library):
        self.stop = threading.Event()
        self.failures = queue.Queue()
        self._reports = queue.Queue()
        self._thread = threading.Thread(target=self._run, args=[library])
        self._thread.start()

    def _run(self, library):
        for report in follow_changes(library, self.failures.put, self.stop):
            self._reports.put({file.path: file.state.value for file in report.files})

    def waits_for(self, **states):
        """Until a report says so of these files, whose names have no suffix here."""
        wanted = {f"{name}.txt": state for name, state in states.items()}
        while not wanted.items() <= self.next_report().items():
            pass

    def next_report(self):
        return self._reports.get(timeout=TIMEOUT_S)

    def ends(self):
        self.stop.set()
        self._thread.join(TIMEOUT_S)
        return not self._thread.is_alive()


@contextmanager
def watch(library):
    watched = Watch(library)
    yield watched
    assert watched.ends()


def hold(encoder, monkeypatch):
    """Makes the encoder wait in the middle of a sync: gives what it sets then, and what it waits for."""
    began, go_on = threading.Event(), threading.Event()
    encode = encoder.encode_sentences

    def slowly(texts):
        began.set()
        go_on.wait(TIMEOUT_S)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode_sentences", slowly)
    return began, go_on


def test_what_changes_is_indexed_by_itself(library, tmp_path):
    folder = tmp_path / "documents"
    (folder / "a.txt").write_text("A cat.")
    with watch(library) as watched:
        watched.waits_for(a="indexed")
        (folder / "deep").mkdir()
        (folder / "b.txt").write_text("A whale.")
        watched.waits_for(a="unchanged", b="indexed")
        assert ask(library.index, "whale").quotes[0].text == "A whale."
        (folder / "b.txt").write_text("A cat and a whale.")
        watched.waits_for(b="indexed")
        (folder / "a.txt").unlink()
        watched.waits_for(a="removed")
        assert [quote.text for quote in ask(library.index, "cat").quotes] == ["A cat and a whale."]


def test_what_another_machine_did_not_take_follows_by_itself(library, tmp_path, monkeypatch):
    (tmp_path / "documents" / "a.txt").write_text("A cat.")
    away, sync = threading.Event(), Index.sync

    def refused(*arguments, **options):
        report = sync(*arguments, **options)
        if away.is_set():
            raise UnreachableError("Milvus is away.")
        return report

    away.set()
    monkeypatch.setattr(Index, "sync", refused)
    with watch(library) as watched:
        assert str(watched.failures.get(timeout=TIMEOUT_S)) == "Milvus is away."
        away.clear()
        assert watched.next_report() == {"a.txt": "unchanged"}


def test_a_file_that_cannot_be_read_is_reported_once(library, tmp_path):
    folder = tmp_path / "documents"
    (folder / "empty.txt").touch()
    with watch(library) as watched:
        assert watched.next_report() == {"empty.txt": "failed"}
        (folder / "b.txt").write_text("A whale.")
        assert watched.next_report() == {"b.txt": "indexed"}
        (folder / "empty.txt").write_text("A cat.")
        assert watched.next_report() == {"b.txt": "unchanged", "empty.txt": "indexed"}


def test_a_collection_that_another_process_adds_is_watched_too(library, tmp_path, encoder):
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "documents" / "a.txt").write_text("A cat.")
    with watch(library) as watched:
        watched.waits_for(a="indexed")
        Index(tmp_path / "data", encoder).sync(other, collection="more")
        (other / "c.txt").write_text("A whale.")
        watched.waits_for(c="indexed")


def test_a_folder_that_is_gone_is_waited_for(library, tmp_path):
    folder = tmp_path / "documents"
    (folder / "a.txt").write_text("A cat.")
    with watch(library) as watched:
        watched.waits_for(a="indexed")
        folder.rename(tmp_path / "away")
        assert "There is no folder" in str(watched.failures.get(timeout=TIMEOUT_S))
        (tmp_path / "away").rename(folder)
        watched.waits_for(a="unchanged")


@pytest.mark.parametrize(
    "error", [OSError("OS file watch limit reached"), WatchfilesRustInternalError("Too many open files")]
)
def test_files_are_polled_where_the_system_reports_no_changes(library, tmp_path, monkeypatch, error):
    watch_files = watchfiles.watch

    def refuse(*folders, force_polling, **options):
        if not force_polling:
            raise error
        return watch_files(*folders, force_polling=True, **options)

    monkeypatch.setattr(watchfiles, "watch", refuse)
    (tmp_path / "documents" / "a.txt").write_text("A cat.")
    with watch(library) as watched:
        watched.waits_for(a="indexed")
        assert str(watched.failures.get(timeout=TIMEOUT_S)).endswith(
            f"On Linux, raise fs.inotify.max_user_watches and fs.inotify.max_user_instances ({error})."
        )
        (tmp_path / "documents" / "b.txt").write_text("A whale.")
        watched.waits_for(b="indexed")


def test_it_can_be_stopped_in_the_middle_of_a_sync(library, tmp_path, encoder, monkeypatch):
    (tmp_path / "documents" / "a.txt").write_text("A cat.")
    began, go_on = hold(encoder, monkeypatch)
    with watch(library) as watched:
        assert began.wait(TIMEOUT_S)
        watched.stop.set()
        go_on.set()
    assert titles(library.index) == {}
    assert not library.index.is_being_written


def test_questions_are_answered_while_documents_are_read(library, tmp_path, encoder, monkeypatch):
    (tmp_path / "documents" / "a.txt").write_text("A cat.")
    library.sync()
    (tmp_path / "documents" / "b.txt").write_text("A whale.")
    began, go_on = hold(encoder, monkeypatch)
    with watch(library) as watched:
        assert began.wait(TIMEOUT_S)
        assert ask(library.index, "cat").quotes[0].text == "A cat."
        go_on.set()
        watched.waits_for(b="indexed")


def test_a_folder_that_is_suddenly_empty_is_said_once(library, tmp_path):
    folder = tmp_path / "documents"
    (folder / "a.txt").write_text("A cat.")
    said = queue.Queue()
    stop = threading.Event()

    def follow():
        for report in follow_changes(library, lambda _: None, stop):
            said.put([withheld.cause.value for withheld in report.withheld])

    thread = threading.Thread(target=follow)
    thread.start()
    assert said.get(timeout=TIMEOUT_S) == []
    (folder / "a.txt").unlink()
    while not (causes := said.get(timeout=TIMEOUT_S)):
        pass
    assert causes == ["empty"]
    (folder / "film.mp4").touch()
    assert said.get(timeout=TIMEOUT_S) == []
    assert ask(library.index, "cat").quotes[0].text == "A cat."
    stop.set()
    thread.join(TIMEOUT_S)


def test_after_an_error_that_nobody_foresaw_it_watches_again(library, tmp_path, monkeypatch, log):
    monkeypatch.setattr(supervision, "DELAYS_S", (0.01,))
    sync, failures = library.sync, iter([RuntimeError("what somebody wrote")])

    def fail_once(*arguments, **options):
        for error in failures:
            raise error
        return sync(*arguments, **options)

    monkeypatch.setattr(library, "sync", fail_once)
    with watching(library):
        (tmp_path / "documents" / "a.txt").write_text("A cat.")
        log.waits_for("Documents: 1 indexed.")
    assert log.text.count("ERROR The watcher of the documents ended and begins again: RuntimeError") == 1
    assert "what somebody wrote" not in log.text


def test_a_monitor_is_told_of_each_sync_and_of_each_that_fails(library, tmp_path, monkeypatch, log):
    monitor, documents = Monitor(), tmp_path / "documents"
    (documents / "a.txt").write_text("A cat.")
    (documents / "empty.txt").touch()
    with watching(library, monitor):
        log.waits_for("Documents: 1 indexed.")
        documents.rename(tmp_path / "elsewhere")
        log.waits_for("The documents cannot be followed as usual")
    assert monitor.health.last_sync is not None
    names = ("quoth_documents", "quoth_unreadable_files")
    assert [monitor.registry.get_sample_value(name) for name in names] == [1, 1]
    assert monitor.registry.get_sample_value("quoth_sync_failures_total") >= 1
