"""Documents are not removed where that looks like an accident, until somebody confirms it."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval.index import Index
from retrieval.indexing.sync import FileState, Removals
from retrieval.indexing.withheld import WithheldCause
from retrieval.storage.vectors import FORMER_KEPT_S

CONFIRMED = Removals(are_confirmed=True)


@pytest.fixture
def folder(tmp_path):
    return made_folder(tmp_path / "documents", 4)


@pytest.fixture
def encoder():
    return WordEncoder("cat", "whale")


@pytest.fixture
def index(tmp_path, encoder, database):
    with closing(Index(tmp_path / "data", encoder, reader=ReaderHere(), database=database)) as made:
        yield made


def made_folder(folder, count):
    folder.mkdir()
    for number in range(1, count + 1):
        (folder / f"{number}.txt").write_text(f"Cat number {number}. It sleeps.")
    return folder


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def paths(index):
    return [document.path for document in index.documents()]


def causes(report):
    return [(withheld.cause, withheld.gone, withheld.known) for withheld in report.withheld]


def test_an_empty_folder_removes_nothing(index, folder):
    index.sync(folder)
    empty(folder)
    report = index.sync(folder)
    assert causes(report) == [(WithheldCause.EMPTY, 4, 4)]
    assert report.files == []
    assert report.withheld[0].message == (
        f"The folder {folder} of the collection default is empty: 4 of its 4 indexed documents are kept, in case that "
        "was not meant. To remove them: quoth index --yes"
    )
    assert index.search("cat", 1)[0].passage.text.startswith("Cat")


def test_confirmed_removals_are_done(index, folder):
    index.sync(folder)
    empty(folder)
    report = index.sync(folder, removals=CONFIRMED)
    assert (report.withheld, report.count(FileState.REMOVED)) == ((), 4)
    assert paths(index) == []


def test_what_cannot_be_read_is_no_document(index, folder):
    index.sync(folder)
    empty(folder)
    (folder / "film.mp4").write_bytes(b"PNG")
    assert causes(index.sync(folder)) == [(WithheldCause.EMPTY, 4, 4)]


def test_some_of_a_few_documents_may_go(index, folder):
    index.sync(folder)
    for number in (1, 2, 3):
        (folder / f"{number}.txt").unlink()
    assert index.sync(folder).withheld == ()
    assert paths(index) == ["4.txt"]


@pytest.mark.parametrize(
    ("known", "gone", "is_withheld"), [(10, 9, False), (11, 5, False), (12, 6, False), (11, 6, True)]
)
def test_more_than_half_of_more_than_ten_are_kept(index, tmp_path, known, gone, is_withheld):
    folder = made_folder(tmp_path / "many", known)
    index.sync(folder)
    for number in range(1, gone + 1):
        (folder / f"{number}.txt").unlink()
    (folder / "new.txt").write_text("A new whale.")
    report = index.sync(folder)
    assert causes(report) == ([(WithheldCause.MANY_GONE, gone, known)] if is_withheld else [])
    assert len(paths(index)) == known + 1 - (0 if is_withheld else gone)
    assert "new.txt" in paths(index)


def test_moved_files_are_not_gone(index, tmp_path):
    folder = made_folder(tmp_path / "many", 12)
    index.sync(folder)
    (folder / "deep").mkdir()
    for number in range(1, 13):
        (folder / f"{number}.txt").rename(folder / "deep" / f"{number}.txt")
    report = index.sync(folder)
    assert (report.withheld, report.count(FileState.MOVED)) == ((), 12)


def test_another_folder_changes_nothing(index, folder, tmp_path):
    index.sync(folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "whale.txt").write_text("A whale.")
    (other / "1.txt").write_text("Another text.")
    report = index.sync(other)
    assert causes(report) == [(WithheldCause.OTHER_FOLDER, 4, 4)]
    assert report.withheld[0].message == (
        f"The 4 documents of the collection default are from {folder}. 3 of them are not in {other}, and 1 have "
        f"other content there, so nothing was changed. If it is to take the place: "
        f"quoth index {other} --collection default --yes"
    )
    assert paths(index) == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert index.collections()[0].folder == folder
    assert index.sync(other, removals=CONFIRMED).withheld == ()
    assert (paths(index), index.collections()[0].folder) == (["1.txt", "whale.txt"], other)


def test_a_folder_that_was_moved_is_followed(index, folder, tmp_path):
    index.sync(folder)
    moved = folder.rename(tmp_path / "moved")
    (moved / "new.txt").write_text("A whale.")
    assert index.sync(moved).withheld == ()
    assert (len(paths(index)), index.collections()[0].folder) == (5, moved)


def test_a_rebuild_from_an_empty_folder_removes_nothing(index, folder):
    index.sync(folder)
    empty(folder)
    assert causes(index.sync(folder, rebuild=True)) == [(WithheldCause.EMPTY, 4, 4)]
    assert len(paths(index)) == 4


def test_a_file_that_was_deleted_on_purpose_goes(index, tmp_path):
    folder = made_folder(tmp_path / "one", 1)
    index.sync(folder)
    empty(folder)
    report = index.sync(folder, removals=Removals(deleted=("1.txt",)))
    assert (report.withheld, paths(index)) == ((), [])


def test_each_collection_is_judged_by_itself(index, folder, tmp_path):
    notes = made_folder(tmp_path / "notes", 2)
    index.sync(folder)
    index.sync(notes, collection="notes")
    empty(notes)
    assert index.sync(folder).withheld == ()
    (withheld,) = index.sync(notes, collection="notes").withheld
    assert withheld.message.endswith(" To remove them: quoth index --collection notes --yes")


def test_documents_that_come_back_cost_nothing(index, folder, encoder):
    index.sync(folder)
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    empty(folder)
    index.sync(folder, removals=CONFIRMED)
    for name, text in texts.items():
        (folder / name).write_text(text)
    encoder.encoded.clear()
    assert index.sync(folder).count(FileState.INDEXED) == 4
    assert encoder.encoded == []


def test_a_change_that_is_undone_costs_nothing(index, folder, encoder):
    index.sync(folder)
    before = (folder / "1.txt").read_text()
    (folder / "1.txt").write_text("A whale.")
    index.sync(folder)
    (folder / "1.txt").write_text(before)
    encoder.encoded.clear()
    index.sync(folder)
    assert encoder.encoded == []


def test_vectors_of_what_went_are_forgotten_after_a_week(index, folder, encoder, monkeypatch):
    index.sync(folder)
    before = (folder / "1.txt").read_text()
    (folder / "1.txt").unlink()
    index.sync(folder)
    now = time.time()
    monkeypatch.setattr("retrieval.storage.vectors.time.time", lambda: now + FORMER_KEPT_S + 1)
    index.sync(folder)
    (folder / "1.txt").write_text(before)
    encoder.encoded.clear()
    index.sync(folder)
    assert encoder.encoded != []
