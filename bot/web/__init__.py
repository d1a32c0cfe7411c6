"""Receipts in a browser, for everybody who has the link to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


def receipt_link(settings: Settings, receipt_id: str) -> str | None:
    """Make the link to a receipt; None where no public address is set."""
    url = settings.public_url
    return f"{str(url).rstrip('/')}/r/{receipt_id}" if url else None
