"""What goes into the log: to standard error, and never the bot's token."""

from __future__ import annotations

import logging


class TokenMask(logging.Formatter):
    """Formats a record with its traceback, and then masks the secret part of a bot token."""

    def __init__(self, token: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = token.rpartition(":")[2] or token

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return super().format(record).replace(self._secret, "***")


def log_to_stderr(token: str, level: str) -> None:
    """Make standard error, with the token masked, the only place that the log goes to.

    python-telegram-bot and httpx write every message and every URL to the log at their lower levels: they are
    kept quieter, as what people ask is no business of the log.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(TokenMask(token))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("telegram").setLevel(max(logging.INFO, logging.root.level))
    for noisy in ("httpx", "httpcore", "tornado.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.root.level))
