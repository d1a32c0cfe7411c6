"""A Bot API server on loopback that is as strict as the real one, and people who write to the bot.

    with TelegramDouble() as telegram:
        ...  # a bot with telegram.url as its API server and telegram.token as its token
        ann = telegram.person("Ann")
        ann.writes("How many officers?")
        assert ann.reads().text == "Six."

`methods.py` holds the Bot API's methods, one function each; a request that the real server would refuse also
ends up in `telegram.complaints`, and the `telegram` fixtures fail a test that leaves any.
"""

from support.telegram_double.balancer import Balancer
from support.telegram_double.chats import Button, Chat, InlineAnswer, InlineQuery, Message, Person, Press, Result
from support.telegram_double.floods import FloodLimits
from support.telegram_double.markup import Entity, MarkupError, parse_html
from support.telegram_double.server import TelegramDouble

__all__ = [
    "Balancer",
    "Button",
    "Chat",
    "Entity",
    "FloodLimits",
    "InlineAnswer",
    "InlineQuery",
    "MarkupError",
    "Message",
    "Person",
    "Press",
    "Result",
    "TelegramDouble",
    "parse_html",
]
