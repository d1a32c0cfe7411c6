"""The log: on standard error, as text or as JSON, without the bot's token and without what people wrote."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from bot.monitoring.monitor import Monitor
    from bot.settings import Settings

    ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

OWN = {"bot", "retrieval"}
"""Packages whose loggers we know: they log no words of people."""


class SafeFormatter(logging.Formatter):
    """Formats a record without anything that a person may have written.

    Libraries log messages, URLs and whole updates. Of their records, the place and the kind of the error are left. An
    error's message is left out everywhere. The secret part of the bot's token is masked.
    """

    def __init__(self, token: str = "") -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = token.rpartition(":")[2] or token

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        if not _is_own(record):
            kind = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
            place = f"A problem at {record.filename}:{record.lineno}{kind}"
            record = logging.makeLogRecord(vars(record) | {"msg": place, "args": None, "exc_text": None})
        line = self._write(record)
        return line.replace(self._secret, "***") if self._secret else line

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging calls it so
        """Format the places that an error came through, and its kind."""
        kind, _, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")

    def _write(self, record: logging.LogRecord) -> str:
        """Write a record that holds nothing that a person may have written."""
        return super().format(record)


class JsonFormatter(SafeFormatter):
    """Formats a record in the same way as one line of JSON, in ASCII, whose time is in UTC."""

    def _write(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
            entry |= {"exception": kind.__name__, "places": places}
        return json.dumps(entry)


def log_to_stderr(settings: Settings, monitor: Monitor | None = None) -> None:
    """Log to standard error only: our records from the set level on, and the problems of libraries; count them, too."""
    token = settings.telegram_bot_token.get_secret_value().strip() if settings.telegram_bot_token else ""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(token) if settings.log_format == "json" else SafeFormatter(token))
    handlers: list[logging.Handler] = [handler]
    if monitor:
        handlers.append(_Counter(monitor))
    for each in handlers:
        each.addFilter(lambda record: _is_own(record) or record.levelno >= logging.WARNING)
    logging.basicConfig(level=settings.log_level.upper(), handlers=handlers, force=True)


def is_json() -> bool:
    """Tell whether this process logs in JSON, so that its standard error should hold nothing else."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.root.handlers)


class _Counter(logging.Handler):
    """Counts the records."""

    def __init__(self, monitor: Monitor) -> None:
        super().__init__(logging.WARNING)
        self._monitor = monitor

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        self._monitor.note_logged(record.levelname.lower())


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OWN
