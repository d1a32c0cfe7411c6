"""JsonStream: reads JSON of any size value by value, so that never all of it is in memory twice."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

from retrieval.documents.readers.json.tokens import mend_escapes, skip_space

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
"""Bytes that are decoded at once, at least."""


class JsonStream:
    """Reads UTF-8 JSON from its beginning to its end. The caller goes into objects and lists, or takes them whole.

    Every method raises a ValueError where the file is no JSON.
    """

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._next = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._scanner = json.JSONDecoder(strict=False)
        self._text = ""
        self._position = 0

    def peek(self) -> str:
        """Give the next sign; nothing at the end."""
        while True:
            self._position = skip_space(self._text, self._position)
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._load():
                return ""

    def members(self) -> Iterator[str]:
        """Go into an object. The caller takes the value of each key before the next one."""
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise ValueError  # noqa: TRY004 - the file is at fault
            self._take(":")
            yield key
            if self._take(",}") == "}":
                return

    def items(self) -> Iterator[None]:
        """Go into a list. The caller takes each value before the next one."""
        self._take("[")
        if self.peek() == "]":
            self._take("]")
            return
        while True:
            yield
            if self._take(",]") == "]":
                return

    def value(self) -> object:
        """Take the next value whole."""
        self.peek()
        while True:
            try:
                value, end = self._scanner.raw_decode(self._text, self._position)
            except ValueError:
                if not (self._load() or self._mend()):
                    raise
                continue
            # A number may go on behind what is decoded.
            if end < len(self._text) or not self._load():
                self._position = end
                return value

    def _take(self, signs: str) -> str:
        sign = self.peek()
        if not sign or sign not in signs:
            raise ValueError(signs)
        self._position += 1
        return sign

    def _load(self) -> bool:
        """Decode more of the file, if there is more; the more the longer the value that is not whole yet."""
        if self._next >= len(self._data):
            return False
        rest = self._text[self._position :]
        end = self._next + max(_CHUNK, len(rest))
        self._text = rest + self._decoder.decode(self._data[self._next : end], final=end >= len(self._data))
        self._next, self._position = end, 0
        return True

    def _mend(self) -> bool:
        """Write wrong escapes as JSON has them; only what is decoded is looked at."""
        rest = self._text[self._position :]
        self._text, self._position = mend_escapes(rest), 0
        return self._text != rest
