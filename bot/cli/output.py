"""What all commands print with: a console, text that cannot steer a terminal, JSON, an answer's quotes, progress.

On a terminal lines are wrapped and the answering sentence is bold. Elsewhere, and with NO_COLOR, it stands
between ** and ** instead; in a file or a pipe, a passage's lines are as the document has them.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from importlib import metadata
from pathlib import PurePosixPath
from threading import Event, Thread, Timer
from time import monotonic
from typing import TYPE_CHECKING, Literal

import typer
from rich.console import Console, Group
from rich.constrain import Constrain
from rich.padding import Padding
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from bot import texts
from bot.cli.exit_codes import ExitCode
from bot.monitoring.logs import is_json
from bot.services.excerpts import make_excerpt, split_quote
from bot.services.for_programs import UNPRINTABLE, json_line
from bot.services.labels import distinct_labels
from retrieval import Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from retrieval import Answer, Citation, Location, MissingWord, Progress, Quote

logger = logging.getLogger(__name__)

ERROR = "Error: "
"""Begins a message that says why the command ends."""
PINNED_BY_OWNER = "pinned by the owner"
NOTICEABLE_S = 0.3
"""A progress bar appears after this time: one that is there for less only flickers."""
PROGRESS_LINE_S = 10
"""Without a terminal, a line is written so often."""
SILENCE_S = 2
"""For so long, what goes on may look as if it did not."""

_VISIBLE = {
    **dict.fromkeys(UNPRINTABLE, 0xFFFD),
    **{code: 0x2400 + code for code in UNPRINTABLE if code < ord(" ")},
    0x7F: 0x2421,
}
"""Control character → its picture, or the replacement character where Unicode has none."""

_drawing_on: ContextVar[Console | None] = ContextVar("drawing_on", default=None)
"""The terminal with a progress bar: what is printed to it meanwhile has to stand above the bar."""

_VERDICTS = {Verdict.STRONG: "green", Verdict.WEAK: "yellow", Verdict.NONE: "red"}


def version() -> str:
    """Read the version of the installed package."""
    try:
        return metadata.version("quoth")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def console(*, error: bool = False) -> Console:
    """Open standard output or error: a terminal has its width and colors, a file or a pipe neither."""
    drawing = _drawing_on.get()
    if drawing and (error or sys.stdout.isatty()):
        return drawing
    # With NO_COLOR, rich itself leaves out colors only, and still writes bold and dim.
    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    stream = Console(stderr=error, color_system=colors, highlight=False, markup=False, emoji=False)
    stream.soft_wrap = not stream.is_terminal
    return stream


def is_styled(shown_on: Console) -> bool:
    """Whether bold can be seen."""
    return shown_on.color_system is not None


def say(message: str) -> None:
    """Write one line to standard error, as it is no part of the output; where that holds a log in JSON, log it."""
    if not is_json():
        console(error=True).print(one_line(message))
    elif message.startswith(ERROR):
        logger.error("%s", message.removeprefix(ERROR))
    else:
        logger.info("%s", message)


def visible(text: str) -> str:
    """Replace control characters by their pictures: a document could hold them to deceive."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)


def one_line(text: str) -> str:
    """Replace control characters and line breaks: a file's name, for example, may not take two lines."""
    return visible(text).replace("\n", "\N{SYMBOL FOR NEWLINE}")


def print_json(value: object) -> None:
    """Write a value to standard output, as a line of JSON."""
    typer.echo(json_line(value))


def show(rendered: RenderableType, value: object, *, as_json: bool) -> None:
    """Print a result for people, or the same as a line of JSON for programs."""
    if as_json:
        print_json(value)
    else:
        console().print(rendered)


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
    quotes = (quote(each, styled=styled, whole=whole) for each in (shown.quotes if whole else list_shown(shown)))
    return Group(verdict, *quotes, Text(), receipt)


def list_shown(answer: Answer) -> Sequence[Quote]:
    """List the quotes that are shown at once, where not all are."""
    return [each for each in answer.quotes if each.may_answer] if answer.verdict.found else []


def quote(shown: Quote, *, styled: bool, whole: bool) -> RenderableType:
    """A passage with its answering sentences set off, or what answers in it, and the source."""
    mark = "" if styled else "**"
    text = Text()
    for part in split_quote(shown) if whole else make_excerpt(shown):
        if part.is_bold:
            text.append(f"{mark}{visible(part.text)}{mark}", style="bold")
        else:
            text.append(visible(part.text))
    text.append(f"\n— {place(shown.source)}", style="dim")
    if shown.is_pinned:
        text.append(f" · {PINNED_BY_OWNER}", style="dim")
    for copy in shown.also_in:
        text.append(f"\n  {texts.also_in(place(copy))}", style="dim")
    if shown.missing:
        text.append(f"\n{not_in_passage(shown.missing)}", style="yellow")
    return Group(Text(), Padding(text, (0, 0, 0, 2)) if styled else text)


def not_in_passage(missing: Iterable[MissingWord]) -> str:
    """Name what a question names and a passage does not."""
    return one_line(texts.ENGLISH.not_in_passage([word.text for word in missing]))


def place(source: Source | Citation) -> str:
    """Name the title, the section, and the file with its page or lines; the file's own name is no title."""
    span = source if isinstance(source, Source) else source.span
    labels = distinct_labels(
        [source.title, source.heading or ""], source.place, span.path, PurePosixPath(span.path).stem
    )
    location = describe_location(span.collection, span.path, source.place)
    if source.fetched_at:
        url, gone = (source.url, ", gone since" if source.is_gone else "") if isinstance(source, Source) else (None, "")
        location = f"{texts.path(span.collection, url or span.path)}, fetched {source.fetched_at[:10]}{gone}"
    return one_line(" · ".join([*labels, location]))


def describe_location(collection: str, path: str, location: Location | None) -> str:
    """Name the file, with its page or lines, and where to see them, if they have an address."""
    parts = [texts.path(collection, path)]
    if location:
        parts.append(f"{texts.place(location)} ({location.link})" if location.link else texts.place(location))
    return one_line(", ".join(parts))


def format_count(number: int, noun: str) -> str:
    """Write a number and its noun, in the plural if it has one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Bar(RichProgress):
    """Draws a progress bar that leaves room for the ^C of a terminal, which would otherwise begin another line."""

    def get_renderable(self) -> RenderableType:
        """Constrain the width; before it has a task, it has no console either."""
        bar = super().get_renderable()
        return Constrain(bar, self.console.width - len("^C")) if self.tasks else bar


@contextmanager
def progress_bar(doing: str = "Indexing") -> Iterator[Callable[[Progress], None]]:
    """Show the progress on standard error while the context lasts: as a bar on a terminal, else a line now and then.

    The remaining time follows from the speed of the last half minute.
    """
    terminal = console(error=True)
    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    path = TextColumn("{task.description}", markup=False)
    # It would take what is meant for a file or a pipe.
    bar = Bar(*columns, path, console=terminal, transient=True, speed_estimate_period=30, redirect_stdout=False)
    task = bar.add_task("", total=None)

    def show(progress: Progress) -> None:
        bar.update(task, total=progress.total or None, completed=progress.done, description=one_line(progress.path))

    with _draw(bar) if terminal.is_interactive else _write(bar, doing):
        yield show


@contextmanager
def _draw(bar: Bar) -> Iterator[None]:
    former = _drawing_on.set(bar.console)
    start = Timer(NOTICEABLE_S, bar.start)
    start.start()
    try:
        yield
    finally:
        start.cancel()
        start.join()
        bar.stop()
        _drawing_on.reset(former)


@contextmanager
def _write(bar: Bar, doing: str) -> Iterator[None]:
    ended = Event()

    def write() -> None:
        while not ended.wait(PROGRESS_LINE_S):
            task = bar.tasks[0]
            facts = [doing]
            if task.total:
                facts.append(f"{task.percentage:.0f} %")
            if task.time_remaining:
                facts.append(f"{timedelta(seconds=round(task.time_remaining))} left")
            say(" · ".join([*facts, task.description] if task.description else facts))

    thread = Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Say on standard error what takes long, and show that it goes on until the context ends.

    On a terminal a bar moves below; elsewhere the seconds that have passed are a line, every two seconds.
    """
    terminal = console(error=True)
    with _moving_bar(terminal) if terminal.is_interactive else _counted_seconds() as show:
        yield show


@contextmanager
def _moving_bar(terminal: Console) -> Iterator[Callable[[str], None]]:
    bar = RichProgress(BarColumn(), TimeElapsedColumn(), console=terminal, transient=True)

    def show(message: str) -> None:
        terminal.print(one_line(message))
        if not bar.tasks:
            bar.add_task("", total=None)
            bar.start()

    try:
        yield show
    finally:
        bar.stop()


@contextmanager
def _counted_seconds() -> Iterator[Callable[[str], None]]:
    start, is_over = monotonic(), Event()

    def count() -> None:
        while not is_over.wait(SILENCE_S):
            say(f"… {monotonic() - start:.0f} s")

    counter = Thread(target=count, daemon=True)

    def show(message: str) -> None:
        say(message)
        if not counter.is_alive():
            counter.start()

    try:
        yield show
    finally:
        is_over.set()


@contextmanager
def interruptible(
    message: str = "Stopped. What was indexed so far is kept; the next time, it goes on from there.",
) -> Iterator[None]:
    """End the command on Ctrl-C with this message."""
    try:
        yield
    except KeyboardInterrupt:
        say(message)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
