"""FailureLog: logs once that a service fails, and once that it works again."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


class FailureLog:
    """Logs the first of several failures of a kind, and the recovery.

    Args:
        failing: the message for a failure.
        working: the message for the recovery.
        level: the level of a failure.
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
