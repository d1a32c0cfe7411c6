"""Receipts in a browser, for everybody who has the link to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.web.announcement import find_announced

if TYPE_CHECKING:
    from bot.settings import Settings


def page_address(settings: Settings, link: str) -> str:
    """Make the address of a receipt's page from the secret of its link; also where no page is shown just now."""
    host = f"[{settings.serve_listen}]" if ":" in settings.serve_listen else settings.serve_listen
    return f"{find_pages(settings) or f'http://{host}:{settings.serve_port}'}/r/{link}"


def receipt_link(settings: Settings, link: str) -> str | None:
    """Make the address of a receipt's page from the secret of its link; None where no public address is set."""
    url = settings.public_url
    return f"{str(url).rstrip('/')}/r/{link}" if url else None


def find_pages(settings: Settings) -> str | None:
    """Find where receipts are shown: at the public address, or by a process of this machine; None if nowhere."""
    return str(settings.public_url).rstrip("/") if settings.public_url else find_announced(settings.data)
