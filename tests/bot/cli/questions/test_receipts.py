"""`quoth verify` and `quoth receipt`: what they show, and how they end."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3

import pytest
from support.doubles import WordEncoder

from bot.services.receipts import ReceiptService
from bot.web.announcement import announcing
from retrieval import Asker, Channel, Index

QUESTION = "How high is the tower?"
TOWER = "The tower is 96 metres high. It was built in 1890."
BELL = "The bell weighs nine tonnes."


@pytest.fixture
def papers(tmp_path):
    made = tmp_path / "papers"
    made.mkdir()
    (made / "tower.txt").write_text(TOWER)
    (made / "bell.md").write_text(f"# Bells\n\n## The great one\n\n{BELL}")
    return made


@pytest.fixture
def quoth(quoth_with_words, papers):
    return quoth_with_words


@pytest.fixture
def given(quoth):
    """The id of the receipt of an answer with two quotes."""
    _, out, _ = quoth("ask", QUESTION, "--documents", "papers", "--json")
    return json.loads(out)["receipt_id"]


def table(**rows):
    lines = [f"{'':<9}  {'receipts':>9}  {'quotes':>9}"]
    lines += [f"{state:<9}  {receipts:>9}  {quotes:>9}" for state, (receipts, quotes) in rows.items()]
    return "".join(f"{line}\n" for line in lines)


def alter(statement, *values):
    database = sqlite3.connect(".quoth/receipts.db")
    with database:
        database.execute(statement, values)
    database.close()


# --- verify


def test_where_nothing_was_asked_there_are_no_receipts(quoth):
    assert quoth("verify") == quoth("receipts") == (0, "There are no receipts yet.\n", "")


def test_where_all_is_as_it_was_only_the_numbers_are_shown(quoth, given):
    assert quoth("verify") == (0, table(unchanged=(1, 2), together=(1, 2)), "")


def test_what_is_not_is_shown_with_what_stands_there_now(quoth, given, papers):
    (papers / "tower.txt").write_text(TOWER.replace("96", "97"))
    (papers / "bell.md").rename(papers / "bells.md")
    quoth("ask", "Which bell?", "-v")
    (papers / "tower.txt").unlink()
    status, out, err = quoth("verify")
    assert (status, err) == (0, "")
    first, second, *_ = re.split(r"(?m)^(?=gone|\s{11})", out)[1:]
    day = r"\d{4}-\d\d-\d\d"
    assert re.fullmatch(
        rf"gone      {given}  {day}\n"
        r"  gone       1  tower.txt, line 1\n"
        r"      \[-The tower is 96 metres high. It was built in 1890.-\]\n"
        r"  moved      2  Bells · The great one · bell.md, line 5 → bells.md, line 5\n",
        first,
    )
    assert "[-The tower is 97 metres high. It was built in 1890.-]" in second
    assert out.endswith(table(unchanged=(0, 1), moved=(0, 1), gone=(2, 2), together=(2, 4)))


def test_a_changed_quote_is_shown_as_a_difference_word_by_word(quoth, given, papers):
    (papers / "tower.txt").write_text(TOWER.replace("96", "97"))
    _, out, _ = quoth("verify")
    assert (
        "  changed    1  tower.txt, line 1\n"
        "      The tower is [-96-]{+97+} metres high. It was built in 1890.\n"
        "  unchanged  2  Bells · The great one · bell.md, line 5\n"
    ) in out


def test_on_a_terminal_old_words_are_struck_new_underlined(quoth, given, papers, monkeypatch):
    (papers / "tower.txt").write_text(TOWER.replace("96", "97"))
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "60"}.items():
        monkeypatch.setenv(name, value)
    _, out, _ = quoth("verify")
    assert "The tower is \x1b[9;31m96\x1b[0m\x1b[4;32m97\x1b[0m metres" in out
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, _ = quoth("verify")
    assert "The tower is [-96-]{+97+} metres" in out
    assert "\x1b" not in out


def test_a_changed_document_cannot_steer_the_terminal(quoth, given, papers):
    (papers / "tower.txt").write_text(TOWER.replace("96", "\x1b[2J97"))
    (papers / "bell.md").write_text("\x9b31m")
    _, out, _ = quoth("verify")
    assert "\x1b" not in out
    assert "\x9b" not in out


def test_what_cannot_be_read_is_shown_with_the_reason(quoth, given, papers):
    (papers / "bell.md").write_bytes(b"\0" * 99)
    _, out, _ = quoth("verify")
    assert re.search(r"  unchecked  2  Bells · The great one · bell.md, line 5: .+\n", out)


def test_receipts_can_be_named_as_they_are_shown_in_any_case(quoth, given):
    quoth("ask", "Which bell?")
    assert quoth("verify", given.upper(), given)[1] == table(unchanged=(2, 4), together=(2, 4))


@pytest.mark.parametrize("command", ["verify", "receipt"])
@pytest.mark.parametrize("unknown", ["nothing", "\udcff", "'", "\x1b"])
def test_an_unknown_receipt_is_misuse(quoth, given, command, unknown):
    status, out, err = quoth(command, unknown)
    assert (status, out) == (2, "")
    assert "There is no receipt " in err
    assert "\x1b" not in err


def test_an_altered_receipt_ends_with_1(quoth, given):
    alter("UPDATE receipts SET said = x'00'")
    assert quoth("verify") == (
        1,
        f"false     {given}\n  This receipt was altered. Do not trust it.\n" + table(false=(1, 0), together=(1, 0)),
        "",
    )
    assert quoth("receipt", given) == (
        1,
        f"Receipt {given}\nThis receipt was altered. Do not trust it.\n",
        "",
    )
    status, out, _ = quoth("receipt", given, "--json")
    assert status == 1
    assert json.loads(out)["is_intact"] is False


def test_in_json_each_receipt_is_a_line(quoth, given, papers):
    (papers / "tower.txt").write_text(TOWER.replace("96", "97"))
    quoth("ask", "Which bell?")
    status, out, _ = quoth("verify", "--json")
    first, second = map(json.loads, out.splitlines())
    assert status == 0
    assert (first["receipt_id"], first["state"], first["is_intact"]) == (given, "changed", True)
    assert (first["channel"], first["verdict"]) == ("terminal", "none")
    changed, same = first["quotes"]
    assert (changed["state"], changed["quoted"], changed["now"]["text"]) == (
        "changed",
        TOWER,
        TOWER.replace("96", "97"),
    )
    assert (same["state"], same["quoted"], same["now"]["text"]) == ("unchanged", BELL, BELL)
    assert same["place"] == {"unit": "line", "first": 5, "last": 5, "name": None, "url": None}
    assert second["state"] == "unchanged"


def test_the_documents_can_be_in_another_folder_than_before(quoth, given, papers):
    papers.rename(papers.with_name("copies"))
    assert "\ngone " in quoth("verify")[1]
    assert quoth("verify", "--documents", "copies") == (0, table(unchanged=(1, 2), together=(1, 2)), "")
    os.rename(".quoth/quoth.db", "away.db")  # noqa: PTH104
    assert quoth("verify", "--documents", "copies")[1] == table(unchanged=(1, 2), together=(1, 2))


def test_no_model_is_needed(quoth, given, monkeypatch):
    monkeypatch.setattr("bot.services.library.resolve_model", None)
    monkeypatch.setattr("bot.services.library.load_encoder", None)
    assert quoth("verify")[0] == 0
    assert quoth("receipt", given)[0] == 0


def test_ctrl_c_ends_it_without_a_verdict(quoth, given, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ReceiptService, "verify", interrupt)
    assert quoth("verify") == (130, "", "Stopped.\n")


# --- receipt


def test_a_receipt_says_what_was_answered_and_from_which_bytes(quoth, given):
    status, out, err = quoth("receipt", given)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"Receipt {given}"
    assert re.fullmatch(r"given     \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, terminal", lines[1])
    assert lines[2:7] == [
        "verdict   The documents do not seem to answer this.",
        f"question  {QUESTION}",
        "model     words/tower/bell/64",
        "index     generation 2",
        "quotes    2",
    ]
    assert lines[7:10] == ["", "1. tower.txt, line 1", "unchanged These words still stand there."]
    assert re.fullmatch(r"file      [0-9a-f]{64} \(SHA-256\)", lines[10])
    assert re.fullmatch(r"words     [0-9a-f]{64} \(SHA-256\), characters 0 to 50", lines[11])
    assert lines[12] == f"  {TOWER}"


def test_a_question_that_is_forgotten_can_still_be_compared(quoth, given, monkeypatch):
    monkeypatch.setenv("QUOTH_QUESTION_DAYS", "0")
    status, out, _ = quoth("receipt", given, "--question", f" {QUESTION}\n")
    assert status == 0
    assert "\nquestion  is not kept any more; with --question, yours is compared\n" in out
    assert QUESTION not in out
    assert out.endswith("\nThis was the question.\n")
    status, out, _ = quoth("receipt", given, "--question", "Which bell?")
    assert status == 1
    assert out.endswith("\nThis was not the question.\n")
    status, out, _ = quoth("receipt", given, "--question", "\udcff", "--json")
    assert (status, json.loads(out)["was_asked"], json.loads(out)["question"]) == (1, False, None)
    alter("UPDATE receipts SET question_key = NULL")
    status, out, _ = quoth("receipt", given, "--question", QUESTION)
    assert status == 1
    assert out.endswith("\nWhether this was the question cannot be said any more.\n")


def test_a_link_is_revoked(quoth, given):
    assert "link" not in quoth("receipt", given)[1]
    assert "\nlink      is revoked, and shows nothing any more\n" in quoth("receipt", given, "--revoke")[1]
    assert json.loads(quoth("receipt", given, "--json")[1])["is_revoked"] is True
    assert quoth("verify")[0] == 0


def test_passages_that_were_listed_have_no_verdict(quoth, given, tmp_path):
    index = Index(tmp_path / ".quoth", WordEncoder("tower", "bell"))
    listed = index.receipts.get(given).statement.citations
    receipt_id = index.receipts.record(
        "tower", Asker(Channel.INLINE), verdict=None, generation=1, model="words", citations=listed, texts=[]
    )
    index.close()
    out = quoth("receipt", receipt_id)[1]
    assert "UTC, inline\nverdict   Passages to choose from, without a verdict.\n" in out
    assert "\nquestion  is not kept" in out


# --- what was shown


def test_verify_judges_by_what_was_shown(quoth, papers):
    quoth("ask", "tower", "--documents", "papers")
    (papers / "bell.md").write_text("Bells are gone.")
    assert quoth("verify") == (0, table(unchanged=(1, 1), together=(1, 1)), "")


@pytest.mark.parametrize(
    ("fail_on", "status"), [("moved", 1), ("changed", 1), ("gone", 0), ("unchecked", 0), ("false", 0)]
)
def test_fail_on_ends_with_status_1(quoth, given, papers, fail_on, status):
    assert quoth("verify", "--fail-on", fail_on)[0] == 0
    (papers / "tower.txt").write_text(TOWER.replace("96", "97"))
    assert quoth("verify", "--fail-on", fail_on)[0] == status
    assert quoth("verify", given, "--fail-on", fail_on, "--json")[0] == status


def test_fail_on_takes_no_other_word(quoth, given):
    assert quoth("verify", "--fail-on", "never")[0] == 2


def test_more_in_a_chat_comes_on_the_receipt(quoth, papers):
    quoth("chat", "--documents", "papers", typed=b"tower\n")
    quoth("chat", "--documents", "papers", typed=b"tower\n/more\n")
    first, second = quoth("verify", "--json")[1].splitlines()
    assert [len(json.loads(line)["quotes"]) for line in (first, second)] == [1, 2]


def test_a_receipt_has_its_link_where_pages_are_shown(quoth, given, tmp_path):
    with announcing(tmp_path / ".quoth", "http://127.0.0.1:8080"):
        _, out, _ = quoth("receipt", given)
        link = json.loads(quoth("receipt", given, "--json")[1])["link"]
        assert f"\nlink      {link}\n" in out
        quoth("receipt", given, "--revoke")
        assert json.loads(quoth("receipt", given, "--json")[1])["link"] is None
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/r/[\w-]{22}", link)


def test_the_latest_receipts_are_listed_newest_first(quoth, given):
    for question in ("Which bell?", "Which\ntower?"):
        quoth("ask", question)
    _, out, err = quoth("receipts", "-n", "2")
    first, second = out.splitlines()
    assert err == ""
    assert re.fullmatch(r"\w{20}  \d{4}-\d\d-\d\d \d\d:\d\d  terminal  \d quotes?   Which␤tower\?", first)
    assert second.endswith("  Which bell?")
    listed = json.loads(quoth("receipts", "--json")[1])
    assert [each["question"] for each in listed] == ["Which\ntower?", "Which bell?", QUESTION]
    assert list(listed[2]) == ["receipt_id", "given_at", "channel", "verdict", "quotes", "question"]
    assert (listed[2]["receipt_id"], listed[2]["channel"], listed[2]["quotes"]) == (given, "terminal", 2)


def test_a_list_says_what_was_altered_or_forgotten(quoth, given, monkeypatch):
    monkeypatch.setenv("QUOTH_QUESTION_DAYS", "0")
    assert quoth("receipts")[1].endswith("  (the question is not kept)\n")
    alter("UPDATE receipts SET verdict = 'weak', said = ?", b"altered")
    assert quoth("receipts")[1].startswith(f"{given}  ")
    assert "terminal" not in quoth("receipts")[1]
    assert quoth("receipts", "--json")[1] == "[]\n"


@pytest.mark.parametrize(("options", "port"), [([], 8080), (["--port", "9000"], 9000)])
def test_the_port_of_the_pages_can_be_chosen(quoth, monkeypatch, options, port):
    served = []
    monkeypatch.setattr("bot.web.server.serve", lambda settings, *_: served.append(settings.serve_port))
    monkeypatch.setattr("bot.web.server.listen_for_pages", lambda _: socket.socket())
    assert quoth("serve", "--documents", "papers", *options)[0] == 0
    assert served == [port]


def test_a_link_is_printed_on_demand(quoth, given, monkeypatch):
    status, out, _ = quoth("receipt", given, "--link")
    assert status == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/r/[\w-]{22}\n", out)
    assert given not in out
    monkeypatch.setenv("QUOTH_PUBLIC_URL", "https://quoth.example/q")
    assert quoth("receipt", given, "--link")[1] == out.replace("http://127.0.0.1:8080", "https://quoth.example/q")


# --- forget


def kept(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_is_kept_of_a_document_that_had_to_go(quoth, given, papers, tmp_path):
    quoth("pin", "How high?", "tower.txt", "96 metres")
    assert b"96 metres" in kept(tmp_path / ".quoth")
    (papers / "tower.txt").unlink()
    said = "Nothing of tower.txt is kept; 1 quote erased.\n"
    assert quoth("forget", "tower.txt") == (0, "", said)
    assert b"96 metres" not in kept(tmp_path / ".quoth")
    assert b"nine tonnes" in kept(tmp_path / ".quoth")
    _, out, _ = quoth("verify", "--json")
    assert [(quote["state"], quote["quoted"]) for quote in json.loads(out)["quotes"]] == [
        ("gone", None),
        ("unchanged", BELL),
    ]
    assert quoth("receipt", given)[0] == 0


def test_a_document_that_is_still_there_is_not_forgotten(quoth, given, papers):
    (papers / "copy.txt").write_text(TOWER)
    quoth("index")
    for path in ("tower.txt", "copy.txt"):
        status, _, err = quoth("forget", "tower.txt")
        assert (status, err) == (
            1,
            f"Error: {papers / path} is still there, and would be read again. Delete it first, and all copies of it.\n",
        )
        (papers / path).unlink()
    assert quoth("forget", "tower.txt")[0] == 0


def test_what_is_not_known_is_forgotten_already(quoth, given):
    said = "Nothing of notes: a.txt is kept; 0 quotes erased.\n"
    assert quoth("forget", "a.txt", "--collection", "notes") == (0, "", said)
