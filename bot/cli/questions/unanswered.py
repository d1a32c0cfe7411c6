"""`quoth unanswered` and `quoth pin`: questions without an answer, and passages that owners pin to them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.text import Text

from bot.cli import output
from bot.cli.documents.index import open_library
from bot.cli.options import Data
from bot.cli.output import format_count, one_line
from bot.settings import load_settings
from retrieval import (
    DEFAULT_COLLECTION,
    PinError,
    PinState,
    SettingsError,
    atomic_write,
    cases,
    pin_words,
    pins,
    unanswered_questions,
    unpin,
)
from retrieval import pin as pin_quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from retrieval import Index, ListedPin, UnansweredGroup

MAX_OTHERS = 5
"""So many questions of a group are shown besides the first."""


def unanswered(
    *,
    limit: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many groups at most.")] = 20,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write labelled questions for `quoth eval` to this .jsonl file.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only questions to this collection alone, and its pins.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List in JSON.")] = False,
    data: Data = None,
) -> None:
    """List questions without an answer, or with a disliked one.

    They are grouped by meaning, what most people asked first; forgotten questions are left out. With --export, each
    question and each pin becomes a line of FILE: a pin answers its question, and nothing answers one that was not
    found (edit the line if the documents do answer it). Lines that FILE has already stay as you edited them.
    """
    if export and export.suffix != ".jsonl":
        raise typer.BadParameter("`quoth eval` reads such lines from a file whose name ends in .jsonl.")
    settings = load_settings(None, data)
    with closing(open_library(settings)) as library:
        if collection:
            library.check_collection(collection)
        groups = unanswered_questions(library.index, [collection] if collection else None)
        if export:
            _export(library.index, groups, export, collection or DEFAULT_COLLECTION)
            return
    if groups:
        rendered: RenderableType = Group(*(line for group in groups[:limit] for line in _render_group(group)))
    elif settings.question_days:
        rendered = f"In the last {settings.question_days} days, every question was answered, and no answer disliked."
    else:
        rendered = "No questions are kept: QUOTH_QUESTION_DAYS is 0."
    output.show(rendered, [asdict(group) for group in groups[:limit]], as_json=as_json)
    if len(groups) > limit:
        output.say(f"{len(groups) - limit:,} more: -n {len(groups)} shows all.")


def _export(index: Index, groups: Sequence[UnansweredGroup], file: Path, collection: str) -> None:
    try:
        earlier = file.read_text("utf-8").splitlines() if file.exists() else []
        labelled = cases(index, groups, earlier, collection)
        with atomic_write(file) as partial:
            partial.write_text("".join(f"{line}\n" for line in labelled.lines), "utf-8", newline="")
    except (OSError, ValueError) as error:
        message = f"Cannot write {file}: {error}. Name another file."
        raise SettingsError(message) from error
    output.say(f"{file} has {format_count(len(labelled.lines), 'labelled question')}. To measure: quoth eval {file}")
    if labelled.unlabelled:
        count = format_count(len(labelled.unlabelled), "disliked answer")
        output.say(f"Left out: {count}. Pin the right passage with `quoth pin`, and export again:")
    for question in labelled.unlabelled:
        output.say(f"  {question}")


def pin(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="What the passage answers.")] = None,
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="The document, as `quoth ask` names it.")] = None,
    words: Annotated[str | None, typer.Argument(metavar="WORDS", help="Some of the passage's own words.")] = None,
    *,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Pin a quote of this answer, instead of PATH and WORDS.")
    ] = None,
    rank: Annotated[int, typer.Option("-n", metavar="RANK", min=1, help="Which quote of the answer.")] = 1,
    collection: Annotated[str, typer.Option(metavar="NAME", help="The collection of PATH.")] = DEFAULT_COLLECTION,
    remove: Annotated[int | None, typer.Option(metavar="NUMBER", help="Forget the pin with this number.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Pin a passage as the answer to a question.

    The same question then gets the passage first, marked as pinned. It is the same in another case, with other
    punctuation or articles, or with its halves exchanged; every name, number and other word must be the same. Pin
    each phrasing that people use. Without arguments, all pins are listed.
    """
    if remove is not None and (question or receipt):
        raise typer.BadParameter("--remove NUMBER goes alone.")
    if receipt and (not question or path):
        raise typer.BadParameter("Give QUESTION and --receipt ID, without PATH and WORDS.")
    if question and not receipt and not (path and words):
        raise typer.BadParameter("Give QUESTION PATH WORDS, or QUESTION --receipt ID.")
    with closing(open_library(load_settings(None, data))) as library:
        index = library.index
        if remove is not None:
            if not unpin(index, remove):
                message = f"There is no pin {remove}. `quoth pin` lists all."
                raise PinError(message)
        elif question is None:
            listed = pins(index)
            none = "There are no pins yet. To make one: quoth pin QUESTION PATH WORDS"
            rendered = Group(*map(_render_pin, listed)) if listed else none
            output.show(rendered, [asdict(pin) for pin in listed], as_json=as_json)
        else:
            pinned = (
                pin_quote(index, question, receipt, rank)
                if receipt
                else pin_words(index, question, path or "", words or "", collection)
            )
            output.show(_render_pin(pinned), asdict(pinned), as_json=as_json)


def _render_group(group: UnansweredGroup) -> Iterator[Text]:
    """Lay out how many people asked, the questions, and the receipt that a pin can be made from."""
    yield Text(one_line(group.question), style="bold")
    people = "1 person" if group.people == 1 else f"{group.people:,} people"
    facts = [f"{people}, {_times(group.asked)}"]
    if group.disliked:
        facts.append(f"disliked {_times(group.disliked)}")
    if group.not_found:
        facts.append(f"not found {_times(group.not_found)}")
    facts.append(f"last on {group.newest:%Y-%m-%d}")
    yield Text(f"  {' · '.join(facts)}", style="dim")
    for question in group.others[:MAX_OTHERS]:
        yield Text(f"  also: {one_line(question)}")
    if len(group.others) > MAX_OTHERS:
        yield Text(f"  and {len(group.others) - MAX_OTHERS:,} more", style="dim")
    for pinned in dict.fromkeys(question.pin for question in group.questions if question.pin):
        yield Text(f"  pinned since: {_describe_pinned(pinned)}", style="green")
    unpinned = next((question for question in group.questions if not question.pin), None)
    if unpinned:
        yield Text(f"  receipt: {one_line(unpinned.receipt_ids[0])}", style="dim")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _render_pin(pin: ListedPin) -> Text:
    """Lay out a pin's number, question and state, and what it quotes."""
    is_gone = pin.state is PinState.GONE
    effect = " (no effect: the document does not hold these words now)" if is_gone else ""
    return Text.assemble(
        f"{pin.number}  ",
        (one_line(pin.question), "bold"),
        (f"\n   {pin.state}", "red" if is_gone else "green"),
        f"{effect}  {_describe_pinned(pin)}\n   {one_line(pin.highlight)}",
    )


def _describe_pinned(pin: ListedPin) -> str:
    return output.describe_location(pin.span.collection, pin.span.path, pin.place)
