"""Receipt → one message in Telegram's HTML: what was quoted, from which document, and what became of it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bot.telegram.render.answer import (
    CUT,
    MAX_UNITS,
    MIN_PASSAGE,
    PINNED,
    Line,
    escaped,
    linked,
    located,
    shortened,
    utf16_units,
)
from retrieval import QuoteStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.visibility import View
    from bot.texts import Texts
    from retrieval import Check, Citation, QuoteCheck

MAX_QUOTES = 3
MAX_WORDS = 300
"""Units of each quote."""
FINGERPRINT = 16
"""Hexadecimal digits of a document's SHA-256: enough to compare at a glance."""
MARKS = {
    QuoteStatus.UNCHANGED: "✅",
    QuoteStatus.MOVED: "↪️",
    QuoteStatus.CHANGED: "✏️",
    QuoteStatus.GONE: "❌",
    QuoteStatus.UNCHECKED: "❔",
    QuoteStatus.MISQUOTED: "⛔",
}

BLANK = Line("", 0)

Entry = tuple["Citation", "QuoteCheck"]
"""A quote, and what became of it."""


def entries_for(check: Check, view: View) -> list[Entry] | None:
    """The quotes of a receipt that a chat may see; None if it may see nothing of the receipt."""
    receipt = check.receipt
    if receipt.is_revoked:
        return None
    every = list(zip(receipt.statement.citations, check.quotes, strict=False))
    seen = [each for each in every if each[0].span.collection in view]
    return seen if seen or not every else None


def render_receipt(
    check: Check, entries: Sequence[Entry], view: View, link: str, say: Texts, *, heading: str | None = None
) -> str:
    """The message that shows a receipt.

    Args:
        check: the receipt.
        entries: what is shown of its quotes.
        view: what the chat sees: a document may stand elsewhere now.
        link: opens it.
        say: the language.
        heading: of the answer whose place it takes; without, the verdict.
    """
    receipt, statement = check.receipt, check.receipt.statement
    name = _named(receipt.id, link, say)
    if not receipt.is_intact:
        return _joined([*([_plain(heading), BLANK] if heading else []), name, _plain(say.receipt_altered)])
    verdict = say.verdicts[statement.verdict] if statement.verdict else say.listed_only
    lines = [_plain(heading or verdict), BLANK, name, _plain(say.given_at(statement.at))]
    if statement.verdict is Verdict.NONE and entries:
        lines.append(_plain(say.closest_passages))
    room = MAX_UNITS - _units(lines) - _units([BLANK, _plain(say.more_documents(len(entries)))])
    left_out = len(entries)
    for citation, finding in islice(entries, MAX_QUOTES):
        entry = [BLANK, *_entry(citation, finding, view, say)]
        room -= _units(entry)
        if room < 0:
            break
        words = _words(citation, finding, min(MAX_WORDS, room - 1))
        room -= _units(words)
        lines += [BLANK, *words, *entry[1:]]
        left_out -= 1
    return _joined([*lines, *([BLANK, _plain(say.more_documents(left_out))] if left_out else [])])


def _named(receipt_id: str, link: str, say: Texts) -> Line:
    name, opened = say.receipt_button, linked(say.receipt_link, link)
    text = f"<b>{escaped(name)}</b> <code>{receipt_id}</code> · {opened.html}"
    return Line(text, utf16_units(f"{name} {receipt_id} · ") + opened.units)


def _entry(citation: Citation, finding: QuoteCheck, view: View, say: Texts) -> list[Line]:
    """The source of a quote, its fingerprint, and what became of it."""
    span, state, now = citation.span, finding.state, finding.now
    number = f"{say.line_start}{PINNED if citation.is_pinned else ''}{citation.rank}. "
    source = located(span.collection, span.path, citation.place, say, citation.title, citation.heading or "")
    fingerprint = span.document_sha256[:FINGERPRINT]
    stands_in_another = state is QuoteStatus.UNCHANGED and not finding.same_file
    lines = [
        Line(number + source.html, utf16_units(number) + source.units),
        Line(f"SHA-256 <code>{escaped(fingerprint)}</code>", len("SHA-256 ") + len(fingerprint)),
        _plain(f"{MARKS[state]} {say.file_changed if stands_in_another else say.states[state]}"),
    ]
    is_elsewhere = now and (now.place or (now.collection, now.path) != (span.collection, span.path))
    if state is QuoteStatus.MOVED and now and is_elsewhere and now.collection in view:
        dash, place = f"{say.line_start}— ", located(now.collection, now.path, now.place, say)
        lines.append(Line(dash + place.html, len(dash) + place.units))
    return lines


def _words(citation: Citation, finding: QuoteCheck, room: int) -> list[Line]:
    """The quoted words, if they are known, from the answering sentence on, which is in bold."""
    stand = finding.state in {QuoteStatus.UNCHANGED, QuoteStatus.MOVED}
    words = finding.quoted or (finding.now.text if finding.now and stand else "")
    if not words.strip() or room < MIN_PASSAGE:
        return []
    start = max(0, citation.sentence[0] - citation.span.start)
    end = max(start, citation.sentence[1] - citation.span.start)
    before = f"{CUT} " if words[:start].strip() else ""
    _, sentence, after = shortened("", words[start:end], words[end:], room - len(before))
    text = f"{escaped(before)}<b>{escaped(sentence)}</b>{escaped(after)}"
    return [Line(f"<blockquote expandable>{text}</blockquote>", utf16_units(before + sentence + after))]


def _plain(text: str) -> Line:
    return Line(escaped(text), utf16_units(text))


def _units(lines: Sequence[Line]) -> int:
    """With a line break for each."""
    return sum(line.units + 1 for line in lines)


def _joined(lines: Sequence[Line]) -> str:
    return "\n".join(line.html for line in lines)
