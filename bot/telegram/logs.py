"""The log of the bot: on standard error, without the bot's token and without what people wrote."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

OWN = {"bot", "retrieval"}
"""Packages whose loggers we know: they log no words of people."""

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class SafeFormatter(logging.Formatter):
    """Formats a record without anything that a person may have written.

    Libraries log messages, URLs and whole updates. Of their records, the place and the kind of the error are left. An
    error's message is left out everywhere. The secret part of the bot's token is masked.
    """

    def __init__(self, token: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = token.rpartition(":")[2] or token

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        if not _is_own(record):
            kind = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
            place = f"A problem at {record.filename}:{record.lineno}{kind}"
            record = logging.makeLogRecord(vars(record) | {"msg": place, "args": None, "exc_text": None})
        return super().format(record).replace(self._secret, "***")

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging calls it so
        """Format the places that an error came through, and its kind."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")


def log_to_stderr(token: str, level: str) -> None:
    """Log to standard error only: our records from this level on, and the problems of libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter(token))
    handler.addFilter(lambda record: _is_own(record) or record.levelno >= logging.WARNING)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OWN
