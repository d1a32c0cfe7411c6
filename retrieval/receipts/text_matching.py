"""Text matching: find quoted words in a text, or the part most like them; and compare two texts word by word.

Documents are hostile: no function takes a time that grows with the square of a document's length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents.passages import LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

# In scripts without spaces, each letter counts as a word.
_LETTER = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]"
_WORD = re.compile(rf"{_LETTER}|\w+")
_TOKEN = re.compile(rf"{_LETTER}|\w+|\s+|[^\w\s]")
_WITH_SPACE = re.compile(rf"\s*(?:{_LETTER}|\w+|[^\w\s])|\s+")
_SENTENCE_ENDS = frozenset(".!?…。！？؟")
_MIN_ALIKE = 3
"""Words in a row that two texts must share to be alike; half of the words if there are fewer than six."""
_MAX_GROWTH = 4
"""Tokens by which the distance between two short equal parts may have grown."""
_MARGIN = 2
"""Text that is compared on each side of the window with most words of a quote, in lengths of the quote."""
_MAX_OCCURRENCES = 4_000
"""Occurrences of a quote's words that are compared: of the rarest words, nearest to where the quote stood."""
_FEW_WORDS = 400
"""In each text; a passage has hardly more."""


class DiffPart(NamedTuple):
    """A part of two texts: the old words, and the new words in their place."""

    old: str
    new: str

    @property
    def is_none(self) -> bool:
        """Whether both are the same."""
        return self.old == self.new


def word_diff(old: str, new: str) -> list[DiffPart]:
    """Compare two texts word by word."""
    before, after = _WITH_SPACE.findall(old), _WITH_SPACE.findall(new)
    # In long texts, `autojunk` ignores common words: that is faster, and pairs some of them wrongly.
    autojunk = len(before) * len(after) > _FEW_WORDS**2
    parts: list[DiffPart] = []
    for _, a, b, c, d in SequenceMatcher(None, before, after, autojunk=autojunk).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        space = removed[: len(removed) - len(removed.lstrip())]
        if space and removed != added and added.startswith(space):
            parts.append(DiffPart(space, space))
            removed, added = removed[len(space) :], added[len(space) :]
        parts.append(DiffPart(removed, added))
    return parts


class QuoteFinder:
    """Finds quotes in a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def occurrence(self, quoted: str, near: int) -> int | None:
        """Find these very words; of several places, the one nearest to an offset."""
        after = self._text.find(quoted, near)
        # `rfind` is avoided: unlike `find`, it can take a time that grows with the product of both lengths.
        head = self._text[: near + len(quoted) - 1][::-1]
        before = head.find(quoted[::-1])
        starts = [after] if after >= 0 else []
        if before >= 0:
            starts.append(len(head) - before - len(quoted))
        return min(starts, key=lambda start: abs(start - near), default=None)

    def nearest(self, quoted: str, near: int) -> tuple[int, int] | None:
        """Find the part of the text most like these words; of several, the one nearest to an offset."""
        if len(quoted) > LIMIT:
            return None
        window = self._window(quoted, near)
        if window is None:
            return None
        margin = _MARGIN * len(quoted)
        start, end = max(0, window[0] - margin), window[1] + margin
        alike = _align(quoted, self._text[start:end], (window[0] - start, window[1] - start))
        return (start + alike[0], start + alike[1]) if alike else None

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Map each word to the offsets where it begins."""
        places: dict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(self._text):
            places[match.group()].append(match.start())
        return places

    def _window(self, quoted: str, near: int) -> tuple[int, int] | None:
        """Find the part, about as long as the quote, that has the most of its words."""
        wanted = Counter(_WORD.findall(quoted))
        places = sorted(self._rarest(wanted, near))
        counts: Counter[str] = Counter()
        first = common = 0
        best, window = (0, 0), None
        for start, word in places:
            counts[word] += 1
            common += counts[word] <= wanted[word]
            while places[first][0] < start - len(quoted):
                left = places[first][1]
                common -= counts[left] <= wanted[left]
                counts[left] -= 1
                first += 1
            score = (common, -abs(places[first][0] - near))
            if score > best:
                best, window = score, (places[first][0], start + len(word))
        return window

    def _rarest(self, words: Counter[str], near: int) -> list[tuple[int, str]]:
        """List where the rarest of these words stand, and which word it is."""
        rarest: list[tuple[int, str]] = []
        known = [word for word in words if word in self._places]
        for word in sorted(known, key=lambda word: len(self._places[word])):
            places = self._places[word]
            room = _MAX_OCCURRENCES - len(rarest)
            middle = bisect_left(places, near)
            rarest += ((place, word) for place in places[max(0, middle - room // 2) : middle + room // 2])
        return rarest


class _Block(NamedTuple):
    """Tokens that are the same in two texts: where they begin in each, and how many tokens and words they are."""

    a: int
    b: int
    size: int
    words: int


def _align(quoted: str, text: str, window: tuple[int, int]) -> tuple[int, int] | None:
    """Find from where to where the text is like the quote, most of all in the window or near it.

    The quote's words outside the equal blocks were replaced by about as many words, or left out. The part is extended
    by so many words, but into no other sentence.
    """
    old = _TOKEN.findall(quoted)
    spans = [match.span() for match in _TOKEN.finditer(text)]
    new = [text[start:end] for start, end in spans]
    around = len(quoted) // 2
    within = range(bisect_left(spans, (window[0] - around,)), bisect_left(spans, (window[1] + around,)))
    blocks = _match_blocks(old, new, within)
    if not blocks:
        return None
    first, last = blocks[0], blocks[-1]
    start = first.b
    missing = _count_words(old[: first.a])
    while missing > 0 and not _is_boundary(new, start):
        start -= 1
        missing -= _count_words(new[start : start + 1])
    start -= first.a > 0 and new[start - 1 : start] == old[:1] != []
    end = last.b + last.size
    missing = _count_words(old[last.a + last.size :])
    while missing > 0 and not _is_boundary(new, end):
        missing -= _count_words(new[end : end + 1])
        end += 1
    end += last.a + last.size < len(old) and new[end : end + 1] == old[-1:]
    while new[start].isspace():
        start += 1
    while new[end - 1].isspace():
        end -= 1
    return spans[start][0], spans[end - 1][1]


def _match_blocks(old: Sequence[str], new: Sequence[str], within: range) -> list[_Block]:
    """Find the longest equal block, and the equal blocks around it that do not stand there by accident."""
    match = SequenceMatcher(None, old, new).find_longest_match(0, len(old), within.start, within.stop)
    core = _Block(*match, _count_words(old[match.a : match.a + match.size]))
    if core.words < max(1, min(_MIN_ALIKE, (_count_words(old) + 1) // 2)):
        return []
    blocks = [core]
    a, b = core.a + core.size, core.b + core.size
    for block in _equal_blocks(old[a:], new[b:]):
        following = block._replace(a=a + block.a, b=b + block.b)
        if _follows(blocks[-1], following, following.words):
            blocks.append(following)
    for block in reversed(_equal_blocks(old[: core.a], new[: core.b])):
        if _follows(block, blocks[0], block.words):
            blocks.insert(0, block)
    return blocks


def _equal_blocks(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    matches = SequenceMatcher(None, old, new).get_matching_blocks()
    blocks = (_Block(*match, _count_words(old[match.a : match.a + match.size])) for match in matches)
    return [block for block in blocks if block.words]


def _follows(one: _Block, other: _Block, words: int) -> bool:
    gap_before, gap_now = other.a - one.a - one.size, other.b - one.b - one.size
    return words >= _MIN_ALIKE or gap_now <= gap_before + _MAX_GROWTH


def _count_words(tokens: Sequence[str]) -> int:
    return sum(bool(_WORD.match(token)) for token in tokens)


def _is_boundary(tokens: Sequence[str], number: int) -> bool:
    """Whether a sentence, a paragraph or the text begins or ends before the token with this number."""
    before = tokens[number - 1] if number else ""
    if before.isspace() and number > 1 and before.count("\n") <= 1:
        before = tokens[number - 2]
    return number in {0, len(tokens)} or before in _SENTENCE_ENDS or before.count("\n") > 1
