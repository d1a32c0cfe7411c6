"""Whether a message in a group speaks to the bot, and what it says to it; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import MessageEntity

from bot.texts import ENGLISH

if TYPE_CHECKING:
    from telegram import Bot, Message

MENTIONS: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
IN_PRIVATE_ONLY = {"new", "sources", "help", "members"}
COMMANDS = ENGLISH.commands.keys() - IN_PRIVATE_ONLY


def is_addressed(message: Message, bot: Bot, *, mentions: bool = True) -> bool:
    """Whether it is a command for the bot, mentions it, if that counts, or replies to it."""
    return (
        command_of(message, bot) in COMMANDS
        or (mentions and _mention(message, bot) is not None)
        or is_reply_to(message, bot)
    )


def is_reply_to(message: Message, bot: Bot) -> bool:
    """Whether it replies to a message of the bot."""
    replied = replied_message(message)
    return bool(replied and replied.from_user and replied.from_user.id == bot.id)


def replied_message(message: Message) -> Message | None:
    """The message it replies to; every message in a topic seems to reply to the one that opened the topic."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied


def said_to(message: Message, bot: Bot) -> str:
    """Its text without the command or the mention; without that, what stands in the message it replies to."""
    text, replied = own_words(message, bot), replied_message(message)
    if text or replied is None or is_reply_to(message, bot):
        return text
    return (replied.text or replied.caption or "").strip()


def own_words(message: Message, bot: Bot) -> str:
    """Its text, or what stands below the file that it brings, without the command or the mention."""
    text = _written(message)
    if text.startswith("/"):
        _, _, text = text.partition(text.split(maxsplit=1)[0])
    elif mention := _mention(message, bot):
        text = text.replace(mention, "", 1)
    return text.strip()


def command_of(message: Message, bot: Bot) -> str | None:
    """The command that it begins with, unless that is for another bot."""
    first = next(iter(_written(message).split(maxsplit=1)), "")
    name, _, addressee = first.partition("@")
    is_for_other = addressee and addressee.lower() != bot.username.lower()
    return None if is_for_other or not name.startswith("/") else name[1:].lower()


def _written(message: Message) -> str:
    return message.text or (message.caption if message.document else None) or ""


def _mention(message: Message, bot: Bot) -> str | None:
    marked = message.parse_entities(MENTIONS)
    if message.document:
        marked = message.parse_caption_entities(MENTIONS)
    for entity, text in marked.items():
        if text.lower() == f"@{bot.username}".lower() or (entity.user and entity.user.id == bot.id):
            return text
    return None
