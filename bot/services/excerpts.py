"""Excerpts: which parts of a passage are shown, and which of them are bold; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval import Citation, Highlight, Quote

MAX_EXCERPT = 350
"""Characters; one sentence may be longer."""
CUT = "[…]"
"""In brackets, as quotations mark what is left out: the document itself may contain an ellipsis."""


class Part(NamedTuple):
    """A piece of a text."""

    text: str
    is_bold: bool


def split_quote(quote: Quote) -> list[Part]:
    """Split all of a quote."""
    return split_bold(quote.text, quote.source.start, [(bold.start, bold.end) for bold in quote.highlights])


def split_citation(text: str, citation: Citation) -> list[Part]:
    """Split the quoted text of a receipt."""
    return split_bold(text, citation.span.start, citation.sentences)


def split_bold(text: str, start: int, spans: Iterable[tuple[int, int]]) -> list[Part]:
    """Split a text into what is bold and what is not; bold parts with only white space between them become one.

    Args:
        text: a part of a document.
        start: where it begins there.
        spans: what is bold, as offsets into the document, in order.
    """
    parts, at = list[Part](), 0
    for first, last in spans:
        begin = max(at, first - start)
        end = max(begin, last - start)
        between, bold = text[at:begin], text[begin:end]
        if parts and not between.strip():
            parts[-1] = Part(parts[-1].text + between + bold, is_bold=True)
        else:
            parts += [Part(between, is_bold=False), Part(bold, is_bold=True)]
        at = end
    return [part for part in [*parts, Part(text[at:], is_bold=False)] if part.text]


def make_excerpt(quote: Quote) -> list[Part]:
    """Take what answers out of a quote: its bold sentences, and the one before them if they lean on it.

    The best sentence is always there, the others as far as there is room. What lies between two of them is left out
    if there is no room for it.
    """
    bold = [quote.highlight]
    for other in quote.highlights:
        bold = _keep_if_fitting(sorted({*bold, other}, key=lambda sentence: sentence.start)) or bold
    leaned_on = [quote.leans_on] if quote.leans_on and bold[0] == quote.highlights[0] else []
    shown = _keep_if_fitting([*leaned_on, *bold]) or bold
    spans = [(sentence.start, sentence.end) for sentence in bold]
    parts = list[Part]()
    for start, end in _join_runs(quote, shown):
        text = quote.text[start - quote.source.start : end - quote.source.start]
        cut = [Part(f" {CUT} ", is_bold=False)] if parts else []
        parts += [*cut, *split_bold(text, start, [span for span in spans if start <= span[0] and span[1] <= end])]
    return parts


def _keep_if_fitting(sentences: list[Highlight]) -> list[Highlight]:
    """The sentences, if they are short enough together; else none."""
    return sentences if sum(len(sentence.text) for sentence in sentences) <= MAX_EXCERPT else []


def _join_runs(quote: Quote, sentences: Sequence[Highlight]) -> list[tuple[int, int]]:
    """Join sentences that follow one another, or all of them with what lies between if there is room for it."""
    if sentences[-1].end - sentences[0].start <= MAX_EXCERPT:
        return [(sentences[0].start, sentences[-1].end)]
    runs = list[tuple[int, int]]()
    for sentence in sentences:
        start = runs[-1][1] if runs else sentence.start
        between = quote.text[start - quote.source.start : sentence.start - quote.source.start]
        if runs and not between.strip():
            runs[-1] = (runs[-1][0], sentence.end)
        else:
            runs.append((sentence.start, sentence.end))
    return runs
