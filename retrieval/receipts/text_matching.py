"""Likeness: where a text says something, or what comes nearest to it; and how two texts differ, word by word.

Documents are hostile: nothing here takes a time that grows with the square of a document's length.
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

# Scripts without spaces by the letter.
_LETTER = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]"
_WORD = re.compile(rf"{_LETTER}|\w+")
_TOKEN = re.compile(rf"{_LETTER}|\w+|\s+|[^\w\s]")
_WITH_SPACE = re.compile(rf"\s*(?:{_LETTER}|\w+|[^\w\s])|\s+")
_SENTENCE_ENDS = frozenset(".!?…。！？؟")
_MIN_ALIKE = 3
"""Words in a row that must be the same, or half of them if there are fewer than six, for texts to be alike."""
_NEAR = 4
"""Tokens by which the distance between two parts that are the same may have grown if they are short."""
_MARGIN = 2
"""How much of a document's text is compared on each side of the words that are most like a quote, in its lengths."""
_MAX_PLACES = 4_000
"""Of a quote's words in a document that are looked at: those of the rarest words, nearest to where it stood."""
_FEW_WORDS = 400
"""In each text; a passage has hardly more."""


class DiffPart(NamedTuple):
    """A part of two texts: what the old one says, and what the new one says instead."""

    old: str
    new: str

    @property
    def is_none(self) -> bool:
        """Whether both say the same."""
        return self.old == self.new


def word_diff(old: str, new: str) -> list[DiffPart]:
    """Two texts, word by word."""
    before, after = _WITH_SPACE.findall(old), _WITH_SPACE.findall(new)
    # With many words, common ones do not count: that is quicker, and puts some together wrongly.
    are_many = len(before) * len(after) > _FEW_WORDS**2
    steps = SequenceMatcher(None, before, after, autojunk=are_many).get_opcodes()
    found: list[DiffPart] = []
    for _, a, b, c, d in steps:
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        space = gone[: len(gone) - len(gone.lstrip())]
        if space and gone != come and come.startswith(space):
            found.append(DiffPart(space, space))
            gone, come = gone[len(space) :], come[len(space) :]
        found.append(DiffPart(gone, come))
    return found


class QuoteFinder:
    """A text in which quotes are looked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def occurrence(self, quoted: str, near: int) -> int | None:
        """Where these very words begin, as near to an offset as they do."""
        after = self._text.find(quoted, near)
        # Not `rfind`, whose time, unlike that of `find`, can grow with the product of both lengths.
        head = self._text[: near + len(quoted) - 1][::-1]
        before = head.find(quoted[::-1])
        starts = [after] if after >= 0 else []
        if before >= 0:
            starts.append(len(head) - before - len(quoted))
        return min(starts, key=lambda start: abs(start - near), default=None)

    def nearest(self, quoted: str, near: int) -> tuple[int, int] | None:
        """The part of the text that is most like these words; of several, the one nearest to an offset."""
        if len(quoted) > LIMIT:
            return None
        window = self._window(quoted, near)
        if window is None:
            return None
        margin = _MARGIN * len(quoted)
        start, end = max(0, window[0] - margin), window[1] + margin
        alike = _aligned(quoted, self._text[start:end], (window[0] - start, window[1] - start))
        return (start + alike[0], start + alike[1]) if alike else None

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Word → where it begins, again and again."""
        places: dict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(self._text):
            places[match.group()].append(match.start())
        return places

    def _window(self, quoted: str, near: int) -> tuple[int, int] | None:
        """The part, about as long as the quote, that has the most of its words."""
        wanted = Counter(_WORD.findall(quoted))
        places = sorted(self._rare(wanted, near))
        has: Counter[str] = Counter()
        first = common = 0
        best, found = (0, 0), None
        for start, word in places:
            has[word] += 1
            common += has[word] <= wanted[word]
            while places[first][0] < start - len(quoted):
                left = places[first][1]
                common -= has[left] <= wanted[left]
                has[left] -= 1
                first += 1
            score = (common, -abs(places[first][0] - near))
            if score > best:
                best, found = score, (places[first][0], start + len(word))
        return found

    def _rare(self, words: Counter[str], near: int) -> list[tuple[int, str]]:
        """Where the rarest of these words stand, and which it is."""
        found: list[tuple[int, str]] = []
        known = [word for word in words if word in self._places]
        for word in sorted(known, key=lambda word: len(self._places[word])):
            places = self._places[word]
            room = _MAX_PLACES - len(found)
            middle = bisect_left(places, near)
            found += ((place, word) for place in places[max(0, middle - room // 2) : middle + room // 2])
        return found


class _Block(NamedTuple):
    """Tokens that are the same in two texts."""

    a: int
    b: int
    size: int
    words: int


def _aligned(quoted: str, text: str, window: tuple[int, int]) -> tuple[int, int] | None:
    """From where to where the text is like the quote, most of all in the window or near it.

    What the quote has before and behind all that is the same was replaced by about as many words, or left out: the
    part goes on for so many, but into no other sentence.
    """
    old = _TOKEN.findall(quoted)
    spans = [match.span() for match in _TOKEN.finditer(text)]
    new = [text[start:end] for start, end in spans]
    around = len(quoted) // 2
    within = range(bisect_left(spans, (window[0] - around,)), bisect_left(spans, (window[1] + around,)))
    kept = _together(old, new, within)
    if not kept:
        return None
    first, last = kept[0], kept[-1]
    start = first.b
    missing = _words(old[: first.a])
    while missing > 0 and not _parts(new, start):
        start -= 1
        missing -= _words(new[start : start + 1])
    start -= first.a > 0 and new[start - 1 : start] == old[:1] != []
    end = last.b + last.size
    missing = _words(old[last.a + last.size :])
    while missing > 0 and not _parts(new, end):
        missing -= _words(new[end : end + 1])
        end += 1
    end += last.a + last.size < len(old) and new[end : end + 1] == old[-1:]
    while new[start].isspace():
        start += 1
    while new[end - 1].isspace():
        end -= 1
    return spans[start][0], spans[end - 1][1]


def _together(old: Sequence[str], new: Sequence[str], within: range) -> list[_Block]:
    """What is the same in both: the longest part, and those around it that do not stand there by accident."""
    match = SequenceMatcher(None, old, new).find_longest_match(0, len(old), within.start, within.stop)
    core = _Block(*match, _words(old[match.a : match.a + match.size]))
    if core.words < max(1, min(_MIN_ALIKE, (_words(old) + 1) // 2)):
        return []
    kept = [core]
    a, b = core.a + core.size, core.b + core.size
    for block in _blocks(old[a:], new[b:]):
        other = block._replace(a=a + block.a, b=b + block.b)
        if _follows(kept[-1], other, other.words):
            kept.append(other)
    for block in reversed(_blocks(old[: core.a], new[: core.b])):
        if _follows(block, kept[0], block.words):
            kept.insert(0, block)
    return kept


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    """Those that hold words."""
    matching = SequenceMatcher(None, old, new).get_matching_blocks()
    blocks = (_Block(*each, _words(old[each.a : each.a + each.size])) for each in matching)
    return [block for block in blocks if block.words]


def _follows(one: _Block, other: _Block, words: int) -> bool:
    gap_before, gap_now = other.a - one.a - one.size, other.b - one.b - one.size
    return words >= _MIN_ALIKE or gap_now <= gap_before + _NEAR


def _words(tokens: Sequence[str]) -> int:
    return sum(bool(_WORD.match(token)) for token in tokens)


def _parts(tokens: Sequence[str], number: int) -> bool:
    """Whether another sentence or paragraph, or nothing, begins or ends before the token with this number."""
    before = tokens[number - 1] if number else ""
    if before.isspace() and number > 1 and before.count("\n") <= 1:
        before = tokens[number - 2]
    return number in {0, len(tokens)} or before in _SENTENCE_ENDS or before.count("\n") > 1
