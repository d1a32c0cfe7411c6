"""FailureLog: logs once that a service fails, and once that it works again."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


class FailureLog:
    """Logs the first of several failures, and the recovery.

    Args:
        failing: the message for a failure.
        working: the message for the recovery.
    """

    def __init__(self, failing: str, working: str) -> None:
        self._failing = failing
        self._working = working
        self._is_failing = False

    def note(self, error: Exception) -> None:
        """Log an error, unless the last call failed, too."""
        if not self._is_failing:
            self._is_failing = True
            logger.error("%s: %s", self._failing, error)

    def end(self) -> None:
        """Log that it works, if the last call failed."""
        if self._is_failing:
            self._is_failing = False
            logger.info("%s", self._working)
