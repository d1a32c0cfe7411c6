"""What people send is kept under names that do no harm, as a whole, and with the title that they gave."""

from __future__ import annotations

import json
import os

import pytest
from doubles import ReaderHere, WordEncoder

from bot.telegram.documents.storage import FOLDER, Shelf, ShelfError, safe_name
from retrieval import Index


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / ".uploads")


def files(tmp_path):
    folder = tmp_path / FOLDER / "uploads"
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
def test_a_name_loses_what_could_do_harm_and_nothing_else(name, safe):
    assert safe_name(name) == safe
    assert safe_name(safe) == safe


def test_another_file_of_the_same_name_gets_a_number_and_the_same_bytes_are_not_kept_twice(shelf, tmp_path):
    assert shelf.place("uploads", "a.txt", b"one", "") == ("a.txt", True)
    assert shelf.place("uploads", "a.txt", b"two", "") == ("a (2).txt", True)
    assert shelf.place("uploads", "a.txt", b"three", "") == ("a (3).txt", True)
    assert shelf.place("uploads", "b.txt", b"two", "") == ("a (2).txt", False)
    assert files(tmp_path) == {"a.txt": b"one", "a (2).txt": b"two", "a (3).txt": b"three"}
    assert shelf.paths("uploads") == ["a (2).txt", "a (3).txt", "a.txt"]


def test_collections_are_kept_apart(shelf):
    shelf.place("uploads", "a.txt", b"one", "")
    assert shelf.place("chat-1", "a.txt", b"one", "") == ("a.txt", True)
    assert shelf.paths("chat-2") == []


def test_what_is_unfinished_is_no_document(shelf, tmp_path):
    shelf.folder("uploads").joinpath(".unfinished").write_bytes(b"half")
    assert shelf.paths("uploads") == []
    assert shelf.place("uploads", "a.txt", b"half", "") == ("a.txt", True)
    assert files(tmp_path) == {"a.txt": b"half"}


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(ShelfError, match="Make sure that it can be written"):
        Shelf(tmp_path / ".uploads").place("uploads", "a.txt", b"one", "")


@pytest.fixture
def titles(shelf, tmp_path):
    """Syncs, and gives the titles in the index."""
    index = Index(tmp_path, WordEncoder("cat"), reader=ReaderHere())

    def synced(**options):
        index.sync(shelf.folder("uploads"), collection="uploads", **options)
        return {document.path: document.title for document in index.documents()}

    yield synced
    index.close()


def test_a_title_outlives_a_rebuild_and_a_change_but_not_its_file(shelf, titles):
    shelf.place("uploads", "a.txt", b"A cat.", "On cats")
    shelf.place("uploads", "b.txt", b"Two cats.", "")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    assert titles(rebuild=True) == {"a.txt": "On cats", "b.txt": "b"}
    shelf.folder("uploads").joinpath("a.txt").write_text("Another cat.")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    shelf.remove("uploads", "a.txt")
    shelf.place("uploads", "a.txt", b"A third cat.", "")
    assert titles() == {"a.txt": "a", "b.txt": "b"}


def test_a_title_that_is_changed_counts_from_the_next_sync(shelf, titles):
    shelf.place("uploads", "a.txt", b"A cat.", "On cats")
    shelf.place("uploads", "b.txt", b"Two cats.", "")
    assert titles() == {"a.txt": "On cats", "b.txt": "b"}
    shelf.retitle("uploads", "a.txt", "Of cats")
    shelf.retitle("uploads", "b.txt", "Of two")
    assert titles() == {"a.txt": "Of cats", "b.txt": "Of two"}


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", "7", json.dumps({"a.txt": 7}), json.dumps({"a.txt": " "})]
)
def test_damaged_titles_harm_nothing(shelf, titles, damaged):
    shelf.place("uploads", "a.txt", b"A cat.", "On cats")
    shelf.folder("uploads").joinpath(".titles.json").write_text(damaged)
    assert titles() == {"a.txt": "a"}
    shelf.place("uploads", "b.txt", b"Two cats.", "Both")
    assert titles() == {"a.txt": "a", "b.txt": "Both"}


def test_two_replicas_that_keep_files_at_once_keep_the_bytes_of_each(tmp_path, monkeypatch):
    one, other = Shelf(tmp_path / FOLDER), Shelf(tmp_path / FOLDER)
    interleave(monkeypatch, lambda: other.place("uploads", "b.txt", b"Two cats.", "On two"))
    one.place("uploads", "a.txt", b"A cat.", "On one")
    assert files(tmp_path) == {"a.txt": b"A cat.", "b.txt": b"Two cats."}


def interleave(monkeypatch, work):
    """Does the work of a second replica while the first one waits for the disk."""
    fsync = os.fsync

    def once(descriptor):
        monkeypatch.setattr(os, "fsync", fsync)
        work()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", once)
