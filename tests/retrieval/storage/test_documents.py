"""The database keeps documents whole, logs every change, and never uses an id twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from retrieval.documents import readers
from retrieval.documents.document import Location, Unit
from retrieval.documents.passages import Passage, Sentence
from retrieval.encoding.token_codes import CodedText
from retrieval.errors import StoreError
from retrieval.indexing.milvus_store import _Build, _BuildRepository
from retrieval.storage.database import ConstraintError
from retrieval.storage.records import Collection, Counts, Manifest, PassageIds, Removal
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = Manifest(model="words", dimension=2, passages="1")
TEXT = "Ünder. Two.\r\nÇix."


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    with closing(Store(tmp_path, database)) as opened:
        opened.clear(MANIFEST)
        opened.collections.save("default", tmp_path)
        yield opened


def collection(store: Store) -> Collection:
    return store.collections.all()[0]


def put(store: Store, path: str, text: str = TEXT) -> None:
    """Put a document of two passages, with two sentences and one; the vectors are [1, 0], [2, 0], … codes b"1", …"""
    document = readers.read(path, text.encode())
    passages = [
        Passage(0, 11, None, None, "en", (Sentence(0, 6), Sentence(7, 11))),
        Passage(
            13, 17, "Heading", Location(Unit.ROW, 2, 4, "Prices", "https://example.org/2"), "fr", (Sentence(13, 17),)
        ),
    ]
    texts = [document.text[start:end] for start, end in ((0, 6), (7, 11), (13, 17))]
    vectors = {text: CodedText(np.array([n, 0], np.float32), b"%d" % n) for n, text in enumerate(texts, start=1)}
    store.documents.put(collection(store), document, passages, vectors)


def test_a_passage_comes_back_with_its_exact_text_and_place(store: Store) -> None:
    put(store, "a.txt")
    first, second = store.passages.get([1, 2])
    assert (first.text, second.text) == ("Ünder. Two.", "Çix.")
    assert (second.path, second.heading, second.place, second.language) == (
        "a.txt",
        "Heading",
        Location(Unit.ROW, 2, 4, "Prices", "https://example.org/2"),
        "fr",
    )
    assert [(s.id, s.start, s.end) for s in first.sentences] == [(1, 0, 6), (2, 7, 11)]


def test_passages_come_in_the_order_of_the_ids_that_exist(store: Store) -> None:
    put(store, "a.txt")
    assert [passage.id for passage in store.passages.get([2, 99, 1])] == [2, 1]


def test_vectors_come_with_their_ids(store: Store) -> None:
    put(store, "a.txt")
    rows = store.vectors.read_rows([1])
    assert rows.ids.tolist() == [1, 2, 3]
    assert rows.vectors.tolist() == [[1, 0], [2, 0], [3, 0]]
    assert {number: own.tolist() for number, own in store.vectors.read_sentences([2, 1, 99]).items()} == {
        1: [[1, 0], [2, 0]],
        2: [[3, 0]],
    }


def test_the_codes_of_tokens_go_with_their_document(store: Store) -> None:
    put(store, "a.txt")
    assert store.vectors.read_codes([2, 1, 99]) == {1: [b"1", b"2"], 2: [b"3"]}
    store.documents.remove(collection(store), "a.txt")
    assert store.vectors.read_codes([1, 2]) == {}
    assert store.database.run("SELECT count(*) FROM token_codes") == [(0,)]


def test_sentences_are_found_again_by_their_text(store: Store) -> None:
    put(store, "a.txt")
    known = store.vectors.read_by_text(collection(store), "a.txt", "")
    assert {text: (coded.vector.tolist(), coded.codes) for text, coded in known.items()} == {
        "Ünder.": ([1, 0], b"1"),
        "Two.": ([2, 0], b"2"),
        "Çix.": ([3, 0], b"3"),
    }


def test_a_changed_document_replaces_the_old_one_under_new_ids(store: Store) -> None:
    put(store, "a.txt")
    put(store, "a.txt", f"{TEXT} More.")
    assert store.passages.get([1, 2]) == []
    assert [passage.id for passage in store.passages.get([3, 4])] == [3, 4]
    assert store.documents.count() == Counts(1, 2, 3)


def test_ids_of_removed_documents_are_not_used_again(store: Store) -> None:
    put(store, "a.txt")
    store.documents.remove(collection(store), "a.txt")
    put(store, "b.txt")
    assert store.passages.locate([], [1, 2, 3]) == {}
    assert store.passages.locate([4, 1], [5, 1]) == {
        3: PassageIds(3, 1, range(4, 6)),
        4: PassageIds(4, 1, range(6, 7)),
    }


def test_the_change_log_lists_removals_and_additions(store: Store) -> None:
    put(store, "a.txt")
    put(store, "b.txt")
    seen = store.log.read_state().generation
    store.documents.remove(collection(store), "a.txt")
    put(store, "c.txt")
    changes = store.log.read_changes(seen, collection(store))
    assert changes.removals == [Removal(document_id=1, sentences=range(1, 4))]
    assert changes.document_ids == [3]
    assert store.log.read_changes(0, collection(store)).document_ids == [2, 3]


def test_a_failed_change_is_rolled_back(store: Store) -> None:
    put(store, "a.txt")
    before = (
        store.log.read_state().generation,
        store.documents.count(),
        store.documents.read_hashes(collection(store)),
    )
    document = readers.read("a.txt", b"New.")
    passage = Passage(0, 4, None, None, "en", (Sentence(0, 4), Sentence(4, 4)))
    vectors = {text: CodedText(np.ones(2, np.float32), b"") for text in ("New.", "")}
    with pytest.raises(ConstraintError):
        store.documents.put(collection(store), document, [passage, replace(passage, language=None)], vectors)
    assert (
        store.log.read_state().generation,
        store.documents.count(),
        store.documents.read_hashes(collection(store)),
    ) == before


def test_clearing_changes_the_identity(store: Store) -> None:
    put(store, "a.txt")
    identity = store.log.read_state().identity
    other = Manifest(model="other", dimension=3, passages="1")
    store.clear(other)
    state = store.log.read_state()
    assert (state.manifest, store.documents.count(), state.generation) == (other, Counts(0, 0, 0), 0)
    assert state.identity != identity
    put(store, "a.txt")
    assert list(store.passages.locate([], [4])) == [3]  # old ids stay unused


def test_another_process_sees_every_change(store: Store, tmp_path: Path, database: str) -> None:
    with closing(Store(tmp_path, database)) as other:
        put(store, "a.txt")
        assert [document.path for document in other.documents.all()] == ["a.txt"]
        assert other.passages.read_languages() == ["en", "fr"]


OF_REVISION_3 = """
DROP TABLE token_codes;
ALTER TABLE spare_vectors DROP COLUMN codes;
ALTER TABLE passages ADD COLUMN vector BLOB NOT NULL DEFAULT '';
ALTER TABLE removals RENAME TO newer_removals;
CREATE TABLE removals (document_id INTEGER PRIMARY KEY, collection_id BIGINT NOT NULL REFERENCES collections (id)
    ON DELETE CASCADE, first_passage BIGINT, last_passage BIGINT, first_sentence BIGINT, last_sentence BIGINT,
    generation BIGINT NOT NULL);
DROP TABLE newer_removals;
ALTER TABLE passages DROP COLUMN url;
DROP TABLE sources;
DROP TABLE pages;
DROP TABLE snapshots;
DROP TABLE titles;
DROP TABLE milvus;
DROP INDEX spare_vectors_by_removal;
ALTER TABLE spare_vectors DROP COLUMN removed_at;
UPDATE schema_version SET version_num = '0003';
"""
OF_VERSION_4 = """
DROP TABLE schema_version;
DROP TABLE counters;
ALTER TABLE failures DROP COLUMN fault;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);
DROP TABLE counted;
INSERT INTO sqlite_sequence VALUES ('documents', 1), ('passages', 2), ('sentences', 3), ('collections', 1);
PRAGMA user_version = 4
"""
"""Turns a file of revision 3 into one from before there were revisions, when SQLite itself counted the ids."""


def test_a_file_without_revisions_keeps_documents_and_used_ids(
    tmp_path: Path,
) -> None:
    with closing(Store(tmp_path)) as store:
        store.clear(MANIFEST)
        store.collections.save("default", tmp_path)
        put(store, "a.txt")
        store.documents.remove(collection(store), "a.txt")
        store.collections.save("other", tmp_path)
    with closing(sqlite3.connect(tmp_path / "quoth.db")) as database:
        database.executescript(OF_REVISION_3 + OF_VERSION_4)
    with closing(Store(tmp_path)) as store:
        assert [stored.name for stored in store.collections.all()] == ["default", "other"]
        put(store, "b.txt")
        assert [passage.document_id for passage in store.passages.get([3, 4])] == [2, 2]
        assert list(store.passages.locate([], [4, 6])) == [3, 4]


def test_failures_without_a_fault_are_tried_again(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        store.collections.save("default", tmp_path)
    with closing(sqlite3.connect(tmp_path / "quoth.db")) as database, database:
        database.executescript(OF_REVISION_3)
        database.execute("ALTER TABLE failures DROP COLUMN fault")
        database.execute("INSERT INTO failures VALUES (1, 'a.txt', 'the first', 'It is empty.')")
        database.execute("UPDATE schema_version SET version_num = '0002'")
    with closing(Store(tmp_path)) as store:
        assert store.failures.read(collection(store)) == {}


def test_older_keys_of_milvus_move_into_its_table(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        store.clear(MANIFEST)
        identity = store.log.read_state().identity
    known = {"shelf": "abc", "shown.1": "7", "shown.3": "8", "former.def": "", "pruned": "5"}
    with closing(sqlite3.connect(tmp_path / "quoth.db")) as database, database:
        database.executescript(OF_REVISION_3)
        database.executemany("INSERT INTO manifest VALUES (?, ?)", known.items())
    with closing(Store(tmp_path)) as store:
        builds = _BuildRepository(store.database)
        assert builds.get(identity) == _Build(identity, "abc", {1: 7, 3: 8})
        assert builds.former_identities(identity) == ["def"]
        assert store.log.read_state().oldest_change == 5
        assert store.spare_vectors.get(["text"]) == {}
        assert store.database.run("SELECT key FROM manifest WHERE key LIKE 's%' OR key LIKE 'former%'") == []


def test_a_file_that_is_no_database_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "quoth.db"
    path.write_bytes(b"This is no database. " * 100)
    with pytest.raises(StoreError, match=r"file is not a database.*Move quoth\.db\* away.*`quoth index`"):
        Store(path.parent)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"Cannot use the index in .*--data"):
        Store(tmp_path / "file")


def test_a_file_damaged_in_the_middle_is_an_error(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        store.clear(MANIFEST)
        store.collections.save("default", tmp_path)
        put(store, "a.txt", TEXT * 5_000)
    path = tmp_path / "quoth.db"
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 4096] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"Move quoth\.db\* away"):
        Store(path.parent).documents.all()


def test_a_failed_transaction_undoes_all_its_changes(store: Store) -> None:
    put(store, "a.txt")

    def change_and_fail() -> None:
        with store.database.transaction():
            put(store, "b.txt")
            store.documents.remove(collection(store), "a.txt")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert [document.path for document in store.documents.all()] == ["a.txt"]
    assert store.log.read_state().generation == 1


def test_only_one_process_holds_the_lock_for_writing(store: Store, tmp_path: Path, database: str) -> None:
    with closing(Store(tmp_path, database)) as other:
        assert store.acquire(wait=False)
        assert not other.acquire(wait=False)
        store.release()
        assert other.acquire(wait=True)
        assert not store.acquire(wait=False)
        other.release()


def test_a_snapshot_stays_as_it_was_when_it_began(store: Store, tmp_path: Path, database: str) -> None:
    put(store, "a.txt")
    other = Store(tmp_path, database)
    with other.database.snapshot():
        assert paths(other) == ["a.txt"]
        put(store, "b.txt")
        assert paths(other) == ["a.txt"]
    assert paths(other) == ["a.txt", "b.txt"]
    other.close()


def paths(store: Store) -> list[str]:
    return [document.path for document in store.documents.all()]
