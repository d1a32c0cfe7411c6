"""Measure one engine over one file, and print what was found as JSON. `benchmarks.peers` runs this.

A process each, so that neither memory nor threads of one engine weigh on another, and since they are
installed in different virtual environments.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import questions
from benchmarks.engines import ENGINES
from benchmarks.measuring import memory, percentile, timed

SHOWN = 10
"""Passages that each question asks for."""
_WARMING = 5
"""Questions asked before the clock runs."""


def main() -> None:
    """Arguments: the engine's name, the file, and how many questions at most."""
    name, path, most = sys.argv[1:]
    # Whatever an engine prints would mix with the result.
    result, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(measure(name, Path(path), int(most))), file=result)


def measure(name: str, path: Path, most: int) -> dict[str, Any]:
    """Index, ask every question once, and look how much memory that took."""
    # Nothing is fetched and nobody is told.
    os.environ |= {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    labelled = questions.read(path)
    asked = labelled.questions[:most]
    setup = ENGINES[name]
    engine = setup.make()
    passages, indexing = timed(lambda: engine.index(labelled.documents))
    for question in asked[:_WARMING]:
        engine.search(question.text, SHOWN)
    answers = [timed(lambda text=question.text: engine.search(text, SHOWN)) for question in asked]
    ranks = [_rank(question, found) for question, (found, _) in zip(asked, answers, strict=True)]
    seconds = [took for _, took in answers]
    peak, now = memory()
    return {
        "engine": name,
        "data": path.name,
        "versions": {package: version(package) for package in setup.packages},
        "passages": passages,
        "questions": len(asked),
        "success@1": ranks.count(1) / len(ranks),
        "success@10": sum(rank > 0 for rank in ranks) / len(ranks),
        "passages/s": passages / indexing,
        "p50 ms": percentile(seconds, 50),
        "p95 ms": percentile(seconds, 95),
        "peak MiB": peak,
        "MiB": now,
    }


def _rank(question: questions.Question, found: list[questions.Span]) -> int:
    """Of the first passage that answers, from 1; 0 if none does."""
    return next((rank for rank, passage in enumerate(found, 1) if question.answered_by(passage)), 0)


if __name__ == "__main__":
    main()
