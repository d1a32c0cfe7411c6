"""Pages of PDFs as pictures: what is marked on them, although the text of a quote is not quite theirs."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from reportlab.platypus import Paragraph
from test_readers_pdf import BODY, drawn, printed

from retrieval import readers

WHITE, QUOTE, SENTENCE = (255, 255, 255), (255, 240, 150), (255, 214, 88)
HEIGHT = 595.28
"""Of A5, in points."""


def marks(data, *texts, page=1):
    """Which colours there are behind the letters of the page, from top to bottom, each once a line."""
    image = Image.open(BytesIO(readers.picture("a.pdf", data, page, texts))).convert("RGB")
    assert image.width <= 1_400
    assert image.height <= 2_400
    found = []
    for y in range(image.height):
        colours = {image.getpixel((x, y)) for x in range(0, image.width, 3)} & {QUOTE, SENTENCE}
        if colours and (not found or found[-1][1] < y - 1 or found[-1][0] != colours):
            found.append([colours, y])
        elif colours:
            found[-1][1] = y
    return [colours for colours, _ in found]


LINES = [(60, 500, "The gate is open."), (60, 460, "Six ships may pass."), (60, 420, "Nobody swims.")]


def test_a_quote_is_marked_and_its_answering_sentence_more_so():
    assert marks(drawn(LINES), "The gate is open. Six ships may pass.", "Six ships may pass.") == [
        {QUOTE},
        {SENTENCE},
    ]


def test_spaces_line_breaks_and_punctuation_do_not_matter():
    assert marks(drawn(LINES), "The\u00a0gate is\nopen!  Six ships — may pass") == [{QUOTE}, {QUOTE}]


def test_a_word_that_a_line_end_has_broken_is_marked_as_a_whole():
    data = drawn([(60, 500, "The harbour is inter-"), (60, 460, "national since May.")])
    quoted = readers.read("a.pdf", data).text
    assert quoted == "The harbour is international since May."
    assert marks(data, quoted) == [{QUOTE}, {QUOTE}]


def test_accents_and_ligatures_are_found_however_they_are_written():
    data = drawn([(60, 500, "Un été à l’œuvre")])
    assert marks(data, "Un e\u0301te\u0301 a\u0300 l'œuvre") == [{QUOTE}]


def test_of_a_quote_that_is_not_there_as_a_whole_the_lines_that_are_there_are_marked():
    quoted = "The gate is open.\n\nA running head that was left out.\n\nNobody swims."
    assert marks(drawn(LINES), quoted) == [{QUOTE}, {QUOTE}]


@pytest.mark.parametrize("quoted", ["", "Nothing of this is there.", "?!", "\ud800"])
def test_what_is_not_there_is_not_marked(quoted):
    assert marks(drawn(LINES), quoted) == []


def test_the_sentence_is_looked_for_where_the_quote_is():
    data = drawn([(60, 500, "It may pass."), (60, 460, "Six ships wait."), (60, 420, "It may pass.")])
    assert marks(data, "Six ships wait. It may pass.", "It may pass.") == [{QUOTE}, {SENTENCE}]


def test_a_page_is_found_by_its_number():
    data = drawn([LINES[0]], [LINES[1]])
    assert marks(data, "Six ships may pass.", page=1) == []
    assert marks(data, "Six ships may pass.", page=2) == [{QUOTE}]


def test_columns_are_marked_where_the_words_are():
    data = printed(*(Paragraph(f"Column {n}. " + "It is long. " * 90, BODY) for n in (1, 2)), columns=2)
    image = Image.open(BytesIO(readers.picture("a.pdf", data, 1, ["Column 2."]))).convert("RGB")
    columns = {x // (image.width // 2) for x in range(image.width) for y in range(0, image.height, 4)
               if image.getpixel((x, y)) == QUOTE}  # fmt: skip
    assert columns == {1}
