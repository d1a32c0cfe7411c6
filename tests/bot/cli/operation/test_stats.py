"""`quoth stats`: the same numbers as /stats, for terminals and programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime


def test_numbers_are_shown_for_people_and_programs(quoth_with_words, papers):
    (papers / "empty.txt").touch()
    quoth_with_words("index", "papers")
    status, out, _ = quoth_with_words("stats")
    assert (status, out.splitlines()[0]) == (0, "Nobody has asked anything in the last 30 days.")
    for question in ("Which tower?", "Which tower?", "Which bell?"):
        quoth_with_words("ask", question)
    status, out, _ = quoth_with_words("stats")
    assert status == 0
    assert "\nIn 7 days: 3, 0.4 a day\nIn 30 days: 3, 0.1 a day\n" in out
    assert "\nMost quoted in 30 days\n" in out
    assert "\nFiles that cannot be read\nempty.txt: The file holds no text." in out
    said = json.loads(quoth_with_words("stats", "--json")[1])
    assert said["questions"][str(datetime.now(UTC).date())] == 3
    assert len(said["questions"]) == 30
    assert sum(said["verdicts"].values()) == 3
    assert {one["path"] for one in said["quoted"]} <= {"tower.txt", "bell.txt"}
    assert [one["path"] for one in said["unreadable"]] == ["empty.txt"]
    assert "Which" not in str(said)


def test_numbers_need_no_model(call, monkeypatch):
    monkeypatch.setattr("bot.services.library.load_models", None)
    assert call("stats") == (0, "Nobody has asked anything in the last 30 days.\n", "")
