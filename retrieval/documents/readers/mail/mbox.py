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

# The line that begins a mail: followed by a field, and with a time, or after a blank line and before a field of mails.
# In a mail's text, such a line comes as ">From ", if the program that wrote the box was careful.
_START = re.compile(
    rb"(?:(?<=\n)|\A(?:\xef\xbb\xbf)?\s*)From (?:[^\r\n]*\d:\d\d[^\r\n]*\r?\n(?=[!-9;-~]+:)|"
    rb"(?:(?<=\n\nFrom )|(?<=\r\n\r\nFrom )|(?<!\nFrom ))[^\r\n]*\r?\n"
    rb"(?=(?i:from|to|date|subject|received|return-path|message-id|delivered-to|status|x-[!-9;-~]+|mime-version|"
    rb"content-type|reply-to|sender|envelope-to):))"
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
    begin = None
    for start in _START.finditer(data):
        if begin is not None:
            yield _QUOTED_START.sub(rb"\1", data[begin : start.start()])
        begin = start.end()
    if begin is not None:
        yield _QUOTED_START.sub(rb"\1", data[begin:])
