"""Plain text: characters exactly as the file has them; paragraphs separated by blank lines."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import chardet

from retrieval.documents.document import Block, Content
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from retrieval.documents.readers.limits import Limits

_MAX_TITLE = 120
_BLANK_LINES = re.compile(r"(?>\r\n|\r|\n)(?:[^\S\r\n]*(?>\r\n|\r|\n))+")
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read plain text; the first line is the title if it stands alone and does not end as a sentence."""
    text = decode(data)
    blocks = split_paragraphs(text)
    return Content(text=text, blocks=blocks, title=_find_title(text, blocks), has_lines=True)


def decode(data: bytes) -> str:
    """Decode a text file, line ends and Unicode as they are, without a byte order mark.

    UTF-8 where it is valid, else as chardet detects: of charset-normalizer 3.5 and chardet 7.7, only the
    second got a few sentences right in all of 12 legacy encodings.

    Raises:
        DocumentError: the bytes are not text.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding)
    with suppress(UnicodeDecodeError):
        text = data.decode()
        # UTF-16 of Latin letters is valid UTF-8 with a zero after every letter.
        if "\0" not in text:
            return text
    return _decode(data, chardet.detect(data)["encoding"])


def _decode(data: bytes, encoding: str | None) -> str:
    with suppress(UnicodeDecodeError, LookupError):
        text = data.decode(encoding or "ascii")
        if "\0" not in text:
            return text
    message = "The file is not text in any encoding that Quoth knows. Save it as UTF-8."
    raise DocumentError(message, DocumentFault.NOT_TEXT)


def split_paragraphs(text: str) -> tuple[Block, ...]:
    """Split a text at its blank lines into blocks without white space around them."""
    bounds = [0, *(bound for match in _BLANK_LINES.finditer(text) for bound in match.span()), len(text)]
    spans = (strip(text, start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    return tuple(Block(start, end) for start, end in spans if start < end)


def strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Shorten a span by the white space at its ends."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, start + len(part.strip())


def _find_title(text: str, blocks: tuple[Block, ...]) -> str | None:
    if len(blocks) < 2:  # noqa: PLR2004  # a lone paragraph is the text itself
        return None
    first = text[blocks[0].start : blocks[0].end]
    if len(first) > _MAX_TITLE or len(first.splitlines()) > 1 or first.endswith((".", "!", "?", ":", "。")):
        return None
    return first
