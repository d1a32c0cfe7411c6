"""How well questions in seven languages are told apart: by meaning, and for pins, in other dress.

    python -m benchmarks.alike

Takes a minute. The questions are those of the tests, `tests/labelled/alike.jsonl` and `same.jsonl`, which were made
for this: most of them have neighbours that are near in subject, so that a random pair is easier.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from retrieval import load_encoder, resolve_model
from retrieval.answers.evaluation import auroc
from retrieval.answers.unanswered import ALIKE, MAX_QUESTIONS, compare_questions, group_alike
from retrieval.search.questions import normalize

LABELLED = Path(__file__).parents[1] / "tests" / "labelled"
QUANTILES = (0, 0.05, 0.5, 0.95, 1)


def read(name: str) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in (LABELLED / name).read_text("utf-8").splitlines()]


def shown(values: Any) -> str:  # noqa: ANN401 - an array
    """The quantiles of some likenesses."""
    return "  ".join(f"{each:.3f}" for each in np.quantile(values, QUANTILES))


def main() -> None:
    """Print all figures."""
    encoder = load_encoder(resolve_model())
    labelled = read("alike.jsonl")
    questions = [question for each in labelled for question in each["questions"]]
    meanings = np.repeat(range(len(labelled)), [len(each["questions"]) for each in labelled])
    pairs = np.triu_indices(len(questions), 1)
    same = np.equal.outer(meanings, meanings)[pairs]
    vectors = np.stack([encoder.encode_query(question).vector for question in questions])
    measures = {
        "cosine": vectors @ vectors.T,
        "MaxSim": compare_questions([encoder.encode_query(each) for each in questions], questions),
    }
    measures["half of each"] = (measures["cosine"] + measures["MaxSim"]) / 2
    print(f"{len(questions)} questions, {len(labelled)} meanings; quantiles {QUANTILES}")
    for name, alike in measures.items():
        print(f"\n{name}, AUROC {auroc(alike[pairs][same], alike[pairs][~same]):.3f}")
        print(
            f"  of the same meaning  {shown(alike[pairs][same])}\n  of others            {shown(alike[pairs][~same])}"
        )
        for least in np.arange(0.75, 0.95, 0.01):
            group = np.empty(len(questions), int)
            found = group_alike(alike, least)
            for number, members in enumerate(found):
                group[members] = number
            grouped = np.equal.outer(group, group)[pairs]
            precision, recall = (grouped & same).sum() / grouped.sum(), (grouped & same).sum() / same.sum()
            mark = " <" if name == "MaxSim" and abs(least - ALIKE) < 0.005 else ""  # noqa: PLR2004
            print(f"  {least:.2f}: {len(found)} groups, precision {precision:.2f}, recall {recall:.2f}{mark}")

    print("\nPins: cosine of the questions in small letters, of pairs")
    found_pairs = read("same.jsonl")
    cosines = np.array(
        [
            first @ second
            for first, second in (
                [encoder.encode_query(each[name].lower()).vector for name in "ab"] for each in found_pairs
            )
        ]
    )
    is_same = np.array([each["same"] for each in found_pairs])
    matched = np.array([normalize(each["a"]).matches(normalize(each["b"])) for each in found_pairs])
    print(f"  that are the same {shown(cosines[is_same])}\n  that are not      {shown(cosines[~is_same])}")
    print(f"  AUROC {auroc(cosines[is_same], cosines[~is_same]):.3f}")
    print(f"By their words: {(matched & is_same).sum()} of {is_same.sum()} that are the same are told so, and ", end="")
    print(f"{(matched & ~is_same).sum()} of {(~is_same).sum()} that are not")

    many = [f"{question} {number}" for number in range(8) for question in questions][:MAX_QUESTIONS]
    began = time.perf_counter()
    queries = [encoder.encode_query(each) for each in many]
    encoded = time.perf_counter()
    alike = compare_questions(queries, many)
    compared = time.perf_counter()
    group_alike(alike)
    ended = time.perf_counter()
    print(f"{len(many)} questions: {encoded - began:.1f} s to encode, {compared - encoded:.1f} to compare, ", end="")
    print(f"{ended - compared:.1f} to group")


if __name__ == "__main__":
    main()
