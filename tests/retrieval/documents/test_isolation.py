"""Whatever happens to the reading process, only one file cannot be read."""

from __future__ import annotations

import sys

import pytest
from support.commands import ROOT
from support.made_files import drawn

from retrieval.documents import isolation, readers
from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError, DocumentFault

MISREADING = [
    sys.executable,
    "-P",
    "-c",
    isolation._STAND_IN + (ROOT / "tests" / "support" / "misreading.py").read_text(),
]


@pytest.fixture
def reader():
    reader = IsolatedReader(Limits(seconds=2, memory_mib=300, scan_seconds=1, scan_pages=3))
    yield reader
    reader.close()


@pytest.fixture
def misreader(reader, monkeypatch):
    monkeypatch.setattr(isolation, "_COMMAND", MISREADING)
    return reader


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.txt", 'Été: \u202e\u0301 𝔘\u2028\x1f"\\\r\n\r\nNext.'.encode()),
        ("b/c.md", b"# Title\n\n- item\n\n## Part\n\ntext\n"),
    ],
)
def test_a_document_is_the_same_as_if_it_were_read_here(reader, path, data):
    assert reader.read(path, data) == readers.read(path, data)


def test_a_file_error_comes_through_and_the_next_file_is_read(reader):
    with pytest.raises(DocumentError, match="holds no text") as error:
        reader.read("a.txt", b" ")
    assert error.value.fault is DocumentFault.EMPTY
    assert reader.read("a.txt", b"Text.").text == "Text."


def test_a_reader_that_crashes_is_started_anew(misreader):
    with pytest.raises(DocumentError, match=r"broke down .*status -6.*open it and save it again") as error:
        misreader.read("crash.txt", b"")
    assert error.value.fault is DocumentFault.DAMAGED
    assert misreader.read("a.txt", b"Text.").text == "Text."


@pytest.mark.parametrize("path", ["hang.txt", "loop.txt"])
def test_a_reader_that_hangs_is_ended(misreader, path):
    with pytest.raises(DocumentError, match=r"longer than 2 s\. Split it, or raise QUOTH_MAX_SECONDS") as error:
        misreader.read(path, b"")
    assert error.value.fault is DocumentFault.TOO_HEAVY
    assert misreader.read("a.txt", b"Text.").text == "Text."


@pytest.mark.skipif(sys.platform != "linux", reason="No other system limits the memory of one process.")
def test_a_reader_may_not_eat_all_memory(misreader):
    with pytest.raises(DocumentError, match=r"more than 300 MiB .* raise QUOTH_MAX_MEMORY_MIB") as error:
        misreader.read("eat.txt", b"")
    assert error.value.fault is DocumentFault.TOO_HEAVY
    assert misreader.read("a.txt", b"Text.").text == "Text."


def test_every_scanned_page_has_time_of_its_own(misreader):
    assert misreader.read("slow.scan.txt", b"Text.").text == "Text."


def test_a_scanned_page_that_takes_too_long_ends_the_reader(misreader):
    with pytest.raises(DocumentError, match=r"longer than 1 s\. Raise QUOTH_MAX_SCAN_SECONDS"):
        misreader.read("hanging.scan.txt", b"")
    assert misreader.read("a.txt", b"Text.").text == "Text."


def test_a_process_cannot_put_its_deadline_off_for_ever():
    deadline = isolation._Deadline(Limits(seconds=100, scan_seconds=100, scan_pages=3), None)
    for _ in range(5):
        deadline.put_off()
    deadline.cancel()
    assert deadline.scanned == 3


def test_a_crash_at_a_scanned_page_may_be_for_lack_of_memory(misreader):
    with pytest.raises(DocumentError, match=r"at picture 1 of the file.*QUOTH_MAX_SCAN_MEMORY_MIB") as error:
        misreader.read("crashing.scan.txt", b"")
    assert error.value.fault is DocumentFault.TOO_HEAVY
    assert misreader.read("a.txt", b"Text.").text == "Text."


def test_output_of_a_reader_is_ignored(misreader):
    assert misreader.read("print.txt", b"Text.").text == "Text."


def test_the_process_knows_no_secrets(misreader, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:secret")
    monkeypatch.setenv("QUOTH_DATA", "somewhere")
    variables = misreader.read("variables.txt", b"").text.split()
    assert "PATH" in variables
    assert [name for name in variables if name.startswith(("TELEGRAM", "QUOTH"))] == []


def test_modules_in_the_current_folder_are_not_imported(reader, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    assert reader.read("a.txt", b"Text.").text == "Text."


def test_closing_ends_the_process(reader):
    reader.read("a.txt", b"Text.")
    process = reader._process
    reader.close()
    assert process.poll() is not None


def test_the_page_of_a_pdf_comes_as_a_picture(reader):
    picture = reader.draw_page("a.pdf", drawn([(60, 500, "Six ships may pass.")]), 1, ["Six ships may pass."])
    assert picture.startswith(b"\x89PNG\r\n")
    assert reader.read("a.txt", b"Text.").text == "Text."


@pytest.mark.parametrize(
    ("path", "data", "page", "reason"),
    [
        ("a.pdf", b"%PDF-1.7 and nothing", 1, "The file is damaged"),
        ("a.pdf", b"", 1, "The file is damaged"),
        ("a.pdf", drawn([(60, 500, "Six.")]), 2, "The file is damaged"),
        ("a.pdf", drawn([(60, 500, "Six.")]), -1, "The file is damaged"),
        ("a.txt", b"Six.", 1, "Only a PDF has pages"),
    ],
)
def test_a_picture_error_comes_through_and_reading_goes_on(reader, path, data, page, reason):
    with pytest.raises(DocumentError, match=reason):
        reader.draw_page(path, data, page, ["Six."])
    assert reader.read("a.txt", b"Text.").text == "Text."


def test_a_crash_while_drawing_harms_no_other_file(misreader):
    with pytest.raises(DocumentError, match=r"broke down .*status -6"):
        misreader.draw_page("crash.pdf", b"", 1, [])
    assert misreader.read("a.txt", b"Text.").text == "Text."
