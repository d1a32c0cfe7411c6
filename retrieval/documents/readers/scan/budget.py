"""What recognising pictures takes on top of other reading. The isolated reader grants it page by page."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

before_page: ContextVar[Callable[[], None] | None] = ContextVar("before_page", default=None)
"""Called before each page is recognised; it may raise a DocumentError where a file has too many of them."""


class ScanMemoryError(MemoryError):
    """Recognising a picture takes more memory than the limit for it."""


def begin_page() -> None:
    """Ask for the time and memory to recognise one more page."""
    grant = before_page.get()
    if grant:
        grant()
