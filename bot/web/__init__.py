"""Receipts in a browser, for everybody who has the link to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


def page_address(settings: Settings, link: str) -> str:
    """Make the address of a receipt's page from the secret of its link; without a public one, that on this machine."""
    host = f"[{settings.serve_listen}]" if ":" in settings.serve_listen else settings.serve_listen
    return receipt_link(settings, link) or f"http://{host}:{settings.serve_port}/r/{link}"


def receipt_link(settings: Settings, link: str) -> str | None:
    """Make the address of a receipt's page from the secret of its link; None where no public address is set."""
    url = settings.public_url
    return f"{str(url).rstrip('/')}/r/{link}" if url else None
