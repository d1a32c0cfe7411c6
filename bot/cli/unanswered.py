"""`quoth gaps` and `quoth pin`: what the documents do not answer yet, and what an owner does about it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import retrieval
from bot.cli import output
from bot.cli.options import Data
from bot.services.library import Library, open_library
from bot.settings import load_settings
from retrieval import DEFAULT_COLLECTION, PinError, SettingsError, atomic_write, cases, pin_words, pins, unpin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bot.settings import Settings
    from retrieval import ListedPin, UnansweredGroup


def gaps(
    *,
    most: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many gaps at most.")] = 20,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write labelled questions for `quoth eval` into this .jsonl file."),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what was asked of this collection alone, and its pins."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    data: Data = None,
) -> None:
    """List what was asked and not found, or disliked, grouped by meaning; what most people asked comes first.

    Only questions that are still kept are known. With --export, every such question and every pin become a line of
    FILE: one that is pinned is answered by its pin; one that was not found is answered by nothing, as the
    documents are now (edit its line if they do answer). Lines that FILE has already stay as you edited them.
    """
    if export and export.suffix != ".jsonl":
        raise typer.BadParameter("`quoth eval` reads such lines from a file whose name ends in .jsonl.")
    settings = load_settings(None, data)
    with closing(open_library(settings, output.say)) as library:
        if collection:
            library.check_collection(collection)
        found = retrieval.unanswered_questions(library.index, [collection] if collection else None)
        if export:
            _export(library, found, export, collection or DEFAULT_COLLECTION)
            return
    if as_json:
        output.print_json([_gap_json(each) for each in found[:most]])
    elif found:
        output.console().print(output.gaps(found[:most]))
    else:
        output.console().print(_nothing(settings))
    if len(found) > most:
        output.say(f"{len(found) - most:,} more: -n {len(found)} shows all.")


def _nothing(settings: Settings) -> str:
    if not settings.question_days:
        return "No questions are kept: QUOTH_QUESTION_DAYS is 0."
    return f"In {settings.question_days} days, nothing was asked that was not found, or disliked."


def _export(library: Library, found: Sequence[UnansweredGroup], file: Path, collection: str) -> None:
    try:
        earlier = file.read_text("utf-8").splitlines() if file.exists() else []
        labelled = cases(library.index, found, earlier, collection)
        with atomic_write(file) as partial:
            partial.write_text("".join(f"{line}\n" for line in labelled.lines), "utf-8", newline="")
    except (OSError, ValueError) as error:
        message = f"Cannot write {file}: {error}. Name another file."
        raise SettingsError(message) from error
    count = output.count(len(labelled.lines), "labelled question")
    output.say(f"{file} has {count}. To measure: quoth eval {file}")
    if labelled.unlabelled:
        output.say(
            f"Left out, as nobody has said what answers: {len(labelled.unlabelled):,} whose answer was disliked. "
            "Do so with `quoth pin`, and export again:"
        )
    for question in labelled.unlabelled:
        output.say(f"  {question}")


def pin(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="What the passage answers.")] = None,
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="The document, as `quoth ask` names it.")] = None,
    words: Annotated[
        str | None, typer.Argument(metavar="WORDS", help="Some of the passage's words, as they stand there.")
    ] = None,
    *,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Pin a quote of this answer, instead of PATH and WORDS.")
    ] = None,
    rank: Annotated[int, typer.Option("-n", metavar="RANK", min=1, help="Which quote of the answer.")] = 1,
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="The collection that PATH is in.")
    ] = DEFAULT_COLLECTION,
    remove: Annotated[int | None, typer.Option(metavar="NUMBER", help="Forget the pin with this number.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Pin a passage as the answer to a question: who asks the same gets it first, marked as pinned.

    Without arguments, all pins are listed. The question may be asked in other dress: case, punctuation, articles,
    another half first; but every name, number and other word must be the same. Pin each phrasing that people use.
    """
    _check(question, path, words, receipt, remove)
    with closing(open_library(load_settings(None, data), output.say)) as library:
        if remove is not None:
            if not unpin(library.index, remove):
                message = f"There is no pin {remove}. `quoth pin` lists all."
                raise PinError(message)
            return
        if question is None:
            listed = pins(library.index)
            if as_json:
                output.print_json([_pin_json(each) for each in listed])
            else:
                output.console().print(output.pins(listed))
            return
        made = (
            retrieval.pin(library.index, question, receipt, rank)
            if receipt
            else pin_words(library.index, question, path or "", words or "", collection)
        )
    if as_json:
        output.print_json(_pin_json(made))
    else:
        output.console().print(output.pin(made))


def _check(question: str | None, path: str | None, words: str | None, receipt: str | None, remove: int | None) -> None:
    if remove is not None and (question or receipt):
        raise typer.BadParameter("--remove NUMBER goes alone.")
    if receipt and (not question or path):
        raise typer.BadParameter("Give QUESTION and --receipt ID, without PATH and WORDS.")
    if question and not receipt and not (path and words):
        raise typer.BadParameter("Give QUESTION PATH WORDS, or QUESTION --receipt ID.")


def _pin_json(shown: ListedPin) -> dict[str, Any]:
    return asdict(shown) | {"pinned_at": shown.pinned_at.isoformat(timespec="seconds")}


def _gap_json(shown: UnansweredGroup) -> dict[str, Any]:
    questions = [
        asdict(each) | {"newest": each.newest.isoformat(timespec="seconds"), "pin": each.pin and _pin_json(each.pin)}
        for each in shown.questions
    ]
    return asdict(shown) | {"newest": shown.newest.isoformat(timespec="seconds"), "questions": questions}
