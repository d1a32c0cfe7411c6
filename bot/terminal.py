"""What a person sees on a terminal: answers, sources and reports as rich text.

On a terminal the answering sentence is bold and lines are wrapped; elsewhere it stands between ** and **, and
a passage's lines are as the document has them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from bot import texts
from retrieval import FileState, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from retrieval import Answer, Quote, Source, SyncReport

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL_ABOVE_ASCII = re.compile(r"[\x80-\x9f\u202a-\u202e\u2066-\u2069]")

_VERDICTS = {Verdict.STRONG: "green", Verdict.WEAK: "yellow", Verdict.NONE: "red"}
_STATES = {
    FileState.INDEXED: "green",
    FileState.UNCHANGED: "dim",
    FileState.REMOVED: "yellow",
    FileState.SKIPPED: "dim",
    FileState.FAILED: "red",
}


def console(*, error: bool = False) -> Console:
    """A terminal's own width and colours; no wrapping and no colours in a file or a pipe."""
    made = Console(stderr=error, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.soft_wrap = True
    return made


def visible(text: str) -> str:
    """The text with what would steer a terminal made visible; a document could hold it to deceive."""
    text = _CONTROL.sub(lambda match: chr(0x2400 + ord(match[0]) % 0x7F), text.replace("\r\n", "\n"))
    return _CONTROL_ABOVE_ASCII.sub("\N{REPLACEMENT CHARACTER}", text)


def answer(shown: Answer, *, styled: bool, verbose: bool = False) -> RenderableType:
    """The verdict and the first quote; of the others the answering sentences, or all in full if verbose.

    Where nothing answers, the closest passages are shown only if verbose.
    """
    verdict = Text(texts.VERDICTS[shown.verdict], style=f"bold {_VERDICTS[shown.verdict]}")
    if not shown.verdict.found and not verbose:
        return Group(verdict, Text(texts.SEE_CLOSEST if shown.quotes else texts.NO_DOCUMENTS, style="dim"))
    quotes = (quote(each, styled=styled, whole=verbose or each.rank == 1) for each in shown.quotes)
    return Group(verdict, *quotes)


def quote(shown: Quote, *, styled: bool, whole: bool) -> RenderableType:
    """A passage with its answering sentence set off, or that sentence alone, and the source."""
    start = shown.highlight.start - shown.source.start
    end = shown.highlight.end - shown.source.start
    mark = "" if styled else "**"
    text = Text(visible(shown.text[:start]) if whole else "")
    text.append(f"{mark}{visible(shown.text[start:end])}{mark}", style="bold")
    text.append(visible(shown.text[end:]) if whole else "")
    body = Padding(text, (0, 0, 0, 2)) if styled else text
    return Group(Text(), body, Text(f"— {place(shown.source)}", style="dim"))


def place(source: Source) -> str:
    """Where a quote stands: the title, the section, and the file with its page or lines."""
    parts = [source.title]
    if source.heading and source.heading != source.title:
        parts.append(source.heading)
    where = [source.path]
    if source.page is not None:
        where.append(texts.page(source.page))
    if source.lines is not None:
        where.append(texts.lines(*source.lines))
    return visible(" · ".join([*parts, ", ".join(where)]).replace("\n", " "))


def sources(titles: Mapping[str, str]) -> RenderableType:
    """The documents, a line each."""
    if not titles:
        return Text(texts.NO_DOCUMENTS)
    return Group(*(Text(visible(f"{title} · {path}".replace("\n", " "))) for path, title in titles.items()))


def report(shown: SyncReport) -> RenderableType:
    """A line a file, and the counts."""
    lines: list[RenderableType] = []
    for file in shown.files:
        line = Text.assemble((f"{file.state:<9}", _STATES[file.state]), f" {visible(file.path)}")
        if file.state is FileState.INDEXED:
            line.append(f"  {_count(file.passages, 'passage')}", style="dim")
        if file.cut:
            line.append(f", {_count(file.cut, 'long sentence')} cut in parts", style="dim")
        if file.reason:
            line.append(f": {visible(file.reason)}")
        lines.append(line)
    counts = (f"{shown.count(state)} {state}" for state in FileState if shown.count(state))
    return Group(*lines, Text(", ".join(counts) or "The folder holds no documents.", style="bold"))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def failures(shown: SyncReport) -> Iterable[str]:
    """What a person should know of a sync that they did not ask for."""
    for file in shown.files:
        if file.state is FileState.FAILED:
            yield visible(f"{file.path}: {file.reason}")
