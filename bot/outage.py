"""Outage: says once that something does not answer, and once that it does again."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)


class Outage:
    """Of one thing on which the bot depends.

    Args:
        trouble: what it means while it lasts.
        relief: that it is over.
    """

    def __init__(self, trouble: str, relief: str) -> None:
        self._trouble = trouble
        self._relief = relief
        self._said = False

    def note(self, error: Exception) -> None:
        """It lasts."""
        if not self._said:
            self._said = True
            logger.error("%s: %s", self._trouble, error)

    def end(self) -> None:
        """It is over, if there was one."""
        if self._said:
            self._said = False
            logger.info("%s", self._relief)
