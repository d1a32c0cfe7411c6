"""RTF: what a word processor shows of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reading import parts, read, refused, texts

from retrieval.documents.document import Omission
from retrieval.errors import DocumentError

FONTS = (
    rb"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset128 Mincho;}{\f3\fcharset2 Symbol;}"
    rb"{\f4\fcharset1 Any;}}"
)


def rtf(body: bytes, page: bytes = b"1252") -> bytes:
    return rb"{\rtf1\ansi\ansicpg" + page + rb"\deff0" + FONTS + body + b"}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb"It rains.\par It pours.\par", ["It rains.", "It pours."]),
        (b"It\r\n rains.\\\r\nIt pours.\\line Still.", ["It rains.", "It pours.\nStill."]),
        (rb"Gr\'fc\'dfe \f1\'cf\'f0\'e8\'e2\'e5\'f2 \f2\'82\'b1\'82\'ea", ["Grüße Привет これ"]),
        (rb"\f2\'83A\f0 b", ["アb"]),  # the second byte of a letter may be a plain one
        (b"Gr\xfc\xdfe", ["Grüße"]),
        (rb"\u1055?\u-10179?\u-8704?{\uc2\u233\'c3\'a9}{\uc0\u8364}5", ["П😀é€5"]),
        (rb"\f3\'b7\f0 A\~b\_c\-d \{x\} \\ \ldblquote q\rdblquote\emdash", ["A\xa0b\u2011cd {x} \\ “q”—"]),
        (rb"a{\pict\pngblip 0123456789abcdef}b{\*\unknown x}c{\object{\*\objdata 00}{\result d}}", ["abcd"]),
        (rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} \bin3 {{{end", ["link end"]),
        (rb"{\listtext 2.1\tab}Dogs.\par{\listtext\f3\'b7\tab}Cats.\par", ["2.1 Dogs.", "Cats."]),
        (rb"It leaves{\footnote In May.} at nine.\par Next.", ["It leaves at nine.", "In May.", "Next."]),
        (
            rb"Roof.{\*\atnid L}{\*\atnauthor Liv}\chatn{\*\annotation{\*\atnref 1}\pard Slate.}\par",
            ["Roof.", "Liv: Slate."],
        ),
        (
            rb"\trowd\pard\intbl Day\cell From\par to\cell\row\trowd Sunday\cell\cell\row\pard After.",
            ["Day | From to", "Sunday", "After."],
        ),
        (rb"{\header Harbour\tab Page \chpgn\par}{\footer Bank 12}One.\par{\header Harbour}Two.", [
            "Harbour", "One.", "Two.", "Bank 12"]),
        (rb"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt In a box.\par}}}", ["In a box."]),
        (rb"One.}} Two.", ["One. Two."]),
    ],
)  # fmt: skip
def test_what_is_shown_is_read(body: bytes, expected: list[str]) -> None:
    assert texts(read("a.rtf", rtf(body))) == expected


def test_the_code_page_holds_where_the_font_has_none() -> None:
    assert texts(read("a.rtf", rtf(rb"\f0\'cf\'f0\f4\'e8", b"1251"))) == ["При"]


def test_hidden_and_deleted_text_is_counted_as_left_out() -> None:
    content = read("a.rtf", rtf(rb"A{\v hidden}b\v no\v0 c{\deleted gone}\v\plain d"))
    assert texts(content) == ["Abcd"]
    assert content.left_out == {Omission.HIDDEN: 12}


def test_headings_and_the_title_are_found() -> None:
    body = rb"{\info{\title %s}{\author Bob}}\pard\outlinelevel0 Rules\par\pard\outlinelevel9 No dogs.\par"
    content = read("a.rtf", rtf(body % rb"Harbour \'fc"))
    assert (content.title, parts(content)) == ("Harbour ü", [("No dogs.", "Rules")])
    assert read("a.rtf", rtf(body % b"Document1")).title == "Rules"


def test_a_file_that_is_none_is_refused() -> None:
    refused("a.rtf", b"Just text.", "is damaged")
    refused("a.rtf", rtf(b"{" * 10_000), "is damaged")


@given(st.lists(st.sampled_from([
    b"{", b"}", b"\\", b"\\par ", b"\\u-1?", b"\\u55357 ", b"\\'8", b"\\'82", b"\\bin-9 ", b"\\bin2 ", b"\\f2 ",
    b"\\cell ", b"\\row ", b"\\*", b"\\v ", b"{\\footnote ", b"{\\header ", b"\\uc9 ", b"a", b"\xff", b"{\\fonttbl ",
    b"\\fcharset2 ",
    b"\\ansicpg99999 ", b"\\ansicpg37 ", b"\\outlinelevel0 ", b"\0", b"{\\listtext ", b"\\f99999999 ",
]), max_size=30))  # fmt: skip
def test_any_codes_are_read_soundly(codes: list[bytes]) -> None:
    try:
        read("a.rtf", rtf(b"".join(codes)))
    except DocumentError as error:
        assert "holds no text" in str(error)  # noqa: PT017 - often there is none


def test_pictures_take_no_time() -> None:
    start = time.perf_counter()
    assert texts(read("a.rtf", rtf(b"a{\\pict " + b"0123456789abcdef\n" * 500_000 + b"}"))) == ["a"]
    assert time.perf_counter() - start < 2
