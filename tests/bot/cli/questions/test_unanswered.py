"""`quoth unanswered` and `quoth pin`, over a real index whose encoder knows towers and bells."""

from __future__ import annotations

import json
import re

import pytest
from support.commands import ROOT, run
from support.doubles import WordEncoder

from retrieval import Ledger

TOWER = "How old is the tower?"
OLD = "Old tower?"
"""Has no word that the encoder does not know: those are all alike to it."""
UNKNOWN = "Who conducts the orchestra?"
NOTHING = "In the last 30 days, every question was answered, and no answer disliked.\n"


@pytest.fixture
def quoth(call, monkeypatch, tmp_path):
    monkeypatch.setattr("bot.services.library.resolve_model", lambda *_, **__: None)
    monkeypatch.setattr("bot.services.library.load_encoder", lambda *_, **__: WordEncoder("tower", "bell", "old"))
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "tower.txt").write_text("The tower is old.")
    (tmp_path / "seeds" / "bell.txt").write_text("The bell\nrings.")
    call("index")
    return call


def asked(quoth, question):
    """The answer's id."""
    return json.loads(quoth("ask", question, "--json")[1])["receipt_id"]


def disliked(tmp_path, receipt_id, *people):
    receipts = Ledger(tmp_path / ".quoth")
    for person in people:
        receipts.rate(receipt_id, person, is_good=False)
    receipts.close()


# --- unanswered


def test_where_all_was_found_no_question_is_unanswered(quoth, monkeypatch):
    asked(quoth, TOWER)
    assert quoth("unanswered") == (0, NOTHING, "")
    assert quoth("unanswered", "--json") == (0, "[]\n", "")
    monkeypatch.setenv("QUOTH_QUESTION_DAYS", "0")
    assert quoth("unanswered") == (0, "No questions are kept: QUOTH_QUESTION_DAYS is 0.\n", "")


def test_a_group_shows_how_many_asked_how_often_and_a_receipt(quoth, tmp_path):
    first, second = asked(quoth, UNKNOWN), asked(quoth, UNKNOWN)
    tower = asked(quoth, OLD)
    disliked(tmp_path, tower, "ann", "bea")
    status, out, err = quoth("unanswered")
    assert (status, err) == (0, "")
    assert re.sub(r"\d{4}-\d\d-\d\d", "DAY", out) == (
        f"{UNKNOWN}\n  1 person, 2 times · not found 2 times · last on DAY\n  receipt: {second}\n"
        f"{OLD}\n  1 person, once · disliked once · last on DAY\n  receipt: {tower}\n"
    )
    listed = json.loads(quoth("unanswered", "--json")[1])
    assert [(each["question"], each["asked"], each["disliked"]) for each in listed] == [
        (UNKNOWN, 2, 0),
        (OLD, 1, 1),
    ]
    assert listed[0]["questions"][0]["receipt_ids"] == [second, first]


def test_gaps_is_a_hidden_alias(quoth):
    asked(quoth, UNKNOWN)
    assert quoth("gaps", "--json") == quoth("unanswered", "--json")
    assert "gaps" not in quoth("--help")[1]


def test_n_limits_how_many_groups_are_shown(quoth, tmp_path):
    asked(quoth, UNKNOWN)
    asked(quoth, UNKNOWN)
    disliked(tmp_path, asked(quoth, OLD), "ann")
    status, out, err = quoth("unanswered", "-n", "1")
    assert out.startswith(UNKNOWN)
    assert OLD not in out
    assert (status, err) == (0, "1 more: -n 2 shows all.\n")


def test_of_many_questions_in_a_group_some_are_shown(quoth):
    for number in range(8):
        asked(quoth, f"Who conducts the {'grand ' * number}orchestra?")
    _, out, _ = quoth("unanswered")
    assert out.count("  also: ") == 5
    assert "\n  and 2 more\n" in out


def test_what_was_asked_cannot_steer_the_terminal(quoth, tmp_path):
    asked(quoth, UNKNOWN)
    receipts = Ledger(tmp_path / ".quoth")
    with receipts._db.transaction() as db:
        db.execute("UPDATE receipts SET question = ?", ("Who \x1b[2J\nconducts?",))
    receipts.close()
    assert quoth("unanswered")[1].startswith("Who ␛[2J␤conducts?\n")


# --- pin


def test_a_pin_is_made_used_listed_and_removed(quoth):
    made = "1  How old is the tower?\n   holds  bell.txt, lines 1–2\n   The bell␤rings.\n"
    assert quoth("pin", TOWER, "bell.txt", "the BELL rings") == (0, made, "")
    assert quoth("pin") == (0, made, "")
    status, out, _ = quoth("ask", "how old is the tower")
    assert status == 0
    assert out.partition("Receipt ")[0] == (
        "This probably answers your question.\n\n"
        "**The bell\nrings.**\n— bell.txt, lines 1–2 · pinned by the owner\n\n"
        "**The tower is old.**\n— tower.txt, line 1\n\n"
    )
    assert quoth("pin", "--remove", "1") == (0, "", "")
    assert quoth("pin", "--remove", "1") == (1, "", "Error: There is no pin 1. `quoth pin` lists all.\n")
    assert quoth("pin")[1] == "There are no pins yet. To make one: quoth pin QUESTION PATH WORDS\n"
    assert "pinned" not in quoth("ask", TOWER)[1]


def test_a_quote_of_an_answer_is_pinned_by_its_receipt(quoth):
    answer = json.loads(quoth("ask", TOWER, "--json")[1])
    second = answer["quotes"][1]
    made = json.loads(quoth("pin", UNKNOWN, "--receipt", answer["receipt_id"], "-n", "2", "--json")[1])
    assert (made["question"], made["state"], made["text"]) == (UNKNOWN, "holds", second["text"])
    assert json.loads(quoth("pin", "--json")[1]) == [made]
    again = json.loads(quoth("ask", UNKNOWN, "--json")[1])
    assert (again["verdict"], again["quotes"][0]["is_pinned"]) == ("strong", True)
    assert again["quotes"][0]["text"] == second["text"]


def test_a_pin_whose_words_are_gone_is_listed_as_such(quoth, tmp_path):
    quoth("pin", TOWER, "bell.txt", "rings")
    (tmp_path / "seeds" / "bell.txt").write_text("No sound.")
    quoth("index")
    assert quoth("pin")[1] == (
        "1  How old is the tower?\n"
        "   gone (no effect: the document does not hold these words now)  bell.txt\n   The bell␤rings.\n"
    )
    assert "pinned" not in quoth("ask", TOWER)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["pin", TOWER],
        ["pin", TOWER, "bell.txt"],
        ["pin", "--receipt", "abc"],
        ["pin", TOWER, "bell.txt", "rings", "--receipt", "abc"],
        ["pin", TOWER, "--remove", "1"],
        ["pin", TOWER, "--receipt", "abc", "-n", "0"],
        ["unanswered", "-n", "0"],
        ["unanswered", "--export", "cases.json"],
    ],
)
def test_misuse_is_explained_with_status_2(quoth, tmp_path, arguments):
    status, out, err = quoth(*arguments)
    assert (status, out) == (2, "")
    assert "\nError: " in err
    assert not (tmp_path / "cases.json").exists()


def test_what_cannot_be_pinned_is_an_error_in_one_line(quoth):
    assert quoth("pin", TOWER, "bell.txt", "the bell sings") == (
        1,
        "",
        "Error: bell.txt does not hold these words. It says: “The bell rings.…” Give the words as they stand there.\n",
    )
    assert quoth("pin", TOWER, "gone.txt", "x")[2] == (
        "Error: There is no document gone.txt in the collection default. `quoth index` reads new ones.\n"
    )
    status, _, err = quoth("pin", TOWER, "--receipt", "abc")
    assert status == 1
    assert err.startswith("Error: There is no receipt abc. ")


# --- a complaint becomes a test


def ranks(quoth):
    (measured,) = json.loads(quoth("eval", "cases.jsonl", "--json")[1])
    return {each["question"]: (each["answerable"], each["rank"]) for each in measured["outcomes"]}


def test_an_unanswered_question_becomes_a_case_for_eval(quoth, tmp_path):
    asked(quoth, UNKNOWN)
    disliked(tmp_path, asked(quoth, TOWER), "ann")
    status, out, err = quoth("unanswered", "--export", "cases.jsonl")
    assert (status, out) == (0, "")
    assert err.splitlines() == [
        "cases.jsonl has 1 labelled question. To measure: quoth eval cases.jsonl",
        "Left out: 1 disliked answer. Pin the right passage with `quoth pin`, and export again:",
        f"  {TOWER}",
    ]
    assert ranks(quoth) == {UNKNOWN: (False, None)}

    quoth("pin", TOWER, "bell.txt", "rings")
    assert len(quoth("unanswered", "--export", "cases.jsonl")[2].splitlines()) == 1
    assert [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text().splitlines()] == [
        {"question": UNKNOWN, "path": None, "text": None},
        {"question": TOWER, "path": "bell.txt", "text": "The bell\nrings."},
    ]
    assert ranks(quoth)[TOWER] == (True, 2)

    (tmp_path / "seeds" / "tower.txt").unlink()
    assert ranks(quoth)[TOWER] == (True, 1)


def test_lines_that_an_owner_edited_stay(quoth, tmp_path):
    asked(quoth, UNKNOWN)
    edited = json.dumps({"question": UNKNOWN, "path": "bell.txt", "text": "bell"})
    (tmp_path / "cases.jsonl").write_text(edited + "\n")
    quoth("unanswered", "--export", "cases.jsonl")
    assert (tmp_path / "cases.jsonl").read_text() == edited + "\n"


def test_a_file_that_cannot_be_written_is_an_error(quoth):
    status, _, err = quoth("unanswered", "--export", "nowhere/cases.jsonl")
    assert status == 1
    assert err.startswith("Error: Cannot write nowhere/cases.jsonl: ")


def test_only_one_collection(quoth, tmp_path):
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "plan.txt").write_text("The plan.")
    quoth("index", "board", "--collection", "board")
    quoth("ask", UNKNOWN, "--collection", "board")
    quoth("pin", TOWER, "plan.txt", "plan", "--collection", "board")
    assert quoth("unanswered", "--collection", "default")[1] == NOTHING
    assert quoth("unanswered", "--collection", "board")[1].startswith(UNKNOWN)
    assert quoth("unanswered", "--collection", "none")[0] == 1
    quoth("unanswered", "--export", "default.jsonl")
    assert TOWER not in (tmp_path / "default.jsonl").read_text()
    quoth("unanswered", "--export", "board.jsonl", "--collection", "board")
    assert TOWER in (tmp_path / "board.jsonl").read_text()


def test_as_a_process_with_the_real_model(tmp_path):
    documents = ("--documents", str(ROOT / "seeds"))
    question = "Who won the chess world championship in 1972?"
    other = "Who won the chess world championship in 1985?"
    unknown = f"{question}\nWer wurde 1972 Schachweltmeister?\n{other}\n"
    assert run("ask", "-", *documents, folder=tmp_path, typed=unknown).returncode == 3
    listed = json.loads(run("unanswered", "--json", folder=tmp_path).stdout)
    assert [len(each["questions"]) for each in listed] == [2, 1]
    made = run("pin", question, "franco-british-intelligence-unit.txt", "six British police", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    asked = f"who won the CHESS world championship in 1972\n{other}\n"
    answers = run("ask", "-", "--json", folder=tmp_path, typed=asked).stdout.splitlines()
    assert [json.loads(each)["verdict"] for each in answers] == ["strong", "none"]
    assert [json.loads(each)["quotes"][0]["is_pinned"] for each in answers] == [True, False]
