"""Telegram's export of chats as JSON: of one chat, or of a whole account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.chat.json_stream import JsonStream
from retrieval.documents.readers.chat.messages import ChatWriter, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_WITH_LINKS = {"private_supergroup", "public_supergroup", "private_channel", "public_channel"}
_TYPES = _WITH_LINKS | {"saved_messages", "replies", "verification_codes", "personal_chat", "bot_chat", "private_group"}
_CHATS = {"chats", "left_chats"}
_MARK = re.compile(rb'"type"\s*:\s*"(?:%s)"' % b"|".join(kind.encode() for kind in sorted(_TYPES)))
_MESSAGES = re.compile(rb'"messages"\s*:\s*\[')
_OLD_CHANNEL = 1 << 33
"""Exports up to 2021 add this to the ids of supergroups and channels, and say no time in seconds."""
_BOT_API_PREFIX = "-100"


def is_export(data: bytes) -> bool:
    """Decide whether a JSON file looks like an export of chats."""
    return bool(_MESSAGES.search(data)) and bool(_MARK.search(data))


def read(data: bytes, limits: Limits) -> Content | None:
    """Read an export; the name of its only chat is the title. None if it is other JSON, or damaged."""
    builder = Builder(limits)
    try:
        chat = _read_whole(JsonStream(data), builder)
    except (ValueError, RecursionError):
        return None
    return builder.build(chat.name) if chat else None


@dataclass(slots=True)
class _Chat:
    """What an export says of a chat before its messages."""

    name: str = ""
    type: str = ""
    id: int = 0
    waiting: list[object] = field(default_factory=list)
    """Messages that stand before the chat's type."""

    def link(self, number: int, *, is_old: bool) -> str | None:
        """Give the address of a message, which only those can open who may read the chat."""
        if self.type not in _WITH_LINKS or number <= 0:
            return None
        identifier = int(str(self.id).removeprefix(_BOT_API_PREFIX))
        if is_old and identifier >= _OLD_CHANNEL:
            identifier -= _OLD_CHANNEL
        return f"https://t.me/c/{identifier}/{number}" if identifier > 0 else None


def _read_whole(stream: JsonStream, builder: Builder) -> _Chat | None:
    """Read the object that is the file; None if it holds no chats."""
    if stream.peek() != "{":
        return None
    chat = _Chat()
    has_chats = False
    for key in stream.members():
        if key in _CHATS and stream.peek() == "{":
            has_chats = True
            _read_chats(stream, builder)
        else:
            _read_member(stream, builder, chat, key, is_only=True)
    _read_waiting(chat, ChatWriter(builder))
    return chat if chat.type in _TYPES else _Chat() if has_chats else None


def _read_chats(stream: JsonStream, builder: Builder) -> None:
    """Read the chats of a whole account."""
    for key in stream.members():
        if key != "list" or stream.peek() != "[":
            stream.value()
            continue
        for _ in stream.items():
            chat = _Chat()
            for member in stream.members():
                _read_member(stream, builder, chat, member, is_only=False)
            _read_waiting(chat, ChatWriter(builder, chat.name))


def _read_member(stream: JsonStream, builder: Builder, chat: _Chat, key: str, *, is_only: bool) -> None:
    """Read what stands under a key of a chat. Messages that come before the chat's type wait for it."""
    if key == "messages" and chat.type and stream.peek() == "[":
        writer = ChatWriter(builder, None if is_only else chat.name)
        for _ in stream.items():
            _add(stream.value(), chat, writer)
        writer.close()
        return
    value = stream.value()
    if key == "messages" and isinstance(value, list):
        chat.waiting = value
    elif key in {"name", "type"} and isinstance(value, str):
        setattr(chat, key, value)
    elif key == "id" and isinstance(value, int):
        chat.id = value


def _read_waiting(chat: _Chat, writer: ChatWriter) -> None:
    for message in chat.waiting:
        _add(message, chat, writer)
    chat.waiting = []
    writer.close()


def _add(message: object, chat: _Chat, writer: ChatWriter) -> None:
    """Add a message, or count one that is left out."""
    if not isinstance(message, dict):
        return
    number = _get_number(message, "id")
    if message.get("type") != "message":
        if message.get("action") == "topic_created":
            writer.add_topic(number, _get_text(message, "title"))
        writer.leave_out(Omission.SERVICE, " ".join(_get_text(message, key) for key in ("actor", "action", "title")))
        return
    text = "\n".join(filter(None, [_join(message.get("text")), *_list_parts(message)]))
    if "from" in message and message["from"] is None:
        writer.leave_out(Omission.DELETED, text)
        return
    has_reply = "reply_to_message_id" in message
    writer.add(
        Message(
            number=number,
            moment=_get_text(message, "date"),
            author=_name_author(message, chat),
            text=text,
            reply_to=_find_replied(message) if has_reply else None,
            is_forwarded="forwarded_from" in message,
            forwarded_from=_get_text(message, "forwarded_from"),
            url=chat.link(number, is_old="date_unixtime" not in message),
        )
    )


def _name_author(message: dict[str, Any], chat: _Chat) -> str:
    """Name the person, or the channel and the person who signed."""
    author = _get_text(message, "from") or chat.name
    signature = _get_text(message, "author")
    return f"{author} ({signature})" if signature and signature != author else author


def _find_replied(message: dict[str, Any]) -> int:
    """Find the number of the message that one replies to; 0 if it is in another chat."""
    return 0 if "reply_to_peer_id" in message else _get_number(message, "reply_to_message_id")


def _list_parts(message: dict[str, Any]) -> Iterator[str]:
    """List what people read in a message besides its text: a place, a poll, a list of tasks."""
    yield ", ".join(filter(None, [_get_text(message, "place_name"), _get_text(message, "address")]))
    for key, title in (("poll", "question"), ("todo_list", "title")):
        value = message.get(key)
        if isinstance(value, dict):
            yield _join(value.get(title))
            answers = value.get("answers")
            for answer in answers if isinstance(answers, list) else ():
                if isinstance(answer, dict):
                    yield f"- {_join(answer.get('text'))}"


def _join(text: object) -> str:
    """Join a text: a string, or a list of strings and marked parts."""
    if isinstance(text, str):
        return text
    parts = text if isinstance(text, list) else ()
    return "".join(part if isinstance(part, str) else _get_text(part, "text") for part in parts)


def _get_text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _get_number(value: dict[str, Any], key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) and abs(found) < 1 << 62 else 0
