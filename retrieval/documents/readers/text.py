"""Plain text: characters exactly as the file has them; paragraphs parted by blank lines."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import chardet

from retrieval.documents.document import Block, Content
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from retrieval.documents.readers.limits import Limits

TITLE_LIMIT = 120
_BLANK_LINES = re.compile(r"(?>\r\n|\r|\n)(?:[^\S\r\n]*(?>\r\n|\r|\n))+")
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read plain text; the first line is the title if it stands alone and does not end as a sentence.

    Raises:
        DocumentError: the bytes are not text.
    """
    text = decode(data)
    blocks = paragraphs(text)
    return Content(text=text, blocks=blocks, title=_title(text, blocks), has_lines=True)


def decode(data: bytes) -> str:
    """The characters of a text file, line ends and Unicode as they are; a byte order mark is no character.

    UTF-8 where it is valid, else as chardet detects: of charset-normalizer 3.5 and chardet 7.7, the
    second alone got a few sentences right in all of 12 legacy encodings.

    Raises:
        DocumentError: the bytes are not text.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decoded(data, chardet.detect(data)["encoding"])
    if "\0" in text:
        # UTF-16 of Latin letters is valid UTF-8 with a zero after every letter.
        text = _decoded(data, chardet.detect(data)["encoding"])
    return text


def _decoded(data: bytes, encoding: str | None) -> str:
    try:
        text = data.decode(encoding or "ascii")
    except (UnicodeDecodeError, LookupError):
        raise DocumentError(_NOT_TEXT, DocumentFault.NOT_TEXT) from None
    if "\0" in text:
        raise DocumentError(_NOT_TEXT, DocumentFault.NOT_TEXT)
    return text


_NOT_TEXT = "The file is not text in any encoding that Quoth knows. Save it as UTF-8."


def paragraphs(text: str, start: int = 0, end: int | None = None) -> tuple[Block, ...]:
    """The parts of `text[start:end]` between blank lines, without the white space around them."""
    stop = len(text) if end is None else end
    bounds = [start]
    for match in _BLANK_LINES.finditer(text, start, stop):
        bounds += match.span()
    bounds.append(stop)
    spans = (strip(text, a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    return tuple(Block(a, b) for a, b in spans if a < b)


def strip(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends."""
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, start + len(part.strip())


def _title(text: str, blocks: tuple[Block, ...]) -> str | None:
    if len(blocks) < 2:  # noqa: PLR2004  # a lone paragraph is the text itself
        return None
    first = text[blocks[0].start : blocks[0].end]
    if len(first) > TITLE_LIMIT or len(first.splitlines()) > 1 or first.endswith((".", "!", "?", ":", "。")):
        return None
    return first
