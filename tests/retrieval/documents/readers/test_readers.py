"""Readers give the file's exact characters, and say where its parts stand."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import refused

from retrieval.documents import readers
from retrieval.documents.document import Location, Locator, Unit
from retrieval.documents.readers.text import decode


def parts(path: str, data: bytes) -> list[tuple[str, str | None]]:
    document = readers.read(path, data)
    return [(document.text[block.start : block.end], block.heading) for block in document.blocks]


def test_text_is_split_at_blank_lines() -> None:
    assert parts("a.txt", b"One.\r\nStill one.\r\n \t\r\n\r\n  Two.  \n") == [
        ("One.\r\nStill one.", None),
        ("Two.", None),
    ]


def test_text_keeps_line_ends_and_unicode_as_they_are() -> None:
    text = "e\u0301 is not \u00e9\r\nold Mac\rUnix\n\u2028 \ufb01n\u00a0\u200f"
    assert readers.read("a.txt", text.encode()).text == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_utf8_comes_back_unchanged(text: str) -> None:
    data = text.encode()
    if not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert decode(data) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", "Été, œuf, “guillemets”."),
        ("utf-16", "Bonjour à tous."),
        ("utf-16-le", "Hello there, friend. This is it."),
        ("utf-32", "Привет, мир."),
        ("cp1252", "Été à la “plage” — l’année dernière, il a coûté 5 €."),
        ("cp1251", "Привет, мир. Это короткий документ о полиции и море."),
        ("koi8_r", "Привет, мир. Это короткий документ о полиции и море."),
        ("shift_jis", "これは短い日本語の文書です。警察官は六人います。"),
        ("gb18030", "这是一个简短的中文文件。有六名警察。"),
        ("cp1256", "هذا مستند قصير باللغة العربية عن الشرطة."),
        ("iso8859_2", "Zażółć gęślą jaźń. Policja jest tutaj."),
    ],
)
def test_encodings_are_detected(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


RULES = "Die Gebühr für den Liegeplatz beträgt 450 Kronen. Стоянка, 泊位费 🚣."


@settings(deadline=None)  # chardet loads its models with the first
@given(st.integers(0, len(RULES.encode()) - 1), st.integers(1, 255))
def test_a_damaged_byte_of_utf8_harms_its_letter_alone(position: int, value: int) -> None:
    data = bytearray(RULES.encode())
    before = data[:position].decode(errors="ignore")
    data[position] = value
    after = RULES[len(before) + 1 :]
    text = decode(bytes(data))
    assert text.startswith(before)
    # The byte may have become the beginning of the next letter.
    assert text.endswith(after[1:])


@settings(deadline=None)
@given(st.integers(len("Die Gebü".encode()), len(RULES.encode()) - 1))
def test_utf8_may_be_cut_inside_a_letter(end: int) -> None:
    data = RULES.encode()[:end]
    assert decode(data).rstrip("\ufffd") == data.decode(errors="ignore")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            "Im M\xe4rz öffnet der Hafen früh.".encode().replace(b"\xc3\xa4", b"\xe4"),
            "Im M\ufffdrz öffnet der Hafen früh.",
        ),
        ("Grüße\0 aus Öl.".encode(), "Grüße aus Öl."),
        (b"The bus\0 leaves." + bytes(4_000), "The bus leaves."),
        (b"Oslo\0\0\0\0Bergen", "Oslo Bergen"),
        ("Привет, мир. Это ко\0роткий документ.".encode("cp1251"), "Привет, мир. Это короткий документ."),
        ("这是一个简短的中文文件。有六名警察。".encode("gb18030")[:-1], "这是一个简短的中文文件。有六名警察\ufffd"),
        ("これは短い日本語の文書です。".encode("shift_jis")[:-1], "これは短い日本語の文書です\ufffd"),
        ("Привет, мир.".encode("utf-16")[:-1], "Привет, мир\ufffd"),
    ],
)
def test_damage_costs_no_more_than_its_letters(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso2022_jp", "係留料は一季四万五千円です。\nPier 5."),
        ("iso2022_jp_ext", "ｶｷは一季です。"),
        ("iso2022_kr", "계류비는 한 시즌에 450 크로네입니다."),
        ("hz", "泊位费每季四百五十克朗。"),
    ],
)
def test_escape_codes_are_never_taken_for_words(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_the_japanese_of_windows_has_characters_of_its_own() -> None:
    assert decode(b"\x1b$B-!-j7N\x1b(B") == "①㈱稽"


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m \x1b(B", "cost: ~{5}, ~{foo~}", "$B and \x1b$"])
def test_what_only_looks_like_escape_codes_is_text(text: str) -> None:
    assert decode(text.encode()) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    ["Grüße, 5 €.", "Стоянка стоит 450 крон.", "هذا مستند قصير.", "泊位费每季四百五十克朗。", "係留料は一季です。"],
)
def test_wide_text_needs_no_mark(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0" * 100, bytes(range(256)) * 4])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    refused("a.txt", data, "not text")


@pytest.mark.parametrize("data", [b"", b"\n \r\n\t"])
def test_a_file_without_text_is_refused(data: bytes) -> None:
    refused("a.txt", data, "holds no text")


def test_a_first_line_alone_is_the_title() -> None:
    assert readers.read("a/news.txt", b"Rain ahead\n\nIt will rain. Take care.").title == "Rain ahead"


@pytest.mark.parametrize(
    "data", [b"It rains.\n\nIt pours.", b"Only this", b"Two\nlines\n\nIt pours.", b"x" * 121 + b"\n\ny"]
)
def test_a_file_without_a_first_line_alone_has_no_title(data: bytes) -> None:
    assert readers.read("a/news.txt", data).title is None


MARKDOWN = b"""---
title: not a heading
---
Before.

# The *first* `heading`

A paragraph
on two lines.

- one
- two

  more of two

## Second

| a | b |
|---|---|
| 1 | 2 |

```
code

after a blank line
```
"""


def test_markdown_is_split_into_blocks_under_headings() -> None:
    first, second = "The first heading", "Second"
    assert parts("a.md", MARKDOWN) == [
        ("Before.", None),
        ("A paragraph\non two lines.", first),
        ("- one", first),
        ("- two", first),
        ("more of two", first),
        ("| a | b |", second),
        ("| 1 | 2 |", second),
        ("```\ncode\n\nafter a blank line\n```", second),
    ]
    assert readers.read("a.md", MARKDOWN).title == first


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_markdown_keeps_its_line_ends(line_end: str) -> None:
    text = MARKDOWN.decode().replace("\n", line_end)
    document = readers.read("a.md", text.encode())
    assert document.text == text
    assert [text[block.start : block.end] for block in document.blocks][1] == f"A paragraph{line_end}on two lines."


def test_markdown_without_a_heading_has_no_title() -> None:
    assert readers.read("notes/to do.md", b"## Small\n\ntext").title is None


def test_a_file_of_an_unknown_kind_is_refused_with_the_remedy() -> None:
    refused("a.xyz", b"text", r"does not read \.xyz files\. Convert it to one of: .*\.txt")


def test_lines_end_as_in_an_editor() -> None:
    text = "one\ntwo\r\nthree\rfour\x0bstill four\u2028still four"
    lines = Locator(readers.read("a.txt", text.encode()))
    assert lines.locate(0, 3) == Location(Unit.LINE, 1, 1)
    assert lines.locate(0, 4) == Location(Unit.LINE, 1, 1)  # the line end belongs to its line
    assert lines.locate(text.index("two"), text.index("four")) == Location(Unit.LINE, 2, 3)
    assert lines.locate(text.index("four"), len(text)) == Location(Unit.LINE, 4, 4)
