"""Sentence and Passage: exact character spans of a Document, the parts that a search finds and shows."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from sentencex import get_sentence_boundaries

from retrieval.documents.document import Locator
from retrieval.documents.language import detect
from retrieval.documents.readers.text import strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.documents.document import Block, Document, Location

LIMIT = 1_000
"""The most characters of a passage."""
_STRIDE = 750
"""The most characters from the start of a passage to that of the next in a paragraph too long for one."""
SPLIT_VERSION = 3
"""Raised whenever the same document would be split otherwise, so that an older index is rebuilt."""
_PIECE = 10 * LIMIT
"""Characters that are split into sentences at once: sentencex takes a time that grows with the square of the length."""

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
class SplitDocument:
    """All passages of a document, in its order."""

    passages: tuple[Passage, ...]
    cut: int
    """How many sentences were too long for a passage or for the encoder, and so were cut."""


class _Counted(NamedTuple):
    """A sentence with its number of tokens."""

    start: int
    end: int
    tokens: int


class Splitter:
    """Splits documents into passages.

    Args:
        count_tokens: counts the tokens of each text, as the encoder does.
        window: the most tokens that the encoder reads at once.
    """

    def __init__(self, count_tokens: Callable[[Sequence[str]], list[int]], window: int) -> None:
        self._count_tokens = count_tokens
        self._window = window

    def split(self, document: Document) -> SplitDocument:
        """Put every character of the blocks but white space into a passage; those of a long block overlap."""
        language = detect(document.text[: 10 * LIMIT])
        locator = Locator(document)
        passages: list[Passage] = []
        cut = 0
        for section in _group_sections(document.blocks):
            blocks = []
            for block in section:
                sentences, cut_sentences = self._split_sentences(document.text, block, language)
                blocks.append(sentences)
                cut += cut_sentences
            for group in self._pack(blocks):
                start, end = group[0].start, group[-1].end
                passages.append(
                    Passage(
                        start=start,
                        end=end,
                        heading=section[0].heading,
                        place=locator.locate(start, end),
                        language=detect(document.text[start:end], default=language),
                        sentences=tuple(Sentence(sentence.start, sentence.end) for sentence in group),
                    )
                )
        return SplitDocument(tuple(passages), cut)

    def _split_sentences(self, text: str, block: Block, language: str) -> tuple[list[_Counted], int]:
        """Split a block into sentences, and count those that had to be cut."""
        spans = [strip(text, *span) for span in _find_sentences(text, block, language or "en")]
        spans = [(start, end) for start, end in spans if start < end]
        counts = self._count_tokens([text[start:end] for start, end in spans])
        sentences: list[_Counted] = []
        cut = 0
        for (start, end), tokens in zip(spans, counts, strict=True):
            if self._fits(start, end, tokens):
                sentences.append(_Counted(start, end, tokens))
            else:
                cut += 1
                sentences += self._halve(text, start, end)
        return sentences, cut

    def _fits(self, start: int, end: int, tokens: int) -> bool:
        return end - start <= LIMIT and tokens <= self._window

    def _halve(self, text: str, start: int, end: int) -> Iterator[_Counted]:
        """Cut near the middle, again and again, until every part fits."""
        if end - start <= LIMIT:
            (tokens,) = self._count_tokens([text[start:end]])
            if self._fits(start, end, tokens) or end - start == 1:
                yield _Counted(start, end, tokens)
                return
        middle = _find_cut(text, start, end)
        for half in (strip(text, start, middle), strip(text, middle, end)):
            if half[0] < half[1]:
                yield from self._halve(text, *half)

    def _pack(self, blocks: list[list[_Counted]]) -> Iterator[list[_Counted]]:
        """Join whole blocks while they fit together; split a block too long for one passage into overlapping ones."""
        group: list[_Counted] = []
        for block in blocks:
            if group and not self._fit_together(group + block):
                yield group
                group = []
            if self._fit_together(block):
                group += block
            else:
                yield from self._overlap(block)
        if group:
            yield group

    def _overlap(self, block: list[_Counted]) -> Iterator[list[_Counted]]:
        """Make passages as long as they may be, evenly apart, so that little is near the end of all of them."""
        starts = [sentence.start for sentence in block]
        last = len(block) - 1
        while last > 0 and self._find_end(block, last - 1) == len(block):
            last -= 1
        steps = max(1, -(-(starts[last] - starts[0]) // _STRIDE))
        covered = 0
        for number in count():
            target = starts[0] + (starts[last] - starts[0]) * number / steps
            begin = min(covered, last, bisect_left(starts, target))
            end = self._find_end(block, begin)
            if end > covered:
                yield block[begin:end]
                covered = end
            if covered == len(block):
                return

    def _find_end(self, block: list[_Counted], begin: int) -> int:
        """Find where the longest passage that begins with this sentence of a block ends."""
        tokens = block[begin].tokens
        for end in range(begin + 1, len(block)):
            tokens += block[end].tokens
            if not self._fits(block[begin].start, block[end].end, tokens):
                return end
        return len(block)

    def _fit_together(self, group: list[_Counted]) -> bool:
        return not group or self._find_end(group, 0) == len(group)


def _find_sentences(text: str, block: Block, language: str) -> Iterator[tuple[int, int]]:
    """Find the spans of a block's sentences, with the white space around them."""
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


def _group_sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Group neighbouring blocks of which one passage may hold several."""
    section: list[Block] = []
    for block in blocks:
        if section and not _can_join(section[-1], block):
            yield section
            section = []
        section.append(block)
    if section:
        yield section


def _can_join(block: Block, next_one: Block) -> bool:
    if block.heading != next_one.heading:
        return False
    if block.place is None or next_one.place is None:
        return block.place is next_one.place
    return block.place.can_join(next_one.place)


def _find_cut(text: str, start: int, end: int) -> int:
    """Find where to cut in the middle third: after a clause if there is one, else a word, else a character."""
    middle, third = (start + end) // 2, (end - start) // 3
    for pattern in (_CLAUSE_END, _WORD_END):
        ends = [match.end() for match in pattern.finditer(text, start + third, end - third)]
        if ends:
            return min(ends, key=lambda position: abs(position - middle))
    return middle
