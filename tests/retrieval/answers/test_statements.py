"""What a question costs the database: few statements, and no more of them for more passages."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import Asker, Index, ask, find

DOCUMENTS = 30
READS_OF_A_QUESTION = [
    "FROM manifest",  # the state of the index, which another process may have changed
    "FROM passages",  # the ids of the candidates, by passage and by sentence
    "FROM passages",  # the passages that are shown, with their sentences
    "FROM token_codes",  # to compare them with the question token by token
    "FROM pins",  # which another process may have changed, too
    "FROM receipts",  # whether a question is too old to be kept
]
WRITES_OF_A_QUESTION = ["BEGIN", "INSERT INTO receipts", "INSERT INTO texts", "COMMIT"]


@pytest.fixture
def index(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for number in range(DOCUMENTS):
        text = f"Cat {number} sleeps {'very ' * number}well.\n\nWhale {number} dives. A kitten plays."
        (documents / f"{number}.txt").write_text(text)
    with closing(Index(tmp_path / "data", WordEncoder("cat kitten", "whale"), reader=ReaderHere())) as made:
        made.sync(documents)
        ask(made, "Which cat?")
        yield made


@contextmanager
def statements(index):
    """Those that are run meanwhile, by their beginnings."""
    seen = []
    connections = [index._store.database._connection, index.receipts._db._connection]
    with ExitStack() as stack:
        for each in connections:
            each.set_trace_callback(seen.append)
            stack.callback(each.set_trace_callback, None)
        yield seen


def assert_are(seen, expected):
    assert len(seen) == len(expected), seen
    assert all(words in statement for statement, words in zip(seen, expected, strict=True)), seen


@pytest.mark.parametrize("k", [1, 10])
def test_a_question_runs_six_reads_and_one_transaction(index, k):
    with statements(index) as seen:
        answer = ask(index, "Which kitten plays?", k, asker=Asker(person="ann"))
    assert len(answer.quotes) == k
    assert_are(seen, READS_OF_A_QUESTION + WRITES_OF_A_QUESTION)


def test_a_page_of_passages_runs_as_few(index):
    with statements(index) as seen:
        assert len(find(index, "Which kitten plays?", range(10)).quotes) == 10
    assert_are(seen, READS_OF_A_QUESTION + WRITES_OF_A_QUESTION)


def test_after_a_change_the_collections_and_languages_are_read_once_more(index, tmp_path):
    (tmp_path / "documents" / "new.txt").write_text("Un chat dort dans la maison de ma grand-mère.")
    index.sync(tmp_path / "documents")
    with statements(index) as seen:
        ask(index, "kitten?")
    assert len(seen) > len(READS_OF_A_QUESTION + WRITES_OF_A_QUESTION)
    with statements(index) as seen:
        ask(index, "kitten?")
    assert_are(seen, READS_OF_A_QUESTION + WRITES_OF_A_QUESTION)
