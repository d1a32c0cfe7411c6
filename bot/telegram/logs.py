"""The log of the bot: on standard error, without the bot's token."""

from __future__ import annotations

import logging


class TokenMask(logging.Formatter):
    """Formats a record with its traceback, and then masks the secret part of a bot token."""

    def __init__(self, token: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = token.rpartition(":")[2] or token

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        return super().format(record).replace(self._secret, "***")


def log_to_stderr(token: str, level: str) -> None:
    """Log to standard error only, with the token masked.

    At their lower levels, python-telegram-bot and httpx log every message and every URL. We raise their levels, as
    people's questions must not be logged.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(TokenMask(token))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("telegram").setLevel(max(logging.INFO, logging.root.level))
    for noisy in ("httpx", "httpcore", "tornado.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.root.level))
