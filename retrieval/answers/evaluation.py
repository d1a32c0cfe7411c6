"""Evaluation: labelled questions → how often the right passage comes first, and how well Quoth knows it.

Success@k is the share of questions with a relevant passage among the first k; a passage is relevant if it comes
from the right document and holds the whole of a right answer. Every question is asked twice more, and then nothing
answers: off topic, with its document hidden, and on topic, with only those passages hidden that hold a part of an
answer. A question of the set that nothing answers is a near miss.
"""

from __future__ import annotations

import json
import math
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retrieval.answers.judgement import Judgement, judge
from retrieval.documents.isolation import IsolatedReader
from retrieval.errors import DocumentError, SettingsError
from retrieval.search.confidence import DEFAULT, Calibration, Verdict
from retrieval.search.questions import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from retrieval.index import Index
    from retrieval.search.hits import Hit

Array = npt.NDArray[np.float64]

DEPTH = 10
"""Passages looked at."""
FALSE_ANSWERS = 0.05
ANSWERABLE, OFF_TOPIC, ON_TOPIC, NEAR_MISS = "answerable", "off topic", "on topic", "near miss"
_RESAMPLES = 1_000
_PRIOR = 1e-4
"""How much a fit is drawn to the default: just enough to stay finite where a few questions are all told apart."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and where its answer stands."""

    question: str
    path: str | None
    """Of the document that answers; None if nothing does."""
    spans: tuple[tuple[int, int], ...] = ()
    """Of the right answers in that document's text, end exclusive."""
    exchanged: str = ""
    """The word of a near miss that took the place of one in a question that is answered, if it is known."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one case's passage was found."""

    question: str
    answerable: bool
    rank: int | None
    """Of the first relevant passage, from 1; None if there is none among the first DEPTH."""


@dataclass(frozen=True, slots=True)
class Outcome(Ranked):
    """What happened to one case."""

    highlighted: bool
    """Whether a bold sentence of the first passage holds a right answer."""
    bold: int
    """How many of its sentences are bold."""
    milliseconds: float
    judgement: Judgement
    off_topic: Judgement | None = None
    """With the right document hidden; None if there is none."""
    on_topic: Judgement | None = None
    """With the passages hidden that hold a part of a right answer."""
    exchanged: str = ""
    """As in the case, if the first passage does not hold the word."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % bootstrap interval; NaN where there is nothing to count."""

    value: float
    low: float
    high: float


def read_cases(file: Path, folder: Path) -> list[Case]:
    """Read labelled questions, and make the documents that they are about if the file holds them.

    Args:
        file: in SQuAD's form, whose articles are written into `folder` as text files; or one JSON object a line
            with `question`, `path` and `text`, which is null if nothing answers.
        folder: the documents.

    Raises:
        SettingsError: the file is in neither form, or does not fit the documents.
    """
    try:
        if file.suffix == ".jsonl":
            lines = file.read_text("utf-8").split("\n")
            with closing(IsolatedReader()) as reader:
                # As the index has them, so that spans fit; each file is read once.
                read_text = cache(lambda path: reader.read(path, (folder / path).read_bytes()).text)
                return [_read_case(json.loads(line), read_text) for line in lines if line.strip()]
        return list(_read_squad(json.loads(file.read_text("utf-8")), folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DocumentError) as error:
        message = f"Cannot read labelled questions from {file}: {error!r}. See `quoth eval --help` for the forms."
        raise SettingsError(message) from error


def _read_squad(data: dict[str, Any], folder: Path) -> Iterator[Case]:
    """Read each article as one document: its paragraphs, joined by a blank line."""
    for number, article in enumerate(data["data"]):
        title = PurePosixPath(article.get("title") or "article").name
        path = f"{number:05}/{title}.txt"
        text = ""
        for paragraph in article["paragraphs"]:
            start = len(text) + 2 * bool(text)
            text += ("\n\n" if text else "") + paragraph["context"]
            for asked in paragraph["qas"]:
                spans = [
                    (start + answer["answer_start"], start + answer["answer_start"] + len(answer["text"]))
                    for answer in asked["answers"]
                ]
                exchanged = asked.get("swapped", ["", ""])[1]
                yield Case(asked["question"], path if spans else None, tuple(spans), exchanged)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def _read_case(case: dict[str, Any], read_text: Callable[[str], str]) -> Case:
    if case["text"] is None:
        return Case(case["question"], None)
    text = read_text(case["path"])
    starts = [start for start in range(len(text)) if text.startswith(case["text"], start)]
    if not starts:
        message = f"{case['text']!r} is not in {case['path']}"
        raise ValueError(message)
    return Case(case["question"], case["path"], tuple((start, start + len(case["text"])) for start in starts))


def run(index: Index, cases: Iterable[Case]) -> list[Outcome]:
    """Ask every case of an index that is in step with their documents, and say how it went."""
    return [_ask_case(index, case) for case in cases]


def _ask_case(index: Index, case: Case) -> Outcome:
    question = Question(case.question)
    began = time.perf_counter()
    hits = index.search(question, DEPTH)
    elapsed = time.perf_counter() - began
    ranks = [rank for rank, hit in enumerate(hits[:DEPTH], start=1) if _is_relevant(hit, case)]
    bold = hits[0].sentences if hits else ()
    off_topic = on_topic = None
    if case.path is not None:
        off_topic = judge(question, index.search(question, DEPTH, hidden={case.path: None}))
        on_topic = judge(question, index.search(question, DEPTH, hidden={case.path: case.spans}))
    return Outcome(
        question=case.question,
        answerable=case.path is not None,
        rank=ranks[0] if ranks else None,
        highlighted=bool(
            ranks and ranks[0] == 1 and any(_holds(sentence.start, sentence.end, case) for sentence in bold)
        ),
        bold=len(bold),
        milliseconds=elapsed * 1_000,
        judgement=judge(question, hits),
        off_topic=off_topic,
        on_topic=on_topic,
        exchanged=case.exchanged if hits and case.exchanged.casefold() not in hits[0].passage.text.casefold() else "",
    )


def _is_relevant(hit: Hit, case: Case) -> bool:
    return any(passage.path == case.path and _holds(passage.start, passage.end, case) for passage in hit.passages)


def _holds(start: int, end: int, case: Case) -> bool:
    return any(start <= first and last <= end for first, last in case.spans)


# --- figures


def compute_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Compute all figures by name: shares from 0 to 1, times in milliseconds."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    first = [outcome for outcome in answerable if outcome.rank == 1]
    shares = {f"success@{k}": [float(bool(o.rank and o.rank <= k)) for o in answerable] for k in (1, 3, 5, 10)}
    shares["MRR@10"] = [1 / o.rank if o.rank else 0.0 for o in answerable]
    shares["highlight accuracy"] = [float(o.highlighted) for o in first]
    shares["bold sentences"] = [float(o.bold) for o in first]
    judged = _group_judgements(outcomes)
    for kind, judgements in judged.items():
        shares |= {f"{kind}: {verdict}": [float(j.verdict is verdict) for j in judgements] for verdict in Verdict}
    shares[f"{ANSWERABLE}: something missing"] = [float(bool(j.missing)) for j in judged[ANSWERABLE]]
    exchanged = [o for o in outcomes if o.exchanged]
    shares["exchanged word named"] = [float(_is_named(o.exchanged, o.judgement)) for o in exchanged]
    strong = [o for o in outcomes if o.judgement.verdict is Verdict.STRONG]
    shares["right where strong"] = [float(o.rank == 1) for o in strong]
    right = [j.confidence for j in judged.pop(ANSWERABLE)]
    abstention = {}
    for kind, judgements in judged.items():
        wrong = [j.confidence for j in judgements]
        abstention[f"{kind}: AUROC"] = figure(auroc, right, wrong)
        abstention[f"{kind}: answered at 5 % false"] = figure(answered, right, wrong)
    times = [o.milliseconds for o in outcomes]
    return {
        **{name: figure(np.mean, values) for name, values in shares.items()},
        **abstention,
        "ask p50, ms": figure(np.median, times),
        "ask p95, ms": figure(lambda values: np.quantile(values, 0.95), times),
    }


def _group_judgements(outcomes: Iterable[Outcome]) -> dict[str, list[Judgement]]:
    """Sort what was judged by what the documents held then."""
    judged: dict[str, list[Judgement]] = {kind: [] for kind in (ANSWERABLE, OFF_TOPIC, ON_TOPIC, NEAR_MISS)}
    for outcome in outcomes:
        judged[ANSWERABLE if outcome.answerable else NEAR_MISS].append(outcome.judgement)
        for kind, judgement in ((OFF_TOPIC, outcome.off_topic), (ON_TOPIC, outcome.on_topic)):
            if judgement:
                judged[kind].append(judgement)
    return judged


def _is_named(word: str, judgement: Judgement) -> bool:
    """Whether a word, or a part of it that stands alone, was called missing."""
    return any(word in missing or missing in word for missing in judgement.missing)


def figure(statistic: Callable[..., Any], *samples: Sequence[float]) -> Figure:
    """Compute a statistic of one or more samples, with its percentile bootstrap interval."""
    if not all(samples):
        return Figure(math.nan, math.nan, math.nan)
    value = float(statistic(*samples))
    if any(len(sample) == 1 for sample in samples) or all(len(set(sample)) == 1 for sample in samples):
        return Figure(value, value, value)
    from scipy.stats import bootstrap  # noqa: PLC0415 - scipy takes half a second to import

    interval = bootstrap(
        samples, statistic, vectorized=False, n_resamples=_RESAMPLES, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    return Figure(value, float(interval.low), float(interval.high))


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Compute how probably the confidence is higher where something answers than where nothing does."""
    from scipy.stats import rankdata  # noqa: PLC0415

    # By ranks, as Mann and Whitney count the pairs in order: an interval takes this a thousand times.
    ranks = rankdata(np.concatenate([right, wrong]))[: len(right)]
    in_order = ranks.sum() - len(right) * (len(right) + 1) / 2
    return float(in_order / (len(right) * len(wrong)))


def answered(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Compute the share answered where something answers, when FALSE_ANSWERS of the others are answered too."""
    return float(np.mean(np.asarray(right) > np.quantile(wrong, 1 - FALSE_ANSWERS)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the same questions."""

    first: float
    """success@1"""
    second: float
    difference: Figure
    only_first: int
    """Questions that only the first run got right."""
    only_second: int
    p: float
    """McNemar's exact test: how probable such a difference is if neither is better."""


def compare(first: Sequence[Ranked], second: Sequence[Ranked]) -> Comparison:
    """Compare success@1, question by question.

    Raises:
        SettingsError: the runs are over different questions.
    """
    if [o.question for o in first] != [o.question for o in second]:
        raise SettingsError("The two runs asked different questions. Run `quoth eval` on the same files.")
    from scipy.stats import binomtest  # noqa: PLC0415

    pairs = [(float(a.rank == 1), float(b.rank == 1)) for a, b in zip(first, second, strict=True) if a.answerable]
    only_first = sum(a > b for a, b in pairs)
    only_second = sum(b > a for a, b in pairs)
    return Comparison(
        first=float(np.mean([a for a, _ in pairs])),
        second=float(np.mean([b for _, b in pairs])),
        difference=figure(np.mean, [b - a for a, b in pairs]),
        only_first=only_first,
        only_second=only_second,
        p=float(binomtest(only_first, only_first + only_second).pvalue) if only_first + only_second else 1.0,
    )


# --- calibration


def fit(runs: Sequence[Sequence[Outcome]]) -> Calibration:
    """Fit the confidence to labelled questions: how often the first passage was right, given what it is judged by.

    Questions that nothing answers, by themselves or since something is hidden, count as wrong. Each run counts alike,
    and in it the first passages that are right as much as those that are wrong.

    Raises:
        SettingsError: the first passage was always right, or never.
    """
    from scipy.optimize import minimize  # noqa: PLC0415
    from scipy.special import expit  # noqa: PLC0415

    sets = [_collect_examples(run) for run in runs]
    features, right = (np.concatenate([examples[i] for examples in sets]) for i in range(2))
    share = np.concatenate([_compute_shares(right) / len(sets) for _, right in sets])
    if right.all() or not right.any():
        raise SettingsError("Fitting needs both questions that are answered and questions that are not.")
    default = np.array(astuple(DEFAULT))

    def loss(parameters: Array) -> tuple[float, Array]:
        log_odds = features @ parameters
        surprise = expit(log_odds) - right
        away = (parameters - default) / default
        value = float(share @ (np.logaddexp(0, log_odds) - right * log_odds) + _PRIOR * away @ away)
        return value, features.T @ (share * surprise) + 2 * _PRIOR * away / default

    return Calibration(*map(float, minimize(loss, default, jac=True).x))


def _compute_shares(right: Array) -> Array:
    """Compute the weight of each example: all together weigh 1, and each kind that there is the same."""
    counts = np.where(right, right.sum(), (1 - right).sum())
    shares: Array = 1 / counts / len(np.unique(right))
    return shares


def _collect_examples(run: Sequence[Outcome]) -> tuple[Array, Array]:
    """Collect the features that the parameters weigh, and whether the first passage was right."""
    examples = [(o.judgement, o.rank == 1) for o in run]
    examples += [(judgement, False) for o in run for judgement in (o.off_topic, o.on_topic) if judgement]
    known = [(j.lead, bool(j.missing), right) for j, right in examples if j.lead is not None]
    features = np.array([(1.0, lead, missing) for lead, missing, _ in known], float)
    return features, np.array([right for *_, right in known], float)
