"""FailureLog: logs once that something fails, and once that it works again."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


class FailureLog:
    """Logs failures of one thing on which the bot depends, each kind once until it works again.

    Args:
        failing: what it means while it fails.
        working: that it works again.
        level: of a failure, such as `logging.WARNING` where only the network is away for a moment.
    """

    def __init__(self, failing: str, working: str, level: int = logging.ERROR) -> None:
        self._failing = failing
        self._working = working
        self._level = level
        self._logged: set[str] = set()

    def note(self, error: Exception | str, *, kind: str = "") -> None:
        """Log an error, unless one of this kind was logged since the last success."""
        if kind not in self._logged:
            self._logged.add(kind)
            logger.log(self._level, "%s: %s", self._failing, error)

    def end(self) -> None:
        """Log that it works, if the last call failed."""
        if self._logged:
            self._logged.clear()
            logger.info("%s", self._working)
