"""A small labelled set in six languages."""

from __future__ import annotations

from pathlib import Path

from retrieval.answers.evaluation import read_cases

LABELLED = Path(__file__).parents[1] / "labelled"
DOCUMENTS = LABELLED / "documents"
CASES = read_cases(LABELLED / "cases.jsonl", DOCUMENTS)
