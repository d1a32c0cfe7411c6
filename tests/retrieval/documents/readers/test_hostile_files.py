"""Hostile files: each is indexed or refused with a reason, none harms the others, and takes no more than its share."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from support.doubles import WordEncoder
from support.made_files import open_document, samples, saved, word, workbook
from support.reading import LAUGHS, packed, repacked

from retrieval import FileState, Index, IsolatedReader, Limits
from retrieval.documents.readers import READERS, is_picture

if TYPE_CHECKING:
    from collections.abc import Callable

MUTANTS, PICTURES = 66, 3
"""Of each format; a picture that can still be opened takes half a second."""


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled or put elsewhere."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice([1, 2, 8, 64, 1_000]))
        match chance.randrange(5):
            case 0:
                changed[at:end] = chance.randbytes(end - at)
            case 1:
                del changed[at:end]
            case 2:
                changed[at:at] = changed[at:end] * chance.choice([1, 2, 50])
            case 3:
                changed[at:at] = chance.choice(
                    [b"\0", b"\xff\xfe", b"&#0;", b"<", b'"', b"-1", b"99999999999", b"\x1b"]
                )
            case 4:
                changed[at:] = changed[at : -1 if chance.random() < 0.5 else end]
    return bytes(changed)


def mutant(data: bytes, chance: random.Random) -> bytes:
    """The file changed as a whole, or one of the parts that it is packed from."""
    if not zipfile.is_zipfile(BytesIO(data)) or chance.random() < 0.3:
        return mutated(data, chance)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        name = chance.choice(
            [name for name in archive.namelist() if name.endswith((".xml", ".xhtml", ".opf", ".rels"))]
        )
        return repacked(data, {name: mutated(archive.read(name), chance)})


@pytest.fixture
def sync(tmp_path):
    """Writes files, syncs, and gives path → report."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "sound.txt").write_text("The nautilus sleeps.")
    encoder = WordEncoder("cat kitten")

    def sync(files, **limits):
        for name, data in files.items():
            (folder / name).write_bytes(data)
        reader = IsolatedReader(Limits(**{"seconds": 20, "memory_mib": 512} | limits))
        index = Index(tmp_path / "data", encoder, reader=reader)
        reports = {report.path: report for report in index.sync(folder).files}
        assert reports.pop("sound.txt").state is FileState.INDEXED
        assert index.search("nautilus", 1)[0].passage.path == "sound.txt"
        index.close()
        return reports

    return sync


def test_every_format_has_a_sample():
    assert samples().keys() == READERS.keys()


def test_mutated_files_are_indexed_or_refused_with_a_reason(sync):
    chance = random.Random(4)
    different = {data: suffix for suffix, data in samples().items()}
    mutants = {
        f"{number}{suffix}": mutant(data, chance)
        for data, suffix in different.items()
        for number in range(PICTURES if is_picture(f"any{suffix}") else MUTANTS)
    }
    assert len(mutants) >= 2_000
    reports = sync(mutants)
    assert reports.keys() == mutants.keys()
    for report in reports.values():
        assert report.state in {FileState.INDEXED, FileState.FAILED, FileState.SKIPPED}
        assert (report.reason == "") == (report.state is FileState.INDEXED)
        assert not report.reason or report.reason.endswith(".")
    assert sum(report.state is FileState.INDEXED for report in reports.values()) > len(mutants) / 4


def laughing(data: bytes, name: str) -> bytes:
    """A packed file in which nine lines of XML stand for two gigabytes."""
    return repacked(data, {name: f"{LAUGHS}]><x>&j;</x>".encode()})


def bomb(name: str) -> bytes:
    return packed({name: b" " * (65 << 20)})


MIB = 1 << 20
ACCENTS = "a" + "\u0301" * 5_000
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.docx": (lambda: bomb("word/document.xml"), "unpacks to more than 64 MiB"),
    "bomb.epub": (lambda: bomb("META-INF/container.xml"), "unpacks to more than 64 MiB"),
    "laughs.docx": (lambda: laughing(word(), "word/document.xml"), ""),
    "laughs.odt": (lambda: laughing(open_document(), "content.xml"), ""),
    "laughs.xlsx": (
        lambda: laughing(saved(workbook(A=[["a"]])), "xl/sharedStrings.xml"), "",
    ),
    "laughs.html": (f"{LAUGHS}]><p>&j;</p>".encode, ""),
    "line.txt": (lambda: b"x" * (100 * MIB), "is larger than 64 MiB"),
    "words.txt": (lambda: b"word " * (4 * MIB), "holds more than 10,000,000 characters"),
    "null.txt": (lambda: b"\0" * 1_000, "not text in any encoding"),
    "nulls.md": (lambda: b"a\0b\0c" * 1_000, ""),
    "invalid.txt": (lambda: bytes(range(128, 256)) * 50, ""),
    "half.txt": (lambda: b"Half a pair: " + b"\xed\xa0\x80", ""),
    "rtl.txt": ("\u202eevil.\u202c שלום עולם. مرحبا بالعالم. e\u0301\u0302\u0303".encode, None),
    "marks.md": (ACCENTS.encode, None),
    "voices.vtt": (lambda: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<v " * 200_000, None),
    "borders.rst": (lambda: b"== ==\nx\n" * 50_000, None),
    "spaces.org": (lambda: b"* a" + b" " * 200_000 + b"x", None),
    "spaces.adoc": (lambda: b"= a" + b" " * 200_000 + b"x", None),
    "blank.tex": (lambda: b"\n" * 200_000 + b"\\begin{documen", None),
    "braces.tex": (lambda: b"\\section{" * 20_000, None),
    "deep.json": (lambda: b"[" * 200_000 + b'"deep"' + b"]" * 200_000, None),
    "deep.ipynb": (lambda: b'{"cells":' * 100_000, "is damaged"),
    "chat.json": (lambda: b'{"type":"private_group","messages":[' + b"[" * 200_000, "is damaged"),
    "deep.html": (lambda: b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000, ""),
    "deep.md": (lambda: b"> " * 20_000 + b"deep", ""),
    "brackets.md": (lambda: b"[" * 50_000, ""),
    "wide.csv": (lambda: b"a," * 500_000 + b"\n1", ""),
    "quote.csv": (lambda: b'"' * 300_000, ""),
    "folded.eml": (lambda: b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nText.", ""),
    "parts.eml": (
        lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 50_000 + b"--b--\n", "",
    ),
    "inside.eml": (lambda: b"Content-Type: message/rfc822\n\n" * 500 + b"Subject: a\n\nText.", ""),
    "fields.eml": (lambda: b"To: a\nX: b\n" * 50_000 + b"\nText.", None),
    "mails.mbox": (lambda: b"From \nTo: a\n\n" * 3_000, None),
    "froms.mbox": (lambda: b"From 1:00" * 100_000, "holds no mails"),
    "groups.rtf": (lambda: b"{\\rtf1" + b"{" * MIB, "groups have no end"),
    "codes.rtf": (lambda: b"{\\rtf1 a" + b"{\\f1 a}" * 30_000, None),
    "events.ics": (lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 50_000 + b"SUMMARY:a", None),
    "folds.ics": (lambda: b"BEGIN:VEVENT\nSUMMARY:" + b"\n a;\"" * 50_000, None),
}  # fmt: skip


def test_well_known_attacks_are_refused_or_read_without_harm(sync):
    """The second of each is why it must be refused; "" if it may be either, None if it must be read."""
    reports = sync({name: make() for name, (make, _) in HOSTILE.items()}, unpacked_mib=64)
    for name, (_, reason) in HOSTILE.items():
        report = reports[name]
        if reason is None:
            assert report.state is FileState.INDEXED, name
        else:
            assert reason in report.reason, name
        assert "broke down" not in report.reason, name


def test_the_reading_process_stays_below_its_limit(sync):
    report = sync({"words.txt": b"word " * (12 * MIB)}, memory_mib=100)["words.txt"]
    assert report.state is FileState.FAILED
    assert "more than 100 MiB of memory" in report.reason
