"""The index follows its folder, and finds by meaning, by words and by both."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING
from unittest.mock import Mock, call

import pytest
from PIL import Image
from support.doubles import ReaderHere, WordEncoder
from support.made_files import in_format

from retrieval.documents import folder as documents_folder
from retrieval.documents import readers
from retrieval.documents.document import Location, Unit
from retrieval.errors import DocumentError, DocumentFault, QuestionError, SettingsError, StoreError
from retrieval.index import Index
from retrieval.indexing.sync import FileState, Progress, Removals, SyncReport
from retrieval.indexing.updater import IndexUpdater

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.documents.readers.limits import Limits

pytestmark = pytest.mark.usefixtures("engine")
IN_FILES = pytest.mark.parametrize("engine", ["faiss"], indirect=True)
"""For tests of FAISS only."""

CONFIRMED = Removals(are_confirmed=True)
CATS = "The cat sleeps. A kitten plays."
SEA = "The whale dives. Ships sail by."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "cats.txt").write_text(CATS)
    (documents / "deep").mkdir()
    (documents / "deep" / "sea.md").write_text(f"# Water\n\n{SEA}\n")
    return documents


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder("cat kitten feline", "whale", "ships vessels", "sleeps", "dives")


@pytest.fixture
def index(tmp_path: Path, encoder: WordEncoder) -> Index:
    return Index(tmp_path / "data", encoder, reader=ReaderHere())


def states(report: SyncReport) -> dict[str, str]:
    return {file.path: file.state.value for file in report.files}


def found(index: Index, question: str, k: int = 10) -> list[str]:
    return [hit.passage.text for hit in index.search(question, k)]


def test_a_sync_reads_only_what_is_new_or_changed(index: Index, folder: Path, encoder: WordEncoder) -> None:
    assert states(index.sync(folder)) == {"cats.txt": "indexed", "deep/sea.md": "indexed"}
    encoder.encoded.clear()
    assert states(index.sync(folder)) == {"cats.txt": "unchanged", "deep/sea.md": "unchanged"}
    assert encoder.encoded == []
    (folder / "cats.txt").write_text("The dog barks.")
    assert states(index.sync(folder)) == {"cats.txt": "indexed", "deep/sea.md": "unchanged"}
    assert set(encoder.encoded) == {"The dog barks."}
    assert set(found(index, "kitten")) == {SEA, "The dog barks."}


def test_a_removed_file_is_found_no_more(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "cats.txt").unlink()
    assert states(index.sync(folder)) == {"cats.txt": "removed", "deep/sea.md": "unchanged"}
    assert found(index, "cat") == [SEA]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(index: Index, folder: Path) -> None:
    (folder / "bad.txt").write_bytes(b"\x00\xff\x00\xfe\x80" * 9)
    (folder / "film.mp4").write_bytes(b"\x89PNG")
    report = index.sync(folder)
    assert states(report) == {
        "bad.txt": "failed",
        "cats.txt": "indexed",
        "deep/sea.md": "indexed",
        "film.mp4": "skipped",
    }
    assert "not text" in report.files[0].reason
    assert "does not read .mp4 files" in report.files[3].reason


def test_an_unreadable_change_keeps_the_last_version(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "cats.txt").write_bytes(b"")
    assert states(index.sync(folder))["cats.txt"] == "failed"
    assert CATS in found(index, "cat")


def test_hidden_files_and_links_are_left_out(index: Index, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("The secret cat.")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "tree").symlink_to(tmp_path, target_is_directory=True)
    (folder / ".hidden.txt").write_text("A hidden cat.")
    assert states(index.sync(folder)).keys() == {"cats.txt", "deep/sea.md"}


def test_a_file_name_that_is_not_unicode_is_reported(index: Index, folder: Path) -> None:
    with open(bytes(folder) + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123
        file.write(b"Coffee.")
    (report, *_) = index.sync(folder).files
    assert (report.state, report.reason) == (
        FileState.FAILED,
        "The file's name is not valid Unicode. Rename it.",
    )


def test_a_folder_that_is_missing_is_an_error_with_the_remedy(index: Index, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no folder .*nowhere.*--documents"):
        index.sync(tmp_path / "nowhere")


def test_the_passage_nearest_to_the_question_comes_first(index: Index, folder: Path) -> None:
    index.sync(folder)
    assert found(index, "feline") == [CATS, SEA]  # by meaning alone: no word is shared
    assert found(index, "vessels") == [SEA, CATS]
    assert found(index, "plays") == [CATS, SEA]  # by the word alone: the encoder does not know it


def test_a_hit_names_the_nearest_sentence_and_its_evidence(index: Index, folder: Path) -> None:
    index.sync(folder)
    (hit, *_) = index.search("vessels sail", 1)
    text = (folder / "deep" / "sea.md").read_text()
    assert text[hit.sentence.start : hit.sentence.end] == "Ships sail by."
    assert text[hit.passage.start : hit.passage.end] == SEA
    assert hit.passage.place == Location(Unit.LINE, 3, 3)
    assert hit.evidence.sentence == pytest.approx(1, abs=1e-3)
    # "vessels" has its match, "sail" as a word is unknown; codes of tokens give about this.
    assert hit.evidence.maxsim == pytest.approx(0.5, abs=0.05)
    # Of 2 passages one has "sail" and none has "vessels": their IDFs are ln(1 + 1.5/1.5) and ln(1 + 2.5/0.5).
    assert hit.evidence.coverage == pytest.approx(math.log(2) / (math.log(2) + math.log(6)))


def test_another_process_finds_new_documents_at_once(
    index: Index, folder: Path, tmp_path: Path, encoder: WordEncoder
) -> None:
    index.sync(folder)
    other = Index(tmp_path / "data", encoder, reader=ReaderHere())
    assert found(other, "cat") == [CATS, SEA]
    (folder / "new.txt").write_text("A feline.")
    index.sync(folder)
    assert found(other, "feline")[0] == "A feline."
    (folder / "new.txt").unlink()
    index.sync(folder)
    assert "A feline." not in found(other, "feline")


@IN_FILES
def test_words_are_found_once_the_index_files_are_written(
    index: Index, folder: Path, tmp_path: Path, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    (folder / "new.txt").write_text("Unicorns gallop.")
    with monkeypatch.context() as patched:
        patched.setattr(IndexUpdater, "catch_up", lambda *_: None)
        index.sync(folder)  # as if killed before it writes the index files
    other = Index(tmp_path / "data", encoder, reader=ReaderHere())
    assert "Unicorns gallop." in found(other, "unicorns")  # among the few, by its vector
    index.sync(folder)
    assert found(other, "unicorns")[0] == "Unicorns gallop."


def test_an_index_of_another_model_is_rebuilt_not_searched(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    other = Index(tmp_path / "data", WordEncoder("cat", "whale"), reader=ReaderHere())
    with pytest.raises(StoreError, match="Run `quoth index`"):
        other.search("cat", 1)
    report = other.sync(folder)
    assert report.rebuilt == "The index was made with another model. Indexing all documents anew."
    assert states(report) == {"cats.txt": "indexed", "deep/sea.md": "indexed"}
    assert found(other, "cat") == [CATS, SEA]
    with pytest.raises(StoreError):
        index.search("cat", 1)


def test_a_rebuild_reads_everything_again(index: Index, folder: Path) -> None:
    index.sync(folder)
    assert states(index.sync(folder, rebuild=True)) == {"cats.txt": "indexed", "deep/sea.md": "indexed"}
    assert found(index, "cat") == [CATS, SEA]


@IN_FILES
@pytest.mark.parametrize("damage", ["sentences-1.faiss", "caches.json", "lexical/meta.json"])
@pytest.mark.parametrize("how", ["missing", "cut short"])
def test_a_missing_or_damaged_index_file_is_rebuilt(
    index: Index, folder: Path, tmp_path: Path, encoder: WordEncoder, damage: str, how: str
) -> None:
    index.sync(folder)
    index.close()
    path = tmp_path / "data" / damage
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:7])
    mended = Index(tmp_path / "data", encoder, reader=ReaderHere())
    encoder.encoded.clear()
    mended.sync(folder)
    assert encoder.encoded == []
    assert found(mended, "feline") == [CATS, SEA]
    assert found(mended, "plays") == [CATS, SEA]


def test_a_second_sync_waits_with_a_message(index: Index, folder: Path) -> None:
    other = index._open()
    assert other.acquire(wait=False)
    assert index.is_being_written
    said: list[str] = []
    waiting = threading.Event()

    def message(text: str) -> None:
        said.append(text)
        waiting.set()

    reports: list[SyncReport] = []
    thread = threading.Thread(target=lambda: reports.append(index.sync(folder, message=message)))
    thread.start()
    assert waiting.wait(10)
    assert reports == []
    other.release()
    other.close()
    thread.join(10)
    assert not index.is_being_written
    assert said == ["Another process is indexing; waiting for it to finish."]
    assert states(reports[0]) == {"cats.txt": "indexed", "deep/sea.md": "indexed"}


def test_an_empty_index_finds_nothing(index: Index, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert index.sync(tmp_path / "empty").files == []
    assert index.search("cat", 3) == []


def test_a_question_that_the_encoder_would_cut_is_an_error(index: Index, folder: Path) -> None:
    index.sync(folder)
    with pytest.raises(QuestionError, match=r"too long for the model\. Ask in at most"):
        index.search("cat " * 66, 1)


# --- reading no more than it must


def test_a_moved_file_is_not_read_again_but_renamed(index: Index, folder: Path, encoder: WordEncoder) -> None:
    index.sync(folder)
    encoder.encoded.clear()
    (folder / "cats.txt").rename(folder / "deep" / "felines.txt")
    (report, *_) = index.sync(folder).files
    assert (report.path, report.state, report.moved_from) == ("deep/felines.txt", "moved", "cats.txt")
    assert encoder.encoded == []
    (hit, *_) = index.search("feline", 1)
    assert (hit.passage.path, hit.passage.title, hit.passage.text) == ("deep/felines.txt", "felines", CATS)
    assert states(index.sync(folder)) == {"deep/felines.txt": "unchanged", "deep/sea.md": "unchanged"}


def test_a_moved_file_that_names_itself_keeps_its_title(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "deep" / "sea.md").rename(folder / "ocean.md")
    index.sync(folder)
    assert [document.title for document in index.documents()] == ["cats", "Water"]


def test_a_copied_file_is_not_encoded_again(index: Index, folder: Path, encoder: WordEncoder) -> None:
    index.sync(folder)
    encoder.encoded.clear()
    (folder / "copy.txt").write_text(CATS)
    assert states(index.sync(folder))["copy.txt"] == "indexed"
    assert encoder.encoded == []
    (hit, *_) = index.search("kitten", 1)
    assert {hit.passage.path, *(copy.path for copy in hit.copies)} == {"cats.txt", "copy.txt"}


def test_of_a_changed_file_only_new_sentences_are_encoded(index: Index, folder: Path, encoder: WordEncoder) -> None:
    index.sync(folder)
    encoder.encoded.clear()
    (folder / "cats.txt").write_text(f"{CATS} A whale sings.")
    (report, *_) = index.sync(folder).files
    assert encoder.encoded == ["A whale sings."]
    assert report.encoded == 1
    assert found(index, "whale")[0] == f"{CATS} A whale sings."


def test_an_unreadable_file_is_not_read_again_until_it_changes(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    read = ReaderHere.read
    monkeypatch.setattr(ReaderHere, "read", lambda self, path, data: tried.append(path) or read(self, path, data))
    (folder / "bad.txt").write_bytes(b" ")
    first, second = index.sync(folder), index.sync(folder)
    assert tried == ["bad.txt", "cats.txt", "deep/sea.md"]
    assert first.files[0] == second.files[0]
    assert first.files[0].reason == "The file holds no text. Remove it, or fill it."
    assert first.files[0].fault is DocumentFault.EMPTY
    (folder / "bad.txt").write_bytes(b"Good.")
    assert states(index.sync(folder))["bad.txt"] == "indexed"


def test_a_file_that_still_cannot_be_opened_is_known(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = documents_folder.load
    refusal = DocumentError("Cannot open the file.", DocumentFault.NO_ACCESS)
    locked = {"cats.txt", "\udcff.txt"}

    def refuse(folder: Path, path: str, limits: Limits) -> bytes:
        if path in locked:
            raise refusal
        return load(folder, path, limits)

    monkeypatch.setattr(documents_folder, "load", refuse)
    (folder / "\udcff.txt").touch()
    assert [file.is_known for file in index.sync(folder).files if file.state is FileState.FAILED] == [False, False]
    assert [file.is_known for file in index.sync(folder).files if file.state is FileState.FAILED] == [True, True]
    assert {failure.path for failure in index.health.list_failures()} == {"\\udcff.txt", "cats.txt"}
    locked.remove("cats.txt")
    assert states(index.sync(folder))["cats.txt"] == "indexed"
    assert [failure.path for failure in index.health.list_failures()] == ["\\udcff.txt"]
    refusal = DocumentError("The file's name is not valid Unicode.", DocumentFault.NO_ACCESS)
    assert [file.is_known for file in index.sync(folder).files if file.state is FileState.FAILED] == [False]


def test_a_failed_file_says_that_its_last_version_answers(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "cats.txt").write_bytes(b"")
    (report, *_) = index.sync(folder).files
    assert report.reason.endswith(" Until then, answers come from its last good version.")


def test_a_failed_file_is_tried_again_when_its_reader_changes(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "scan.txt").write_bytes(b"")
    index.sync(folder)
    read = Mock(wraps=ReaderHere().read)
    monkeypatch.setattr(ReaderHere, "read", lambda _, *file: read(*file))
    index.sync(folder)
    assert read.call_args_list == []
    monkeypatch.setattr(readers, "name_reader", lambda _: "text 3")
    index.sync(folder)
    assert read.call_args_list == [call("scan.txt", b"")]


def test_a_picture_without_text_is_no_failure(index: Index, folder: Path) -> None:
    (folder / "logo.png").write_bytes(in_format("PNG", Image.new("L", (8, 8))))
    report = next(file for file in index.sync(folder).files if file.path == "logo.png")
    assert (report.state, report.fault) == (FileState.SKIPPED, DocumentFault.EMPTY)
    assert index.health.list_failures() == []


def test_a_file_that_is_too_large_is_not_read(index: Index, folder: Path) -> None:
    with (folder / "large.txt").open("wb") as file:
        file.truncate((ReaderHere.limits.file_mib << 20) + 1)
    report = next(file for file in index.sync(folder).files if file.path == "large.txt")
    assert report.reason == "The file is larger than 64 MiB. Split it, or raise QUOTH_MAX_FILE_MIB."


def test_documents_in_an_unreadable_folder_are_kept(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.sync(folder)
    look_into = os.scandir

    def refuse(path: str) -> object:  # as permissions would, if this were not run by root
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return look_into(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = index.sync(folder)
    assert states(report) == {"cats.txt": "unchanged", "deep/": "failed"}
    assert report.files[1].reason == "Cannot look into the folder: Permission denied. Check that it may be read."
    assert SEA in found(index, "whale")


def test_an_interrupted_sync_encodes_nothing_twice(index: Index, folder: Path, encoder: WordEncoder) -> None:
    sentences = [f"Sentence number {number} is about a cat." for number in range(3_000)]
    (folder / "long.txt").write_text(" ".join(sentences))

    def interrupt(progress: Progress) -> None:
        if progress.path == "long.txt" and progress.done > progress.total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync(folder, progress=interrupt)
    before = set(encoder.encoded)
    encoder.encoded.clear()
    assert states(index.sync(folder))["long.txt"] == "indexed"
    assert len(before) > 1_000
    assert before.isdisjoint(encoder.encoded)


def test_progress_grows_to_the_size_of_the_files_to_read(index: Index, folder: Path) -> None:
    index.sync(folder)
    (folder / "long.txt").write_text(" ".join(f"Sentence {number} is about a cat." for number in range(5_000)))
    seen: list[Progress] = []
    index.sync(folder, progress=seen.append)
    assert {(report.path, report.total) for report in seen} == {("long.txt", (folder / "long.txt").stat().st_size)}
    done = [report.done for report in seen]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, seen[0].total)
    assert len(set(done)) > 3


# --- collections


@pytest.fixture
def two(index: Index, folder: Path, tmp_path: Path) -> Index:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cats.txt").write_text("My cat is secret.")
    index.sync(folder)
    index.sync(other, collection="private")
    return index


def in_collections(index: Index, question: str, *names: str) -> list[tuple[str, str]]:
    hits = index.search(question, 10, collections=names)
    return [(hit.passage.collection, hit.passage.text) for hit in hits]


def test_only_the_collections_that_may_be_seen_are_searched(two: Index) -> None:
    assert in_collections(two, "secret cat", "private") == [("private", "My cat is secret.")]
    assert in_collections(two, "secret cat", "default") == [("default", CATS), ("default", SEA)]
    assert in_collections(two, "secret cat", "private", "default")[0] == ("private", "My cat is secret.")
    assert in_collections(two, "secret cat") == []
    assert len(two.search("secret cat", 10)) == 3


def test_copies_in_hidden_collections_are_not_named(two: Index, tmp_path: Path) -> None:
    (tmp_path / "other" / "copy.txt").write_text(CATS)
    two.sync(tmp_path / "other", collection="private")
    (hit, *_) = two.search("feline", 1, collections=["default"])
    assert hit.copies == ()


def test_a_sync_of_one_collection_leaves_the_others_alone(two: Index, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "cats.txt").unlink()
    assert states(two.sync(tmp_path / "other", "private", removals=CONFIRMED)) == {"cats.txt": "removed"}
    assert in_collections(two, "cat", "private") == []
    assert states(two.sync(folder)) == {"cats.txt": "unchanged", "deep/sea.md": "unchanged"}


def test_a_dropped_collection_is_gone_and_its_name_is_free(two: Index, tmp_path: Path, encoder: WordEncoder) -> None:
    two.drop("private")
    assert [collection.name for collection in two.collections()] == ["default"]
    assert found(two, "secret cat") == [CATS, SEA]
    assert not list((tmp_path / "data").glob("*-2.faiss"))
    two.sync(tmp_path / "other", collection="private")
    other = Index(tmp_path / "data", encoder, reader=ReaderHere())
    assert in_collections(other, "secret cat", "private") == [("private", "My cat is secret.")]


def test_a_collection_knows_its_folder(two: Index, folder: Path, tmp_path: Path) -> None:
    known = {collection.name: collection.folder for collection in two.collections()}
    assert known == {"default": folder, "private": tmp_path / "other"}


def test_a_forgotten_document_is_found_no_more(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    with pytest.raises(SettingsError, match=r"cats\.txt is still there"):
        index.forget("default", "cats.txt")
    (folder / "cats.txt").unlink()
    index.forget("default", "cats.txt")
    assert found(index, "cat") == [SEA]
    assert index.health.check_indexes().damages == ()
    assert not any(b"play" in path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
