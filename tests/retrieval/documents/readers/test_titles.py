"""What programs and templates write for a title is none."""

from __future__ import annotations

import time

import pytest

from retrieval.documents.readers.titles import choose_title, is_title


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n", "—", "(anonymous)", "Anonymous", "(unspecified)", "unknown", "None"),
        *("untitled", "Untitled-1", "Untitled 3", "Untitled document", "[Untitled]", "Unbenannt", "Sans titre"),
        *("Sin título", "Без названия", "无标题", "無題", "بدون عنوان", "Document sans titre"),
        *("PowerPoint Presentation", "PowerPoint-Präsentation", "Présentation PowerPoint", "Microsoft PowerPoint"),
        *("Presentación de PowerPoint", "Presentazione standard di PowerPoint", "Apresentação do PowerPoint"),
        *("Презентация PowerPoint", "PowerPoint 演示文稿", "PowerPoint プレゼンテーション"),
        *("Prezentacja programu PowerPoint", "PowerPoint-presentasjon", "PowerPoint-presentatie"),
        *("PowerPoint 프레젠테이션",),
        *("Microsoft Word - rent.doc", "Microsoft Word - Document1", "Microsoft Excel - Mappe1"),
        *("New Microsoft Word Document", "Document1", "Document 12", "Dokument1", "Documento 2", "Документ1", "文書 1"),
        *("Slide 1", "Folie 3", "Diapositive 2", "Слайд 1", "幻灯片 1", "Presentation1", "Book1", "Mappe1", "Sheet1"),
        *("rent.docx", "Annual report 2024.pdf", "C:\\texts\\rent", "file:///home/rent", "scan0001", "Page 1"),
        *("[Document title]", "Click to edit Master title style", "Click to add title", "Title", "Your title here"),
        *("Type the document title", "Titelmasterformat durch Klicken bearbeiten", "Lorem ipsum dolor sit amet"),
    ],
)  # fmt: skip
def test_a_makeshift_is_no_title(text: str) -> None:
    assert not is_title(text)


@pytest.mark.parametrize(
    "text",
    [
        *("The Ferry", "1984", "Documentation", "Document management", "Slide rules", "Untitled songs of the sea"),
        *("Microsoft Azure for harbours", "PowerPoint for beginners", "How to give a PowerPoint presentation"),
        *("Node.js in the harbour", "Title and deed", "Unknown soldiers", "Presentation of the annual report 2024"),
        *("Правила стоянки", "停泊规则", "Sheet music", "Testament", "Report 2024", "Template engines"),
    ],
)
def test_a_name_is_a_title(text: str) -> None:
    assert is_title(text)


def test_the_first_name_is_the_title() -> None:
    assert choose_title(None, "", "Document1", "The Ferry", "Other") == "The Ferry"
    assert choose_title("untitled", None) is None


def test_a_long_line_takes_no_time() -> None:
    start = time.perf_counter()
    for text in (
        "powerpoint " * 20_000 + "!",
        "untitled 1 " * 20_000 + "!",
        "untitled" + "1" * 150 + "!",
        "powerpoint" + "presentation" * 20_000 + "!",
    ):
        is_title(text)
    assert time.perf_counter() - start < 1
