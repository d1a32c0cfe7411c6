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
    ".adoc": ("asciidoc", "chardet"),
    ".bmp": PICTURE,
    ".csv": ("delimited", "chardet"),
    ".docm": ("docx", "lxml"),
    ".docx": ("docx", "lxml"),
    ".dotm": ("docx", "lxml"),
    ".dotx": ("docx", "lxml"),
    ".eml": ("eml", "lxml"),
    ".epub": ("epub", "lxml"),
    ".heic": PICTURE,
    ".ipynb": ("notebook", "chardet"),
    ".json": ("json", "chardet"),
    ".jsonl": ("json", "chardet"),
    ".log": ("log", "chardet"),
    ".ics": ("ics", "chardet"),
    ".jpeg": PICTURE,
    ".jpg": PICTURE,
    ".fb2": ("fb2", "lxml"),
    ".htm": ("html", "lxml", "trafilatura"),
    ".html": ("html", "lxml", "trafilatura"),
    ".markdown": ("markdown", "chardet"),
    ".mbox": ("mbox", "chardet", "lxml"),
    ".md": ("markdown", "chardet"),
    ".odp": ("odp", "lxml"),
    ".ods": ("ods", "lxml"),
    ".mht": ("mhtml", "lxml", "trafilatura"),
    ".mhtml": ("mhtml", "lxml", "trafilatura"),
    ".odt": ("odt", "lxml"),
    ".org": ("org", "chardet"),
    ".pdf": ("pdf", "pypdfium2", "rapidocr", "openvino"),
    ".potm": ("pptx", "lxml"),
    ".potx": ("pptx", "lxml"),
    ".ppsm": ("pptx", "lxml"),
    ".ppsx": ("pptx", "lxml"),
    ".pptm": ("pptx", "lxml"),
    ".pptx": ("pptx", "lxml"),
    ".rst": ("rst", "chardet"),
    ".srt": ("subtitles", "chardet"),
    ".tex": ("latex", "chardet"),
    ".text": ("text", "chardet"),
    ".rtf": ("rtf",),
    ".tsv": ("delimited", "chardet"),
    ".txt": ("text", "chardet"),
    ".xlsm": ("xlsx", "openpyxl"),
    ".vtt": ("subtitles", "chardet"),
    ".png": PICTURE,
    ".tif": PICTURE,
    ".tiff": PICTURE,
    ".webp": PICTURE,
    ".xhtml": ("html", "lxml", "trafilatura"),
    ".xlsx": ("xlsx", "openpyxl"),
    ".xltx": ("xlsx", "openpyxl"),
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
