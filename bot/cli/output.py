"""What a person sees on a terminal: answers, sources, reports and progress.

On a terminal lines are wrapped and the answering sentence is bold. Elsewhere, and with NO_COLOR, it stands
between ** and ** instead; in a file or a pipe, a passage's lines are as the document has them.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import typer
from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from bot import texts
from bot.services.excerpts import excerpt, parts_of_quote
from retrieval import Asker, Channel, FileState, PinState, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from bot.cli.doctor import Finding
    from bot.services.library import ListedCollection
    from retrieval import (
        Answer,
        Citation,
        FileReport,
        ListedPin,
        Location,
        MissingWord,
        Progress,
        Quote,
        Source,
        SyncReport,
        UnansweredGroup,
    )

AT_TERMINAL = Asker(Channel.TERMINAL)
OTHERS = 5
"""Questions of a gap that are shown besides the first."""
PINNED = "pinned by the owner"
NOTICEABLE_S = 0.3
"""Work that takes longer gets a progress bar; one that is there for less only flickers."""

_BIDIRECTIONAL = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNDECODED = range(0xDC80, 0xDD00)
"""Bytes that were no UTF-8, as Python hands them on."""
_VISIBLE = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys((*range(0x80, 0xA0), *_BIDIRECTIONAL, *_UNDECODED), 0xFFFD),
}
"""Control character → its picture, or the replacement character where Unicode has none."""
_ESCAPED = {code: f"\\u{code:04x}" for code in _VISIBLE}
"""JSON may hold some of these as they stand, but a terminal would obey them."""

_VERDICTS = {Verdict.STRONG: "green", Verdict.WEAK: "yellow", Verdict.NONE: "red"}
_STATES = {
    FileState.INDEXED: "green",
    FileState.MOVED: "green",
    FileState.UNCHANGED: "dim",
    FileState.REMOVED: "yellow",
    FileState.SKIPPED: "dim",
    FileState.FAILED: "red",
}


def console(*, error: bool = False) -> Console:
    """A terminal's own width and colours; no wrapping and no colours in a file or a pipe."""
    # rich itself only leaves out colours with NO_COLOR, and still writes bold and dim.
    made = Console(
        stderr=error,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
    made.soft_wrap = not made.is_terminal
    return made


def is_styled(shown_on: Console) -> bool:
    """Whether bold can be seen."""
    return shown_on.color_system is not None


def say(message: str) -> None:
    """Tell a person something that is no part of the output: one line on standard error."""
    console(error=True).print(one_line(message))


def say_error(error: Exception) -> None:
    """Tell a person what went wrong."""
    say(f"Error: {error}")


def visible(text: str) -> str:
    """The text with what would steer a terminal made visible; a document could hold it to deceive."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)


def one_line(text: str) -> str:
    """The same for what may not take more than a line, such as a file's name."""
    return visible(text).replace("\n", "\N{SYMBOL FOR NEWLINE}")


def json_line(value: object) -> str:
    """JSON on one line, with letters of all languages as they are and control characters escaped."""
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)


def print_json(value: object) -> None:
    """Write a value to standard output, as a line of JSON."""
    typer.echo(json_line(value))


def answer(shown: Answer, *, styled: bool, to_see_closest: str, whole: bool = False) -> RenderableType:
    """The verdict, and what answers in the first quote and in others that may answer; if `whole`, all quotes in full.

    Where nothing answers, the closest passages are shown only if `whole`; else `to_see_closest` says how.
    """
    verdict = Text(texts.VERDICTS[shown.verdict], style=f"bold {_VERDICTS[shown.verdict]}")
    receipt = Text(f"Receipt {shown.receipt_id}", style="dim")
    if not shown.quotes:
        return Group(verdict, Text(texts.NO_DOCUMENTS, style="dim"), receipt)
    if not shown.verdict.found and not whole:
        return Group(verdict, Text(to_see_closest, style="dim"), receipt)
    quotes = (quote(each, styled=styled, whole=whole) for each in shown.quotes if whole or each.may_answer)
    return Group(verdict, *quotes, Text(), receipt)


def quote(shown: Quote, *, styled: bool, whole: bool) -> RenderableType:
    """A passage with its answering sentences set off, or what answers in it, and the source."""
    mark = "" if styled else "**"
    text = Text()
    for part in parts_of_quote(shown) if whole else excerpt(shown):
        if part.is_bold:
            text.append(f"{mark}{visible(part.text)}{mark}", style="bold")
        else:
            text.append(visible(part.text))
    text.append(f"\n— {place(shown.source)}", style="dim")
    if shown.is_pinned:
        text.append(f" · {PINNED}", style="dim")
    for copy in shown.also_in:
        text.append(f"\n  {texts.also_in(place(copy))}", style="dim")
    if shown.missing:
        text.append(f"\n{not_in_passage(shown.missing)}", style="yellow")
    return Group(Text(), Padding(text, (0, 0, 0, 2)) if styled else text)


def not_in_passage(missing: Iterable[MissingWord]) -> str:
    """What a question names and a passage does not."""
    return one_line(texts.ENGLISH.not_in_passage([word.text for word in missing]))


def place(source: Source) -> str:
    """Where a quote stands: the title, the section, and the file with its page or lines."""
    return labelled(source, source.collection, source.path)


def labelled(source: Source | Citation, collection: str, path: str) -> str:
    """The title, the section, and where that is."""
    headings = dict.fromkeys(filter(None, [source.title, source.heading]))
    return one_line(" · ".join([*headings, location(collection, path, source.place)]))


def location(collection: str, path: str, place: Location | None) -> str:
    """The file, with its page or lines."""
    return one_line(", ".join([texts.path(collection, path), *([texts.place(place)] if place else [])]))


def sources(titles: Mapping[str, str]) -> RenderableType:
    """The documents, a line each."""
    if not titles:
        return Text(texts.NO_DOCUMENTS)
    return Group(*(Text(one_line(f"{title} · {path}")) for path, title in titles.items()))


def report(shown: SyncReport) -> RenderableType:
    """A line a file, and the counts."""
    lines = map(_file_line, shown.files)
    counts = (f"{shown.count(state)} {state}" for state in FileState if shown.count(state))
    return Group(*lines, Text(", ".join(counts) or "The folder holds no documents.", style="bold"))


def changed(shown: SyncReport) -> RenderableType:
    """A line for each file that is not as it was; nothing if there is none."""
    still = {FileState.UNCHANGED, FileState.SKIPPED}
    return Group(*(_file_line(file) for file in shown.files if file.state not in still))


def _file_line(file: FileReport) -> Text:
    name = one_line(texts.path(file.collection, file.path))
    line = Text.assemble((f"{file.state:<9}", _STATES[file.state]), f" {name}")
    if file.state is FileState.INDEXED:
        line.append(f"  {count(file.passages, 'passage')}", style="dim")
    if file.cut:
        line.append(f", {count(file.cut, 'long sentence')} cut in parts", style="dim")
    if file.moved_from:
        line.append(f"  before: {one_line(file.moved_from)}", style="dim")
    if file.reason:
        line.append(f": {one_line(file.reason)}")
    return line


def collections(listed: Sequence[ListedCollection]) -> RenderableType:
    """Names, folders and numbers of documents."""
    if not listed:
        return Text("There are no collections yet.")
    lines = (f"{each.name}  {each.folder}  {count(each.documents, 'document')}" for each in listed)
    return Group(*(Text(one_line(line)) for line in lines))


def finding(shown: Finding) -> Text:
    """What was checked, and what mends it."""
    if not shown.remedy:
        return Text.assemble(("✓ ", "green"), one_line(shown.what))
    return Text.assemble(("✗ ", "red"), one_line(shown.what), ("\n  → ", "dim"), (one_line(shown.remedy), "bold"))


def gaps(shown: Sequence[UnansweredGroup]) -> RenderableType:
    """What was missed: how many asked, the questions, and the answer that a pin can be made from."""
    return Group(*(line for each in shown for line in _gap(each)))


def _gap(shown: UnansweredGroup) -> Iterable[RenderableType]:
    yield Text(one_line(shown.question), style="bold")
    asked = "1 person" if shown.people == 1 else f"{shown.people:,} people"
    counts = [f"{asked}, {_times(shown.asked)}", f"last on {shown.newest:%Y-%m-%d}"]
    if shown.not_found:
        counts.insert(1, f"not found {_times(shown.not_found)}")
    if shown.disliked:
        counts.insert(1, f"disliked {_times(shown.disliked)}")
    yield Text(f"  {' · '.join(counts)}", style="dim")
    for each in shown.others[:OTHERS]:
        yield Text(f"  also: {one_line(each)}")
    if len(shown.others) > OTHERS:
        yield Text(f"  and {len(shown.others) - OTHERS:,} more", style="dim")
    for pinned in dict.fromkeys(each.pin for each in shown.questions if each.pin):
        yield Text(f"  pinned since: {_pinned_to(pinned)}", style="green")
    for unpinned in [each for each in shown.questions if not each.pin][:1]:
        yield Text(f"  receipt: {one_line(unpinned.receipt_ids[0])}", style="dim")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def pins(listed: Sequence[ListedPin]) -> RenderableType:
    """Each with its number, its question and whether it holds."""
    if not listed:
        return Text("There are no pins yet. To make one: quoth pin QUESTION PATH WORDS")
    return Group(*map(pin, listed))


def pin(shown: ListedPin) -> Text:
    """A pin's number, question and state."""
    style = "red" if shown.state is PinState.GONE else "green"
    effect = "" if shown.state is not PinState.GONE else " (no effect: the document does not hold these words now)"
    return Text.assemble(
        f"{shown.number}  ",
        (one_line(shown.question), "bold"),
        (f"\n   {shown.state}", style),
        f"{effect}  {_pinned_to(shown)}\n   {one_line(shown.highlight)}",
    )


def _pinned_to(shown: ListedPin) -> str:
    return location(shown.span.collection, shown.span.path, shown.place)


def count(number: int, noun: str) -> str:
    """How many there are, in words."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def failures(shown: SyncReport) -> Iterable[str]:
    """What a person should know of a sync that they did not ask for."""
    for file in shown.files:
        if file.state is FileState.FAILED:
            yield f"Cannot read {texts.path(file.collection, file.path)}: {file.reason}"


@contextmanager
def progress_bar(doing: str = "Indexing") -> Iterator[Callable[[Progress], None]]:
    """Shows how far it is with what it is doing while the context lasts, on standard error, if that is a terminal.

    The time that is left follows from how fast the last half minute went.
    """
    shown_on = console(error=True)
    if not shown_on.is_interactive:
        yield lambda _: None
        return
    columns = (
        TextColumn(doing),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    bar = Bar(*columns, console=shown_on, transient=True, speed_estimate_period=30)
    task = bar.add_task("", total=None)

    def show(progress: Progress) -> None:
        bar.update(
            task,
            total=progress.total or None,
            completed=progress.done,
            description=one_line(progress.path),
        )

    appears = Timer(NOTICEABLE_S, bar.start)
    appears.start()
    try:
        yield show
    finally:
        appears.cancel()
        appears.join()
        bar.stop()
