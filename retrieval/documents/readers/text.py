"""Plain text: characters exactly as the file has them; paragraphs separated by blank lines."""

from __future__ import annotations

import codecs
import re
from collections import Counter
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
# Text in these encodings is ASCII for a program, but none for a person.
_JAPANESE = re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])(?:[!-~]{2})+[\r\n]*(?:\x1b\(|\Z)")
_ESCAPES = re.compile(rb"\x1b\$|~\{")
_SEVEN_BIT = ("iso-2022", "hz")
_NULLS = re.compile(rb"\0+")
_REPLACED = re.compile("\ufffd+")
_CONTROLS = re.compile("[\x01-\x08\x10-\x1a\x1c-\x1f\x7f]")
_MIN_SOUND = 2
"""Sound letters beyond ASCII for each damaged one in UTF-8. Of 12 older encodings, no piece of 40 bytes has so many."""
_MAX_FAULTS, _MAX_CONTROLS = 0.01, 0.05
"""Damaged places in an older encoding, and control characters in a file with any damage, as shares of the text."""
_SAMPLE = 1 << 16
_MAX_ALPHABETS, _MIN_SHARE = 3, 0.9
_EAST_ASIAN = re.compile("[\t\n\r -~\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9f]")
_PAUSES = re.compile("[ \n\u3000-\u3002\uff0c\uff0e]")


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read plain text; the first line is the title if it stands alone and does not end as a sentence."""
    text = decode(data)
    blocks = split_paragraphs(text)
    return Content(text=text, blocks=blocks, title=_find_title(text, blocks), has_lines=True)


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a text file, line ends and Unicode as they are, without a byte order mark.

    UTF-8 where it is, else as it is declared, else as chardet detects: of charset-normalizer 3.5 and chardet 7.7,
    only the second got a few sentences right in all of 12 legacy encodings. A few damaged bytes become U+FFFD: a
    guess at them could change what a document says.

    Raises:
        DocumentError: the bytes are not text.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decode(data[len(mark) :], encoding)
    if b"\0" in data and (wide := _find_wide(data)):
        return _decode(data, wide)
    if b"\0" in data:
        data = _remove_nulls(data)
    if declared and (data.isascii() or not is_utf8(data)):
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(declared)
    if _JAPANESE.search(data):
        return _decode(data, "iso2022_jp_ext")
    if is_utf8(data):
        return _decode(data, (_ESCAPES.search(data) and _detect(data, _SEVEN_BIT)) or "utf-8")
    return _decode(data, _detect(data) or _find_wide(data))


def is_utf8(data: bytes) -> bool:
    """Decide whether bytes are UTF-8, although a few of them may be damaged."""
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    else:
        return True
    body = text.rstrip("\ufffd")  # it may be cut inside its last letter
    replaced = body.count("\ufffd")
    letters = len(body) - len(body.encode("ascii", "ignore")) - replaced
    # Text in an older encoding has a valid sequence by chance now and then, but many more invalid ones.
    return letters >= max(1, _MIN_SOUND * replaced)


def _remove_nulls(data: bytes) -> bytes:
    """Remove null characters, as browsers do; but several are a gap, as in records of a fixed width."""
    sound = _NULLS.sub(lambda nulls: b" " if len(nulls[0]) > 1 else b"", data.strip(b"\0"))
    return sound if _has_words(sound.decode("latin-1")) else b"\0"  # which no encoding makes text of


def _decode(data: bytes, encoding: str | None) -> str:
    """Decode bytes of which a few may be damaged."""
    with suppress(LookupError):
        text = data.decode(encoding or "ascii", "replace")
        if encoding == "iso2022_jp_ext" and "\ufffd" in text:
            # Windows writes its own characters, such as ①, which are in the newer standard's first plane.
            newer = data.replace(b"\x1b$B", b"\x1b$(Q").decode("iso2022_jp_2004", "replace")
            text = min(text, newer, key=lambda each: each.count("\ufffd"))
        faults = _count_faults(data, text)
        few = max(1, _MAX_FAULTS * len(text))
        if "\0" not in text and (not faults or ((encoding == "utf-8" or faults <= few) and _has_words(text))):
            return text
    message = "The file is not text in any encoding that Quoth knows. Save it as UTF-8."
    raise DocumentError(message, DocumentFault.NOT_TEXT)


def _has_words(text: str) -> bool:
    """Tell damaged text from a file of another kind."""
    return bool(text.strip(" \t\r\n\ufffd")) and len(_CONTROLS.findall(text.rstrip("\x1a"))) <= _MAX_CONTROLS * len(
        text
    )


def _count_faults(data: bytes, text: str) -> int:
    """Count the places where bytes were replaced, not those where the file itself has U+FFFD."""
    if "\ufffd" not in text:
        return 0
    return max(0, len(_REPLACED.findall(text)) - data.count(b"\xef\xbf\xbd"))


def _detect(data: bytes, among: tuple[str, ...] = ("",)) -> str | None:
    encoding = (chardet.detect(data)["encoding"] or "").lower()
    # Marks and nulls were looked for before: what is left of a file without its nulls may begin like a mark.
    return encoding if encoding.startswith(among) and not encoding.startswith(("utf-16", "utf-32")) else None


def _find_wide(data: bytes) -> str | None:
    """Find in which order text in UTF-16 or UTF-32 has its bytes, by those that are the same in most letters."""
    sample = data[:_SAMPLE]
    wide = sample[: len(sample) // 4 * 4]
    for encoding, top in (("utf-32-le", wide[3::4]), ("utf-32-be", wide[::4])):
        with suppress(UnicodeDecodeError):
            if wide and not any(top) and "\0" not in wide.decode(encoding):
                return encoding
    for encoding, high, low in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        zeros, alphabets = high.count(0), sum(count for _, count in Counter(high).most_common(_MAX_ALPHABETS))
        is_alphabetic = alphabets >= _MIN_SHARE * len(high) and low.count(0) * 4 < zeros >= len(high) / 20
        text = sample.decode(encoding, "replace")
        if is_alphabetic or (
            len(_EAST_ASIAN.findall(text)) >= _MIN_SHARE * len(text) and len(_PAUSES.findall(text)) >= len(text) / 100
        ):
            return encoding
    return None


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
