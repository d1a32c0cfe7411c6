"""The file sources.txt."""

from __future__ import annotations

import pytest

from retrieval.documents.readers.limits import DEFAULT_LIMITS
from retrieval.sources.listing import SourceList
from retrieval.storage.pages import SourceKind, WebSource


@pytest.fixture
def read(tmp_path):
    def read(text):
        (tmp_path / "sources.txt").write_text(text)
        return SourceList(tmp_path, "papers", DEFAULT_LIMITS)

    return read


def listed(address, kind, count):
    return WebSource("papers", address, kind, count, is_listed=True)


def test_each_line_is_a_source(read):
    lines = read(
        "# Ours\n\nhttps://example.org/a#part  # the rules\n"
        "https://example.org/docs/ --below 20\nhttps://example.org/map.xml --sitemap --max 5\n"
        "https://example.org/all.xml --sitemap\n"
    )
    assert lines.faults == []
    assert list(lines.sources.values()) == [
        listed("https://example.org/a", SourceKind.PAGE, 1),
        listed("https://example.org/docs/", SourceKind.BELOW, 20),
        listed("https://example.org/map.xml", SourceKind.SITEMAP, 5),
        listed("https://example.org/all.xml", SourceKind.SITEMAP, 1_000),
    ]


def test_a_wrong_line_is_named_and_the_others_hold(read):
    lines = read("https://example.org/a\nexample.org/b\nhttps://example.org/c twice\n")
    assert list(lines.sources) == ["https://example.org/a"]
    assert [fault.partition(":")[0] for fault in lines.faults] == ["Line 2", "Line 3"]


@pytest.mark.parametrize("text", ["Sources\n\nhttps://example.org/a\n", "", "# only a comment\n"])
def test_a_document_of_that_name_is_no_list(read, text):
    assert not read(text).is_there


def test_without_the_file_there_is_no_list(tmp_path):
    assert not SourceList(tmp_path, "papers", DEFAULT_LIMITS).is_there
