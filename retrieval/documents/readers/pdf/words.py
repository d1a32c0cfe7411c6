"""Joins the lines of a paragraph, and mends the words that were broken at their ends."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from retrieval.documents.readers.pdf.lines import HYPHEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

LEADER = re.compile(r"\s*(?:\.\s?){4,}")
"""The dots between a title and its page number."""

# Letters of scripts that put no space between words.
_UNSPACED = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(rf"({_WORD.pattern})-$")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")


class Vocabulary:
    """The words of a document, which show how it writes a word that a line's end has broken."""

    def __init__(self, lines: Iterable[PdfLine]) -> None:
        # The ends of a line may be halves of words.
        self._words = {word.lower() for line in lines for word in _WORD.findall(line.text)[1:-1]}

    def join(self, lines: Sequence[PdfLine]) -> str:
        """Join the lines to one text, cell by cell."""
        return " ".join(self._join_cell(list(cell)) for _, cell in groupby(lines, key=lambda line: line.cell))

    def _join_cell(self, lines: Sequence[PdfLine]) -> str:
        text = lines[0].text
        for line in lines[1:]:
            if text.endswith((HYPHEN, "\xad", "-")):
                text = self._join_hyphenated(text[:-1], line.text)
            elif _UNSPACED.match(text[-1]) and _UNSPACED.match(line.text):
                text += line.text
            else:
                text += f" {line.text}"
        text = LEADER.sub(" … ", text.replace(HYPHEN, "-"))
        return _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)

    def _join_hyphenated(self, before: str, after: str) -> str:
        """Join two lines with a hyphen between them, which stays where the document writes it elsewhere too."""
        left, right = _LAST_WORD.search(f"{before}-"), _WORD.match(after)
        if not left or not right or not right[0][0].islower():
            return f"{before}- {after}" if before.endswith(" ") else f"{before}-{after}"
        whole, hyphenated = f"{left[1]}{right[0]}".lower(), f"{left[1]}-{right[0]}".lower()
        has_hyphen = "-" in left[1] or (hyphenated in self._words and whole not in self._words)
        return f"{before}-{after}" if has_hyphen else before + after
