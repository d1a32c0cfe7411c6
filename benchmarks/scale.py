"""Measure time, memory, disk and recall with 10,000, 100,000 and 1,000,000 sentences.

    python -m benchmarks.scale --data FILE... [--json OUT] [--plot FILE.svg]

The corpus grows from real text: its sentences are drawn again and again, in another order each time, so that
hardly two passages are the same. To encode a million sentences would take hours, so their vectors are those of
some of the real sentences, each moved by the difference of two others that are near each other; their tokens are those
of real sentences. Words and vectors of a passage are thus unrelated; the searches agree on fewer candidates than with
real ones, which makes more work, not less. Everything else goes through Quoth's public functions: a sync of the folder,
and questions.
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

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import plot, questions
from benchmarks.measuring import machine, memory, percentile, timed, use_cores
from retrieval import Index, load_encoder, resolve_model
from retrieval.encoding.vectors import EncodedText, unit
from retrieval.search import search
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrieval import Encoder
    from retrieval.storage.records import Counts

T = TypeVar("T")

_SHOWN = 3
"""Passages that each question asks for, as `quoth ask` does."""
_SENTENCES_A_PARAGRAPH = 5
_PARAGRAPHS_A_FILE = 50
_ENCODED = 5_000
"""Real sentences whose vectors the others' are made from."""
_TOKENS = 10_000
"""Real tokens that the others' are drawn from."""
_NEAR = 30
"""How many of a sentence's neighbours a difference is drawn from."""
_MOVED = 0.65
"""How much of such a difference is added to a vector; see `GrowingEncoder`."""


def main() -> None:
    """Grow the corpus to each size in turn, and measure each in a new process."""
    options = _options()
    use_cores(options.cores)
    results = []
    with TemporaryDirectory(dir=options.folder) as folder:
        for size in sorted(options.sizes):
            filling = in_new_process(grow, Path(folder), options.data, size)
            asking = in_new_process(_measure, Path(folder), options.data, options.questions)
            nearest = in_new_process(_nearest, Path(folder), options.data, options.questions)
            results.append(asking | nearest | _disk(Path(folder)) | filling)
    Console(width=100).print(_table(results))
    if options.plot:
        plot.draw(results, options.plot)
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
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="in sentences")
    parser.add_argument("--questions", type=int, default=100, help="asked at each size [default: 100]")
    parser.add_argument("--folder", type=Path, help="for the corpus and its index: 4 GB for a million sentences")
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw how time, memory and disk grow")
    return parser.parse_args()


def in_new_process(function: Callable[..., T], *arguments: object) -> T:
    """Call a function in a new process, and return its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


class GrowingEncoder:
    """The real encoder, but for the vectors of sentences on their way into the index.

    The vectors of e5 fill a narrow cone: two unrelated sentences have a cosine of .79, neighbours of .9. A random
    step leaves the cone, and makes a tight ball around each real vector, which any index finds. Here a vector is
    drawn nearer to the mean, and moved by the difference of two neighbours from elsewhere. The cosines of unrelated
    sentences then are those of real ones, and those of neighbours a little lower; benchmarks/README.md has numbers.
    """

    def __init__(self, encoder: Encoder, real: np.ndarray, tokens: np.ndarray, seed: int) -> None:
        self._encoder = encoder
        self._tokens = tokens
        self._real = real
        self._mean = real.mean(axis=0)
        self._near = np.argsort(-(real @ real.T), axis=1)[:, 1 : _NEAR + 1]
        self._random = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        """Draw a vector for each text, and as many of the tokens as it has."""
        one, two = self._random.integers(len(self._real), size=(2, len(texts)))
        near = self._near[two, self._random.integers(_NEAR, size=len(texts))]
        step = _MOVED * (self._real[two] - self._real[near])
        # As much nearer to the mean as the step leads away from it.
        variance = 1 - self._mean @ self._mean
        kept = np.sqrt(max(0, 1 - np.square(step).sum(axis=1).mean() / variance))
        moved = self._mean + kept * (self._real[one] - self._mean) + step
        counts = self._encoder.count_tokens(texts)
        drawn = [self._tokens[self._random.integers(len(self._tokens), size=count)] for count in counts]
        return list(map(EncodedText, unit(moved.astype(np.float32)), drawn))


def grow(folder: Path, data: Sequence[Path], size: int) -> dict[str, float]:
    """Add files until the index holds so many sentences."""
    documents = folder / "documents"
    documents.mkdir(exist_ok=True)
    text = "\n".join(text for path in data for text in questions.read(path).documents)
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if 30 <= len(s) <= 300]  # noqa: PLR2004
    encoder = load_encoder(resolve_model())
    before = _count(folder).sentences if (folder / "data").exists() else 0
    index = Index(folder / "data", GrowingEncoder(encoder, *encode_real(folder, encoder, sentences), seed=before))
    seconds = 0.0
    while (missing := size - _count(folder).sentences) > 0:
        have = len(list(documents.iterdir()))
        for number in range(have, have + 1 + missing // (_SENTENCES_A_PARAGRAPH * _PARAGRAPHS_A_FILE)):
            (documents / f"{number}.txt").write_text(_file(sentences, number), "utf-8")
        seconds += timed(lambda: index.sync(documents))[1]
    index.close()
    return {"sentences indexed a second, but for encoding": (_count(folder).sentences - before) / (seconds or 1)}


def encode_real(folder: Path, encoder: Encoder, sentences: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Encode some real sentences, once: (_ENCODED, dimension) float32, and (_TOKENS, dimension) of their tokens."""
    files = folder / "real.npy", folder / "tokens.npy"
    if not files[0].exists():
        some = np.random.default_rng(0).permutation(sentences)[:_ENCODED].tolist()
        encoded = encoder.encode_sentences(some)
        np.save(files[0], np.stack([text.vector for text in encoded]))
        np.save(files[1], np.concatenate([text.tokens for text in encoded[: _TOKENS // 10]])[:_TOKENS])
    return np.load(files[0]), np.load(files[1])


def _file(sentences: Sequence[str], number: int) -> str:
    drawn = np.random.default_rng(number).choice(sentences, (_PARAGRAPHS_A_FILE, _SENTENCES_A_PARAGRAPH))
    return "\n\n".join(" ".join(paragraph) for paragraph in drawn)


def _count(folder: Path) -> Counts:
    store = Store(folder / "data")
    counts = store.documents.count()
    store.close()
    return counts


def choose_questions(data: Sequence[Path], most: int) -> list[str]:
    """Choose questions from all files, and so about all subjects."""
    texts = [question.text for path in data for question in questions.read(path).questions]
    return texts[:: max(1, len(texts) // most)][:most]


def _measure(folder: Path, data: Sequence[Path], most: int) -> dict[str, Any]:
    some = choose_questions(data, most)
    document = questions.read(data[0]).documents[0]
    encoder, loading = timed(lambda: load_encoder(resolve_model()))
    # The files are read for the first question.
    index, opening = timed(lambda: Index(folder / "data", encoder))
    _, reading = timed(lambda: index.search(some[-1], _SHOWN))
    answers = _ask(index, some)
    _, resident = memory()
    adding = _add(index, folder / "documents", document)
    index.close()
    counts = _count(folder)
    return {
        "documents": counts.documents,
        "passages": counts.passages,
        "sentences": counts.sentences,
        "load the encoder, s": loading,
        "open, and answer once, s": opening + reading,
        "p50 ms": percentile(answers, 50),
        "p95 ms": percentile(answers, 95),
        "answers a second": len(answers) / sum(answers),
        "MiB": resident,
        "add a document, s": adding,
        "characters of that document": len(document),
    }


def _nearest(folder: Path, data: Sequence[Path], most: int) -> dict[str, float]:
    """Measure the recall of the search by sentences' vectors, beside comparing all of them."""
    encoder = load_encoder(resolve_model())
    vectors = [encoder.encode_query(question).vector[None] for question in choose_questions(data, most)]
    index = faiss.read_index(str(folder / "data" / "sentences-1.faiss"))
    k = 4 * search.POOL  # as many as the search for an answer asks for
    found, seconds = _search(index, vectors, k)
    if isinstance(index, faiss.IndexIVF):
        index.nprobe = index.nlist
    exact, seconds_exact = _search(index, vectors, k)
    return {
        "recall@10 of the vectors": _recall(found, exact, 10),
        f"recall@{k} of the vectors": _recall(found, exact, k),
        "p50 ms, vectors alone": percentile(seconds, 50),
        "p50 ms, vectors, all compared": percentile(seconds_exact, 50),
    }


def _search(index: faiss.Index, vectors: Sequence[np.ndarray], k: int) -> tuple[list[np.ndarray], list[float]]:
    """Search the k nearest ids of each vector, and time each search."""
    results = [timed(lambda vector=vector: index.search(vector, k)[1][0]) for vector in vectors]
    return [ids for ids, _ in results], [seconds for _, seconds in results]


def _recall(found: Sequence[np.ndarray], exact: Sequence[np.ndarray], k: int) -> float:
    pairs = zip(found, exact, strict=True)
    return float(np.mean([np.isin(nearest[:k], ids[:k]).mean() for ids, nearest in pairs]))


def _disk(folder: Path) -> dict[str, int]:
    data = folder / "data"
    kinds = {"store": "quoth.db*", "vectors": "*.faiss", "words": "lexical/**/*"}
    return {
        f"MiB on disk, {kind}": sum(path.stat().st_size for path in data.glob(pattern) if path.is_file()) >> 20
        for kind, pattern in kinds.items()
    }


def _ask(index: Index, texts: Sequence[str]) -> list[float]:
    """Ask each question, and return the seconds."""
    return [timed(lambda question=question: index.search(question, _SHOWN))[1] for question in texts]


def _add(index: Index, documents: Path, text: str) -> float:
    """Add one file, and return the seconds; then remove it again."""
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
        table.add_row(row, *(f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in values))
    return table


if __name__ == "__main__":
    main()
