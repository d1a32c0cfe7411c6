"""Pages that a browser saved in one file, and FB2 books."""

from __future__ import annotations

import pytest
from support.made_files import FB2, SAVED_PAGE
from support.reading import LAUGHS, STRANGER, assert_harmless, parts, read, refused, texts

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.limits import Limits


def test_a_saved_page_is_read_as_the_page() -> None:
    document = read("a.mhtml", SAVED_PAGE.encode())
    assert document.title == "The Cat"
    assert texts(document) == ["The cat sleeps, for 5 €."]


def test_a_saved_frame_is_read_where_the_page_has_only_that() -> None:
    frame = "--edge\nContent-Type: text/html; charset=windows-1251\nContent-ID: <f@x>\n\n<p>Идёт дождь.</p>\n--edge--"
    page = '<html><body><iframe src=3D"cid:f@x"></iframe></body></html>'
    saved = f"{SAVED_PAGE.partition('<html>')[0]}{page}\n{frame}"
    assert texts(read("a.mht", saved.encode("cp1251"))) == ["Идёт дождь."]


def test_a_file_that_is_no_saved_page_is_refused() -> None:
    refused("a.mht", b"Just text.", "damaged")
    refused("a.mht", b"From: a@example.org\n\nIt rains.", "damaged")


def test_a_book_is_read_section_by_section() -> None:
    document = read("a.fb2", FB2.encode())
    assert document.title == "The Cat"
    assert parts(document) == [
        ("Be still.", "The Cat"),
        ("Ada", "The Cat"),
        ("The cat sleeps[1].", "Part one At dawn"),
        ("It rains,", "Part one At dawn"),
        ("it pours.", "Part one At dawn"),
        ("It wakes.", "Later"),
        ("Cats | 1", "Later"),
        ("The end.", None),
        ("A tabby.", "1"),
    ]
    chapters = [block.place for block in document.blocks]
    assert chapters == [Location(Unit.CHAPTER, number, number) for number in (1, 1, 1, 1, 1, 1, 1, 2, 3)]


def test_a_book_is_read_in_the_encoding_that_it_declares() -> None:
    book = FB2.replace("utf-8", "windows-1251").replace("The end.", "Конец.")
    assert "Конец." in texts(read("a.fb2", book.encode("cp1251")))


def test_a_book_that_is_none_is_refused() -> None:
    refused("a.fb2", b"<html><body>x</body></html>", "damaged")
    refused("a.fb2", b"Just text.", "damaged")
    refused("a.fb2", FB2.encode(), "QUOTH_MAX_PAGES", Limits(pages=2))


@pytest.mark.parametrize("trick", [LAUGHS, STRANGER])
def test_entities_of_a_book_do_no_harm(trick: str) -> None:
    hostile = f"{trick}]>{FB2.partition('?>')[2]}".replace("It wakes.", "&j;")
    assert_harmless("a.fb2", hostile.encode())
