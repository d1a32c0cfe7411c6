"""Scans have limits of their own, page by page."""

from __future__ import annotations

import pytest
from support.made_files import in_format, photographed

from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError, DocumentFault


def scanned(*lines: str) -> bytes:
    frames = [photographed(line) for line in lines]
    return in_format("TIFF", frames[0], save_all=True, append_images=frames[1:])


@pytest.fixture
def start():
    readers = []

    def start(**limits):
        readers.append(IsolatedReader(Limits(**limits)))
        return readers[-1]

    yield start
    for reader in readers:
        reader.close()


def test_pages_of_all_lengths_are_recognised_within_the_limits(start):
    lines = [f"{'It rains. ' * count}Page {count}." for count in range(3, 7)]
    assert start().read("a.tif", scanned(*lines)).text.split("\n\n") == lines


def test_a_file_with_too_many_scanned_pages_is_refused(start):
    with pytest.raises(DocumentError, match=r"more than 2 pages that are pictures\. .*QUOTH_MAX_SCAN_PAGES") as error:
        start(scan_pages=2).read("a.tif", scanned("One.", "Two.", "Three."))
    assert error.value.fault is DocumentFault.TOO_LONG


def test_too_little_memory_is_named_and_the_next_file_is_read(start):
    reader = start(memory_mib=300, scan_memory_mib=300)
    for _ in range(2):
        with pytest.raises(
            DocumentError, match=r"picture takes more than 300 MiB .*QUOTH_MAX_SCAN_MEMORY_MIB"
        ) as error:
            reader.read("a.tif", scanned("It rains."))
        assert error.value.fault is DocumentFault.TOO_HEAVY
        assert reader._process is None
    assert reader.read("a.txt", b"It rains.").text == "It rains."
