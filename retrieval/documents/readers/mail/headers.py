"""Headers: the fields of a mail's head as a person reads them, however they were written."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.text import decode, is_utf8
from retrieval.errors import DocumentError

if TYPE_CHECKING:
    from email.message import Message

# `email` decodes these words too, but takes minutes for a subject of 200,000 of them.
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_HEX = re.compile(rb"=([0-9A-F]{2})", re.IGNORECASE)


def read_header(mail: Message, name: str) -> str:
    """Read a field on one line; empty if it is not there."""
    value = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    return " ".join(_decode_words(_decode_raw(value, mail)).split())


def decode_part(data: bytes, charset: str) -> str:
    """Decode the text of a part, of which the charset may be wrong; empty if it is no text."""
    try:
        return decode(data, None if charset.lower() in {"", "us-ascii", "ascii", "unknown-8bit"} else charset)
    except DocumentError:
        return ""


def _decode_raw(value: str, mail: Message) -> str:
    """Decode bytes beyond ASCII, which stand in a head as they are: in UTF-8, or as the mail's text is."""
    data = value.encode("utf-8", "surrogateescape")
    if not value.isascii():
        charsets = (part.get_content_charset("") for part in mail.walk())
        charset = "" if is_utf8(data) else next(filter(None, charsets), "")
        value = decode_part(data, charset)
    return value


def _decode_words(value: str) -> str:
    """Decode encoded words; a letter may begin in one and end in the next."""
    if "=?" not in value:
        return value
    parts: list[str] = []
    pending, charset, end = b"", "", 0
    value = _BETWEEN_WORDS.sub("", value)
    chunks: list[bytes] = []
    for word in _WORD.finditer(value):
        if word.start() > end or word[1].lower() != charset:
            parts.append(decode_part(b"".join(chunks), charset))
            chunks.clear()
        parts.append(value[end : word.start()])
        charset, end = word[1].lower(), word.end()
        chunks.append(_decode_word(word[2], word[3]))
    parts += [decode_part(pending.join(chunks), charset), value[end:]]
    return "".join(parts)


def _decode_word(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return _HEX.sub(lambda code: bytes.fromhex(code[1].decode()), data.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(data + b"===")
    except binascii.Error:
        return b""
