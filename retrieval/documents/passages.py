"""Sentence and Passage: exact character spans of a Document, the parts that are found and shown."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sentencex import get_sentence_boundaries

from retrieval.documents.document import Lines, place_of
from retrieval.documents.language import detect
from retrieval.documents.readers.text import strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.documents.document import Block, Document, Location

LIMIT = 1_000
"""The most characters of a passage."""

_STRIDE = 750
"""Characters, at most, from the beginning of a passage to that of the next in a paragraph too long for one."""

VERSION = 3
"""Raised whenever the same document would be cut otherwise, so that an older index is rebuilt."""

_PIECE = 10 * LIMIT
"""Characters that are parted into sentences at once."""

_CLAUSE_END = re.compile(r"[,;:—、，；：]\s*|[\r\n]+")
_WORD_END = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`document.text[start:end]`, without white space at its ends."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring whole sentences under one heading: `document.text[start:end]`."""

    start: int
    end: int
    heading: str | None
    place: Location | None
    language: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """All passages of a document, in its order."""

    passages: tuple[Passage, ...]
    cut: int
    """How many sentences were too long for a passage or for the encoder, and so were cut in parts."""


@dataclass(frozen=True, slots=True)
class _Sized:
    sentence: Sentence
    tokens: int


class Splitter:
    """Cuts documents into passages.

    Args:
        count_tokens: of each of some texts, as the encoder counts them.
        window: the most tokens that the encoder reads at once.
    """

    def __init__(self, count_tokens: Callable[[Sequence[str]], list[int]], window: int) -> None:
        self._count_tokens = count_tokens
        self._window = window

    def split(self, document: Document) -> Passages:
        """Every character of the document's blocks but white space is in a passage; those of a long block overlap."""
        language = detect(document.text[: 10 * LIMIT])
        lines = Lines(document.text) if document.has_lines else None
        passages: list[Passage] = []
        cut = 0
        for section in _sections(document.blocks):
            blocks = []
            for block in section:
                sized, parted = self._sentences(document.text, block, language)
                blocks.append(sized)
                cut += parted
            for group in self._pack(blocks):
                sentences = tuple(sized.sentence for sized in group)
                start, end = sentences[0].start, sentences[-1].end
                passages.append(
                    Passage(
                        start=start,
                        end=end,
                        heading=section[0].heading,
                        place=lines.place(start, end) if lines else place_of(section, start, end),
                        language=detect(document.text[start:end], default=language),
                        sentences=sentences,
                    )
                )
        return Passages(tuple(passages), cut)

    def _sentences(self, text: str, block: Block, language: str) -> tuple[list[_Sized], int]:
        """The block's sentences, and how many had to be cut."""
        spans = [strip(text, *span) for span in _sentence_spans(text, block, language or "en")]
        spans = [(start, end) for start, end in spans if start < end]
        counts = self._count_tokens([text[start:end] for start, end in spans])
        sentences: list[_Sized] = []
        cut = 0
        for (start, end), tokens in zip(spans, counts, strict=True):
            if self._fits(start, end, tokens):
                sentences.append(_Sized(Sentence(start, end), tokens))
            else:
                cut += 1
                sentences += self._halves(text, start, end)
        return sentences, cut

    def _fits(self, start: int, end: int, tokens: int) -> bool:
        return end - start <= LIMIT and tokens <= self._window

    def _halves(self, text: str, start: int, end: int) -> Iterator[_Sized]:
        """Cut again and again near the middle until every part fits."""
        if end - start <= LIMIT:
            (tokens,) = self._count_tokens([text[start:end]])
            if self._fits(start, end, tokens) or end - start == 1:
                yield _Sized(Sentence(start, end), tokens)
                return
        middle = _cut_point(text, start, end)
        for a, b in ((start, middle), (middle, end)):
            a, b = strip(text, a, b)  # noqa: PLW2901
            if a < b:
                yield from self._halves(text, a, b)

    def _pack(self, blocks: list[list[_Sized]]) -> Iterator[list[_Sized]]:
        """Whole blocks while they fit together; a block too long for one passage gets several, which overlap."""
        group: list[_Sized] = []
        for block in blocks:
            if group and not self._together(group + block):
                yield group
                group = []
            if self._together(block):
                group += block
            else:
                yield from self._overlapping(block)
        if group:
            yield group

    def _overlapping(self, block: list[_Sized]) -> Iterator[list[_Sized]]:
        """Passages as long as they may be, evenly apart: little stands near the end of all that hold it."""
        starts = [sized.sentence.start for sized in block]
        last = len(block) - 1
        while last > 0 and self._reach(block, last - 1) == len(block):
            last -= 1
        steps = max(1, -(-(starts[last] - starts[0]) // _STRIDE))
        covered = 0
        for number in count():
            target = starts[0] + (starts[last] - starts[0]) * number / steps
            begin = min(covered, last, bisect_left(starts, target))
            end = self._reach(block, begin)
            if end > covered:
                yield block[begin:end]
                covered = end
            if covered == len(block):
                return

    def _reach(self, block: list[_Sized], begin: int) -> int:
        """Where a passage ends that begins with this sentence of a block, if it is as long as it may be."""
        tokens = block[begin].tokens
        for end in range(begin + 1, len(block)):
            tokens += block[end].tokens
            if not self._fits(block[begin].sentence.start, block[end].sentence.end, tokens):
                return end
        return len(block)

    def _together(self, group: list[_Sized]) -> bool:
        return not group or self._reach(group, 0) == len(group)


def _sentence_spans(text: str, block: Block, language: str) -> Iterator[tuple[int, int]]:
    """Where the block's sentences are, with the white space around them.

    Long blocks are looked at piece by piece, as sentencex takes a time that grows with the square of the length.
    """
    start = block.start
    while start < block.end:
        stop = min(start + _PIECE, block.end)
        spans = [
            (start + bound["start_index"], start + bound["end_index"])
            for bound in get_sentence_boundaries(language, text[start:stop])
        ]
        if stop < block.end and len(spans) > 1:
            spans.pop()  # it may go on behind the piece
        yield from spans
        start = spans[-1][1] if spans else stop


def _sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Neighbouring blocks of which one passage may hold several."""
    section: list[Block] = []
    for block in blocks:
        if section and not _belong_together(section[-1], block):
            yield section
            section = []
        section.append(block)
    if section:
        yield section


def _belong_together(one: Block, next_one: Block) -> bool:
    if one.place is None or next_one.place is None:
        return one.heading == next_one.heading and one.place is next_one.place
    return one.heading == next_one.heading and one.place.joins(next_one.place)


def _cut_point(text: str, start: int, end: int) -> int:
    """Where to cut, in the middle third: after a clause if there is one, else a word, else a character."""
    middle, third = (start + end) // 2, (end - start) // 3
    for pattern in (_CLAUSE_END, _WORD_END):
        ends = [match.end() for match in pattern.finditer(text, start + third, end - third)]
        if ends:
            return min(ends, key=lambda position: abs(position - middle))
    return middle
