"""EML: a mail as a person sees it: sender, recipients, date, all its text, and the names of the attachments.

What is quoted from earlier mails stays: it may be the only copy.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.mail import ics
from retrieval.documents.readers.mail.headers import decode_part, read_header
from retrieval.documents.readers.text import split_paragraphs
from retrieval.documents.readers.web import html
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from email.message import Message

    from retrieval.documents.document import Content, Location
    from retrieval.documents.readers.limits import Limits

_HEADERS = ("From", "To", "Cc", "Date")
_MARKS = {
    "from", "to", "cc", "date", "subject", "message-id", "received", "mime-version", "return-path", "content-type",
}  # fmt: skip
"""Fields that show that a file is a mail."""
_BEFORE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*")
_MAX_DEPTH = 40
"""Mails inside each other, and parts of parts."""
_MIN_SHARE = 0.5
"""Plain text with a smaller share of a page's words is not the same text."""
_MAX_STUB = 40
_STUB = re.compile("html|browser|navigat|navegador|браузер|浏览器|瀏覽器|ブラウザ|브라우저|متصفح|דפדפן", re.IGNORECASE)
"""What a short text mentions that stands in the place of one: "Your program cannot show HTML"."""
_WORDS = re.compile(r"[^\W\u3040-\u9fff\uac00-\ud7af]+|[\u3040-\u9fff\uac00-\ud7af]")


def read(data: bytes, limits: Limits) -> Content:
    """Read a mail; its title is the subject."""
    mail = parse(data)
    if not _MARKS & {name.lower() for name in mail.keys()}:  # noqa: SIM118 - a message iterates over its lines
        message = "The file is not a mail. Save it anew in the program that it comes from."
        raise DocumentError(message, DocumentFault.DAMAGED)
    builder = Builder(limits)
    write(mail, builder, limits)
    return builder.build(read_header(mail, "subject"))


def parse(data: bytes) -> Message:
    """Parse a mail; a byte order mark and blank lines before it are passed over."""
    return message_from_bytes(_BEFORE.sub(b"", data, count=1), policy=policy.compat32)


def write(mail: Message, builder: Builder, limits: Limits, place: Location | None = None) -> None:
    """Add a mail's head, its texts with those of forwarded mails, and the names of its attachments."""
    _Writer(builder, limits, place).write_mail(mail, 0)


class _Writer:
    def __init__(self, builder: Builder, limits: Limits, place: Location | None) -> None:
        self._builder = builder
        self._limits = limits
        self._place = place

    def write_mail(self, mail: Message, depth: int) -> None:
        lines = [f"{name}: {value}" for name in _HEADERS if (value := read_header(mail, name.lower()))]
        self._builder.add_block("\n".join(lines), self._place)
        names: list[str] = []
        self._write_part(mail, names, depth)
        if names:
            self._builder.end_section()
            self._builder.add_block(f"Attachments: {', '.join(names)}", self._place)

    def _write_part(self, part: Message, names: list[str], depth: int) -> None:
        if depth > _MAX_DEPTH:
            message = "The file is damaged: it has mails inside mails without end. Save the inner ones."
            raise DocumentError(message, DocumentFault.DAMAGED)
        kind, name = part.get_content_type(), _read_file_name(part)
        children = [child for child in part.get_payload() if not isinstance(child, str)] if part.is_multipart() else []
        if kind == "message/rfc822" and children:
            self._builder.end_section()
            self._builder.add_heading(read_header(children[0], "subject") or name, self._place)
            self.write_mail(children[0], depth + 1)
            self._builder.end_section()
            return
        if name:
            names.append(name)
        if kind == "multipart/alternative":
            children = self._choose(children)
        for child in children:
            self._write_part(child, names, depth + 1)
        if not children and part.get_content_disposition() != "attachment":
            self._write_text(part, kind)

    def _write_text(self, part: Message, kind: str) -> None:
        text = _get_text(part)
        if kind == "text/html":
            root = html.parse(text) if text.strip() else None
            if root is not None:
                html.write(root, self._builder, self._place)
        elif kind == "text/calendar":
            ics.write(text, self._builder, self._place)
        elif kind in {"text/plain", "text/markdown", "text/enriched"}:
            for block in split_paragraphs(text):
                self._builder.add_block(text[block.start : block.end], self._place)

    def _choose(self, alternatives: list[Message]) -> list[Message]:
        """Choose the plain text if the page says nothing else; a calendar beside them always does."""
        plain = next((each for each in alternatives if each.get_content_type() == "text/plain"), None)
        rich = next((each for each in alternatives if each is not plain and _find_page(each) is not None), None)
        page = None if rich is None else _find_page(rich)
        if plain is None or page is None:
            return alternatives
        text, page_text = _get_text(plain), self._read_page(page)
        said, shown = _WORDS.findall(text.casefold()), _WORDS.findall(page_text.casefold())
        vocabulary = set(said)
        is_same = sum(word in vocabulary for word in shown) >= _MIN_SHARE * len(shown)
        if not shown or (said and (is_same or len(shown) < _MIN_SHARE * len(said))):
            left_out, repeated = rich, page_text
        elif len(said) <= _MAX_STUB and (not said or _STUB.search(text)):
            left_out, repeated = plain, text
        else:
            return alternatives
        self._builder.leave_out(Omission.REPETITIONS, repeated)
        return [each for each in alternatives if each is not left_out]

    def _read_page(self, part: Message) -> str:
        scratch = Builder(self._limits)
        root = html.parse(_get_text(part))
        if root is not None:
            html.write(root, scratch)
        return scratch.build().text


def _find_page(part: Message) -> Message | None:
    """Find the page in an alternative, which may come with its pictures."""
    return next((each for each in part.walk() if each.get_content_type() == "text/html"), None)


def _get_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decode_part(payload, part.get_content_charset("")) if isinstance(payload, bytes) else ""


def _read_file_name(part: Message) -> str:
    name = part.get_filename("")
    holder = message_from_bytes(b"", policy=policy.compat32)
    holder["name"] = name
    return join_lines(read_header(holder, "name")) or ""
