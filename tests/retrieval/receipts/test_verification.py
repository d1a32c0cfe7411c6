"""What became of the words that were quoted; and what never stood in a document is never taken for its words."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from dataclasses import replace
from io import BytesIO

import docx
import openpyxl
import pytest
from reportlab.pdfgen.canvas import Canvas
from support.commands import run
from support.doubles import ReaderHere, WordEncoder

from retrieval import (
    Asker,
    Channel,
    Index,
    IsolatedReader,
    Location,
    QuoteStatus,
    Removals,
    Unit,
    Verifier,
    ask,
    find,
    mark_shown,
)
from retrieval.documents.readers import READERS_VERSION
from retrieval.documents.readers.limits import Limits
from retrieval.receipts.statement import hash_text, make_id

RAIN = "It will rain on Monday. Take an umbrella with you."
SNOW = "Snow is cold and white. It melts in spring."


class Reader(ReaderHere):
    """Remembers what it read."""

    def __init__(self):
        self.paths = []

    def read(self, path, data):
        self.paths.append(path)
        return super().read(path, data)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "documents"
    made.mkdir()
    (made / "rain.txt").write_text(f"Weather\n\n{RAIN}\n\nThe end.")
    (made / "snow.txt").write_text(SNOW)
    return made


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def index(data, folder):
    made = Index(data, WordEncoder("rain umbrella", "snow", "secret"), reader=ReaderHere())
    made.sync(folder)
    yield made
    made.close()


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def verifier(data, index, reader):
    made = Verifier(data, index.receipts, reader)
    yield made
    made.close()


@pytest.fixture
def check(index, verifier):
    """Checks a receipt, by its id."""
    return lambda receipt_id: verifier.check(index.receipts.get(receipt_id))


@pytest.fixture
def look(data, index, reader):
    """Checks a receipt at a glance."""
    quick = Verifier(data, index.receipts, reader, is_quick=True)
    yield lambda receipt_id: quick.check(index.receipts.get(receipt_id))
    quick.close()


def quoted(index, question="umbrella", k=1):
    """The id of the receipt of an answer with one quote."""
    (found, *_) = find(index, question, range(k)).quotes
    assert found.rank == 1
    return find(index, question, range(k)).receipt_id


def change(data, file, statement, *values):
    """Alters a file of the data folder as somebody with a tool for databases does."""
    database = sqlite3.connect(data / file)
    with database:
        database.execute(statement, values)
    database.close()


def forge(data, index, receipt_id, **changes):
    """The id of a receipt that says something else than this one of its first quote, with a seal that fits."""
    said = index.receipts.get(receipt_id).statement
    citation = replace(said.citations[0], **changes)
    forged = replace(said, citations=(citation,)).to_json()
    change(
        data,
        "receipts.db",
        "INSERT INTO receipts (id, given_at, said) VALUES (?, 0, ?)",
        make_id(forged),
        zlib.compress(forged),
    )
    return make_id(forged)


def keep_text(data, text):
    """Puts words beside the receipts, as if they had been quoted."""
    change(data, "receipts.db", "INSERT INTO texts VALUES (?, ?)", hashlib.sha256(text.encode()).digest(), text)


# --- what became of a quote


def test_words_that_still_stand_there_are_unchanged(index, check, look):
    receipt_id = quoted(index)
    for checked in (check(receipt_id), look(receipt_id)):
        (finding,) = checked.quotes
        assert (checked.state, finding.state, finding.same_file) == (QuoteStatus.UNCHANGED, QuoteStatus.UNCHANGED, True)
        assert RAIN in finding.now.text
        assert (finding.now.collection, finding.now.path) == ("default", "rain.txt")


def test_where_words_stand_is_said_as_a_person_would_look_for_it(index, check, folder):
    (folder / "lines.txt").write_text("One.\nTwo.\nThree snow snow snow.\nFour.")
    index.sync(folder)
    (finding,) = check(quoted(index, "snow snow snow")).quotes
    assert finding.now.place == Location(Unit.LINE, 1, 4)


def test_words_that_moved_in_their_file_are_found_nearest(index, check, look, folder):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").write_text(f"Before.\n\n{SNOW}\n\nBetween.\n\n{SNOW}")
    for finding in (*check(receipt_id).quotes, *look(receipt_id).quotes):
        assert (finding.state, finding.same_file) == (QuoteStatus.MOVED, False)
        assert (finding.now.start, finding.now.text) == (9, SNOW)


def test_words_in_a_file_with_another_path_have_moved(index, check, look, folder):
    receipt_id = quoted(index, "snow")
    (folder / "deep").mkdir()
    (folder / "snow.txt").rename(folder / "deep" / "white.txt")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.same_file, finding.now.path) == (QuoteStatus.MOVED, True, "deep/white.txt")
    assert look(receipt_id).state is QuoteStatus.GONE
    index.sync(folder)
    assert look(receipt_id).quotes == (finding,) or look(receipt_id).quotes[0].now.path == "deep/white.txt"


def test_a_file_that_moved_is_found_in_another_collection_too(index, check, folder, tmp_path):
    receipt_id = quoted(index, "snow")
    (tmp_path / "notes").mkdir()
    (folder / "snow.txt").rename(tmp_path / "notes" / "snow.txt")
    index.sync(tmp_path / "notes", collection="notes")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.now.collection) == (QuoteStatus.MOVED, "notes")


def test_of_two_equal_files_the_quoted_one_counts(index, check, folder):
    receipt_id = quoted(index, "snow")
    (folder / "a.txt").write_text(SNOW)
    index.sync(folder)
    assert check(receipt_id).state is QuoteStatus.UNCHANGED


def test_the_same_words_in_a_changed_file_are_unchanged(index, check, folder):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").write_text(f"{SNOW}\n\nMore.")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.same_file) == (QuoteStatus.UNCHANGED, False)


def test_changed_words_are_shown_with_those_of_now(index, check, look, folder):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").write_text("Before. Snow is cold and grey. It melts in spring. After that.")
    for finding in (*check(receipt_id).quotes, *look(receipt_id).quotes):
        assert (finding.state, finding.same_file, finding.quoted) == (QuoteStatus.CHANGED, False, SNOW)
        assert finding.now.text == "Snow is cold and grey. It melts in spring."


def test_where_nothing_is_like_them_any_more_nothing_is_shown(index, check, folder):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").write_text("Nothing of this kind.")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.quoted, finding.now) == (QuoteStatus.CHANGED, SNOW, None)


def test_a_file_that_is_removed_is_gone(index, check, look, folder):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").unlink()
    for finding in (*check(receipt_id).quotes, *look(receipt_id).quotes):
        assert (finding.state, finding.quoted, finding.now) == (QuoteStatus.GONE, SNOW, None)


def test_without_its_folder_or_its_collection_it_is_gone(index, check, folder):
    receipt_id = quoted(index, "snow")
    folder.rename(folder.with_name("away"))
    assert check(receipt_id).state is QuoteStatus.GONE
    folder.with_name("away").rename(folder)
    assert check(receipt_id).state is QuoteStatus.UNCHANGED
    index.drop("default")
    assert check(receipt_id).state is QuoteStatus.GONE


def test_a_folder_that_is_given_counts_before_the_one_of_the_index(index, folder, data, reader):
    receipt = index.receipts.get(quoted(index, "snow"))
    moved = folder.rename(folder.with_name("elsewhere"))
    verifier = Verifier(data, index.receipts, reader, folders={"default": moved})
    assert verifier.check(receipt).state is QuoteStatus.UNCHANGED
    verifier.close()


def test_a_file_that_cannot_be_read_now_is_unchecked_with_the_reason(index, check, look, folder, reader):
    receipt_id = quoted(index, "snow")
    reader.limits = Limits(file_mib=1)
    (folder / "snow.txt").write_bytes(b"a" * ((1 << 20) + 1))
    for finding in (*check(receipt_id).quotes, *look(receipt_id).quotes):
        assert (finding.state, finding.quoted) == (QuoteStatus.UNCHECKED, SNOW)
        assert "QUOTH_MAX_FILE_MIB" in finding.reason


def test_a_file_that_has_become_a_folder_or_a_link_is_gone(index, check, folder, tmp_path):
    receipt_id = quoted(index, "snow")
    (folder / "snow.txt").unlink()
    (folder / "snow.txt").mkdir()
    assert check(receipt_id).state is QuoteStatus.GONE


def test_other_versions_matter_only_if_they_read_other_words(index, check, data):
    receipt_id = quoted(index, "snow")
    assert check(forge(data, index, receipt_id, reader="text 0")).state is QuoteStatus.UNCHANGED
    then = SNOW.replace("spring", "March")
    keep_text(data, then)
    (finding,) = check(forge(data, index, receipt_id, reader="text 0", text_sha256=hash_text(then))).quotes
    assert (finding.state, finding.same_file, finding.quoted) == (QuoteStatus.UNCHECKED, True, then)
    assert finding.now.text == SNOW
    assert finding.reason.startswith(f"The file is the same, but is read by text {READERS_VERSION}, Python ")
    assert finding.reason.endswith(" now, and was by text 0 then.")
    keep_text(data, "It melts in spring.")
    elsewhere = forge(data, index, receipt_id, reader="text 0", text_sha256=hash_text("It melts in spring."))
    assert check(elsewhere).state is QuoteStatus.MOVED


def test_a_file_that_another_reader_reads_now_is_not_called_false(index, check, folder):
    (folder / "table.txt").write_text("secret,two\r\n1,2\r\n3,4")
    index.sync(folder)
    receipt_id = quoted(index, "secret")
    (folder / "table.txt").rename(folder / "table.csv")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.same_file) == (QuoteStatus.UNCHECKED, True)
    assert f"is read by delimited {READERS_VERSION}" in finding.reason
    assert f"was by text {READERS_VERSION}" in finding.reason


def test_a_receipt_of_nothing_is_unchanged(index, check, folder):
    for path in folder.iterdir():
        path.unlink()
    index.sync(folder, removals=Removals(are_confirmed=True))
    checked = check(ask(index, "snow").receipt_id)
    assert (checked.state, checked.quotes) == (QuoteStatus.UNCHANGED, ())


def test_what_was_listed_inline_and_what_is_revoked_is_checked_too(index, check, folder):
    listing = find(index, "snow", range(2), asker=Asker(Channel.INLINE, "ann"))
    receipt_id = listing.receipt_id
    mark_shown(index, receipt_id, listing.quotes)
    index.receipts.revoke(receipt_id)
    (folder / "rain.txt").unlink()
    checked = check(receipt_id)
    assert [finding.state for finding in checked.quotes] == [QuoteStatus.UNCHANGED, QuoteStatus.GONE]
    assert checked.state is QuoteStatus.GONE


# --- tampering


def test_words_that_were_put_into_the_index_are_caught(index, check, data):
    for table in ("documents", "passages"):
        change(data, "quoth.db", f"UPDATE {table} SET text = replace(text, 'cold', 'warm')")  # noqa: S608
    answer = ask(index, "snow")
    assert "Snow is warm" in answer.quotes[0].text
    first, second = check(answer.receipt_id).quotes
    assert (first.state, first.same_file) == (QuoteStatus.MISQUOTED, True)
    assert "Snow is warm" in first.quoted
    assert "Snow is cold" in first.now.text
    assert first.reason == "The file is the one that was quoted, and never had these words there."
    assert second.state is QuoteStatus.UNCHANGED


def test_a_passage_that_was_moved_within_the_index_is_caught(index, check, data):
    change(data, "quoth.db", 'UPDATE passages SET start = start + 5, "end" = "end" + 5')
    change(data, "quoth.db", 'UPDATE sentences SET start = start + 5, "end" = "end" + 5')
    assert check(ask(index, "snow").receipt_id).state is QuoteStatus.MISQUOTED


def test_a_line_that_was_altered_in_the_index_is_caught(index, check, data):
    change(data, "quoth.db", "UPDATE passages SET first = 7, last = 7")
    (finding, *_) = check(quoted(index, "snow")).quotes
    assert finding.state is QuoteStatus.MISQUOTED
    assert finding.reason.endswith("has these words at another place than the receipt says.")


def test_a_passage_that_was_given_to_another_document_is_caught(index, check, data):
    change(data, "quoth.db", "UPDATE passages SET document_id = 3 - document_id")
    assert check(ask(index, "snow").receipt_id).state is QuoteStatus.MISQUOTED


def test_a_receipt_that_was_altered_is_false_whatever_it_says(index, check, data):
    receipt_id = quoted(index, "snow")
    said = index.receipts.get(receipt_id).statement
    altered = replace(said, given_at="2020-01-01T00:00:00.000+00:00").to_json()
    change(data, "receipts.db", "UPDATE receipts SET said = ?", zlib.compress(altered))
    checked = check(receipt_id)
    assert (checked.state, checked.quotes) == (QuoteStatus.MISQUOTED, ())


def test_a_forged_receipt_with_its_own_id_is_caught_by_the_file(index, check, data):
    lie = "Snow is warm and black. It melts in spring."
    forged = forge(data, index, quoted(index, "snow"), text_sha256=hash_text(lie))
    keep_text(data, lie)
    (finding,) = check(forged).quotes
    assert (finding.state, finding.quoted, finding.now.text) == (QuoteStatus.MISQUOTED, lie, SNOW)


def test_a_forged_place_in_the_same_file_is_caught(index, check, data):
    receipt_id = quoted(index, "snow")
    span = index.receipts.get(receipt_id).statement.citations[0].span
    forged = forge(data, index, receipt_id, span=replace(span, end=len(SNOW) + 90))
    assert check(forged).state is QuoteStatus.MISQUOTED
    outside = forge(data, index, receipt_id, span=replace(span, start=900, end=990), sentence=(900, 901))
    (finding,) = check(outside).quotes
    assert (finding.state, finding.now) == (QuoteStatus.MISQUOTED, None)


def test_altered_words_are_not_shown_and_the_quote_is_unchecked(index, check, data, folder):
    receipt_id = quoted(index, "snow")
    change(data, "receipts.db", "UPDATE texts SET text = 'Snow is warm.'")
    assert check(receipt_id).state is QuoteStatus.UNCHANGED
    (folder / "snow.txt").write_text(f"Before. {SNOW}")
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.quoted, finding.now) == (QuoteStatus.UNCHECKED, None, None)
    assert "not kept any more" in finding.reason
    (folder / "snow.txt").unlink()
    (finding,) = check(receipt_id).quotes
    assert (finding.state, finding.quoted) == (QuoteStatus.GONE, None)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        ".hidden/secret.txt",
        ".secret.txt",
        "link/secret.txt",
        "link.txt",
        "a\0b.txt",
        "",
        ".",
        "\ud800",
    ],
)
def test_a_forged_receipt_cannot_have_other_files_read(index, check, data, folder, tmp_path, path):
    hidden = "The secret is out. Nobody should read it."
    (tmp_path / "outside").mkdir()
    (folder / ".hidden").mkdir()
    for each in (tmp_path, tmp_path / "outside", folder / ".hidden"):
        (each / "secret.txt").write_text(hidden)
    (folder / ".secret.txt").write_text(hidden)
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    receipt_id = quoted(index, "snow")
    span = index.receipts.get(receipt_id).statement.citations[0].span
    forged = forge(data, index, receipt_id, span=replace(span, path=path, document_sha256="0" * 64))
    checked = check(forged)
    assert checked.state in {QuoteStatus.GONE, QuoteStatus.UNCHECKED, QuoteStatus.MISQUOTED}
    assert all(finding.now is None for finding in checked.quotes)
    absolute = replace(span, path=str(tmp_path / "secret.txt"), document_sha256="0" * 64)
    assert check(forge(data, index, receipt_id, span=absolute)).state is QuoteStatus.GONE


def test_as_a_process_tampering_ends_with_status_1(index, data, folder):
    change(data, "quoth.db", "UPDATE passages SET text = replace(text, 'cold', 'warm')")
    good, bad = quoted(index, "umbrella"), quoted(index, "snow")
    index.close()
    done = run("verify", "--data", "data", folder=folder.parent, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 1
    assert f"false     {bad}" in done.stdout
    assert f" {good}" not in done.stdout
    assert "Snow is [-warm-]{+cold+} and white. It melts in spring." in done.stdout
    assert "false              " in done.stdout
    assert " openvino\n" not in done.stderr  # no model is loaded
    assert run("verify", good, "--data", "data", folder=folder.parent).returncode == 0
    assert run("verify", good, bad, "--data", "data", "--json", folder=folder.parent).returncode == 1


def test_as_a_process_an_altered_receipt_ends_with_status_1(index, data, folder):
    one, two = quoted(index, "umbrella"), quoted(index, "snow")
    for old, new in ((one, "x"), (two, one), ("x", two)):
        change(data, "receipts.db", "UPDATE receipts SET id = ? WHERE id = ?", new, old)
    index.close()
    done = run("verify", two, "--data", "data", folder=folder.parent)
    assert done.returncode == 1
    assert f"false     {two}\n  This receipt was altered. Do not trust it.\n" in done.stdout


# --- many


def test_each_file_is_read_once_however_many_receipts_quote_it(index, verifier, reader):
    given = [ask(index, question).receipt_id for question in ("snow", "umbrella") * 20]
    progress = []
    checks = list(verifier.check_all(index.receipts.all, progress.append))
    assert [each.receipt.id for each in checks] == given
    assert {each.state for each in checks} == {QuoteStatus.UNCHANGED}
    assert sorted(reader.paths) == ["rain.txt", "snow.txt"]
    assert [(each.done, each.total) for each in progress] == [(0, 2), (1, 2)]


def test_a_receipt_that_is_given_meanwhile_is_checked_too(index, verifier):
    first, late = (index.receipts.get(quoted(index, question)) for question in ("snow", "umbrella"))
    seen = iter([[first], [first, late]])
    checks = list(verifier.check_all(lambda: next(seen)))
    assert [(each.receipt.id, each.state) for each in checks] == [
        (first.id, QuoteStatus.UNCHANGED),
        (late.id, QuoteStatus.UNCHANGED),
    ]


def pdf():
    file = BytesIO()
    canvas = Canvas(file)
    for text in ("The secret of page one is rain.", "The secret of page two is snow."):
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def xlsx():
    file, book = BytesIO(), openpyxl.Workbook()
    for row in (["name", "secret"], ["rain", "wet"], ["snow", "cold"]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def word():
    file, document = BytesIO(), docx.Document()
    document.add_heading("The secret")
    document.add_paragraph("The secret is rain. It is wet.")
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.pdf", pdf),
        ("a.xlsx", xlsx),
        ("a.docx", word),
        ("a.csv", lambda: b"name,secret\r\nrain,wet\r\nsnow,cold"),
        ("a.md", lambda: b"# The secret\n\nThe secret is rain.\n\n- It is wet.\n"),
        ("a.html", lambda: b"<title>T</title><h1>The secret</h1><p>The secret is rain.</p><p>It is wet.</p>"),
        ("a.eml", lambda: b"From: a@b.c\nSubject: The secret\n\nThe secret is rain.\n"),
    ],
)
def test_in_every_format_what_was_quoted_stands_where_it_did(tmp_path, name, made):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / name).write_bytes(made())
    index = Index(tmp_path / "data", WordEncoder("secret", "rain"))
    index.sync(tmp_path / "documents")
    answer = ask(index, "Is rain the secret?", k=10)
    assert answer.verdict is not None
    assert answer.quotes
    reader = IsolatedReader()
    verifier = Verifier(tmp_path / "data", index.receipts, reader)
    checked = verifier.check(index.receipts.get(answer.receipt_id))
    assert [finding.state for finding in checked.quotes] == [QuoteStatus.UNCHANGED] * len(answer.quotes)
    assert [finding.now.place for finding in checked.quotes] == [quote.source.place for quote in answer.quotes]
    for each in (verifier, reader, index):
        each.close()
