"""An export holds everything, and an import gives it back to the byte; nothing is taken that was tampered with."""

from __future__ import annotations

import base64
import io
import json
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import PATIENCE_S, QUOTH, ROOT, environment, run
from doubles import ReaderHere, WordEncoder
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import import_again_and_again
from test_storage import full_disk

from retrieval import (
    Asker,
    Channel,
    Index,
    Place,
    Receipts,
    StoreError,
    TransferError,
    Unit,
    Verdict,
    Verifier,
    ask,
    export_to,
    import_from,
    pin,
)
from retrieval.confidence import Calibration
from retrieval.documents import Document
from retrieval.errors import DocumentError, DocumentFault
from retrieval.indexing.updater import CacheWriter
from retrieval.passages import Passage, Sentence
from retrieval.receipts import Citation, Span, Statement, seal, text_hash
from retrieval.store import Manifest, Store
from retrieval.transfer_lines import ROWS, table_of

QUESTION = "How many British police officers will work in Coquelles?"
MEANINGS = ("rain", "snow")
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def open_index(data):
    return Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())


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
    """A folder that holds something of everything."""
    made = tmp_path / "data"
    with closing(open_index(made)) as index:
        index.sync(folder)
        index.sync(folder, collection="again")
        index.calibrate(Calibration(-1.5, 20.25))
        rain = ask(index, "Will it rain?", asker=Asker(Channel.TELEGRAM, "1001"))
        snow = ask(index, "Is snow cold?")
        index.receipts.rate(rain.receipt_id, "1001", is_good=True)
        index.receipts.rate(rain.receipt_id, "1002", is_good=False)
        index.receipts.revoke(snow.receipt_id)
        pin(index, "What is white?", snow.receipt_id)
    return made


def exported(data, question_days=30):
    file = io.BytesIO()
    export_to(file, data, version="1.2.3", question_days=question_days)
    return file.getvalue()


def imported(lines, data):
    return import_from(io.BytesIO(lines), data)


def of_type(lines, kind):
    return [line for line in map(json.loads, lines.splitlines()) if line["type"] == kind]


# --- out and back


def test_an_imported_index_gives_the_same_answers_with_the_same_scores(data, tmp_path):
    imported(exported(data), tmp_path / "other")
    with closing(open_index(data)) as index, closing(open_index(tmp_path / "other")) as other:
        assert other.cache_damages() == other.damages() == []
        for question in ("Will it rain?", "Does snow fall?", "Who conducts the orchestra?"):
            there, here = ask(index, question), ask(other, question)
            assert (here.quotes, here.confidence, here.verdict) == (
                there.quotes,
                there.confidence,
                there.verdict,
            )
        assert other.calibration == Calibration(-1.5, 20.25)
        assert other.documents() == index.documents()


def test_nothing_is_read_or_encoded_anew_after_an_import(data, folder, tmp_path):
    imported(exported(data), tmp_path / "other")
    encoder = WordEncoder(*MEANINGS)
    with closing(Index(tmp_path / "other", encoder, reader=ReaderHere())) as other:
        report = other.sync(folder)
    assert [(file.path, file.state) for file in report.files] == [
        ("damaged.pdf", "failed"),
        ("rain.txt", "unchanged"),
        ("snow.md", "unchanged"),
    ]
    assert encoder.encoded_passages == []


def test_imported_receipts_are_verified_as_before_and_keep_what_people_think(data, folder, tmp_path):
    (folder / "snow.md").write_text("# Winter\n\nSnow is white.")
    imported(exported(data), tmp_path / "other")
    assert states(tmp_path / "other") == states(data)
    with closing(Receipts(data)) as before, closing(Receipts(tmp_path / "other")) as after:
        assert list(after.each()) == list(before.each())
        first, second = after.each()
        assert (after.ratings(first.id).good, after.ratings(first.id).bad) == (1, 1)
        assert (first.question, second.is_revoked) == ("Will it rain?", True)
        after.rate(first.id, "1001", is_good=False)  # the same person, who has changed their mind
        assert (after.ratings(first.id).good, after.ratings(first.id).bad) == (0, 2)


def states(data):
    with closing(Receipts(data)) as receipts:
        verifier = Verifier(data, receipts, ReaderHere())
        with closing(verifier):
            checks = list(verifier.check_all(receipts.each))
    return {check.receipt.id: [finding.state for finding in check.findings] for check in checks}


def test_each_line_says_what_it_is_and_the_last_how_many_there_are(data, folder):
    lines = exported(data)
    parsed = [json.loads(line) for line in lines.splitlines()]
    assert [line["type"] for line in parsed] == [
        "header",
        "calibration",
        *["collection"] * 2,
        *["document", "passage"] * 4,
        *["failure"] * 2,
        "facts",
        *["receipts"] * 2,
        *["texts"] * 2,
        *["ratings"] * 2,
        "pins",
        "end",
    ]
    assert parsed[0] == {
        "type": "header",
        "format": 1,
        "quoth": "1.2.3",
        "manifest": {
            "model": "words/rain/snow/64",
            "dimension": 4,
            "passages": parsed[0]["manifest"]["passages"],
        },
        "generation": 4,
    }
    assert parsed[-1] == {"type": "end", "lines": 22}
    assert parsed[2] == {"type": "collection", "name": "default", "folder": str(folder), "inner_folder": None}
    snow = next(line for line in parsed if line.get("path") == "snow.md")
    assert (snow["title"], snow["text"]) == ("Winter", "# Winter\n\nSnow is cold, and çà et là it falls.")
    passage = parsed[parsed.index(snow) + 1]
    ones = base64.b64encode(np.array([0, 1, 0, 0], "<f2").tobytes()).decode()
    assert passage == {
        "type": "passage",
        "start": 10,
        "end": 46,
        "heading": "Winter",
        "place": {"unit": "line", "first": 3, "last": 3, "name": None},
        "language": "",
        "vector": ones,
        "sentences": [[10, 46, ones]],
    }


def test_what_lies_in_the_data_folder_lies_in_the_new_one(tmp_path):
    sent = tmp_path / "data" / ".uploads" / "uploads"
    sent.mkdir(parents=True)
    (sent / "rain.txt").write_text("It will rain.")
    with closing(open_index(tmp_path / "data")) as index:
        index.sync(sent, collection="uploads")
    report = imported(exported(tmp_path / "data"), tmp_path / "other")
    assert report.folders == (("uploads", tmp_path / "other" / ".uploads" / "uploads"),)


def test_an_export_is_of_one_moment(data, tmp_path):
    before = exported(data)
    changed = []

    def change(_):
        if not changed:
            with closing(Store(data)) as store, closing(Receipts(data)) as receipts:
                store.remove(store.collections()[0], "snow.md")
                changed.extend(receipts.revoke(each.id) for each in receipts.each())

    file = io.BytesIO()
    export_to(file, data, version="1.2.3", question_days=30, progress=change)
    assert changed == [True, True]
    assert file.getvalue() == before
    assert len(of_type(exported(data), "document")) == 3


def test_questions_that_are_old_enough_are_forgotten_before(data):
    assert [line["question"] for line in of_type(exported(data), "receipts")] == [
        "Will it rain?",
        "Is snow cold?",
    ]
    assert [line["question"] for line in of_type(exported(data, question_days=0), "receipts")] == [None, None]


def test_what_was_altered_is_left_out_with_what_belongs_to_it_and_counted(data, tmp_path):
    with closing(sqlite3.connect(data / "receipts.db")) as database:
        said = database.execute("SELECT said FROM receipts WHERE number = 2").fetchone()
        database.execute("UPDATE receipts SET said = ? WHERE number = 1", said)
        database.execute("UPDATE texts SET text = text || '!' WHERE text LIKE 'Snow%'")
        database.commit()
    file = io.BytesIO()
    report = export_to(file, data, version="1", question_days=30)
    assert (report.receipts, report.left_out) == (1, 4)  # a receipt, its two ratings, and a text
    assert imported(file.getvalue(), tmp_path / "other").receipts == 1


def test_a_folder_without_anything_is_not_exported_nor_made(tmp_path):
    with pytest.raises(StoreError, match=r"There is no index in .*Run `quoth index` first"):
        exported(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_every_table_of_the_receipts_and_all_its_columns_are_exported(data):
    with closing(sqlite3.connect(data / "receipts.db")) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
            "AND name NOT IN ('schema_version', 'counters')"
        )
        columns = {
            table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")] for (table,) in tables
        }
    assert dict(map(table_of, ROWS)) == columns


# --- for all stores

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text("abcé 世", min_size=1, max_size=6).filter(str.strip)
PLACES = st.none() | st.builds(
    lambda unit, first, more, name: Place(unit, first, first + more, name),
    st.sampled_from(Unit),
    st.integers(1, 9),
    st.integers(0, 9),
    st.none() | WORDS,
)


@st.composite
def passages(draw, text):
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    cuts = [
        (a, draw(st.integers(a + 1, end))) for a in draw(st.lists(st.integers(start, end - 1), min_size=1))
    ]
    return Passage(
        start,
        end,
        draw(st.none() | WORDS),
        draw(PLACES),
        draw(st.sampled_from(["", "en", "zh"])),
        tuple(Sentence(*cut) for cut in cuts),
    )


@st.composite
def documents(draw):
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
    path = "/".join(draw(st.lists(NAMES, min_size=1, max_size=3)))
    sha256 = draw(st.binary(min_size=32, max_size=32)).hex()
    document = Document(path, sha256, draw(WORDS), draw(st.none() | WORDS), text, ())
    return document, draw(st.lists(passages(text), max_size=3))


VECTORS = st.lists(st.floats(-1, 1, width=16), min_size=3, max_size=3).filter(
    lambda row: np.linalg.norm(row) > 0.1
)


def vectors(draw, count):
    rows = np.array([draw(VECTORS) for _ in range(count)], np.float32).reshape(count, 3)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(data, draw):
    """Put anything that there can be into a data folder."""
    with closing(Store(data)) as store:
        store.clear(Manifest("words", 3, draw(WORDS)))
        if draw(st.booleans()):
            store.keep_calibration(Calibration(draw(st.floats(-9, 9)), draw(st.floats(-9, 9))).to_json())
        for name in draw(st.lists(NAMES, max_size=2, unique=True)):
            collection = store.keep_collection(name, data.parent / name)
            for document, split in draw(st.lists(documents(), max_size=3)):
                sentences = sum(len(each.sentences) for each in split)
                store.put(collection, document, split, vectors(draw, len(split)), vectors(draw, sentences))
                if draw(st.booleans()):
                    store.remove(collection, document.path)
            for path in draw(st.lists(NAMES, max_size=1)):
                error = DocumentError(draw(WORDS), draw(st.sampled_from(DocumentFault)))
                store.keep_failure(collection, path, draw(WORDS), error)
    with closing(Receipts(data)) as receipts:
        for text in draw(st.lists(WORDS.filter(bool), max_size=3)):
            span = Span("default", "a.txt", "0" * 64, 0, len(text))
            cited = Citation(1, span, text_hash(text), "1", "A", None, draw(PLACES), (0, len(text)), 0.5)
            given_id = receipts.keep(
                draw(WORDS),
                Asker(draw(st.sampled_from(Channel)), draw(st.none() | NAMES)),
                verdict=draw(st.none() | st.sampled_from(Verdict)),
                generation=1,
                model="words",
                citations=[cited],
                texts=[text],
            )
            for person in draw(st.lists(NAMES, max_size=2)):
                receipts.rate(given_id, person, is_good=draw(st.booleans()))
            if draw(st.booleans()):
                receipts.revoke(given_id)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_export_of_an_import_is_the_same_to_the_byte(drawn):
    with tempfile.TemporaryDirectory() as root:
        fill(Path(root) / "one", drawn.draw)
        lines = exported(Path(root) / "one")
        imported(lines, Path(root) / "two")
        assert exported(Path(root) / "two") == lines


# --- what is refused


def changed(lines, kind, **values):
    """The lines with these values in the first of this type, and its number."""
    parsed = [json.loads(line) for line in lines.splitlines()]
    at = next(at for at, line in enumerate(parsed) if line["type"] == kind)
    parsed[at] |= values
    return b"".join(json.dumps(line).encode() + b"\n" for line in parsed), at + 1


def refused(lines, data):
    """Why an import is refused; nothing of it is there afterwards."""
    with pytest.raises(TransferError) as error:
        imported(lines, data)
    with closing(Store(data)) as store, closing(Receipts(data)) as receipts:
        assert (store.collections(), store.manifest(), store.count().documents) == ([], None, 0)
        assert receipts.count() == 0
    return str(error.value)


def packed(*numbers):
    return base64.b64encode(np.array(numbers, "<f2").tobytes()).decode()


HOSTILE = [
    ("collection", {"folder": "documents"}, "the folder is not written as a whole path"),
    ("collection", {"folder": "/home/../etc"}, "the folder is not written as a whole path"),
    ("collection", {"folder": 5}, "folder: Input should be a valid string"),
    ("collection", {"folder": None}, "a collection has one folder"),
    ("collection", {"folder": None, "inner_folder": "../x"}, "not one that Quoth keeps in its own"),
    (
        "collection",
        {"folder": None, "inner_folder": ".uploads/../../x"},
        "not one that Quoth keeps in its own",
    ),
    ("collection", {"name": "again"}, "there is a collection of this name already"),
    ("document", {"path": "../rain.txt"}, "path: the path leads out of its folder"),
    ("document", {"path": "/etc/passwd"}, "path: the path leads out of its folder"),
    ("document", {"path": "a/../../b.txt"}, "path: the path leads out of its folder"),
    ("document", {"path": "a//b.txt"}, "path: the path leads out of its folder"),
    ("document", {"path": ".ssh/key.txt"}, "to what is hidden there"),
    ("document", {"path": ""}, "path: the path leads out of its folder"),
    ("document", {"path": "a\0.txt"}, "path: the path leads out of its folder"),
    ("document", {"path": "snow.md"}, "there is a document at this path already"),
    ("document", {"sha256": "A" * 64}, "sha256: String should match"),
    ("document", {"text": 5}, "text: Input should be a valid string"),
    ("document", {"text": "It"}, "it goes on behind the end of the text"),
    ("document", {"title": ["A"]}, "title: Input should be a valid string"),
    ("document", {"title": "\ud800"}, "Invalid JSON"),
    ("document", {"passages": 2}, "the document before has 1 passages, and should have 2"),
    ("document", {"passages": "1"}, "passages: Input should be a valid integer"),
    ("document", {"collection": "nowhere"}, "there is no such collection"),
    ("document", {"more": 1}, "more: Extra inputs are not permitted"),
    ("passage", {"start": -1}, "start: Input should be greater than or equal to 0"),
    ("passage", {"start": True}, "start: Input should be a valid integer"),
    ("passage", {"end": 1 << 70}, "end: Input should be less than or equal to"),
    ("passage", {"end": 5}, "a sentence is outside its passage"),
    ("passage", {"sentences": []}, "sentences: List should have at least 1 item"),
    ("passage", {"sentences": [[3, 3, ""]]}, "a sentence is outside its passage"),
    ("passage", {"language": "../../x"}, "language: String should match"),
    ("passage", {"place": {"unit": "inch", "first": 1, "last": 1}}, "place.unit: Input should be 'line'"),
    ("passage", {"place": {"unit": "line", "first": 2, "last": 1}}, "there is no such place"),
    ("passage", {"place": {"unit": "line", "first": 1, "last": 1 << 63}}, "there is no such place"),
    ("passage", {"vector": "%"}, "base64"),
    ("passage", {"vector": packed(1, 0, 0)}, "a vector has not 4 numbers"),
    ("passage", {"vector": packed(0, 0, 0, 0)}, "a vector is not of unit length"),
    ("passage", {"vector": packed(2, 0, 0, 0)}, "a vector is not of unit length"),
    ("passage", {"vector": packed(float("nan"), 0, 0, 1)}, "a vector is not of unit length"),
    ("passage", {"vector": packed(float("inf"), 0, 0, 1)}, "a vector is not of unit length"),
    ("failure", {"path": "../x"}, "path: the path leads out of its folder"),
    ("failure", {"collection": "nowhere"}, "there is no such collection"),
    ("failure", {"fault": "dull"}, "fault: Input should be 'empty', 'not text', "),
    ("calibration", {"slope": float("inf")}, "slope: Input should be a finite number"),
    ("facts", {"value": "XYZ"}, "value: these are no bytes in hexadecimal"),
    ("receipts", {"number": -1}, "number: Input should be greater than or equal to 0"),
    ("receipts", {"number": 2}, None),
    ("receipts", {"id": "a" * 20}, "the seal does not fit"),
    ("receipts", {"said": "{}"}, "the seal does not fit"),
    ("receipts", {"said": 5}, "said: this is no text"),
    ("receipts", {"question": "Will it snow?"}, "this is not the question that was asked"),
    ("receipts", {"given_at": 1.0}, "it was not given when it says so"),
    ("receipts", {"given_at": float("nan")}, "given_at: Input should be a finite number"),
    ("receipts", {"person": 7}, "person: these are no bytes in hexadecimal"),
    ("texts", {"text": "Something else."}, "these are not the words that were quoted"),
    ("ratings", {"receipt": 99}, "FOREIGN KEY constraint failed"),
    ("receipts", {"verdict": "sure"}, "its verdict is not the one under the seal"),
    ("pins", {"path": "../x"}, "path: the path leads out of its folder"),
    ("pins", {"sentence_end": 1 << 20}, "the sentence is outside its passage"),
    ("ratings", {"is_good": 2}, "is_good: Input should be less than or equal to 1"),
]


@pytest.mark.parametrize(("kind", "values", "why"), HOSTILE)
def test_a_line_that_was_tampered_with_is_refused_by_its_number(data, tmp_path, kind, values, why):
    lines, number = changed(exported(data), kind, **values)
    if kind == "receipts" and why is None:  # it is the next one that does not fit
        number, why = number + 1, "UNIQUE constraint failed"
    message = refused(lines, tmp_path / "other")
    found = int(message.split()[1])
    assert message.endswith("Nothing was imported.")
    assert why in message
    assert found in {number, number + 1, number + 2}
    imported(exported(data), tmp_path / "other")


def with_seal(statement):
    said = statement.to_json()
    return {"said": said.decode(), "id": seal(said), "given_at": statement.at.timestamp(), "question": None}


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", ".ssh/key.txt"])
def test_a_receipt_with_a_fitting_seal_may_still_not_name_what_lies_outside(data, tmp_path, path):
    (line, *_) = of_type(exported(data), "receipts")
    statement = Statement.from_json(line["said"].encode())
    first = statement.citations[0]
    hostile = replace(statement, citations=(replace(first, span=replace(first.span, path=path)),))
    lines, number = changed(exported(data), "receipts", **with_seal(hostile))
    assert f"Line {number} cannot be imported: the path leads out" in refused(lines, tmp_path / "other")


@pytest.mark.parametrize("said", [b"{}", b"[]", b"null", b"no JSON", b'{"given_at": 5}'])
def test_a_receipt_with_a_fitting_seal_that_says_nothing_is_refused(data, tmp_path, said):
    lines, number = changed(exported(data), "receipts", said=said.decode(), id=seal(said))
    assert f"Line {number} cannot be imported: " in refused(lines, tmp_path / "other")


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b"[]",
        b'{"type": "what"}',
        b"{}",
        b"[" * 100_000,
        b'{"type": ' * 100_000,
        b"\xff\xfe",
        b"",
        b"7" * 9_999,
    ],
)
def test_a_line_that_is_none_is_refused_by_its_number(data, tmp_path, line):
    lines = exported(data).splitlines()
    lines[2] = line
    assert refused(b"\n".join(lines), tmp_path / "other").startswith("Line 3 cannot be imported: ")


def test_a_line_without_an_end_is_refused_before_it_is_in_memory(data, tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.transfer._LONGEST", 1_000)
    lines, number = changed(exported(data), "document", text="a" * 2_000)
    expected = f"Line {number} cannot be imported: it is longer than any that Quoth writes"
    assert expected in refused(lines, tmp_path / "other")


@pytest.mark.parametrize(
    "header", [b"", b"\n", b"PK\x03\x04", b'{"type": "header", "format": 2}', b'{"type": "end", "lines": 0}']
)
def test_what_is_no_export_is_refused_and_no_folder_is_made(tmp_path, header):
    with pytest.raises(TransferError, match=r"no export|ends early"):
        imported(header, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_file_that_was_cut_off_is_refused_wherever_that_was(data, tmp_path):
    lines = exported(data)
    for length in range(len(lines.splitlines()[0]) + 1, len(lines) - 1, 97):
        refused(lines[:length], tmp_path / "other")
    whole = lines.splitlines(keepends=True)
    assert "its last line is missing" in refused(b"".join(whole[:-1]), tmp_path / "other")
    assert "lines should stand before this one" in refused(
        b"".join(whole[:-3] + whole[-1:]), tmp_path / "other"
    )
    assert "something stands behind it" in refused(lines + whole[-1], tmp_path / "other")


def test_documents_without_an_index_are_refused(data, tmp_path):
    lines, _ = changed(exported(data), "header", manifest=None)
    assert "the header says nothing of an index" in refused(lines, tmp_path / "other")
    lines, _ = changed(exported(data), "header", generation=1)
    assert "more documents than the header's generation allows" in refused(lines, tmp_path / "other")


def test_an_index_that_is_there_is_left_alone(data, folder, tmp_path):
    lines = exported(data)
    with pytest.raises(
        StoreError, match=r"documents or receipts in .* already.*Name an empty folder with --data"
    ):
        imported(lines, data)
    assert exported(data) == lines
    with closing(Receipts(tmp_path / "asked")) as receipts:
        receipts.keep("?", Asker(), verdict=None, generation=0, model="", citations=(), texts=())
    with pytest.raises(StoreError, match="documents or receipts"):
        imported(lines, tmp_path / "asked")


def test_a_folder_that_another_process_writes_to_is_left_alone(data, tmp_path):
    (tmp_path / "other").mkdir()
    with (
        FileLock(tmp_path / "other" / "write.lock"),
        pytest.raises(StoreError, match=r"Another process is indexing in .*Wait for it"),
    ):
        imported(exported(data), tmp_path / "other")


@ON_POSIX
@pytest.mark.parametrize("most_bytes", [33_000, 300_000, 500_000])
def test_when_the_disk_is_full_nothing_is_imported(tmp_path, most_bytes):
    lines = many(tmp_path / "data", 300)
    with full_disk(most_bytes), pytest.raises(StoreError, match=r"disk"):
        imported(lines, tmp_path / "other")
    assert counts(tmp_path / "other") == (0, 0)
    assert imported(lines, tmp_path / "other").documents == 300


@ON_POSIX
def test_when_there_is_only_room_for_the_documents_they_are_imported_and_that_is_said(
    data, folder, tmp_path, monkeypatch
):
    catch_up = CacheWriter.catch_up

    def without_room(*arguments):
        with full_disk(100):
            catch_up(*arguments)

    monkeypatch.setattr(CacheWriter, "catch_up", without_room)
    expected = r"^All was imported, .* not made ready to be searched\. Free some space, and run `quoth index`"
    with pytest.raises(StoreError, match=expected):
        imported(exported(data), tmp_path / "other")
    assert exported(tmp_path / "other") == exported(data)
    monkeypatch.undo()
    with closing(open_index(tmp_path / "other")) as other:
        other.sync(folder)
        assert ask(other, "Will it rain?").quotes[0].source.path == "rain.txt"


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
    command = f"{sys.executable} -m bot export | {sys.executable} -m bot import - --data other"
    piped = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert "Imported: 2 documents and 1 receipt." in piped.stderr
    assert f"The documents of default are read from {here / 'seeds'} from now on." in piped.stderr
    again = json.loads(run("ask", "--json", QUESTION, "--data", "other", folder=here).stdout)
    assert (again["quotes"], again["confidence"]) == (answer["quotes"], answer["confidence"])


@ON_POSIX
def test_a_file_is_for_its_owner_only_also_in_place_of_another(asked):
    here, _ = asked
    (here / "all.jsonl").write_text("before")
    (here / "all.jsonl").chmod(0o644)
    done = run("export", "all.jsonl", folder=here)
    assert (done.returncode, done.stdout) == (0, "")
    assert (here / "all.jsonl").stat().st_mode & 0o777 == 0o600
    assert (here / "all.jsonl").read_bytes() == run("export", folder=here).stdout.encode()
    assert not list(here.glob(".all*"))


@ON_POSIX
def test_what_reads_no_further_ends_an_export_without_noise(asked):
    here, _ = asked
    with subprocess.Popen(
        [*QUOTH, "export"], cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(PATIENCE_S) == 1
    assert "Traceback" not in said
    assert "Exception" not in said


def test_an_import_needs_no_model(asked, tmp_path):
    here, _ = asked
    run("export", str(tmp_path / "all.jsonl"), folder=here)
    script = (
        "import sys; from bot.cli import app; app(['import', 'all.jsonl'], standalone_mode=False); "
        "print(sorted({'openvino', 'torch', 'transformers', 'telegram'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_another_model_and_folders_that_are_not_here_are_said_with_what_to_do(asked, tmp_path):
    here, _ = asked
    lines = run("export", folder=here).stdout.encode()
    lines, _ = changed(lines, "collection", folder="/nowhere/at/all")
    header = json.loads(lines.splitlines()[0])
    lines, _ = changed(lines, "header", manifest=header["manifest"] | {"model": "another"})
    (tmp_path / "all.jsonl").write_bytes(lines)
    done = run("import", "all.jsonl", folder=tmp_path)
    assert done.returncode == 0
    assert (
        "There is no folder /nowhere/at/all here. Say where its documents are: quoth index FOLDER"
        in done.stderr
    )
    assert "made with another model, or by another version of Quoth" in done.stderr


def test_an_import_that_is_refused_is_one_line_and_status_1(asked, tmp_path):
    (tmp_path / "all.jsonl").write_text("hello\n")
    done = run("import", "all.jsonl", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: This is no export that this version of Quoth can read.")
    assert (
        run("import", "none.jsonl", folder=tmp_path).stderr
        == "Error: No such file or directory: none.jsonl\n"
    )


# --- kills


def many(data, count):
    """Fill a data folder with documents, without an encoder, and give its export."""
    with closing(Store(data)) as store:
        store.clear(Manifest("words", 2, "1"))
        collection = store.keep_collection("default", data)
        for number in range(count):
            text = f"This is document {number}. " * 40
            spans = [Sentence(start, start + 10) for start in range(0, 400, 10)]
            vectors = np.tile(np.array([[1, 0]], np.float32), (len(spans), 1))
            document = Document(f"{number}.txt", f"{number:064x}", "1", None, text, ())
            store.put(
                collection, document, [Passage(0, 400, None, None, "en", tuple(spans))], vectors[:1], vectors
            )
    with closing(Receipts(data)) as receipts:
        for number in range(count):
            receipts.keep(
                str(number), Asker(), verdict=None, generation=1, model="words", citations=(), texts=()
            )
    return exported(data)


def test_an_import_that_is_killed_in_its_midst_leaves_nothing_and_can_be_done_again(tmp_path):
    lines = many(tmp_path / "data", 300)
    pipe_holds = 1 << 16
    assert len(lines) > 10 * pipe_holds
    with subprocess.Popen(
        [*QUOTH, "import", "-", "--data", "other"], cwd=tmp_path, env=environment(), stdin=subprocess.PIPE
    ) as process:
        process.stdin.write(lines[: len(lines) // 2])  # so it has read all of this but what the pipe holds
        process.stdin.flush()
        process.kill()
        process.wait(PATIENCE_S)
    assert counts(tmp_path / "other") == (0, 0)
    assert imported(lines, tmp_path / "other").documents == 300
    assert exported(tmp_path / "other") == lines


def counts(data):
    with closing(Store(data)) as store, closing(Receipts(data)) as receipts:
        assert store.damages() == receipts.damages() == []
        return store.count().documents, receipts.count()


@ON_POSIX
def test_an_import_survives_any_kill(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    (tmp_path / "all.jsonl").write_bytes(many(tmp_path / "data", 40))
    (tmp_path / "folders").mkdir()
    context = multiprocessing.get_context("forkserver")
    # What makes the tables would otherwise take each of them longer to import than they live.
    context.set_forkserver_preload(["importing", "retrieval.migrations"])
    chance = random.Random(1)
    found = set()
    for number in range(25):
        ready = context.Event()
        # Some are killed in their first import, and some after it, however slow the machine is.
        arguments = (tmp_path / "all.jsonl", tmp_path / "folders", ready, number % 2)
        process = context.Process(target=import_again_and_again, args=arguments, daemon=True)
        process.start()
        assert ready.wait(60)
        # Not to wait for anything, but to hit it in the middle of something.
        threading.Event().wait(chance.uniform(0, 0.5))
        process.kill()
        process.join()
        for data in (tmp_path / "folders").iterdir():
            found.add(counts(data))
    assert found == {(0, 0), (40, 40)}
