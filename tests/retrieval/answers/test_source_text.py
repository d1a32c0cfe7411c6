"""A part of a document is read from the index, and only from it."""

from __future__ import annotations

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import DocumentError, Index, SourceText, read_source

RAIN = "It will rain. Take an umbrella."


@pytest.fixture(params=["", "postgresql"])
def index(request, tmp_path):
    url = request.getfixturevalue("postgres").create() if request.param else ""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "rain.txt").write_text(RAIN)
    (tmp_path / "outside.txt").write_text("Nobody may read this.")
    made = Index(tmp_path / "data", WordEncoder("rain"), reader=ReaderHere(), database=url)
    made.sync(tmp_path / "documents")
    yield made
    made.close()


def test_a_part_comes_with_whole_words_on_both_sides(index):
    assert read_source(index, "default", "rain.txt", (8, 12), around=8) == SourceText(
        "default", "rain.txt", start=8, end=12, text="rain", before="It will ", after=". Take", length=31
    )


def test_what_lies_past_the_end_is_left_out(index):
    part = read_source(index, "default", "rain.txt", (22, 1_000))
    assert (part.text, part.end, part.before, part.after) == ("umbrella.", 31, "", "")


@pytest.mark.parametrize("span", [(31, 40), (5, 5), (-3, 5)])
def test_a_part_that_is_not_there_is_an_error(index, span):
    with pytest.raises(DocumentError, match=r"rain\.txt has 31 characters, and none from"):
        read_source(index, "default", "rain.txt", span)


@pytest.mark.parametrize("path", ["../outside.txt", "other.txt", "rain.txt\0", ""])
def test_no_other_file_is_read(index, path):
    with pytest.raises(DocumentError, match="There is no document"):
        read_source(index, "default", path, (0, 5))


def test_a_hidden_collection_is_as_one_that_is_not_there(index):
    for collection, seen in (("default", {"other"}), ("none", None)):
        with pytest.raises(DocumentError, match=f"There is no document rain.txt in the collection {collection}"):
            read_source(index, collection, "rain.txt", (0, 5), collections=seen)
