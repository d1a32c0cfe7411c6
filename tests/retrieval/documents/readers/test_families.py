"""The names of reader families stand in receipts, and `verify` compares them: they are pinned here."""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
import zlib
from contextlib import closing, suppress
from importlib import metadata

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.made_files import samples

from retrieval import Index, QuoteStatus, Verifier, find
from retrieval.documents.readers import READERS_VERSION
from retrieval.receipts.statement import make_id

SAMPLES = samples()
PICTURE = ("picture", "pillow", "rapidocr", "openvino", "pi-heif")
FAMILIES = {
    ".bmp": PICTURE,
    ".csv": ("delimited", "chardet"),
    ".docx": ("docx", "lxml"),
    ".eml": ("eml", "lxml"),
    ".epub": ("epub", "lxml"),
    ".heic": PICTURE,
    ".htm": ("html", "lxml"),
    ".html": ("html", "lxml"),
    ".jpeg": PICTURE,
    ".jpg": PICTURE,
    ".markdown": ("markdown", "chardet"),
    ".md": ("markdown", "chardet"),
    ".odt": ("odt", "lxml"),
    ".pdf": ("pdf", "pypdfium2", "rapidocr", "openvino"),
    ".png": PICTURE,
    ".pptx": ("pptx", "lxml"),
    ".tif": PICTURE,
    ".tiff": PICTURE,
    ".tsv": ("delimited", "chardet"),
    ".txt": ("text", "chardet"),
    ".webp": PICTURE,
    ".xlsx": ("xlsx", "openpyxl"),
}
"""Suffix → the family's name and its libraries, as receipts have named them since version 1 of the readers."""


def reader(suffix, version):
    """The reader that a receipt names, with the versions that are installed here."""
    name, *libraries = FAMILIES[suffix]
    versions = [f"{name} {version}", f"Python {platform.python_version()}"]
    for library in libraries:
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{library} {metadata.version(library)}")
    return ", ".join(versions)


def put_receipt(data, **changes):
    """Put a receipt beside the one that is there, with other fields in its citation and an id that fits."""
    with closing(sqlite3.connect(data / "receipts.db")) as database, database:
        ((said,),) = database.execute("SELECT said FROM receipts WHERE number = 1")
        statement = json.loads(zlib.decompress(said))
        statement["citations"][0] |= changes
        sealed = json.dumps(statement).encode()
        row = (make_id(sealed), zlib.compress(sealed))
        database.execute("INSERT OR IGNORE INTO receipts (id, given_at, said) VALUES (?, 0, ?)", row)
    return row[0]


def test_every_format_has_a_pinned_family():
    assert FAMILIES.keys() == SAMPLES.keys()


@pytest.mark.parametrize("suffix", FAMILIES)
def test_an_earlier_receipt_is_unchanged_and_a_forged_one_false(tmp_path, suffix):
    documents, data = tmp_path / "documents", tmp_path / "data"
    documents.mkdir()
    (documents / f"a{suffix}").write_bytes(SAMPLES[suffix])
    with closing(Index(data, WordEncoder("cat"), reader=ReaderHere())) as index:
        index.sync(documents)
        assert find(index, "cat", range(1)).quotes
        earlier = put_receipt(data, reader=reader(suffix, 1))
        forged_words = hashlib.sha256(b"Words that the file never had.").hexdigest()
        forged = put_receipt(data, reader=reader(suffix, READERS_VERSION), text_sha256=forged_words)
        with closing(Verifier(data, index.receipts, ReaderHere())) as verifier:
            states = [verifier.check(index.receipts.get(receipt)).state for receipt in (earlier, forged)]
    assert states == [QuoteStatus.UNCHANGED, QuoteStatus.MISQUOTED]
