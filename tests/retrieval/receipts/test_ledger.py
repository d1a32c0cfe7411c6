"""The ledger: receipts are found by their ids, which seal them, and personal data are forgotten."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import Asker, Channel, Citation, Ledger, Location, StoreError, Unit, Verdict
from retrieval.receipts.ledger import DAY_S
from retrieval.receipts.statement import Span, Statement, hash_text, make_id

QUESTION = "Who conducts the orchestra?"
SPAN = Span("default", "a.txt", "a" * 64, 10, 30)
CITATION = Citation(
    rank=1,
    span=SPAN,
    text_sha256=hash_text("Ada conducts."),
    reader="text 1",
    title="A",
    heading="The orchestra",
    place=Location(Unit.LINE, 3, 4),
    sentence=(10, 20),
    score=0.5,
    copies=(Span("default", "copy.txt", "b" * 64, 0, 20),),
)
STATEMENT = Statement(
    given_at="2026-11-23T19:40:12.345+00:00",
    channel=Channel.TERMINAL,
    verdict=Verdict.STRONG,
    generation=7,
    model="words",
    question_hmac="c" * 64,
    citations=(CITATION,),
)


def test_a_citation_with_nothing_new_reads_as_it_did_at_first():
    said = STATEMENT.to_json()
    assert b'"copies":[' in said
    assert not [name for name in (b"missing", b"more_sentences", b"may_answer") if name in said]
    assert Statement.from_json(said) == STATEMENT


def test_a_citation_keeps_all_its_sentences():
    citation = replace(CITATION, more_sentences=((22, 30), (20, 21)), may_answer=False, missing=((0, 3),))
    statement = replace(STATEMENT, citations=(citation,))
    assert Statement.from_json(statement.to_json()) == statement
    assert citation.sentences == ((10, 20), (20, 21), (22, 30))


@pytest.mark.parametrize("sentence", [(9, 12), (25, 31), (20, 20)])
def test_a_sentence_outside_its_quote_is_refused(sentence):
    statement = replace(STATEMENT, citations=(replace(CITATION, more_sentences=(sentence,)),))
    with pytest.raises(ValueError, match="no quote"):
        Statement.from_json(statement.to_json())


@pytest.fixture
def receipts(tmp_path):
    made = Ledger(tmp_path)
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch):
    """Stands still until it is set."""

    class Clock:
        now = 1_800_000_000.0

    monkeypatch.setattr("time.time", lambda: Clock.now)
    return Clock


def record(receipts, question=QUESTION, channel=Channel.TERMINAL, person=None, citations=(CITATION,)):
    return receipts.record(
        question,
        Asker(channel, person),
        verdict=Verdict.STRONG,
        generation=7,
        model="words",
        citations=citations,
        texts=["Ada conducts."],
    )


def file_bytes(folder):
    return b"".join(path.read_bytes() for path in folder.glob("receipts.db*"))


def change(folder, statement, *values):
    """Alters the file as somebody with a tool for databases does."""
    database = sqlite3.connect(folder / "receipts.db")
    with database:
        database.execute(statement, values)
    database.close()


# --- the id


def test_a_receipt_says_what_was_kept(receipts, clock):
    receipt = receipts.get(record(receipts))
    assert receipt.is_intact
    assert receipt.question == QUESTION
    assert not receipt.is_revoked
    said = receipt.statement
    assert replace(said, question_hmac="c" * 64) == replace(STATEMENT, given_at="2027-01-15T08:00:00.000+00:00")
    assert said.at.timestamp() == clock.now
    assert receipts.text(CITATION.text_sha256) == "Ada conducts."


def test_an_id_is_twenty_letters_and_digits_that_nobody_can_guess(receipts):
    first, second = record(receipts), record(receipts)
    assert first != second
    for each in (first, second):
        assert len(each) == 20
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_the_id_is_the_hash_of_what_is_said():
    assert make_id(b"") == "4oymiquy7qobjgx36tejs35zeqt24qpemsnzgtfeswmrw6csxbkq"[:20]


def test_what_is_said_is_read_as_it_was_written():
    assert Statement.from_json(STATEMENT.to_json()) == STATEMENT
    listed = replace(STATEMENT, verdict=None, citations=(replace(CITATION, place=None, heading=None),))
    assert Statement.from_json(listed.to_json()) == listed


def leaves(value, path=()):
    """Where the numbers, strings and so on of plain data are."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [leaf for key, each in pairs for leaf in leaves(each, (*path, key))]
    return inner or [path]


SAID = json.loads(STATEMENT.to_json())


@given(st.sampled_from(leaves(SAID)), st.none() | st.integers() | st.text() | st.booleans())
def test_an_altered_statement_is_not_intact(tmp_path_factory, path, value):
    *above, last = path
    altered = json.loads(STATEMENT.to_json())
    inner = altered
    for key in above:
        inner = inner[key]
    if (inner[last], type(inner[last])) == (value, type(value)):
        return
    inner[last] = value
    folder = tmp_path_factory.mktemp("data")
    receipts = Ledger(folder)
    number = "INSERT INTO receipts (id, given_at, said) VALUES (?, 0, ?)"
    change(folder, number, make_id(STATEMENT.to_json()), zlib.compress(json.dumps(altered).encode()))
    (receipt,) = receipts.all()
    receipts.close()
    assert not receipt.is_intact


@pytest.mark.parametrize(
    "forged",
    [
        replace(CITATION, span=replace(SPAN, start=-20)),
        replace(CITATION, span=replace(SPAN, start=30, end=10)),
        replace(CITATION, span=replace(SPAN, end="30")),
        replace(CITATION, span=replace(SPAN, document_sha256="A" * 64)),
        replace(CITATION, text_sha256="../../secret"),
        replace(CITATION, sentence=(20, 10)),
        replace(CITATION, sentence=(10, 31)),
        replace(CITATION, sentence=(10,)),
        replace(CITATION, place=Location("mile", 1, 2)),
        replace(CITATION, title=None),
        replace(CITATION, copies=("a.txt",)),
        {},
        None,
    ],
)
def test_an_impossible_statement_is_refused_even_with_its_own_id(receipts, tmp_path, forged):
    said = replace(STATEMENT, citations=(CITATION,)).to_json()
    values = json.loads(said)
    values["citations"] = [forged if not isinstance(forged, Citation) else json.loads(dumped(forged))]
    said = json.dumps(values).encode()
    change(tmp_path, "INSERT INTO receipts (id, given_at, said) VALUES (?, 0, ?)", make_id(said), zlib.compress(said))
    receipt = receipts.get(make_id(said))
    assert not receipt.is_intact
    assert receipt.statement.citations == ()


def dumped(citation):
    return json.dumps(json.loads(replace(STATEMENT, citations=(citation,)).to_json())["citations"][0])


@pytest.mark.parametrize(
    "said", [b"", b"no zlib", zlib.compress(b"{"), zlib.compress(b"[]"), zlib.compress(b"null"), "text", 7]
)
def test_a_damaged_receipt_is_not_intact_and_others_are_read(receipts, tmp_path, said):
    damaged, other = record(receipts), record(receipts)
    change(tmp_path, "UPDATE receipts SET said = ? WHERE id = ?", said, damaged)
    assert [(each.id, each.is_intact) for each in receipts.all()] == [(damaged, False), (other, True)]


def test_a_time_that_is_none_is_not_trusted():
    for given_at in ("yesterday", "2026-11-23T19:40:12", ""):
        with pytest.raises(ValueError, match=r"."):
            Statement.from_json(replace(STATEMENT, given_at=given_at).to_json())


def test_rows_that_were_swapped_show_it(receipts, tmp_path):
    one, two = record(receipts), record(receipts)
    for old, new in ((one, "x"), (two, one), ("x", two)):
        change(tmp_path, "UPDATE receipts SET id = ? WHERE id = ?", new, old)
    assert [each.is_intact for each in receipts.all()] == [False, False]


def test_a_text_that_was_altered_is_none(receipts, tmp_path):
    record(receipts)
    change(tmp_path, "UPDATE texts SET text = 'Bea conducts.'")
    assert receipts.text(CITATION.text_sha256) is None


@pytest.mark.parametrize("receipt_id", ["", "unknown", "%", "' OR 1 = 1 --", "é", "\udcff", "\0"])
def test_there_is_nothing_under_an_id_that_was_never_given(receipts, receipt_id):
    record(receipts)
    assert receipts.get(receipt_id) is None


# --- the question


def test_the_question_is_known_by_its_hash_with_a_key_of_its_own(receipts):
    receipt, same = receipts.get(record(receipts)), receipts.get(record(receipts))
    assert receipt.matches(QUESTION) is True
    assert receipt.matches("Who plays the flute?") is False
    assert receipt.matches("\udcff") is False
    assert receipt.statement.question_hmac != same.statement.question_hmac
    assert replace(receipt, question_key=None).matches(QUESTION) is None


def test_after_its_days_a_question_is_forgotten_but_for_its_hash(receipts, clock):
    first = record(receipts)
    clock.now += 30 * DAY_S - 1
    second = record(receipts)
    assert receipts.get(first).question == QUESTION
    clock.now += 2
    third = record(receipts)
    assert [receipts.get(each).question for each in (first, second, third)] == [None, QUESTION, QUESTION]
    assert receipts.get(first).is_intact
    assert receipts.get(first).matches(QUESTION) is True


def test_it_is_forgotten_too_when_nothing_is_asked_any_more(receipts, tmp_path, clock):
    receipt_id = record(receipts)
    clock.now += 30 * DAY_S + 1
    receipts.forget_old()
    assert receipts.get(receipt_id).question is None
    clock.now -= 30 * DAY_S
    receipt_id = record(receipts)
    other = Ledger(tmp_path)
    assert other.get(receipt_id).question == QUESTION
    other.close()
    clock.now += 30 * DAY_S + 1
    other = Ledger(tmp_path)
    assert other.get(receipt_id).question is None
    other.close()


def test_a_shorter_time_forgets_older_questions(receipts, tmp_path, clock):
    receipt_id = record(receipts)
    clock.now += 2 * DAY_S
    shorter = Ledger(tmp_path, question_days=1)
    assert shorter.get(receipt_id).question is None
    shorter.close()


def test_a_forgotten_question_leaves_the_open_files(receipts, tmp_path, clock):
    record(receipts)
    assert b"orchestra?" in file_bytes(tmp_path)
    clock.now += 31 * DAY_S
    receipts.forget_old()
    assert b"orchestra?" not in file_bytes(tmp_path)


def test_where_questions_are_kept_for_no_day_they_are_never_written(tmp_path):
    receipts = Ledger(tmp_path, question_days=0)
    receipt = receipts.get(record(receipts))
    assert receipt.question is None
    assert receipt.matches(QUESTION) is True
    assert b"orchestra?" not in file_bytes(tmp_path)
    receipts.close()


def test_what_somebody_typed_inline_is_never_kept(receipts, tmp_path):
    receipt = receipts.get(record(receipts, channel=Channel.INLINE))
    assert receipt.question is None
    assert receipt.statement.channel is Channel.INLINE
    assert b"orchestra?" not in file_bytes(tmp_path)


def test_old_questions_are_found_without_reading_all_receipts(receipts, tmp_path):
    database = sqlite3.connect(tmp_path / "receipts.db")
    query = "EXPLAIN QUERY PLAN SELECT 1 FROM receipts WHERE question IS NOT NULL AND given_at < 1 LIMIT 1"
    ((*_, plan),) = database.execute(query)
    database.close()
    assert "receipts_with_question (given_at<?)" in plan


# --- people


def test_a_person_is_never_named_in_the_file(receipts, tmp_path):
    receipt_id = record(receipts, person="user-4711-ann")
    receipts.rate(receipt_id, "user-4712-bea", is_good=True)
    receipts.close()
    data = file_bytes(tmp_path)
    assert b"4711" not in data
    assert b"4712" not in data


def test_a_person_has_one_hash_in_a_folder_and_another_elsewhere(tmp_path):
    found = []
    for name in ("one", "two"):
        receipts = Ledger(tmp_path / name)
        record(receipts, person="ann")
        record(receipts, person="ann")
        receipts.close()
        database = sqlite3.connect(tmp_path / name / "receipts.db")
        found.append(database.execute("SELECT DISTINCT person FROM receipts").fetchall())
        database.close()
    assert len(found[0]) == len(found[1]) == 1
    assert found[0] != found[1]


def test_each_person_is_counted_once_with_what_they_think_now(receipts):
    receipt_id, other = record(receipts), record(receipts)
    receipts.rate(receipt_id, "ann", is_good=True)
    receipts.rate(receipt_id, "bea", is_good=True)
    receipts.rate(receipt_id, "ann", is_good=False)
    receipts.rate("unknown", "ann", is_good=True)
    assert [getattr(receipts.ratings(receipt_id), name) for name in ("good", "bad")] == [1, 1]
    assert [getattr(receipts.ratings(other), name) for name in ("good", "bad")] == [0, 0]


def test_a_link_is_revoked_for_good_and_the_receipt_stays(receipts):
    receipt_id, other = record(receipts), record(receipts)
    assert receipts.revoke(receipt_id)
    assert receipts.revoke(receipt_id)
    assert not receipts.revoke("unknown")
    assert receipts.get(receipt_id).is_revoked
    assert receipts.get(receipt_id).is_intact
    assert not receipts.get(other).is_revoked


# --- the file


def test_all_are_gone_through_in_the_order_in_which_they_were_given(receipts, monkeypatch):
    monkeypatch.setattr("retrieval.receipts.ledger._BATCH", 2)
    given = [record(receipts) for _ in range(5)]
    assert [each.id for each in receipts.all()] == given


def test_a_receipt_of_nothing_found_says_so(receipts):
    receipt = receipts.get(record(receipts, citations=()))
    assert receipt.is_intact
    assert receipt.statement.citations == ()


def test_a_damaged_file_is_an_error_with_remedy_and_untouched(receipts, tmp_path):
    record(receipts)
    receipts.close()
    file = tmp_path / "receipts.db"
    damaged = os.urandom(file.stat().st_size)
    file.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"Put receipts\.db back from a backup, or move receipts\.db\* away"):
        Ledger(tmp_path)
    assert file.read_bytes() == damaged


def test_the_file_of_a_newer_version_is_left_alone(receipts, tmp_path):
    receipt_id = record(receipts)
    change(tmp_path, "UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"The receipts in .* made by a newer version of Quoth"):
        Ledger(tmp_path)
    assert receipts.get(receipt_id).is_intact


def test_a_sound_file_has_no_damages(receipts):
    record(receipts)
    assert receipts.damages() == []


RECORDING = """
import sys
from pathlib import Path
from retrieval import Asker, Ledger
receipts = Ledger(Path(sys.argv[1]))
for _ in range(20):
    print(receipts.record("?", Asker(), verdict=None, generation=0, model="", citations=[], texts=[]))
"""


def test_processes_and_threads_keep_receipts_side_by_side(tmp_path):
    processes = [
        subprocess.Popen([sys.executable, "-c", RECORDING, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    given = []

    def work():
        receipts = Ledger(tmp_path)
        given.extend(record(receipts) for _ in range(20))
        receipts.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        given += process.communicate(timeout=60)[0].split()
        assert process.returncode == 0
    receipts = Ledger(tmp_path)
    assert sorted(each.id for each in receipts.all() if each.is_intact) == sorted(given)
    assert len(given) == 80
    receipts.close()
