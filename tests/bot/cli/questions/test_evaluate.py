"""`quoth eval` measures, compares and fits; here with an encoder whose vectors can be computed by hand."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.doubles import WordEncoder
from typer.testing import CliRunner

import bot.cli.questions.evaluate
from bot.cli.app import app
from retrieval import Index, SettingsError
from retrieval.search.confidence import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

ENCODER = WordEncoder("cat feline", "whale orca")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("QUOTH_DOCUMENTS", "QUOTH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bot.cli.questions.evaluate, "load_models", lambda *_: (ENCODER, None))
    documents = tmp_path / "seeds"
    documents.mkdir()
    (documents / "cat.txt").write_text("The cat sleeps.")
    (documents / "sea.txt").write_text("The whale dives.")
    cases = [
        {"question": "Where is the feline?", "path": "cat.txt", "text": "cat"},
        {"question": "Where is the orca?", "path": "sea.txt", "text": "whale"},
        {"question": "Where is the orca now?", "path": "cat.txt", "text": "cat"},
        {"question": "Who won?", "path": None, "text": None},
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["eval", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_table_shows_each_figure() -> None:
    cells = [[cell.strip() for cell in line.split("│")[1:3]] for line in run("cases.jsonl").splitlines()]
    rows = dict(line for line in cells if len(line) == 2)
    assert (rows["passages"], rows["questions"]) == ("2", "4")
    assert rows["success@1"].startswith("0.667 [")
    assert rows["success@3"] == "1.000 [1.000 1.000]"


def test_json_holds_each_question_and_can_be_compared(folder: Path) -> None:
    (folder / "a.json").write_text(run("cases.jsonl", "--json"))
    (run_,) = json.loads((folder / "a.json").read_text())
    assert [outcome["rank"] for outcome in run_["outcomes"]] == [1, 1, 2, None]
    assert run_["figures"]["MRR@10"]["value"] == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert "0.000 [0.000 0.000]" in run("--compare", "a.json", "a.json")


def test_a_fit_is_kept_with_the_index(folder: Path) -> None:
    run("cases.jsonl", "--fit")
    with closing(Index(folder / ".quoth", ENCODER)) as index:
        assert index.calibration != DEFAULT


def test_what_is_no_run_cannot_be_compared(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"Cannot read a run from cases\.jsonl.*--json"):
        run("--compare", "cases.jsonl", "cases.jsonl")


def test_no_file_is_a_misuse() -> None:
    assert CliRunner().invoke(app, ["eval"]).exit_code == 2
