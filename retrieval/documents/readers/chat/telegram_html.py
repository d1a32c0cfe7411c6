"""Telegram's export of a chat as HTML: `messages.html`, `messages2.html`, … Each file is read by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.chat.messages import ChatWriter, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_PAGE = re.compile(rb'<div\s+class="[^"]*\bchat_page\b')
_MESSAGE = re.compile(rb'<div\s+class="message (?:default|service)\b')
_DELETED = "Deleted Account"
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)")
_NUMBER = re.compile(r"(?:^message|#go_to_message)(-?\d{1,10})$")


def is_export(data: bytes) -> bool:
    """Decide whether a page is an export of a chat."""
    return bool(_PAGE.search(data)) and bool(_MESSAGE.search(data))


def read(data: bytes, limits: Limits) -> Content:
    """Read the messages of a page; its title is the chat's name. The export does not say where a chat is found."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(data, parser)
    builder = Builder(limits)
    for line_break in root.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    writer = ChatWriter(builder)
    previous = Message(0, "", "", "")
    for element in root.iter("div"):
        if not _is(element, "message"):
            continue
        message = _read_message(element, previous)
        if _is(element, "service"):
            writer.leave_out(Omission.SERVICE, _get_text(element))
        elif message.author == _DELETED:
            writer.leave_out(Omission.DELETED, message.text)
        else:
            writer.add(message)
        previous = message
    writer.close()
    header = _find(root, "page_header")
    return builder.build(_get_text(header) if header is not None else None)


def _read_message(element: Element, previous: Message) -> Message:
    """Read a message; one that is joined to the one before has the same author, who is not named again."""
    body = _find(element, "body")
    body = element if body is None else body
    forwarded = _find(body, "forwarded", "body")
    content = body if forwarded is None else forwarded
    date = _find(body, "date")
    moment = _DATE.search(date.get("title", "")) if date is not None else None
    is_joined = _is(element, "joined")
    author = _get_name(body) or (previous.author if is_joined else "")
    origin = _get_name(content) if forwarded is not None else ""
    return Message(
        number=_get_number(element.get("id", "")),
        moment=f"{moment[3]}-{moment[2]}-{moment[1]}T{moment[4]}" if moment else "",
        author=author,
        text="\n".join(filter(None, [_get_child_text(content, "text"), *_list_parts(content)])),
        reply_to=_find_replied(content),
        is_forwarded=forwarded is not None,
        forwarded_from=origin or (previous.forwarded_from if forwarded is not None and is_joined else ""),
    )


def _get_name(body: Element) -> str:
    """Get the name of a person, without the bot that wrote for them and the date behind it."""
    name = next((child for child in body if _is(child, "from_name")), None)
    text = (name.text or "").strip() if name is not None else ""
    return text.rpartition(" via @")[0] or text


def _find_replied(content: Element) -> int | None:
    """Find the number of the message that one replies to; 0 if it is in another chat."""
    reply = next((child for child in content if _is(child, "reply_to")), None)
    if reply is None:
        return None
    link = next(reply.iter("a"), None)
    return _get_number(link.get("href", "")) if link is not None else 0


def _list_parts(content: Element) -> Iterator[str]:
    """List what people read in a message besides its text: a place, a poll."""
    place = _find(content, "media_venue")
    if place is not None:
        texts = (_find(place, name) for name in ("title", "description"))
        yield ", ".join(filter(None, (_get_text(text) for text in texts if text is not None)))
    poll = _find(content, "media_poll")
    for child in poll if poll is not None else ():
        if _is(child, "question"):
            yield _get_text(child)
        elif _is(child, "answer"):
            yield (child.text or "").strip()


def _get_child_text(content: Element, name: str) -> str:
    return "\n".join(_get_text(child) for child in content if child.get("class") == name)


def _get_text(element: Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _get_number(text: str) -> int:
    match = _NUMBER.search(text)
    return int(match[1]) if match else 0


def _find(element: Element, *names: str) -> Element | None:
    """Find the first part below an element that has these classes."""
    return next((part for part in element.iter("div", "a") if part is not element and _is(part, *names)), None)


def _is(element: Element, *names: str) -> bool:
    classes = (element.get("class") or "").split()
    return all(name in classes for name in names)
