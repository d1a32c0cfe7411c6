"""What a warm process needs to ask 10,000, 100,000 and 1,000,000 sentences: time, and memory.

    python -m benchmarks.scale --data FILE... [--json OUT]

The corpus grows from real text: its sentences are drawn again and again, in another order each time, so that
hardly two passages are the same. To encode a million sentences would take hours, so their vectors are those of
some of the real sentences, each moved a little. Words and vectors of a passage thus have nothing to do with each
other; the searches agree on fewer candidates than with real ones, which makes more work, not less. Everything
else is as always: the folder is synced, and questions are asked, through Quoth's public functions.
"""

from __future__ import annotations

import argparse
import json
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import questions
from benchmarks.measuring import machine, memory, percentile, timed, use_cores
from retrieval import Index, load_encoder, resolve_model, search
from retrieval.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrieval import Encoder

T = TypeVar("T")

_SHOWN = 3
"""Passages that each question asks for, as `quoth ask` does."""
_SENTENCES_A_PARAGRAPH = 5
_PARAGRAPHS_A_FILE = 50
_ENCODED = 2_000
"""Real sentences whose vectors the others' are made from."""
_MOVED = 0.3
"""Length of what is added to a vector of length 1; the cosine of the two is then about .96."""


def main() -> None:
    """Grow the corpus to each size in turn, and measure each in a new process."""
    options = _options()
    use_cores(options.cores)
    results = []
    with TemporaryDirectory(dir=options.folder) as folder:
        for size in sorted(options.sizes):
            _in_new_process(_grow, Path(folder), options.data, size)
            results.append(_in_new_process(_measure, Path(folder), options.data, options.questions))
    Console(width=100).print(_table(results))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time and memory by the number of sentences.")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="text and questions, in SQuAD form",
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="in sentences"
    )
    parser.add_argument("--questions", type=int, default=100, help="asked at each size [default: 100]")
    parser.add_argument(
        "--folder", type=Path, help="for the corpus and its index: 6 GB for a million sentences"
    )
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


def _in_new_process(function: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


class _MovedVectors:
    """The real encoder, but for the vectors of passages and sentences on their way into the index."""

    def __init__(self, encoder: Encoder, sentences: Sequence[str]) -> None:
        self._encoder = encoder
        self._real = encoder.encode_passages(sentences)
        self._random = np.random.default_rng(0)

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dimension) float32, rows of unit length."""
        drawn = self._real[self._random.integers(len(self._real), size=len(texts))]
        step = (
            self._random.standard_normal(drawn.shape, np.float32) * _MOVED / np.sqrt(self._encoder.dimension)
        )
        moved = drawn + step
        return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def _grow(folder: Path, data: Sequence[Path], size: int) -> None:
    """Add files until the index holds so many sentences."""
    documents = folder / "documents"
    documents.mkdir(exist_ok=True)
    text = "\n".join(text for path in data for text in questions.read(path).documents)
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if 30 <= len(s) <= 300]  # noqa: PLR2004
    some = np.random.default_rng(0).permutation(sentences)[:_ENCODED].tolist()
    index = Index(folder / "data", _MovedVectors(load_encoder(resolve_model()), some))
    while (missing := size - _count(folder)[2]) > 0:
        have = len(list(documents.iterdir()))
        for number in range(have, have + 1 + missing // (_SENTENCES_A_PARAGRAPH * _PARAGRAPHS_A_FILE)):
            (documents / f"{number}.txt").write_text(_file(sentences, number), "utf-8")
        index.sync(documents)
    index.close()


def _file(sentences: Sequence[str], number: int) -> str:
    drawn = np.random.default_rng(number).choice(sentences, (_PARAGRAPHS_A_FILE, _SENTENCES_A_PARAGRAPH))
    return "\n\n".join(" ".join(paragraph) for paragraph in drawn)


def _count(folder: Path) -> tuple[int, int, int]:
    """Of documents, passages and sentences in the index."""
    store = Store(folder / "data" / "quoth.db")
    counts = store.count()
    store.close()
    return counts


def _measure(folder: Path, data: Sequence[Path], most: int) -> dict[str, Any]:
    labelled = [questions.read(path) for path in data]
    asked = [question.text for each in labelled for question in each.questions]
    asked = asked[:: max(1, len(asked) // most)][:most]  # from all files, and so about all subjects
    document = labelled[0].documents[0]
    encoder, loading = timed(lambda: load_encoder(resolve_model()))
    index, opening = timed(lambda: Index(folder / "data", encoder))
    index.search(asked[-1], _SHOWN)
    with patch.object(search, "RERANKED", 0):
        plain = _ask(index, asked)
    _, resident = memory()
    reranked = _ask(index, asked)
    _, resident_reranked = memory()
    adding = _add(index, folder / "documents", document)
    index.close()
    documents, passages, sentences = _count(folder)
    return {
        "documents": documents,
        "passages": passages,
        "sentences": sentences,
        "load the encoder, s": loading,
        "open, s": opening,
        "p50 ms": percentile(plain, 50),
        "p95 ms": percentile(plain, 95),
        "MiB": resident,
        "p50 ms, re-ranked": percentile(reranked, 50),
        "p95 ms, re-ranked": percentile(reranked, 95),
        "MiB, re-ranked": resident_reranked,
        "add a document, s": adding,
        "characters of that document": len(document),
    }


def _ask(index: Index, asked: Sequence[str]) -> list[float]:
    """Seconds that each question took."""
    return [timed(lambda question=question: index.search(question, _SHOWN))[1] for question in asked]


def _add(index: Index, documents: Path, text: str) -> float:
    """Seconds to add one file; after that it is taken out again."""
    file = documents / "added.txt"
    file.write_text(text, "utf-8")
    _, seconds = timed(lambda: index.sync(documents))
    file.unlink()
    index.sync(documents)
    return seconds


def _table(results: Sequence[dict[str, Any]]) -> Table:
    table = Table("", *(f"{result['sentences']:,} sentences" for result in results))
    for row in results[0]:
        values = [result[row] for result in results]
        table.add_row(
            row, *(f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in values)
        )
    return table


if __name__ == "__main__":
    main()
