"""Pages of PDFs as pictures: what is marked on them, although the text of a quote is not quite theirs."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby

import numpy as np
import pytest
from PIL import Image
from support.made_files import drawn

from retrieval.documents import readers

QUOTE, SENTENCE = (255, 240, 150), (255, 214, 88)


def marks(data, *texts, page=1):
    """Which colours there are behind the letters of the page, from top to bottom, each once a line."""
    pixels = pixels_of(readers.draw_page("a.pdf", data, page, texts))
    rows = [tuple(colour for colour in (QUOTE, SENTENCE) if (row == colour).all(1).any()) for row in pixels]
    return [set(colours) for colours, _ in groupby(rows) if colours]


def pixels_of(picture):
    image = Image.open(BytesIO(picture)).convert("RGB")
    assert image.width <= 1_400
    assert image.height <= 2_400
    return np.asarray(image)


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


def test_accents_and_ligatures_match_in_any_spelling():
    data = drawn([(60, 500, "Un été à l’œuvre")])
    assert marks(data, "Un e\u0301te\u0301 a\u0300 l'œuvre") == [{QUOTE}]


def test_the_lines_of_a_partly_missing_quote_are_marked():
    quoted = "The gate is open.\n\nA running head that was left out.\n\nNobody swims."
    assert marks(drawn(LINES), quoted) == [{QUOTE}, {QUOTE}]


@pytest.mark.parametrize("quoted", ["", "Nothing of this is there.", "?!", "\ud800"])
def test_a_missing_quote_is_not_marked(quoted):
    assert marks(drawn(LINES), quoted) == []


def test_the_sentence_is_looked_for_where_the_quote_is():
    data = drawn([(60, 500, "It may pass."), (60, 460, "Six ships wait."), (60, 420, "It may pass.")])
    assert marks(data, "Six ships wait. It may pass.", "It may pass.") == [{QUOTE}, {SENTENCE}]


def test_a_page_is_found_by_its_number():
    data = drawn([LINES[0]], [LINES[1]])
    assert marks(data, "Six ships may pass.", page=1) == []
    assert marks(data, "Six ships may pass.", page=2) == [{QUOTE}]


def test_columns_are_marked_where_the_words_are():
    data = drawn([(60, 500, "The left column"), (240, 500, "The right column")])
    assert edges(data, "The right column") == pytest.approx((240, 314), abs=2)


def test_the_full_stop_is_marked_if_it_was_quoted():
    data = drawn([(60, 500, "It may pass.")])
    with_stop, without = (edges(data, quoted)[1] for quoted in ("It may pass.", "It may pass"))
    assert with_stop == pytest.approx(without + 2, abs=1)


def edges(data, quoted):
    """The left and right end of what is marked, in points."""
    pixels = pixels_of(readers.draw_page("a.pdf", data, 1, [quoted]))
    marked = (pixels == QUOTE).all(2).any(0).nonzero()[0] / pixels.shape[1] * 419.53
    return marked[0], marked[-1]
