"""What receipts hold of a person, and that it can be erased."""

from __future__ import annotations

import pytest

from retrieval import Asker, Channel, Ledger, PersonalData, Verdict


@pytest.fixture
def receipts(tmp_path):
    made = Ledger(tmp_path)
    yield made
    made.close()


def kept(receipts, question, person, channel=Channel.TELEGRAM):
    """The id of a new receipt without quotes."""
    return receipts.record(
        question, Asker(channel, person), verdict=Verdict.NONE, generation=1, model="words", citations=[], texts=[]
    )


def test_personal_data_are_receipts_kept_questions_and_ratings(receipts):
    first = kept(receipts, "Who came?", "1001")
    kept(receipts, "What was typed?", "1001", Channel.INLINE)
    kept(receipts, "How many?", "1001")
    other = kept(receipts, "Where?", "1002")
    for receipt_id in (first, other):
        receipts.rate(receipt_id, "1001", is_good=False)
    assert receipts.personal_data("1001") == PersonalData(receipts=3, questions=("How many?", "Who came?"), ratings=2)
    assert receipts.personal_data("1002") == PersonalData(receipts=1, questions=("Where?",), ratings=0)
    assert receipts.personal_data("1003") == PersonalData(receipts=0, questions=(), ratings=0)


def test_a_forgotten_person_leaves_the_file_and_receipts_stay_intact(receipts, tmp_path):
    mine, other = kept(receipts, "A secret of mine?", "1001"), kept(receipts, "A secret of others?", "1002")
    receipts.rate(mine, "1001", is_good=True)
    receipts.rate(mine, "1002", is_good=True)
    person, key = receipts._person("1001"), receipts.get(mine).question_key
    assert receipts.get(mine).matches("A secret of mine?") is True
    receipts.forget("1001")
    assert receipts.personal_data("1001") == PersonalData(receipts=0, questions=(), ratings=0)
    forgotten = receipts.get(mine)
    assert forgotten.is_intact
    assert (forgotten.question, forgotten.question_key) == (None, None)
    assert forgotten.matches("A secret of mine?") is None
    assert receipts.ratings(mine).good == 1
    assert receipts.get(other).question == "A secret of others?"
    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"A secret of others?" in files
    for gone in (b"A secret of mine?", person, key):
        assert gone not in files


def test_forgetting_waits_for_no_reader_and_may_be_done_twice(receipts, tmp_path):
    mine = kept(receipts, "A secret of mine?", "1001")
    reader = Ledger(tmp_path)
    assert [each.id for each in reader.all()] == [mine]
    receipts.forget("1001")
    receipts.forget("1001")
    assert reader.get(mine).question is None
    reader.close()
