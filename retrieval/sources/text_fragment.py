"""Text fragments: addresses that a browser scrolls to some words of a page from, and marks them.

The format is `#:~:text=prefix-,start,end,-suffix`; prefix and suffix are there only where the page has the words
twice. Browsers compare without case, and take any white space for one space.
See https://wicg.github.io/scroll-to-text-fragment/
"""

from __future__ import annotations

import re
from urllib.parse import quote

_MAX_EXACT = 120
"""Characters of words that stand as a whole in the address; of longer ones, only how they begin and end."""
_WORDS = 6
"""At the beginning, and at the end; before and after."""
_MAX_PART = 80
_END_MARKS = ".!?…。！？"
_SPACE = re.compile(r"\s+")


def link_to_text(address: str, text: str, start: int, end: int, page: int | None = None) -> str:
    """Link to a part of a web page.

    Args:
        address: of the page.
        text: of the document that was read from it.
        start: of the part, in characters.
        end: of the part, exclusive.
        page: of a PDF, whose viewers know pages but no words.
    """
    if page is not None:
        return f"{address}#page={page}"
    words = text[start:end]
    is_exact = len(words) <= _MAX_EXACT and "\n" not in words.strip()
    # A mark at the end of an address would be taken for one of the text around it.
    first = _normalize(words).rstrip(_END_MARKS) if is_exact else _take_first(words)
    last = "" if is_exact else _take_last(words).rstrip(_END_MARKS)
    parts = [first, last] if last else [first]
    directive = ",".join(map(_encode, parts))
    if _is_ambiguous(text, start, end, first, last):
        if before := _take_last(text[:start]):
            directive = f"{_encode(before)}-,{directive}"
        if after := _take_first(text[end:]):
            directive = f"{directive},-{_encode(after)}"
    return f"{address}#:~:text={directive}"


def _is_ambiguous(text: str, start: int, end: int, first: str, last: str) -> bool:
    """Decide whether a browser would stop at other words, which begin or end in the same way."""
    if first.casefold() in _normalize(text[:start]).casefold():
        return True
    if last:  # it takes the next words after the first ones
        return _normalize(text[start:end]).casefold().count(last.casefold()) > 1
    return False


def _take_first(text: str) -> str:
    """Take the first words of a text, all of one line."""
    words = text.strip().partition("\n")[0].split()[:_WORDS]
    return " ".join(words)[:_MAX_PART].strip()


def _take_last(text: str) -> str:
    words = text.strip().rpartition("\n")[2].split()[-_WORDS:]
    return " ".join(words)[-_MAX_PART:].strip()


def _normalize(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _encode(words: str) -> str:
    """Escape all that the format or an address gives a meaning to."""
    return quote(words, safe="").replace("-", "%2D")
