"""EML, MBOX and ICS: all that a mail says, however odd its form."""

from __future__ import annotations

import mailbox
import time
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.made_files import mail
from support.reading import parts, places, read, refused, texts

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.mail.eml import parse
from retrieval.documents.readers.mail.headers import read_header
from retrieval.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"From: Ann <ann@x.org>\nSubject: The cabin\n"


def mixed(*pieces: tuple[str, bytes]) -> bytes:
    body = b"".join(b"--B\n" + f"Content-Type: {kind}\n\n".encode() + text + b"\n" for kind, text in pieces)
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n" + body + b"--B--\n"


def test_text_after_a_picture_is_read() -> None:
    data = mixed(
        ("text/plain", b"It has six beds."), ("image/png; name=a.png", b"AAAA"),
        ("text/html", b"<p>The rent is 900.</p>"), ("text/plain", b"Bring sheets."),
    )  # fmt: skip
    assert texts(read("a.eml", data))[1:] == [
        *("It has six beds.", "The rent is 900.", "Bring sheets."),
        "Attachments: a.png",
    ]


RENT = "The rent is 900 kroner a week and the deposit is 1800 kroner."


@pytest.mark.parametrize(
    ("plain", "page", "expected"),
    [
        (RENT, f"<h1>{RENT}</h1>", [RENT]),
        ("Your mail program cannot show HTML.", f"<p>{RENT}</p>", [RENT]),
        (
            "您的浏览器无法显示此邮件。",
            "<p>租金每周九百克朗，押金一千八百克朗。</p>",
            ["租金每周九百克朗，押金一千八百克朗。"],
        ),
        ("Bring your own sheets, please.", f"<p>{RENT}</p>", ["Bring your own sheets, please.", RENT]),
        (RENT, "<img src=a.png>", [RENT]),
    ],
)
def test_the_page_is_read_where_the_text_is_not_the_same(plain: str, page: str, expected: list[str]) -> None:
    content = read("a.eml", mail(plain, page).as_bytes())
    read_parts = content.text.split("\n\n")[1:]
    assert read_parts == expected


def test_what_stands_twice_is_counted_as_left_out() -> None:
    content = read("a.eml", mail("It rains.", "<p>It rains.</p>").as_bytes())
    assert content.left_out == {Omission.REPETITIONS: 8}


def test_forwarded_mails_are_read_under_their_subject() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "Bob <bob@x.org>", "Fwd: the rent"
    message.set_content("See below.")
    inner = mail("Sie fährt um neun.")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Fahrplan.pdf")
    message.add_attachment(inner)
    document = read("a.eml", message.as_bytes())
    assert document.title == "Fwd: the rent"
    assert [(text.splitlines()[0], heading) for text, heading in parts(document)] == [
        ("From: Bob <bob@x.org>", None),
        ("See below.", None),
        ("From: Ada Lovelace <ada@example.org>", "Die Fähre nach Oban"),
        ("Sie fährt um neun.", "Die Fähre nach Oban"),
        ("Attachments: Fahrplan.pdf", None),
    ]


@pytest.mark.parametrize(
    "before", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"From a@x.org Mon Feb  3 2025\n"]
)
def test_lines_before_the_head_are_passed_over(before: bytes) -> None:
    document = read("a.eml", before + HEAD + b"\nIt rains.\n")
    assert (document.title, texts(document)) == ("The cabin", ["From: Ann <ann@x.org>", "It rains."])


def test_a_subject_alone_makes_a_mail() -> None:
    assert texts(read("a.eml", b"Subject: Rent\n\nIt rains.\n")) == ["It rains."]


@pytest.mark.parametrize(
    ("raw", "charset", "expected"),
    [
        ("Jörg Müller".encode("latin-1"), "iso-8859-1", "Jörg Müller"),
        ("Jörg Müller".encode(), "iso-8859-1", "Jörg Müller"),
        ("Пётр Иванов".encode("koi8-r"), "koi8-r", "Пётр Иванов"),
        (b"=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?= M.", "utf-8", "Jörg M."),
        (b"=?utf-8?q?J=C3=B6rg?=\n =?utf-8?b?TcO8bGxlcg==?=", "utf-8", "JörgMüller"),
        (b'"=?iso-8859-1*de?Q?J=F6rg_M=FCller?=" <j@x.org>', "utf-8", '"Jörg Müller" <j@x.org>'),
        (b"=?gb2312?B?1tzI1Q==?= x", "utf-8", "周日 x"),
        (b"=?none?q?a?= =?utf-8?b?!?= =?utf-8", "utf-8", "a=?utf-8"),
    ],
)
def test_fields_are_decoded_however_they_are_written(raw: bytes, charset: str, expected: str) -> None:
    data = b"From: " + raw + f"\nContent-Type: text/plain; charset={charset}\n\nx".encode()
    assert read_header(parse(data), "from") == expected


def test_many_encoded_words_take_no_time() -> None:
    start = time.perf_counter()
    mails = [b"Subject: " + word * 100_000 + b"\nTo: x\n\nText." for word in (b"=?utf-8?q?a?= ", b"=?a?q?a?=", b"=?")]
    for data in mails:
        assert texts(read("a.eml", data)) == ["To: x", "Text."]
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed; boundary={}"])
def test_mails_inside_mails_without_end_are_refused(kind: str) -> None:
    head = "".join(
        f"--{n - 1}\nContent-Type: {kind.format(n)}\n\n" if n and "{" in kind else f"Content-Type: {kind.format(n)}\n\n"
        for n in range(500)
    )
    refused("a.eml", HEAD + head.encode() + b"Subject: x\n\nText.", "is damaged|not what its name says")


@settings(deadline=None)  # chardet loads its models with the first
@given(
    st.binary(max_size=200),
    st.sampled_from([b"Content-Type: multipart/mixed; boundary=B\n\n--B\n", b"Subject: =?utf-8?b?", b"\n"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    for name in ("a.eml", "a.mbox", "a.ics"):
        try:
            read(name, HEAD + before + data)
        except DocumentError:
            continue


def box(tmp_path: Path) -> bytes:
    path = tmp_path / "a.mbox"
    made = mailbox.mbox(path)
    for text in ("Sie fährt.\n\nFrom here to there:\nOn Monday.", "It rains."):
        made.add(mail(text))
    made.close()
    return path.read_bytes()


def test_a_mailbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    document = read("a.mbox", box(tmp_path))
    subject = "Die Fähre nach Oban"
    assert [(text.splitlines()[0], heading) for text, heading in parts(document)] == [
        *(("From: Ada Lovelace <ada@example.org>", subject), ("Sie fährt.", subject)),
        ("From here to there:", subject),
        *(("From: Ada Lovelace <ada@example.org>", subject), ("It rains.", subject)),
    ]
    assert [place for place, _ in places(document)] == [1, 1, 1, 2, 2]
    assert document.blocks[-1].place == Location(Unit.MESSAGE, 2, 2)


@pytest.mark.parametrize(
    "between",
    [
        b"\nFrom MAILER-DAEMON Sun Nov 29 14:52:04 2026\n",
        b"\r\nFrom - Tue Mar 05 14:30:00 2024\r\n",
        b"From 1792@xxx Tue Mar 05 14:30:00 +0000 2024\n",  # after no blank line
        b"\nFrom \n",
        b"\nFrom ann@x.org\n",
    ],
)
def test_mails_begin_as_programs_write_them(between: bytes) -> None:
    first, second = HEAD + b"\nFrom the pier\n\nFrom now on: no dogs.\n", b"From: b@x.org\nSubject: B\n\nTwo.\n"
    document = read("a.mbox", between.lstrip() + first + between + second)
    assert [place for place, _ in places(document)][-1] == 2
    assert texts(document)[1:] == ["From the pier", "From now on: no dogs.", "From: b@x.org", "Two."]


def test_a_file_that_is_no_mailbox_is_refused() -> None:
    refused("a.mbox", b"Just text.", "is damaged")


CALENDAR = """BEGIN:VCALENDAR
X-WR-CALNAME:Harbour
BEGIN:VTIMEZONE
TZID:Europe/Oslo
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Board meeting\\, spring
DTSTART;TZID=Europe/Oslo:20250305T140000
DTEND;TZID=Europe/Oslo:20250305T153000
LOCATION:Town
  hall
RRULE:FREQ=MONTHLY;BYDAY=1WE
ORGANIZER;CN="Ann; chair":mailto:ann@x.org
DESCRIPTION:Bring the key.\\nAnd \\;cake.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
SUMMARY:Regatta
DTSTART;VALUE=DATE:20250607
DTEND;VALUE=DATE:20250609
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
SUMMARY:Call
DTSTART:20250305T230000Z
DTEND:20250306T010000Z
END:VEVENT
BEGIN:VTODO
SUMMARY:Paint the pier
DUE:20250501
END:VTODO
END:VCALENDAR
"""
EVENTS = [
    "Board meeting, spring\n2025-03-05 14:00 – 15:30 Europe/Oslo\nLocation: Town hall\n"
    "Repeats: FREQ=MONTHLY;BYDAY=1WE\nOrganizer: Ann; chair <ann@x.org>\nBring the key.\nAnd ;cake.",
    "Regatta\n2025-06-07 – 2025-06-08\nStatus: CANCELLED",
    "Call\n2025-03-05 23:00 – 2025-03-06 01:00 UTC",
    "Paint the pier\nDue: 2025-05-01",
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_calendar_is_read_event_by_event(line_end: str) -> None:
    document = read("a.ics", CALENDAR.replace("\n", line_end).encode())
    assert document.title == "Harbour"
    assert texts(document) == EVENTS


def test_an_event_without_an_end_is_read() -> None:
    data = b"BEGIN:VEVENT\nSUMMARY:A\nBEGIN:VALARM\nDESCRIPTION:x\nBEGIN:VEVENT\nSUMMARY:B"
    assert texts(read("a.ics", data)) == ["A", "B"]


def test_an_invitation_in_a_mail_is_read() -> None:
    message = mail("You are invited.", "<p>You are invited.</p>")
    message.add_alternative(CALENDAR, subtype="calendar")
    assert texts(read("a.eml", message.as_bytes()))[1:] == ["You are invited.", *EVENTS]


def test_a_file_that_is_no_calendar_is_refused() -> None:
    refused("a.ics", b"Just text.", "is damaged")
