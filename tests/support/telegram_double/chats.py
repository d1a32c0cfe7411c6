"""Chats, the people in them, and what was written there."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from support.telegram_double.markup import Entity, units

TIMEOUT_S = 20
"""How long a test waits for something that should happen at once, on a slow machine."""
MENTION = re.compile(r"(?<!\S)@\w+")
COMMAND = re.compile(r"/\w+(@\w+)?")
GENERAL = 1
"""The topic that every forum has; its messages carry no topic, and nothing can be sent to it by this id."""

Json = dict[str, Any]


@dataclass
class Message:
    """A message in a chat, by a person or by the bot."""

    id: int
    chat: Chat
    sender: Json
    text: str
    entities: list[Entity] = field(default_factory=list)
    reply_to: Message | None = None
    topic: int | None = None
    date: int = field(default_factory=lambda: int(time.time()))
    extra: Json = field(default_factory=dict)
    keyboard: list[list[Json]] = field(default_factory=list)
    at: float = field(default_factory=time.monotonic)
    """When it was written, to measure with."""

    @property
    def buttons(self) -> list[Button]:
        """The buttons below, row by row, but for those that open an address."""
        every = [one for row in self.keyboard for one in row]
        return [Button(self, one["text"], one["callback_data"]) for one in every if "url" not in one]

    @property
    def links(self) -> dict[str, str]:
        """What opens an address, in the text and below: its words → the address."""
        below = {one["text"]: one["url"] for row in self.keyboard for one in row if "url" in one}
        return {each.text: each.url for each in self.entities if each.url} | below

    def marked(self, kind: str) -> list[str]:
        """The parts of the text that are marked so: `bold`, `blockquote`, …"""
        return [entity.text for entity in self.entities if entity.type == kind]

    def to_json(self) -> Json:
        """As the Bot API tells it."""
        message = {
            "message_id": self.id,
            "date": self.date,
            "chat": self.chat.to_json(),
            "from": self.sender,
            **({"text": self.text} if self.text else {}),
            "entities": [_as_json(entity) for entity in self.entities],
        }
        if self.topic is not None:
            message |= {"message_thread_id": self.topic, "is_topic_message": True}
        if self.reply_to is not None:
            message["reply_to_message"] = self.reply_to.to_json() | {"reply_to_message": None}
        if self.keyboard:
            message["reply_markup"] = {"inline_keyboard": self.keyboard}
        return message | self.extra


@dataclass(frozen=True)
class Button:
    """A button below a message; `data` is what the bot gets when it is pressed."""

    message: Message
    text: str
    data: str


@dataclass
class Press:
    """A button that somebody pressed."""

    id: str
    world: World
    answer: Json | None = None

    def reads(self) -> str:
        """What the bot answers to the press, as soon as it does; mostly nothing.

        Raises:
            AssertionError: it does not answer for a long time.
        """
        self.world.wait_until(lambda: self.answer is not None, f"the bot answers to press {self.id}")
        return self.answer["text"]


@dataclass(frozen=True)
class Result:
    """One of the results that somebody can choose, and the message that it puts into the chat."""

    id: str
    title: str
    description: str
    text: str
    entities: list[Entity]
    extra: Json

    def marked(self, kind: str) -> list[str]:
        """The parts of the message that are marked so."""
        return [entity.text for entity in self.entities if entity.type == kind]

    @property
    def links(self) -> dict[str, str]:
        """What opens an address: its words → the address."""
        return {each.text: each.url for each in self.entities if each.url}


@dataclass(frozen=True)
class InlineAnswer:
    """What the bot lists for an inline query."""

    results: list[Result]
    next_offset: str
    is_personal: bool
    cache_time: int
    button: Json | None


@dataclass
class InlineQuery:
    """What somebody has typed behind the bot's name, in any chat."""

    id: str
    world: World
    answer: InlineAnswer | None = None

    def reads(self) -> InlineAnswer:
        """What the bot lists, as soon as it does.

        Raises:
            AssertionError: it does not answer for a long time.
        """
        self.world.wait_until(lambda: self.answer is not None, f"the bot answers to query {self.id}")
        return self.answer


class Chat:
    """A private chat, a group, or a forum, which is a group with topics."""

    def __init__(self, world: World, number: int, kind: str, title: str) -> None:
        self.id = number
        self.kind = kind
        self.title = title
        self.topics: dict[int, str] = {}
        self.messages: dict[int, Message] = {}
        self.administrators: list[Person] = []
        self.blocked = False
        self.moved_to: int | None = None
        self._world = world
        self._unread: deque[Message] = deque()
        self._edited: deque[Message] = deque()

    @property
    def is_forum(self) -> bool:
        """Whether the chat has topics."""
        return bool(self.topics)

    def to_json(self) -> Json:
        """As the Bot API tells it."""
        if self.kind == "private":
            return {"id": self.id, "type": self.kind, "first_name": self.title}
        return {"id": self.id, "type": self.kind, "title": self.title, "is_forum": self.is_forum}

    def opens_topic(self, name: str) -> int:
        """A new topic; the chat is a forum from now on."""
        topic = next(self._world.message_ids)
        self.topics |= {GENERAL: "General", topic: name}
        return topic

    def deletes(self, message: Message) -> None:
        """The message is gone, so nobody can reply to it."""
        with self._world.changed:
            del self.messages[message.id]

    def add(self, message: Message) -> Message:
        """Put a message into the chat; one by the bot becomes unread."""
        with self._world.changed:
            self.messages[message.id] = message
            if message.sender["id"] == self._world.bot["id"]:
                self._unread.append(message)
            self._world.changed.notify_all()
        return message

    def reads(self) -> Message:
        """The bot's next message here, as soon as there is one.

        Raises:
            AssertionError: there is none for a long time.
        """
        self._world.wait_until(lambda: self._unread, f"the bot writes in {self.title}")
        return self._unread.popleft()

    def edit(self, message: Message, text: str, entities: list[Entity], keyboard: list[list[Json]]) -> Message:
        """Give one of the bot's messages another text and other buttons."""
        with self._world.changed:
            message.text, message.entities, message.keyboard = text, entities, keyboard
            self._edited.append(message)
            self._world.changed.notify_all()
        return message

    def reads_edited(self) -> Message:
        """The next message here that the bot edits, as soon as it does.

        Raises:
            AssertionError: it edits none for a long time.
        """
        self._world.wait_until(lambda: self._edited, f"the bot edits in {self.title}")
        return self._edited.popleft()

    @property
    def by_the_bot(self) -> list[str]:
        """Everything that the bot has written here."""
        bot = self._world.bot["id"]
        return [message.text for message in self.messages.values() if message.sender["id"] == bot]

    @property
    def unread(self) -> int:
        """How many of the bot's messages nobody has read yet."""
        return len(self._unread)


def _as_json(entity: Entity) -> Json:
    told = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    return told | ({"url": entity.url} if entity.url else {})


def _marks(text: str) -> list[Entity]:
    """The entities that apps of Telegram find in a text."""
    return [
        Entity(kind, units(text[: found.start()]), units(found[0]), found[0])
        for kind, pattern in {"bot_command": COMMAND, "mention": MENTION}.items()
        for found in pattern.finditer(text)
    ]


class Person:
    """Somebody who writes to the bot; also another bot."""

    def __init__(self, world: World, number: int, name: str, language: str, *, is_bot: bool) -> None:
        self.user = {
            "id": number,
            "is_bot": is_bot,
            "first_name": name,
            "username": name.lower(),
            "language_code": language,
        }
        self.chat = Chat(world, number, "private", name)
        self._world = world

    def writes(
        self,
        text: str,
        *,
        to: Chat | None = None,
        topic: int | None = None,
        reply_to: Message | None = None,
        **extra: Any,
    ) -> Message:
        """Send a message to the bot, or to a chat that the bot is in; `extra` are more of its fields."""
        world, chat = self._world, to or self.chat
        number = next(world.message_ids)
        if "caption" in extra:
            extra["caption_entities"] = [_as_json(each) for each in _marks(extra["caption"])]
        message = Message(number, chat, self.user, text, _marks(text), reply_to, topic, extra=extra)
        chat.add(message)
        world.add_update(message.id, message=message.to_json())
        return message

    def sends(self, kind: str, content: Any, **extra: Any) -> Message:
        """Send the bot a message without text: a `voice`, a `sticker`, …"""
        return self.writes("", **{kind: content}, **extra)

    def sends_file(self, name: str | None, data: bytes, caption: str = "", **extra: Any) -> Message:
        """Send the bot, or a chat that it is in, a file, with a text below it."""
        file_id = f"file-{next(self._world.press_ids)}"
        self._world.files[file_id] = data
        document = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data)}
        named = {"file_name": name} if name is not None else {}
        below = {"caption": caption} if caption else {}
        return self.sends("document", document | named, **below, **extra)

    def sends_photo(self, data: bytes, caption: str = "", **extra: Any) -> Message:
        """Send a photo, which Telegram also makes smaller ones of, with a text below it."""
        sizes = []
        for side, content in ((90, b"A thumbnail."), (1_280, data)):
            file_id = f"photo-{next(self._world.press_ids)}"
            self._world.files[file_id] = content
            size = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}
            sizes.append(size | {"width": side, "height": side})
        below = {"caption": caption, "caption_entities": [_as_json(each) for each in _marks(caption)]}
        return self.sends("photo", sizes, **(below if caption else {}), **extra)

    def edits(self, message: Message, text: str) -> None:
        """Give one of the person's messages another text."""
        message.text, message.entities = text, _marks(text)
        edited = message.to_json() | {"edit_date": int(time.time())}
        self._world.add_update(f"edit of {message.id}", edited_message=edited)

    def edits_caption(self, message: Message, caption: str) -> None:
        """Give one of the person's files another text below it."""
        message.extra |= {
            "caption": caption,
            "caption_entities": [_as_json(each) for each in _marks(caption)],
        }
        edited = message.to_json() | {"edit_date": int(time.time())}
        self._world.add_update(f"edit of {message.id}", edited_message=edited)

    def opens(self, link: str) -> Message:
        """Open a link to the bot with a parameter, and press "Start"."""
        name, parameter = re.fullmatch(r"https://t\.me/(\w+)\?start=([\w-]{1,64})", link).groups()
        assert name == self._world.bot["username"]
        return self.writes(f"/start {parameter}")

    def presses(self, button: Button, **extra: Any) -> Press:
        """Press a button; `extra` are other fields of the callback query, which apps of strangers can send."""
        press = Press(str(next(self._world.press_ids)), self._world)
        self._world.presses[press.id] = press
        query = {
            "id": press.id,
            "from": self.user,
            "message": button.message.to_json(),
            "chat_instance": str(button.message.chat.id),
            "data": button.data,
        }
        self._world.add_update(press.id, callback_query=query | extra)
        return press

    def types(self, text: str, offset: str = "") -> InlineQuery:
        """Write something behind the bot's name in any chat, or scroll to the results from `offset` on."""
        query = InlineQuery(str(next(self._world.press_ids)), self._world)
        self._world.inline_queries[query.id] = query
        told = {"id": query.id, "from": self.user, "query": text, "offset": offset, "chat_type": "group"}
        self._world.add_update(query.id, inline_query=told)
        return query

    def chooses(self, result: Result, query: str) -> None:
        """Send a result into a chat; Telegram tells the bot of it if @BotFather was asked for that."""
        told = {"result_id": result.id, "from": self.user, "query": query}
        self._world.add_update(str(next(self._world.press_ids)), chosen_inline_result=told)

    def reads(self) -> Message:
        """The bot's next message in the private chat, as soon as there is one."""
        return self.chat.reads()

    def reads_edited(self) -> Message:
        """The next message in the private chat that the bot edits, as soon as it does."""
        return self.chat.reads_edited()

    def administers(self, group: Chat) -> None:
        """Be an administrator of the group from now on."""
        group.administrators.append(self)

    def blocks_the_bot(self) -> None:
        """The bot may not write in the private chat any more."""
        self.chat.blocked = True
        self._world.changes_membership(self, self.chat, "kicked")

    def unblocks_the_bot(self) -> None:
        """The bot may write again."""
        self.chat.blocked = False
        self._world.changes_membership(self, self.chat, "member")

    def adds_the_bot(self, group: Chat) -> None:
        """The bot is in the group from now on."""
        group.blocked = False
        self._world.changes_membership(self, group, "member")

    def removes_the_bot(self, group: Chat) -> None:
        """The bot is in the group no more."""
        group.blocked = True
        self._world.changes_membership(self, group, "left")

    def upgrades(self, group: Chat) -> Chat:
        """Make a supergroup of a group, which is a new chat to the bot."""
        new = self._world.group(group.title)
        group.moved_to = new.id
        self.writes("", to=group, migrate_to_chat_id=new.id)
        self.writes("", to=new, migrate_from_chat_id=group.id)
        return new


class World:
    """All chats, and the updates that the bot has not confirmed yet."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.bot: Json = {"id": 42, "is_bot": True, "first_name": "Quoth", "username": "quoth_bot"}
        self.chats: dict[int, Chat] = {}
        self.complaints: list[str] = []
        self.updates: list[Json] = []
        self.repeats: list[Json] = []
        self.presses: dict[str, Press] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.files: dict[str, bytes] = {}
        """By id, which here is also the path to fetch it from."""
        self._update_of: dict[int | str, Json] = {}
        self.message_ids = count(101)
        self.press_ids = count(9_000_000_000_000_001)
        self._person_ids = count(1001)
        self._group_ids = count(-1_000_000_000_001, -1)
        self._update_ids = count(500_001)

    def person(self, name: str, language: str = "en", *, is_bot: bool = False) -> Person:
        """Somebody new, who has a private chat with the bot."""
        person = Person(self, next(self._person_ids), name, language, is_bot=is_bot)
        self.chats[person.chat.id] = person.chat
        return person

    def group(self, title: str) -> Chat:
        """A new group that the bot is in."""
        chat = Chat(self, next(self._group_ids), "supergroup", title)
        self.chats[chat.id] = chat
        return chat

    def add_update(self, cause: int | str, **content: Json) -> int:
        """Something that the bot should hear of, and its id; `cause` is the id of the message or the press."""
        with self.changed:
            update = {"update_id": next(self._update_ids)} | content
            self._update_of[cause] = update
            self.updates.append(update)
            self.changed.notify_all()
        return update["update_id"]

    def changes_membership(self, person: Person, chat: Chat, status: str) -> None:
        """Tell the bot that somebody blocked or removed it, or took that back."""
        member = {"user": self.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
        change = {
            "chat": chat.to_json(),
            "from": person.user,
            "date": int(time.time()),
            "old_chat_member": {"user": self.bot, "status": "left" if status == "member" else "member"},
            "new_chat_member": member,
        }
        self.add_update(f"{status} {next(self.press_ids)}", my_chat_member=change)

    def repeat_update(self, cause: int | str) -> None:
        """Deliver a message or a press once more in the same update, as happens when a confirmation is lost."""
        with self.changed:
            self.repeats.append(self._update_of[cause])
            self.changed.notify_all()

    def wait_until(self, condition: Any, what: str) -> None:
        """Wait for something that a request of the bot brings about.

        Raises:
            AssertionError: it does not happen for a long time, or a request was refused.
        """
        deadline = time.monotonic() + TIMEOUT_S
        with self.changed:
            while not condition():
                left = deadline - time.monotonic()
                assert self.complaints == []
                assert left > 0, f"waited {TIMEOUT_S} s in vain until {what}"
                self.changed.wait(left)
