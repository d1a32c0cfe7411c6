"""EML: a mail as it was sent: sender, recipients, date, text, and the names of the attachments."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.text import decode, split_paragraphs
from retrieval.documents.readers.web import html
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from email.message import MIMEPart

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_HEADERS = ("From", "To", "Cc", "Date")


def read(data: bytes, limits: Limits) -> Content:
    """Read a mail; its title is the subject."""
    mail = message_from_bytes(data, policy=policy.default)
    lines = [f"{name}: {mail[name]}" for name in _HEADERS if mail[name]]
    if not lines:
        message = "The file is not a mail. Save it anew in the program that it comes from."
        raise DocumentError(message, DocumentFault.DAMAGED)
    builder = Builder(limits)
    builder.add_block("\n".join(lines))
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    text = _decode_part(plain) if plain else ""
    if text.strip():
        for block in split_paragraphs(text):
            builder.add_block(text[block.start : block.end])
    elif page and (root := html.parse(_decode_part(page))) is not None:
        html.write(root, builder)
    names = [name for part in mail.iter_attachments() if (name := part.get_filename())]
    builder.end_section()
    builder.add_block(f"Attachments: {', '.join(names)}" if names else "")
    return builder.build(mail["Subject"])


def _decode_part(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decode(data)
