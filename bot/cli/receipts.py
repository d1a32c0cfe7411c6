"""What a person or a program sees of receipts on a terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from bot import texts
from bot.cli.output import labelled, location, one_line, visible
from retrieval import QuoteStatus, word_diff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from retrieval import Check, Citation, CurrentPlace, QuoteCheck, Statement

_STYLES = {
    QuoteStatus.UNCHANGED: "green",
    QuoteStatus.MOVED: "green",
    QuoteStatus.CHANGED: "yellow",
    QuoteStatus.GONE: "yellow",
    QuoteStatus.UNCHECKED: "yellow",
    QuoteStatus.MISQUOTED: "bold red",
}
_STATES = texts.ENGLISH.states
_ALTERED = texts.ENGLISH.receipt_altered
WAS_ASKED = {
    True: "This was the question.",
    False: "This was not the question.",
    None: "Whether this was the question cannot be said any more.",
}
_changes = lru_cache(1_000)(word_diff)
"""Of many receipts, many quote the same words."""


class Tally:
    """How many receipts and quotes are in which state."""

    def __init__(self) -> None:
        self._receipts: Counter[QuoteStatus] = Counter()
        self._quotes: Counter[QuoteStatus] = Counter()

    def add(self, check: Check) -> None:
        """Count a receipt and its quotes."""
        self._receipts[check.state] += 1
        self._quotes.update(finding.state for finding in check.quotes)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is false."""
        return not self._receipts[QuoteStatus.MISQUOTED]

    def table(self) -> RenderableType:
        """A line a state."""
        if not self._receipts:
            return Text("There are no receipts yet.")
        lines = [Text(f"{'':<9}  {'receipts':>9}  {'quotes':>9}", style="dim")]
        for state in QuoteStatus:
            receipts, quotes = self._receipts[state], self._quotes[state]
            if receipts or quotes:
                lines.append(Text.assemble(_state(state), f"  {receipts:>9,}  {quotes:>9,}"))
        total = f"{'together':<9}  {self._receipts.total():>9,}  {self._quotes.total():>9,}"
        return Group(*lines, Text(total, style="bold"))


def _state(state: QuoteStatus) -> tuple[str, str]:
    return f"{state:<9}", _STYLES[state]


# --- receipts that are not as they were


def checked(check: Check, *, styled: bool) -> RenderableType:
    """A receipt with the state of each quote, and what stands there now."""
    given = check.receipt.statement.given_at[:10]
    head = Text.assemble(_state(check.state), f" {check.receipt.id}")
    if not check.receipt.is_intact:
        return Group(head, _indented(Text(_ALTERED), 2, styled=styled))
    head.append(f"  {given}", style="dim")
    quotes = zip(check.receipt.statement.citations, check.quotes, strict=True)
    lines = (line for each in quotes for line in _quote(*each, styled=styled))
    return Group(head, *lines)


def _quote(citation: Citation, finding: QuoteCheck, *, styled: bool) -> Iterator[RenderableType]:
    line = Text.assemble(_state(finding.state), f" {citation.rank:>2}  {_source(citation)}")
    if finding.state is QuoteStatus.MOVED and finding.now:
        line.append(f" → {_where(finding.now)}")
    if finding.reason:
        line.append(f": {one_line(finding.reason)}")
    yield _indented(line, 2, styled=styled)
    words = _words(finding, styled=styled)
    if words:
        yield _indented(words, 6, styled=styled)


def _indented(text: Text, by: int, *, styled: bool) -> RenderableType:
    """On a terminal, also where a line is wrapped; elsewhere, lines are as the document has them."""
    if styled:
        return Padding(text, (0, 0, 0, by), expand=False)
    margin = " " * by
    return Text("\n").join(Text(margin) + line for line in text.split("\n"))


def _words(finding: QuoteCheck, *, styled: bool) -> Text | None:
    """What was quoted, as it stands now; nothing if that is the same."""
    if finding.state in {QuoteStatus.UNCHANGED, QuoteStatus.MOVED} or finding.quoted is None:
        return None
    return difference(finding.quoted, finding.now.text if finding.now else "", styled=styled)


def difference(old: str, new: str, *, styled: bool) -> Text:
    """Two texts as one: what is gone struck through, what is new underlined; without styles, [-gone-]{+new+}."""
    text = Text()
    for change in _changes(old, new):
        if change.is_none:
            text.append(visible(change.old))
            continue
        if change.old:
            text.append(visible(change.old if styled else f"[-{change.old}-]"), style="red strike")
        if change.new:
            text.append(visible(change.new if styled else f"{{+{change.new}+}}"), style="green underline")
    return text


def _source(citation: Citation) -> str:
    """The title, the section, and the file with its page or lines, as the receipt says."""
    return labelled(citation, citation.span.collection, citation.span.path)


def _where(now: CurrentPlace) -> str:
    return location(now.collection, now.path, now.place)


# --- one receipt in full


def receipt(check: Check, *, styled: bool) -> RenderableType:
    """All that a receipt says, and what became of it."""
    if not check.receipt.is_intact:
        return Group(
            Text(f"Receipt {check.receipt.id}", style="bold"),
            Text(_ALTERED, style="bold red"),
        )
    head = [Text(f"Receipt {check.receipt.id}", style="bold"), *_facts(check)]
    quotes = zip(check.receipt.statement.citations, check.quotes, strict=True)
    return Group(*head, *(_quote_in_full(*each, styled=styled) for each in quotes))


def _facts(check: Check) -> Iterator[Text]:
    statement = check.receipt.statement
    facts = {
        "given": f"{statement.at:%Y-%m-%d %H:%M:%S %Z}, {statement.channel}",
        "verdict": _verdict(statement),
        "question": check.receipt.question or "is not kept any more; with --question, yours is compared",
        "model": statement.model,
        "index": f"generation {statement.generation}",
        "quotes": str(len(statement.citations)),
    }
    if check.receipt.is_revoked:
        facts["link"] = "is revoked, and shows nothing any more"
    for name, fact in facts.items():
        yield Text.assemble((f"{name:<9} ", "dim"), one_line(fact))


def _verdict(statement: Statement) -> str:
    return texts.VERDICTS[statement.verdict] if statement.verdict else "Passages to choose from, without a verdict."


def _quote_in_full(citation: Citation, finding: QuoteCheck, *, styled: bool) -> RenderableType:
    span = citation.span
    lines = [
        Text(),
        Text(f"{citation.rank}. {_source(citation)}", style="bold"),
        Text.assemble(_state(finding.state), f" {one_line(finding.reason or _STATES[finding.state])}"),
    ]
    if citation.is_pinned:
        lines.append(Text("pinned    An owner said that this answers the question.", style="dim"))
    if finding.now and finding.state is QuoteStatus.MOVED:
        lines.append(Text.assemble(("now at    ", "dim"), _where(finding.now)))
    lines += [
        Text(f"file      {span.document_sha256} (SHA-256)", style="dim"),
        Text(
            f"words     {citation.text_sha256} (SHA-256), characters {span.start:,} to {span.end:,}",
            style="dim",
        ),
    ]
    unchanged = Text(visible(finding.now.text)) if finding.now else None
    words = _words(finding, styled=styled) or unchanged
    return Group(*lines, *([_indented(words, 2, styled=styled)] if words else []))


# --- for programs


def as_json(check: Check) -> dict[str, Any]:
    """Plain data."""
    given, statement = check.receipt, check.receipt.statement
    about = {"receipt_id": given.id, "state": check.state, "is_intact": given.is_intact}
    if not given.is_intact:
        return about | {"quotes": []}
    return about | {
        "given_at": statement.given_at,
        "channel": statement.channel,
        "verdict": statement.verdict,
        "model": statement.model,
        "generation": statement.generation,
        "is_revoked": given.is_revoked,
        "quotes": [_quote_as_json(*each) for each in zip(statement.citations, check.quotes, strict=True)],
    }


def _quote_as_json(citation: Citation, finding: QuoteCheck) -> dict[str, Any]:
    span, now = citation.span, finding.now
    return {
        "rank": citation.rank,
        "state": finding.state,
        "reason": finding.reason,
        "title": citation.title,
        "heading": citation.heading,
        "collection": span.collection,
        "path": span.path,
        "sha256": span.document_sha256,
        "start": span.start,
        "end": span.end,
        "place": citation.place and asdict(citation.place),
        "text_sha256": citation.text_sha256,
        "same_file": finding.same_file,
        "quoted": finding.quoted if finding.quoted is not None or not now else now.text,
        "now": now
        and {
            "collection": now.collection,
            "path": now.path,
            "start": now.start,
            "end": now.end,
            "place": now.place and asdict(now.place),
            "text": now.text,
        },
    }
