"""The documents' folder: no link below it is followed, also not one that was a folder when it was listed."""

from __future__ import annotations

import os
import sys

import pytest

from retrieval.documents import folder
from retrieval.documents.readers.limits import DEFAULT_LIMITS
from retrieval.errors import DocumentError, DocumentFault


@pytest.fixture
def documents(tmp_path):
    (tmp_path / "documents" / "a" / "b").mkdir(parents=True)
    (tmp_path / "documents" / "a" / "b" / "c.txt").write_text("Ours.")
    (tmp_path / "secret" / "b").mkdir(parents=True)
    (tmp_path / "secret" / "b" / "c.txt").write_text("Secret.")
    (tmp_path / "secret" / "c.txt").write_text("Secret.")
    return tmp_path / "documents"


def load(documents, path):
    return folder.load(documents, path, DEFAULT_LIMITS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot open a file relative to a folder.")
@pytest.mark.parametrize(("exchanged", "target"), [("a", "secret"), ("a/b", "secret"), ("a/b/c.txt", "secret/c.txt")])
def test_what_became_a_link_after_listing_is_not_followed(documents, exchanged, target):
    assert folder.list_files(documents).files == ["a/b/c.txt"]
    (documents / exchanged).rename(documents / "old")
    (documents / exchanged).symlink_to(documents.parent / target)
    with pytest.raises(DocumentError, match="Cannot open the file") as error:
        load(documents, "a/b/c.txt")
    assert error.value.fault is DocumentFault.NO_ACCESS


def test_a_file_deep_below_the_folder_is_read(documents):
    assert load(documents, "a/b/c.txt") == b"Ours."


@pytest.mark.skipif(sys.platform == "win32", reason="Links need a privilege there.")
def test_the_folder_itself_may_be_a_link(documents):
    link = documents.parent / "link"
    link.symlink_to(documents)
    assert load(link, "a/b/c.txt") == b"Ours."


@pytest.mark.skipif(sys.platform == "win32", reason="It has no such folder.")
def test_no_descriptor_stays_open(documents):
    before = os.dup(0)
    os.close(before)
    for path in ("a/b/c.txt", "a/b/none.txt", "a/none/c.txt", "none/b/c.txt"):
        try:
            load(documents, path)
        except DocumentError:
            assert path != "a/b/c.txt"
    after = os.dup(0)
    os.close(after)
    assert after == before
