"""`quoth eval`: how well labelled questions are answered."""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from bot.cli import output
from bot.cli.options import Data, Documents
from bot.services.library import DEFAULT_FOLDER, load_models, open_index, open_vector_store
from bot.settings import load_settings
from retrieval import Encoder, Index, Reranker, SettingsError, evaluation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings import Settings

Models = tuple[Encoder, Reranker | None]


@dataclass(frozen=True, slots=True)
class Run:
    """Holds the figures of one file of questions."""

    file: str
    passages: int
    questions: int
    passages_per_second: float
    """While indexing, with all sentences."""
    figures: dict[str, evaluation.Figure]
    outcomes: list[evaluation.Outcome]


def evaluate(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Questions in .json or .jsonl.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with what happened to each question.")] = False,
    fit: Annotated[
        bool, typer.Option("--fit", help="Fit the confidence to these questions, and keep it with the index.")
    ] = False,
    compare: Annotated[tuple[Path, Path] | None, typer.Option(metavar="A B", help="Compare two --json runs.")] = None,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Measure how well labelled questions are answered.

    The documents are indexed anew for it, and the index is deleted afterwards. FILE is in SQuAD's form (.json), with
    the documents in it; or (.jsonl) one JSON object a line with "question", "path" and "text", a passage of that
    document in --documents that answers, or null if nothing does.

    A question with an answer is asked twice more: off topic, with its document hidden, and on topic, with only the
    passages hidden that hold a part of the answer. One without an answer is a near miss.
    """
    if compare:
        _print_comparison(*map(_read_runs, compare))
        return
    if not files:
        raise typer.BadParameter("Name at least one file of labelled questions, or two runs to --compare.")
    settings = load_settings(documents, data)
    with output.waiting() as progress:
        models = load_models(settings, progress)
    runs = [_run(file, settings, models) for file in files]
    if as_json:
        json.dump([asdict(run) for run in runs], sys.stdout, ensure_ascii=False)
    else:
        output.console().print(_render_runs(runs))
    if fit:
        _fit(runs, settings, models)


def _run(file: Path, settings: Settings, models: Models) -> Run:
    with TemporaryDirectory(prefix="quoth-eval-") as folder:
        documents = settings.documents or DEFAULT_FOLDER
        if file.suffix != ".jsonl":  # SQuAD's form: its documents are written there
            documents = Path(folder, "documents")
            documents.mkdir()
        cases = evaluation.read_cases(file, documents)
        index = Index(Path(folder, "data"), *models, vector_store=open_vector_store(settings))
        with closing(index), ExitStack() as at_end:
            at_end.callback(index.delete_vectors)  # leaves nothing on other machines
            start = time.perf_counter()
            passages = sum(report.passages for report in index.sync(documents).files)
            speed = round(passages / (time.perf_counter() - start), 1)
            tracked = track(cases, file.name, console=output.console(error=True), transient=True)
            outcomes = evaluation.run(index, tracked)
    return Run(file.name, passages, len(outcomes), speed, evaluation.compute_figures(outcomes), outcomes)


def _render_runs(runs: Sequence[Run]) -> Table:
    table = Table("95 % intervals in brackets", *(output.visible(run.file) for run in runs))
    table.add_row("passages", *(f"{run.passages:,}" for run in runs))
    table.add_row("questions", *(f"{run.questions:,}" for run in runs))
    table.add_row("passages encoded a second", *(f"{run.passages_per_second:,}" for run in runs))
    for name in runs[0].figures:
        table.add_row(name, *(_format(run.figures[name], digits=0 if name.endswith("ms") else 3) for run in runs))
    return table


def _format(figure: evaluation.Figure, digits: int = 3) -> str:
    if figure.value != figure.value:
        return "–"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f} {figure.high:.{digits}f}]"


def _fit(runs: Sequence[Run], settings: Settings, models: Models) -> None:
    calibration = evaluation.fit([run.outcomes for run in runs])
    with closing(open_index(settings, models)) as index:
        index.calibrate(calibration)
    parameters = ", ".join(f"{name} {value:.2f}" for name, value in asdict(calibration).items())
    output.say(f"Kept in {settings.data}: {parameters}.")


def _read_runs(file: Path) -> dict[str, list[evaluation.Ranked]]:
    try:
        runs = json.loads(file.read_text("utf-8"))
        return {run["file"]: [_ranked(outcome) for outcome in run["outcomes"]] for run in runs}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"Cannot read a run from {file}: {error!r}. Make one with `quoth eval FILE --json`."
        raise SettingsError(message) from error


def _ranked(outcome: dict[str, Any]) -> evaluation.Ranked:
    return evaluation.Ranked(outcome["question"], outcome["answerable"], outcome["rank"])


def _print_comparison(first: dict[str, list[evaluation.Ranked]], second: dict[str, list[evaluation.Ranked]]) -> None:
    shared = [name for name in first if name in second]
    if not shared:
        raise SettingsError("The two runs share no file of questions. Run `quoth eval` on the same files.")
    table = Table("success@1", "A", "B", "B - A", "only A", "only B", "p (McNemar)")
    for name in shared:
        result = evaluation.compare(first[name], second[name])
        first_rate, second_rate, p = (f"{value:.3f}" for value in (result.first, result.second, result.p))
        only = (str(result.only_first), str(result.only_second))
        table.add_row(output.visible(name), first_rate, second_rate, _format(result.difference), *only, p)
    output.console().print(table)
