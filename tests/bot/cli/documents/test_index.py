"""`quoth index` and `quoth collections`: what they report."""

from __future__ import annotations

import json
import logging

import pytest

from retrieval import DocumentFault, FileReport, FileState, Omission, StoreError, SyncReport


def test_index_reports_on_every_file(quoth, library):
    assert quoth("index") == (0, "indexed   a.txt  1 passage\n1 indexed\n", "")
    assert not library.rebuilt
    assert library.is_closed


def test_rebuild_begins_again(quoth, library):
    quoth("index", "--rebuild")
    assert library.rebuilt


def test_the_report_in_json(quoth, library):
    _, out, _ = quoth("index", "--json")
    file = {"path": "a.txt", "state": "indexed", "reason": "", "fault": None, "passages": 1}
    file |= {"cut": 0, "encoded": 0, "moved_from": "", "collection": "default", "characters": 0, "left_out": {}}
    file |= {"is_known": False}
    assert json.loads(out) == {"files": [file], "rebuilt": "", "withheld": []}


def test_much_that_was_left_out_is_said(quoth, library):
    left_out = {Omission.BOILERPLATE: 1_234, Omission.HIDDEN: 1}
    library.report = SyncReport(
        [FileReport("a.html", FileState.INDEXED, passages=3, characters=900, left_out=left_out)]
    )
    _, out, _ = quoth("index")
    assert out.splitlines()[0] == (
        "indexed   a.html  3 passages, without 1,234 characters of boilerplate, 1 character of hidden text"
    )


def test_little_that_was_left_out_is_not_said(quoth, library):
    left_out = {Omission.RUNNING_HEADS: 100}
    library.report = SyncReport([FileReport("a.pdf", FileState.INDEXED, characters=1_000, left_out=left_out)])
    assert quoth("index")[1].splitlines()[0] == "indexed   a.pdf"


def test_the_report_in_json_names_the_fault(quoth, library):
    reports = [FileReport("a.txt", FileState.FAILED, "The file holds no text.", DocumentFault.EMPTY)]
    library.report = SyncReport(reports)
    _, out, _ = quoth("index", "--json")
    assert json.loads(out)["files"][0]["fault"] == "empty"


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize(
    ("states", "status", "strict"),
    [
        ([FileState.SKIPPED], 0, 0),
        ([FileState.FAILED, FileState.UNCHANGED], 0, 1),
        ([FileState.FAILED, FileState.SKIPPED], 2, 2),
    ],
)
def test_an_unreadable_file_counts_if_strict_or_if_all_are(quoth, library, form, states, status, strict):
    library.report = SyncReport([FileReport(f"{state}.txt", state, "It is empty.") for state in states])
    assert quoth("index", *form)[0] == status
    assert quoth("index", "--strict", *form)[0] == strict


def test_an_unreadable_file_is_named_once_and_then_counted(quoth_with_words, papers):
    (papers / "empty.txt").touch()
    named = "empty.txt: The file holds no text. Remove it, or fill it.\n"
    assert quoth_with_words("index", "papers")[1:] == (
        f"failed    {named}indexed   bell.txt  1 passage\nindexed   tower.txt  1 passage\n2 indexed, 1 failed\n",
        "",
    )
    counted = "1 file cannot be read: quoth doctor\n"
    assert quoth_with_words("index") == (0, "2 unchanged, 1 failed\n", counted)
    assert quoth_with_words("ask", "tower")[2] == counted
    (papers / "new.txt").touch()
    counted = "2 files cannot be read: quoth doctor\n"
    assert quoth_with_words("ask", "tower")[2] == f"Cannot read {named.replace('empty.txt', 'new.txt')}{counted}"
    assert quoth_with_words("ask", "tower")[2] == counted
    assert f"failed    {named}" in quoth_with_words("index", "--rebuild")[1]


def test_a_file_is_reported_as_soon_as_it_is_done(quoth, library):
    def sync(progress, report, **_):
        report(FileReport("a.txt", FileState.INDEXED, passages=1))
        raise StoreError("The disk is full.")

    library.sync = sync
    assert quoth("index") == (1, "indexed   a.txt  1 passage\n", "Error: The disk is full.\n")


def states(report):
    return {file["path"]: file["state"] for file in json.loads(report)["files"]}


def test_the_index_follows_the_folder(quoth_with_words, papers):
    assert quoth_with_words("index", "papers") == (
        0,
        "indexed   bell.txt  1 passage\nindexed   tower.txt  1 passage\n2 indexed\n",
        "",
    )
    (papers / "bell.txt").unlink()
    (papers / "empty.txt").touch()
    (papers / "old.bin").touch()
    status, out, _ = quoth_with_words("index", "papers", "--json")
    assert status == 0
    assert states(out) == {
        "bell.txt": "removed",
        "empty.txt": "failed",
        "old.bin": "skipped",
        "tower.txt": "unchanged",
    }
    _, out, _ = quoth_with_words("index", "papers", "--json", "--rebuild")
    assert states(out) == {"empty.txt": "failed", "old.bin": "skipped", "tower.txt": "indexed"}


def test_collections_are_kept_apart(quoth_with_words, papers, tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "tower.txt").write_text("My tower is secret.")
    quoth_with_words("index", "papers")
    assert quoth_with_words("index", "notes", "--collection", "private") == (
        0,
        "indexed   private: tower.txt  1 passage\n1 indexed\n",
        "",
    )
    assert quoth_with_words("collections")[1] == (
        f"default  {papers}  2 documents\nprivate  {notes}  1 document  seen by owners only\n"
    )
    _, out, _ = quoth_with_words("ask", "Which tower is secret?", "-v", "--collection", "default")
    assert "secret" not in out
    _, out, _ = quoth_with_words("ask", "Which tower is secret?", "-v", "--collection", "private")
    assert "**My tower is secret.**\n— private: tower.txt, line 1\n" in out
    assert quoth_with_words("ask", "Tower?", "--collection", "publik")[2] == (
        "Error: There is no collection publik. There are: default, private.\n"
    )
    _, out, _ = quoth_with_words("collections", "--remove", "private", "--json")
    assert json.loads(out) == [{"name": "default", "folder": str(papers), "documents": 2, "shown_to": [0]}]
    _, out, _ = quoth_with_words("ask", "Which tower is secret?", "-v")
    assert "secret" not in out


def test_an_owner_decides_who_sees_a_named_collection(quoth_with_words, papers, tmp_path):
    quoth_with_words("index", "papers", "--collection", "board")
    line = f"board  {papers}  2 documents  seen by"
    assert quoth_with_words("collections")[1] == f"{line} owners only\n"
    assert not (tmp_path / ".quoth" / "bot.db").exists()
    assert quoth_with_words("collections", "board", "--allow", "-1001")[1] == f"{line} -1001\n"
    assert quoth_with_words("collections", "board", "--allow", "everybody")[1] == f"{line} everybody\n"
    quoth_with_words("collections", "board", "--deny", "everybody")
    assert quoth_with_words("collections")[1] == f"{line} -1001\n"
    quoth_with_words("collections", "--remove", "board")
    quoth_with_words("index", "papers", "--collection", "board")
    assert quoth_with_words("collections")[1] == f"{line} owners only\n"


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (["--allow", "everybody"], 2, "Name the collection"),
        (["default", "--allow", "everybody"], 1, "Everybody who may ask sees default"),
        (["board", "--allow", "everybody"], 1, "There is no collection board. There are: default."),
        (["default", "--deny", "Ann"], 2, "WHO is everybody, or the Telegram ID"),
    ],
)
def test_what_cannot_be_shown_or_hidden_is_said(quoth_with_words, papers, arguments, status, reason):
    quoth_with_words("index", "papers")
    (papers.parent / ".quoth" / "bot.db").touch()
    done = quoth_with_words("collections", *arguments)
    assert done[0] == status
    assert reason in " ".join(done[2].replace("│", " ").split())


@pytest.mark.parametrize("name", ["uploads", "chat-1001"])
def test_the_collections_of_uploads_take_no_other_folder(quoth, name):
    status, _, error = quoth("index", "notes", "--collection", name)
    assert status == 2
    assert f"{name} is what people send to the bot." in error
    assert quoth("index", "--collection", name)[0] == 0


def test_a_new_collection_needs_a_folder(quoth_with_words, papers):
    assert quoth_with_words("index", "--collection", "notes") == (
        1,
        "",
        "Error: There is no collection notes yet. Name its folder: quoth index FOLDER --collection notes\n",
    )


def test_a_missing_folder_keeps_no_other_from_being_indexed(quoth_with_words, papers, tmp_path):
    (tmp_path / "notes").mkdir()
    quoth_with_words("index", "papers")
    quoth_with_words("index", "notes", "--collection", "notes")
    (tmp_path / "notes").rmdir()
    (papers / "tower.txt").write_text("The tower is 97 metres high.")
    status, out, _ = quoth_with_words("index")
    assert status == 0
    assert "indexed   tower.txt  1 passage\n" in out
    assert f"failed    notes: {tmp_path / 'notes'}: There is no folder {tmp_path / 'notes'}." in out


def test_a_report_has_a_line_for_each_change_and_then_the_counts(quoth, library):
    files = [
        FileReport("a.txt", FileState.INDEXED, passages=1),
        FileReport("b.txt", FileState.INDEXED, passages=1200, cut=2),
        FileReport("c.txt", FileState.UNCHANGED),
        FileReport("d\ne.txt", FileState.REMOVED),
        FileReport("f.odt", FileState.SKIPPED, "Convert it."),
        FileReport("g.txt", FileState.FAILED, "It is empty."),
    ]
    library.report = SyncReport(files)
    assert quoth("index")[1] == (
        "indexed   a.txt  1 passage\n"
        "indexed   b.txt  1,200 passages, 2 long sentences cut in parts\n"
        "removed   d␤e.txt\n"
        "skipped   f.odt: Convert it.\n"
        "failed    g.txt: It is empty.\n"
        "2 indexed, 1 unchanged, 1 removed, 1 skipped, 1 failed\n"
    )


def test_the_report_on_an_empty_folder_says_that_it_is_empty(quoth, library):
    library.report = SyncReport([])
    assert quoth("index")[1] == "The folder holds no documents.\n"


def test_while_watching_only_files_that_changed_are_reported(quoth, monkeypatch):
    def changes(library, failed, stop):
        for _ in range(3):
            failed(StoreError("The disk is full."))
        files = [FileReport(f"{state}.txt", state) for state in (FileState.REMOVED, FileState.UNCHANGED)]
        yield SyncReport([*files, FileReport("a.odt", FileState.SKIPPED)])
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.services.watcher.follow_changes", changes)
    status, out, err = quoth("watch")
    assert (status, out) == (130, "removed   removed.txt\n")
    assert err.startswith("Watching for changes; Ctrl-C ends it.\nError: The disk is full.\nStopped.")


def test_in_json_watching_logs_all_that_it_says(quoth, monkeypatch, log):
    def changes(library, failed, stop):
        failed(StoreError("The disk is full."))
        failed_file = FileReport("a.txt", FileState.FAILED, "It is empty.")
        yield SyncReport([failed_file, FileReport("b.txt", FileState.INDEXED)])
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.services.watcher.follow_changes", changes)
    monkeypatch.setenv("QUOTH_LOG_FORMAT", "json")
    monkeypatch.setattr(logging.root, "handlers", [])
    status, out, err = quoth("watch")
    assert (status, out) == (130, "")
    entries = [json.loads(line) for line in err.splitlines()]
    assert [(entry["level"], entry["message"]) for entry in entries] == [
        ("info", "Watching for changes; Ctrl-C ends it."),
        ("error", "The disk is full."),
        ("warning", "Cannot read a.txt: It is empty."),
        ("info", "Documents: 1 indexed."),
        ("info", "Stopped. What was indexed so far is kept; the next time, it goes on from there."),
    ]


EMPTY = (
    "The folder {folder} of the collection default is empty: 2 of its 2 indexed documents are kept, in case that was "
    "not meant. To remove them: quoth index --yes\n"
)


def empty(papers):
    for path in papers.iterdir():
        path.unlink()


def test_an_empty_folder_is_said_and_yes_removes(quoth_with_words, papers):
    quoth_with_words("index", "papers")
    empty(papers)
    said = EMPTY.format(folder=papers)
    assert quoth_with_words("index") == (1, "Nothing was changed.\n", said)
    status, out, err = quoth_with_words("ask", "tower")
    assert (status, err) == (0, said)
    assert "**The tower is 96 metres high.**" in out
    assert quoth_with_words("index", "--yes") == (0, "removed   bell.txt\nremoved   tower.txt\n2 removed\n", "")


def test_a_question_of_another_folder_removes_nothing(quoth_with_words, papers, tmp_path):
    quoth_with_words("index", "papers")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "bell.txt").write_text("Another bell.")
    status, out, err = quoth_with_words("ask", "bell", "--documents", "other")
    assert (status, err.startswith(f"The 2 documents of the collection default are from {papers}.")) == (0, True)
    assert "The bell weighs nine tonnes." in out
    assert "Another bell." not in out
    assert quoth_with_words("collections")[1] == f"default  {papers}  2 documents\n"


def test_without_its_folder_answers_come_from_the_index(quoth_with_words, papers, tmp_path):
    quoth_with_words("index", "papers")
    papers.rename(tmp_path / "away")
    status, out, err = quoth_with_words("ask", "tower")
    assert (status, "96 metres" in out) == (0, True)
    assert err == (
        f"There is no folder {papers}. Make it and put documents in it, or name another with --documents. "
        "Answers come from what was indexed before.\n"
    )
    assert quoth_with_words("ask", "tower", "--documents", "missing")[0] == 1
