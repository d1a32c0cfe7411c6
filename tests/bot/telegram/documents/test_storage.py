"""What people send is kept under names that do no harm, as a whole, and with the title that they gave."""

from __future__ import annotations

import itertools
import json
import os
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from support.doubles import ReaderHere, WordEncoder

from bot.settings import UPLOADS
from bot.telegram.documents.storage import UploadStorage, UploadStorageError, safe_name
from retrieval import Index, title_of


@pytest.fixture
def index(tmp_path):
    made = Index(tmp_path, WordEncoder("cat"), reader=ReaderHere())
    yield made
    made.close()


@pytest.fixture
def storage(tmp_path, index):
    return UploadStorage(tmp_path / UPLOADS, index.set_title, partial(title_of, index))


def files(tmp_path):
    folder = tmp_path / UPLOADS / "uploads"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".txt"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Guide.txt", "Guide.txt"),
        ("Ann's résumé (2).pdf", "Ann's résumé (2).pdf"),
        ("re\u0301sume\u0301.txt", "r\u00e9sum\u00e9.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.txt", "boot.txt"),
        ("/etc/notes.md", "notes.md"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("a\u202e.txt", "a.txt"),
        ("a\x00b\n c.txt", "ab c.txt"),
        (".hidden.txt", "hidden.txt"),
        ("...txt", "txt"),
        (".txt", "txt"),
        ("..", ""),
        ("", ""),
        ("CON.txt", "_CON.txt"),
        ("lpt1.tar.md", "_lpt1.tar.md"),
        ("conference.txt", "conference.txt"),
        ('a<b>:"c|?*.txt', "a_b___c___.txt"),
        (" spaces .txt ", "spaces.txt"),
        ("x" * 300 + ".txt", "x" * 120 + ".txt"),
        ("é" * 300 + ".docx", "é" * 60 + ".docx"),
        ("🙂" * 100 + ".txt", "🙂" * 30 + ".txt"),
    ],
)
def test_a_safe_name_loses_harmful_parts_only(name, safe):
    assert safe_name(name) == safe
    assert safe_name(safe) == safe


def test_a_file_whose_name_another_has_is_not_saved(storage, tmp_path):
    assert storage.save("uploads", "a.txt", b"one", "") == ("a.txt", True)
    assert storage.save("uploads", "a.txt", b"two", "") is None
    assert storage.save("uploads", "b.txt", b"one", "") == ("a.txt", False)
    assert files(tmp_path) == {"a.txt": b"one"}


def test_a_waiting_file_takes_the_place_of_another_and_leaves_it_again(storage, tmp_path, titles):
    storage.save("uploads", "a.txt", b"A cat.", "One")
    storage.hold("uploads", "x", b"Two cats.", "Two")
    assert storage.paths("uploads") == ["a.txt"]
    for _ in range(2):
        assert storage.replace("uploads", "x", "a.txt") == "replaced"
        assert (files(tmp_path), titles()) == ({"a.txt": b"Two cats."}, {"a.txt": "Two"})
    for _ in range(2):
        storage.restore("uploads", "x", "a.txt")
        assert (files(tmp_path), titles()) == ({"a.txt": b"A cat."}, {"a.txt": "One"})


def test_a_file_without_a_title_gets_that_of_the_one_before(storage, titles):
    storage.save("uploads", "a.txt", b"A cat.", "One")
    storage.hold("uploads", "x", b"Two cats.", "")
    storage.replace("uploads", "x", "a.txt")
    assert titles() == {"a.txt": "One"}


def test_a_waiting_file_gets_a_free_name(storage, tmp_path, titles):
    storage.save("uploads", "a.txt", b"A cat.", "One")
    storage.save("uploads", "a (2).txt", b"A third cat.", "Three")
    storage.hold("uploads", "x", b"Two cats.", "Two")
    name = storage.free_name("uploads", "a.txt")
    assert [storage.release("uploads", "x", name) for _ in range(2)] == ["", ""]
    assert files(tmp_path) == {"a.txt": b"A cat.", "a (2).txt": b"A third cat.", "a (3).txt": b"Two cats."}
    assert titles() == {"a.txt": "One", "a (2).txt": "Three", "a (3).txt": "Two"}


def test_without_the_waiting_file_nothing_is_replaced(storage, tmp_path):
    storage.save("uploads", "a.txt", b"A cat.", "")
    assert storage.replace("uploads", "x", "a.txt") == "dropped"
    assert storage.release("uploads", "x", "b.txt") == "dropped"
    assert files(tmp_path) == {"a.txt": b"A cat."}


@pytest.mark.parametrize("step", range(1, 8))
def test_a_kill_in_the_middle_of_a_replacement_loses_nothing(storage, tmp_path, titles, index, monkeypatch, step):
    storage.save("uploads", "a.txt", b"A cat.", "One")
    storage.hold("uploads", "x", b"Two cats.", "Two")
    with monkeypatch.context() as killed:
        dying = UploadStorage(tmp_path / UPLOADS, index.set_title, partial(title_of, index))
        kill_at(step, killed, dying)
        with suppress(KillError):
            dying.replace("uploads", "x", "a.txt")
    assert storage.replace("uploads", "x", "a.txt") == "replaced"
    assert (files(tmp_path), titles()) == ({"a.txt": b"Two cats."}, {"a.txt": "Two"})
    with monkeypatch.context() as killed:
        kill_at(step, killed, dying)
        with suppress(KillError):
            dying.restore("uploads", "x", "a.txt")
    storage.restore("uploads", "x", "a.txt")
    assert (files(tmp_path), titles()) == ({"a.txt": b"A cat."}, {"a.txt": "One"})


class KillError(BaseException):
    """Ends it in the middle."""


def kill_at(step, monkeypatch, dying):
    """Ends it before its n-th change to the disk or to a title."""
    changes = itertools.count(1)

    def counted(change):
        def call(*arguments, **options):
            if next(changes) == step:
                raise KillError
            return change(*arguments, **options)

        return call

    monkeypatch.setattr(dying, "_set_title", counted(dying._set_title))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))


def test_hidden_files_that_nobody_knows_are_deleted_after_a_day(storage, monkeypatch):
    storage.hold("uploads", "known", b"A cat.", "")
    storage.hold("uploads", "lost", b"Two cats.", "")
    hidden = storage.folder("uploads")
    storage.discard_old({"known"})
    assert len(list(hidden.iterdir())) == 2
    for path in hidden.iterdir():
        os.utime(path, (0, 0))
    storage.discard_old({"known"})
    assert [path.name for path in hidden.iterdir()] == [".known.waiting"]


def test_collections_are_kept_apart(storage):
    storage.save("uploads", "a.txt", b"one", "")
    assert storage.save("chat-1", "a.txt", b"one", "") == ("a.txt", True)
    assert storage.paths("chat-2") == []


def test_an_unfinished_file_is_no_document(storage, tmp_path):
    storage.folder("uploads").joinpath(".0123.partial").write_bytes(b"half")
    assert storage.paths("uploads") == []
    assert storage.save("uploads", "a.txt", b"half", "") == ("a.txt", True)
    assert files(tmp_path) == {"a.txt": b"half"}


def test_a_folder_that_cannot_be_made_is_explained(tmp_path, index):
    (tmp_path / UPLOADS).write_text("in the way")
    with pytest.raises(UploadStorageError, match="Make sure that it can be written"):
        UploadStorage(tmp_path / UPLOADS, index.set_title).save("uploads", "a.txt", b"one", "")


@pytest.fixture
def titles(storage, index):
    """Syncs, and gives the titles in the index."""

    def synced(**options):
        index.sync(storage.folder("uploads"), collection="uploads", **options)
        return {document.path: document.title for document in index.documents()}

    return synced


def test_a_title_outlives_a_rebuild_and_a_change_but_not_its_file(storage, titles):
    storage.save("uploads", "a.txt", b"A cat.", "On cats")
    storage.save("uploads", "b.txt", b"Two cats.", "")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    assert titles(rebuild=True) == {"a.txt": "On cats", "b.txt": "b"}
    storage.folder("uploads").joinpath("a.txt").write_text("Another cat.")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    storage.remove("uploads", "a.txt")
    storage.save("uploads", "a.txt", b"A third cat.", "")
    assert titles() == {"a.txt": "a", "b.txt": "b"}


def test_a_title_outlives_a_rebuild_for_another_model(storage, titles, index, tmp_path):
    storage.save("uploads", "a.txt", b"A cat.", "On cats")
    titles()
    with closing(Index(tmp_path, WordEncoder("cat", "dog"), reader=ReaderHere())) as other:
        assert other.sync(storage.folder("uploads"), collection="uploads").rebuilt
        assert [document.title for document in other.documents()] == ["On cats"]


def test_a_title_that_is_changed_counts_from_the_next_sync(storage, titles, index):
    storage.save("uploads", "a.txt", b"A cat.", "On cats")
    storage.save("uploads", "b.txt", b"Two cats.", "")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    index.set_title("uploads", "a.txt", "Of cats")
    index.set_title("uploads", "b.txt", "Of two")
    assert titles() == {"a.txt": "Of cats", "b.txt": "Of two"}


def test_a_file_that_is_moved_keeps_its_title(storage, titles):
    storage.save("uploads", "a.txt", b"A cat.", "On cats")
    titles()
    storage.folder("uploads").joinpath("a.txt").rename(storage.folder("uploads") / "b.txt")
    assert titles() == {"b.txt": "On cats"}


def test_titles_of_an_older_quoth_are_taken_over_once(storage, titles, index):
    older = storage.folder("uploads") / ".titles.json"
    storage.save("uploads", "a.txt", b"A cat.", "")
    storage.save("uploads", "b.txt", b"Two cats.", "On two")
    older.write_text(json.dumps({"a.txt": "On cats", "b.txt": "Before", "c.txt": 7, "d.txt": " "}))
    assert titles() == {"a.txt": "On cats", "b.txt": "On two"}
    assert not older.exists()
    assert titles(rebuild=True) == {"a.txt": "On cats", "b.txt": "On two"}


@pytest.mark.parametrize("damaged", ["", "{", "[]", "7"])
def test_a_damaged_file_of_titles_harms_nothing(storage, titles, damaged):
    storage.save("uploads", "a.txt", b"A cat.", "On cats")
    storage.folder("uploads").joinpath(".titles.json").write_text(damaged)
    assert titles() == {"a.txt": "On cats"}


def test_replicas_can_save_files_at_once(storage, titles, tmp_path, monkeypatch):
    with closing(Index(tmp_path, WordEncoder("cat"), reader=ReaderHere())) as index:
        other = UploadStorage(tmp_path / UPLOADS, index.set_title)
        interleave(monkeypatch, lambda: other.save("uploads", "b.txt", b"Two cats.", "On two"))
        storage.save("uploads", "a.txt", b"A cat.", "On one")
    assert files(tmp_path) == {"a.txt": b"A cat.", "b.txt": b"Two cats."}
    assert titles() == {"a.txt": "On one", "b.txt": "On two"}


def interleave(monkeypatch, work):
    """Does the work of a second replica while the first one waits for the disk."""
    fsync = os.fsync

    def once(descriptor):
        monkeypatch.setattr(os, "fsync", fsync)
        work()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", once)
