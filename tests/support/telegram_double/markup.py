"""Telegram's HTML → text and entities, or the error that the real server gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

ENTITY_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
ATTRIBUTES = {"a": re.compile(r'\s+href="([^"<>]*)"'), "blockquote": re.compile(r"\s+(expandable)")}
TAG = re.compile(r"<(/?)([^\s<>/]*)([^<>]*)>")
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


class MarkupError(Exception):
    """The server cannot parse the entities."""


@dataclass(frozen=True)
class Entity:
    """A marked part of a text; `offset` and `length` count UTF-16 code units."""

    type: str
    offset: int
    length: int
    text: str
    url: str = ""


@dataclass
class _Open:
    tag: str
    type: str
    start: int
    url: str


@dataclass
class _Parsed:
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)


def units(text: str) -> int:
    """UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(markup: str) -> tuple[str, list[Entity]]:
    """The text that people see, and its entities in the order of their ends.

    Nesting that the real server quietly repairs (code inside bold, a blockquote in a blockquote) is an error.

    Raises:
        MarkupError: what is wrong, and where.
    """
    parsed = _Parsed()
    position = 0
    for tag in TAG.finditer(markup):
        parsed.text += _plain(markup[position : tag.start()])
        if tag[1]:
            _close(parsed, tag)
        else:
            _start(parsed, tag)
        position = tag.end()
    parsed.text += _plain(markup[position:])
    if parsed.open:
        raise MarkupError("Can't find end tag corresponding to start tag", parsed.open[-1].tag)
    return parsed.text, parsed.entities


def _plain(markup: str) -> str:
    if "<" in markup:
        raise MarkupError("Unclosed start tag")
    if ">" in markup:
        raise MarkupError("Unescaped '>'")
    return REFERENCE.sub(lambda reference: unescape(reference[0]), markup)


def _start(parsed: _Parsed, tag: re.Match[str]) -> None:
    name, attributes = tag[2].lower(), tag[3]
    if name not in ENTITY_TYPES:
        raise MarkupError("Unsupported start tag", name, tag.start())
    if attributes and not (name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(attributes)):
        raise MarkupError("Unexpected attributes in the tag", name, attributes)
    kind = "expandable_blockquote" if "expandable" in attributes else ENTITY_TYPES[name]
    outside = {entity.type for entity in parsed.open}
    if outside & {"code", "pre"} or (outside and kind in {"code", "pre"}):
        raise MarkupError("Code cannot be nested with other tags", name)
    if "blockquote" in kind and any("blockquote" in other for other in outside):
        raise MarkupError("Blockquotes cannot be nested")
    address = ATTRIBUTES["a"].fullmatch(attributes) if name == "a" else None
    if name == "a" and (address is None or not address[1].startswith(("https://", "http://"))):
        raise MarkupError("A link that Telegram drops", attributes)
    parsed.open.append(_Open(name, kind, len(parsed.text), unescape(address[1]) if address else ""))


def _close(parsed: _Parsed, tag: re.Match[str]) -> None:
    name = tag[2].lower()
    if not parsed.open:
        raise MarkupError("Unexpected end tag", name, tag.start())
    opened = parsed.open.pop()
    if name != opened.tag or tag[3].strip():
        raise MarkupError("Unmatched end tag, expected and found", opened.tag, name)
    text = parsed.text[opened.start :]
    if text:
        offset = units(parsed.text[: opened.start])
        parsed.entities.append(Entity(opened.type, offset, units(text), text, opened.url))
