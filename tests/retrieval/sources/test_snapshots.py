"""What is kept of a page, and how it is read again."""

from __future__ import annotations

import gzip
from hashlib import sha256

import pytest
from warcio.archiveiterator import ArchiveIterator

from retrieval.documents import readers
from retrieval.errors import DocumentError, DocumentFault
from retrieval.sources.fetching.fetcher import Response
from retrieval.sources.snapshots import Snapshots, write_record

ADDRESS = "https://example.org/a"


def record(body, kind="text/html", address=ADDRESS, **headers):
    fields = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return write_record(Response(address, 1_796_000_000.5, tuple(fields.items()), body))


def read(body, kind="text/html", address=ADDRESS):
    return readers.read(address, record(body, kind, address)).text


def test_other_programs_read_what_is_kept(tmp_path):
    path = tmp_path / "page.warc.gz"
    path.write_bytes(record(b"<p>Hello", ETag='"1"', Set_Cookie="secret=1", Transfer_Encoding="chunked"))
    with path.open("rb") as file:
        (kept,) = [(it, it.content_stream().read()) for it in ArchiveIterator(file, check_digests="raise")]
    assert kept[1] == b"<p>Hello"
    assert kept[0].rec_headers.get_header("WARC-Target-URI") == ADDRESS
    assert kept[0].rec_headers.get_header("WARC-Date") == "2026-11-30T00:53:20Z"
    assert kept[0].http_headers.get_header("ETag") == '"1"'
    assert b"secret" not in gzip.decompress(path.read_bytes())


def test_a_snapshot_is_named_for_its_hash(tmp_path):
    snapshots = Snapshots(tmp_path)
    data = record(b"<p>Hello")
    name = snapshots.save(data)
    assert name == sha256(data).hexdigest()
    assert (snapshots.load(name), snapshots.measure(name)) == (data, len(data))
    assert list(snapshots.all()) == [name]
    assert snapshots.remove({name}) == 1
    with pytest.raises(DocumentError, match="Refresh it"):
        snapshots.load(name)


def test_an_altered_snapshot_is_noticed(tmp_path):
    snapshots = Snapshots(tmp_path)
    name = snapshots.save(record(b"<p>Hello"))
    path = next(tmp_path.glob(f"pages/*/{name}*"))
    path.write_bytes(record(b"<p>Other"))
    with pytest.raises(DocumentError, match="was altered"):
        snapshots.load(name)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>Ёлка стоит.".encode("cp1251"), "text/html; charset=windows-1251"),
        ("<p>Ёлка стоит.".encode("cp1251"), 'text/html;charset="CP1251"'),
        ("<p>Ёлка стоит.".encode("koi8-r"), "text/plain; charset=koi8-r"),
        ("<p>Ёлка стоит.".encode(), "text/html; charset=iso-8859-1"),  # the header is wrong
        ("<meta charset=utf-8><p>Ёлка стоит.".encode("cp1251"), "text/html; charset=windows-1251"),  # the page is wrong
        (b"\xff\xfe" + "<p>Ёлка стоит.".encode("utf-16-le"), "text/html; charset=nonsense"),
    ],
)
def test_the_charset_is_that_of_the_bytes_then_of_the_header(body, kind):
    assert read(body, kind).removeprefix("<p>") == "Ёлка стоит."


@pytest.mark.parametrize(
    ("body", "kind", "address", "text"),
    [
        (b"a,b\n1,2\n", "text/csv", ADDRESS, "a: 1; b: 2"),
        (b"# One\n\nTwo.", "application/octet-stream", f"{ADDRESS}.md", "# One\n\nTwo."),
        (b"<!DOCTYPE html><p>Hi.", "text/plain", ADDRESS, "Hi."),
        (b"One.", "text/x-unknown", ADDRESS, "One."),
        (b"<p>Hi.", "", f"{ADDRESS}.html", "Hi."),
    ],
)
def test_the_kind_is_that_of_the_bytes_the_header_or_the_name(body, kind, address, text):
    assert read(body, kind, address) == text


@pytest.mark.parametrize("body", [b"PK\x05\x06" + bytes(18), bytes(range(256))])
def test_what_no_reader_is_for_is_refused(body):
    with pytest.raises(DocumentError) as error:
        read(body, "application/x-unknown", f"{ADDRESS}.exe")
    assert error.value.fault is DocumentFault.UNKNOWN_KIND


@pytest.mark.parametrize("data", [b"", b"nonsense", gzip.compress(b"WARC/1.0\r\n\r\n"), record(b"<p>Hi")[:-20]])
def test_a_damaged_snapshot_is_a_damaged_document(data):
    with pytest.raises(DocumentError):
        readers.read(ADDRESS, data)
