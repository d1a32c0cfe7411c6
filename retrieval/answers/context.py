"""Context: what stands around a quote in its document."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a quote: `before + quote.text + after` is a part of the document, word for word."""

    before: str
    after: str
    is_beginning: bool
    """Whether `before` begins where the document does."""
    is_end: bool
    """Whether `after` ends where the document does."""

    @classmethod
    def around(cls, text: str, start: int, end: int, characters: int, within: tuple[int, int] | None = None) -> Context:
        """Cut out so many characters on each side of a part of a text; a word that would be cut is left out.

        With `within`, start and end of a larger part, nothing outside of that is taken.
        """
        lowest, highest = within or (0, len(text))
        first, last = max(lowest, start - characters), min(highest, end + characters)
        before, after = text[first:start], text[end:last]
        return cls(
            before=before if first == lowest else _CUT_WORD_AT_START.sub("", before),
            after=after if last == highest else _CUT_WORD_AT_END.sub("", after),
            is_beginning=first == 0,
            is_end=last == len(text),
        )


# Scripts without spaces have no such words.
_CUT_WORD_AT_START = re.compile(r"\A\S{0,30}\s+")
_CUT_WORD_AT_END = re.compile(r"\s+\S{0,30}\Z")
