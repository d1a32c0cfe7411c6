"""Receipt → one message in Telegram's HTML: the quotes, their documents, and the result of the check."""

from __future__ import annotations

from collections.abc import Sequence

from bot.services.excerpts import CUT, Part, split_citation
from bot.services.visibility import View
from bot.telegram.render.answer import (
    MAX_UNITS,
    MIN_PASSAGE,
    PIN_SIGN,
    Line,
    add_day,
    count_units,
    escape_html,
    render_link,
    render_location,
    render_parts,
    shorten,
)
from bot.texts import Texts
from retrieval import Check, Citation, QuoteCheck, QuoteStatus, Verdict

MAX_QUOTES = 3
MAX_WORDS = 300
"""Units of each quote."""
FINGERPRINT = 16
"""Hexadecimal digits of a document's SHA-256 that are shown, enough to compare at a glance."""
MARKS = {
    QuoteStatus.UNCHANGED: "✅", QuoteStatus.MOVED: "↪️", QuoteStatus.CHANGED: "✏️",
    QuoteStatus.GONE: "❌", QuoteStatus.UNCHECKED: "❔", QuoteStatus.MISQUOTED: "⛔",
}  # fmt: skip
BLANK = Line("", 0)

Entry = tuple["Citation", "QuoteCheck"]
"""A quote, and the result of its check."""


def entries_for(check: Check, view: View) -> list[Entry] | None:
    """Get the quotes of a receipt that a chat may see; None if it may see nothing of the receipt."""
    if check.receipt.is_revoked:
        return None
    entries = list(zip(check.receipt.citations, check.quotes, strict=False))
    visible = [(citation, finding) for citation, finding in entries if citation.span.collection in view]
    may_see = any(citation.span.collection in view for citation in check.receipt.found)
    return visible if visible or (not entries and may_see) or not check.receipt.found else None


def render_receipt(
    check: Check, entries: Sequence[Entry], view: View, link: str, texts: Texts, *, heading: str | None = None
) -> str:
    """Render a receipt.

    Args:
        check: the checked receipt.
        entries: those of its quotes that the chat may see.
        view: the collections that the chat sees; a passage that moved to another one is shown without its place.
        link: the address that opens the receipt.
        texts: the language.
        heading: of the answer whose place it takes; without one, the verdict is shown.
    """
    receipt, statement = check.receipt, check.receipt.statement
    opened = render_link(texts.receipt_link, link)
    name = Line(
        f"<b>{escape_html(texts.receipt_button)}</b> <code>{receipt.id}</code> · {opened.html}",
        count_units(f"{texts.receipt_button} {receipt.id} · ") + opened.units,
    )
    if not receipt.is_intact:
        return _join([*([Line.of(heading), BLANK] if heading else []), name, Line.of(texts.receipt_altered)])
    verdict = texts.verdicts[statement.verdict] if statement.verdict else texts.listed_only
    lines = [Line.of(heading or verdict), BLANK, name, Line.of(texts.given_at(statement.at))]
    if statement.verdict is Verdict.NONE and entries:
        lines.append(Line.of(texts.closest_passages))
    room = MAX_UNITS - _units(lines) - _units([BLANK, Line.of(texts.more_documents(len(entries)))])
    left_out = len(entries)
    for citation, finding in entries[:MAX_QUOTES]:
        source = [BLANK, *_render_source(citation, finding, view, texts)]
        room -= _units(source)
        if room < 0:
            break
        words = _render_words(citation, finding, min(MAX_WORDS, room - 1))
        room -= _units(words)
        lines += [BLANK, *words, *source[1:]]
        left_out -= 1
    return _join([*lines, *([BLANK, Line.of(texts.more_documents(left_out))] if left_out else [])])


def _render_source(citation: Citation, finding: QuoteCheck, view: View, texts: Texts) -> list[Line]:
    """Render the source of a quote, its fingerprint, and the result of its check."""
    span, status, now = citation.span, finding.state, finding.now
    number = f"{texts.line_start}{PIN_SIGN if citation.is_pinned else ''}{citation.rank}. "
    is_elsewhere = now and (now.collection, now.path) != (span.collection, span.path)
    url = (now.url if now and not is_elsewhere else None) or span.path
    labels = citation.title, citation.heading or ""
    source = render_location(
        span.collection, span.path, citation.place, texts, *labels, url=url if citation.fetched_at else None
    )
    if citation.fetched_at:
        source = add_day(source, citation.fetched_at, texts)
    fingerprint = span.document_sha256[:FINGERPRINT]
    is_in_another_file = status is QuoteStatus.UNCHANGED and not finding.same_file
    lines = [
        Line(number + source.html, count_units(number) + source.units),
        Line(f"SHA-256 <code>{escape_html(fingerprint)}</code>", len("SHA-256 ") + len(fingerprint)),
        Line.of(f"{MARKS[status]} {texts.file_changed if is_in_another_file else texts.states[status]}"),
    ]
    if status is QuoteStatus.MOVED and now and (now.place or is_elsewhere) and now.collection in view:
        dash, place = f"{texts.line_start}— ", render_location(now.collection, now.path, now.place, texts, url=now.url)
        lines.append(Line(dash + place.html, len(dash) + place.units))
    return lines


def _render_words(citation: Citation, finding: QuoteCheck, room: int) -> list[Line]:
    """Render the quoted words, if they are known, from the first answering sentence on, in bold."""
    are_there = finding.state in {QuoteStatus.UNCHANGED, QuoteStatus.MOVED}
    words = finding.quoted or (finding.now.text if finding.now and are_there else "")
    if not words.strip() or room < MIN_PASSAGE:
        return []
    parts = split_citation(words, citation)
    cut = Part("", is_bold=False)
    if parts and not parts[0].is_bold:
        cut = Part(f"{CUT} " if parts[0].text.strip() else "", is_bold=False)
        parts = parts[1:]
    parts = [cut, *shorten(parts, room - len(cut.text))]
    units = sum(count_units(part.text) for part in parts)
    return [Line(f"<blockquote expandable>{render_parts(parts)}</blockquote>", units)]


def _units(lines: Sequence[Line]) -> int:
    """Count the units of lines, with a line break for each."""
    return sum(line.units + 1 for line in lines)


def _join(lines: Sequence[Line]) -> str:
    return "\n".join(line.html for line in lines)
