"""Pure functions that tell whether a message in a group addresses the bot, and what it asks."""

from __future__ import annotations

from telegram import Bot, Message, MessageEntity

from bot.texts import ENGLISH

MENTIONS: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
ALIASES = {"missed": "unanswered"}
"""The former name of a command → the command."""
IN_PRIVATE_ONLY = {"new", "sources", "help", "members"}
COMMANDS = (ENGLISH.commands.keys() | ALIASES.keys()) - IN_PRIVATE_ONLY


def is_addressed(message: Message, bot: Bot, *, mentions: bool = True) -> bool:
    """Tell whether it is a command for the bot, a reply to it or, with `mentions`, a mention of it."""
    is_mention = mentions and _mention(message, bot) is not None
    return is_mention or command_of(message, bot) in COMMANDS or is_reply_to(message, bot)


def is_reply_to(message: Message, bot: Bot) -> bool:
    """Tell whether it replies to a message of the bot."""
    replied = replied_message(message)
    return bool(replied and replied.from_user and replied.from_user.id == bot.id)


def replied_message(message: Message) -> Message | None:
    """Get the message it replies to; every message in a topic seems to reply to the one that opened the topic."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied


def question_text(message: Message, bot: Bot) -> str:
    """Get its text without the command or the mention; if that is empty, the text of the message it replies to."""
    text, replied = text_without_command(message, bot), replied_message(message)
    if text or replied is None or is_reply_to(message, bot):
        return text
    return (replied.text or replied.caption or "").strip()


def text_without_command(message: Message, bot: Bot) -> str:
    """Get its text, or the caption of its file, without the command or the mention."""
    text = _text_or_caption(message)
    if text.startswith("/"):
        _, _, text = text.partition(text.split(maxsplit=1)[0])
    elif mention := _mention(message, bot):
        text = text.replace(mention, "", 1)
    return text.strip()


def command_of(message: Message, bot: Bot) -> str | None:
    """Get the command that it begins with, unless that is for another bot."""
    first = next(iter(_text_or_caption(message).split(maxsplit=1)), "")
    name, _, addressee = first.partition("@")
    is_for_other = addressee and addressee.lower() != bot.username.lower()
    return None if is_for_other or not name.startswith("/") else name[1:].lower()


def _text_or_caption(message: Message) -> str:
    return message.text or (message.caption if message.document or message.photo else None) or ""


def _mention(message: Message, bot: Bot) -> str | None:
    parse = message.parse_caption_entities if message.document or message.photo else message.parse_entities
    for entity, text in parse(MENTIONS).items():
        if text.lower() == f"@{bot.username}".lower() or (entity.user and entity.user.id == bot.id):
            return text
    return None
