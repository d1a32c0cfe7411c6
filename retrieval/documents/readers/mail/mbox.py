"""MBOX: the mails of a mailbox in their order, each a place of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.mail import eml
from retrieval.documents.readers.mail.headers import read_header
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_TIME = re.compile(rb"\d:\d\d")
_FIELD = re.compile(rb"[!-9;-~]{1,80}:")
_MAIL_FIELD = re.compile(
    rb"(?:from|to|date|subject|received|return-path|message-id|delivered-to|status|x-[!-9;-~]{1,80}|mime-version|"
    rb"content-type|reply-to|sender|envelope-to):",
    re.IGNORECASE,
)
_QUOTED_START = re.compile(rb"^>(>*From )", re.MULTILINE)


def read(data: bytes, limits: Limits) -> Content:
    """Read a mailbox; each mail stands under its subject."""
    builder = Builder(limits)
    number = 0
    for number, each in enumerate(_split(data), 1):
        mail, place = eml.parse(each), Location(Unit.MESSAGE, number, number)
        builder.end_section()
        builder.add_heading(read_header(mail, "subject"), place)
        eml.write(mail, builder, limits, place)
    if not number:
        message = "The file is damaged: it holds no mails. Export it anew from the program that it comes from."
        raise DocumentError(message, DocumentFault.DAMAGED)
    return builder.build()


def _split(data: bytes) -> Iterator[bytes]:
    """Split a mailbox into its mails, one at a time: all of them parsed take many times its size."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    begin = None
    for line in _LINE.finditer(data):
        if _begins_mail(data, line):
            if begin is not None:
                yield _QUOTED_START.sub(rb"\1", data[begin : line.start()])
            begin = line.end()
    if begin is not None:
        yield _QUOTED_START.sub(rb"\1", data[begin:])


def _begins_mail(data: bytes, line: re.Match[bytes]) -> bool:
    """Tell the line that begins a mail from one of its text, which careful programs write as ">From "."""
    if _TIME.search(line[0]):
        return _FIELD.match(data, line.end()) is not None
    is_after_blank_line = (
        data[max(0, line.start() - 4) : line.start()].endswith((b"\n\n", b"\n\r\n")) or line.start() == 0
    )
    return is_after_blank_line and _MAIL_FIELD.match(data, line.end()) is not None
