"""How fast texts become vectors, and how soon a new process answers.

    python -m benchmarks.encoder --data FILE... [--json OUT]

Two comparisons, both with Quoth's bundled model, first the one side, then the other, and so on:

- passages of about 190 tokens, by SentenceTransformer.encode in float32 and by Quoth's encoder
- whole processes, from start to end: one that imports sentence-transformers, loads the model and encodes a
  question, and `quoth ask` over an index that is there
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer

from benchmarks import questions
from benchmarks.measuring import machine, timed, use_cores
from retrieval import Index, load_encoder, resolve_model
from retrieval.encoding.weights.models import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrieval import Encoder, Model

_TOKENS = 190
_LOAD_AND_ENCODE = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True).encode([sys.argv[2]])
"""
_QUOTH = "from bot.cli.app import main; main()"
_FOUND_OR_NOT = 0, 3


class Seconds(NamedTuple):
    """What the two sides took, round by round."""

    sentence_transformers: list[float]
    quoth: list[float]


def main() -> None:
    """Measure, print a table, and keep the numbers if asked to."""
    options = _options()
    use_cores(options.cores)
    labelled = questions.read(options.data)
    model = resolve_model()
    encoder = load_encoder(model)
    encoding, alike = _encoding(model, encoder, labelled.documents, options)
    asking = _asking(model, encoder, labelled, options.rounds)
    _print(options.passages, encoding, alike, asking)
    if options.json:
        result = {
            "machine": machine(),
            "passages": options.passages,
            "encoding": encoding._asdict(),
            "lowest cosine": alike,
            "asking": asking._asdict(),
        }
        options.json.write_text(json.dumps(result, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Quoth's encoder and sentence-transformers.")
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="text, in SQuAD form")
    parser.add_argument("--passages", type=int, default=96, help="encoded in each round [default: 96]")
    parser.add_argument("--rounds", type=int, default=7, help="[default: 7]")
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


def _encoding(
    model: Model, encoder: Encoder, texts: Sequence[str], options: argparse.Namespace
) -> tuple[Seconds, float]:
    """The times, and the lowest cosine of what the two make of the same passage."""
    passages = _passages(encoder, texts, options.passages)
    reference = SentenceTransformer(
        str(unpack(model)), device="cpu", local_files_only=True, model_kwargs={"torch_dtype": torch.float32}
    )

    def encode() -> np.ndarray:
        return reference.encode(passages, prompt=model.passage_prompt, normalize_embeddings=True)

    # Not timed: what is set up at the first call is no part of the rate.
    ours = np.stack([text.vector for text in encoder.encode_sentences(passages)])
    alike = float((encode() * ours).sum(axis=1).min())
    return _alternate(encode, lambda: encoder.encode_sentences(passages), options.rounds), alike


def _passages(encoder: Encoder, texts: Sequence[str], count: int) -> list[str]:
    """Consecutive words, as many as make about 190 tokens."""
    words = " ".join(texts).split()
    number = np.cumsum(encoder.count_tokens(words)) // _TOKENS
    passages = [
        " ".join(word for _, word in group) for _, group in groupby(zip(number, words, strict=True), lambda w: w[0])
    ]
    if len(passages) < count:
        sys.exit(f"There is text for {len(passages)} passages only; ask for fewer with --passages.")
    return passages[:count]


def _asking(model: Model, encoder: Encoder, labelled: questions.Labelled, rounds: int) -> Seconds:
    question = labelled.questions[0].text
    with TemporaryDirectory() as folder:
        documents, data = Path(folder, "documents"), Path(folder, "data")
        documents.mkdir()
        for number, text in enumerate(labelled.documents):
            (documents / f"{number}.txt").write_text(text, "utf-8", newline="")
        index = Index(data, encoder)
        index.sync(documents)
        index.close()
        load = [_LOAD_AND_ENCODE, str(unpack(model)), model.query_prompt + question]
        ask = [_QUOTH, "ask", question, "--documents", str(documents), "--data", str(data)]
        # Once without the clock, so that both find their files in memory.
        _run(load)
        _run(ask)
        return _alternate(lambda: _run(load), lambda: _run(ask), rounds)


def _run(arguments: Sequence[str]) -> None:
    run = subprocess.run([sys.executable, "-c", *arguments], capture_output=True, text=True, check=False)
    if run.returncode not in _FOUND_OR_NOT:
        sys.exit(run.stderr)


def _alternate(first: Callable[[], object], second: Callable[[], object], rounds: int) -> Seconds:
    seconds = Seconds([], [])
    for _ in range(rounds):
        seconds.sentence_transformers.append(timed(first)[1])
        seconds.quoth.append(timed(second)[1])
    return seconds


def _print(passages: int, encoding: Seconds, alike: float, asking: Seconds) -> None:
    table = Table("", "sentence-transformers", "Quoth", "ratio")
    rates = [passages / median(side) for side in encoding]
    table.add_row("passages of ~190 tokens a second", *(f"{rate:.1f}" for rate in rates), _ratio(encoding))
    whole = [f"{median(side):.2f}" for side in asking]
    table.add_row("a new process that encodes or asks, s", *whole, _ratio(asking))
    console = Console()
    console.print(table)
    console.print(
        f"Medians of {len(asking.quoth)} rounds. Lowest cosine of the same passage's two vectors: {alike:.5f}"
    )


def _ratio(seconds: Seconds) -> str:
    return f"{median(seconds.sentence_transformers) / median(seconds.quoth):.2f}"


if __name__ == "__main__":
    main()
