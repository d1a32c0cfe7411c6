"""MHTML: a page that a browser has saved in one file, a mail whose parts are the page, its frames and pictures."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from retrieval.documents.readers.web import html

if TYPE_CHECKING:
    from email.message import EmailMessage

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_PAGES = {"text/html", "application/xhtml+xml"}


def read(data: bytes, limits: Limits) -> Content:
    """Read the page, with its frames where it has no text of its own."""
    mail = message_from_bytes(data, policy=policy.default)
    parts = [part for part in mail.walk() if part.get_content_type() in _PAGES and not part.is_multipart()]
    if not parts:
        raise ValueError("no page in the file")
    start = str(mail.get_param("start") or "")
    main = next((part for part in parts if start and part["Content-ID"] == start), parts[0])
    frames = {address: _decode(part) for part in parts if part is not main for address in _list_addresses(part)}
    return html.read_page(_decode(main), limits, frames)


def _list_addresses(part: EmailMessage) -> list[str]:
    """List the addresses that a page may call a part of its file."""
    name = str(part["Content-ID"] or "").strip("<> ")
    return [str(part["Content-Location"] or ""), f"cid:{name}" if name else ""]


def _decode(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    return html.decode_page(payload if isinstance(payload, bytes) else b"", part.get_content_charset())
