"""`quoth ask`, and a conversation with `quoth chat`; what the keys do is shown in test_app.py."""

from __future__ import annotations

import io
import json
import re

import pytest
from filelock import FileLock
from rich.console import Console

from bot.cli.questions.ask import HELP, Chat
from bot.settings import load_settings
from bot.web.announcement import announcing
from retrieval import FileReport, FileState, SyncReport

# --- ask


def test_an_answer_is_shown_with_status_0(quoth, library):
    status, out, err = quoth("ask", "How many?")
    assert (status, err) == (0, "")
    assert out == (
        "This probably answers your question.\n\n"
        "**Passage 1.**\n— Title 1 · 1.txt\n\n"
        "**Passage 2.**\n— Title 2 · 2.txt\n\n"
        "**Passage 3.**\n— Title 3 · 3.txt\n"
        "\n"
        "Receipt id\n"
    )
    assert (library.asked, library.numbers) == (["How many?"], [3])
    assert library.is_closed


def test_more_passages_and_all_of_their_text_can_be_asked_for(quoth, library):
    _, out, _ = quoth("ask", "How many?", "-k", "4", "-v")
    assert library.numbers == [4]
    assert re.findall(r"Before \d\. \*\*Passage \d\.\*\*", out) == [
        f"Before {n}. **Passage {n}.**" for n in (1, 2, 3, 4)
    ]


def test_where_nothing_answers_the_status_is_3(quoth):
    assert quoth("ask", "Is there nothing?") == (
        3,
        "The documents do not seem to answer this.\nWith -v, the closest passages are shown.\nReceipt id\n",
        "",
    )


def test_a_question_that_cannot_be_asked_is_misuse(quoth):
    assert quoth("ask", "?") == (2, "", "What would you like to know? Ask in a few words or a sentence.\n")


def test_what_is_no_question_gets_a_friendly_line_and_no_search(quoth, service):
    assert quoth("ask", "Danke!") == (2, "", "You are welcome!\n")
    assert json.loads(quoth("ask", "ok", "--json")[1])["error"].startswith("All right.")
    assert service.asked == []


def test_questions_from_a_pipe_are_repeated_above_their_answers(quoth):
    status, out, err = quoth("ask", "-", "-k", "1", typed=b"How many?\r\nIs there nothing?")
    assert (status, err) == (0, "")
    assert out == (
        "? How many?\n"
        "This probably answers your question.\n\n**Passage 1.**\n— Title 1 · 1.txt\n"
        "\n"
        "Receipt id\n"
        "\n"
        "? Is there nothing?\n"
        "The documents do not seem to answer this.\nWith -v, the closest passages are shown.\nReceipt id\n"
    )


@pytest.mark.parametrize(
    ("typed", "status"),
    [(b"a\nb\n", 0), (b"a\nnothing\n", 0), (b"nothing\n", 3), (b"", 3), (b"a\n\n", 2), (b"\nnothing\n", 2)],
)
def test_the_status_of_many_questions_is_misuse_or_the_best(quoth, typed, status):
    assert quoth("ask", "-", typed=typed)[0] == status
    assert quoth("ask", "-", "--json", typed=typed)[0] == status


def test_in_json_every_question_has_its_line(quoth):
    _, out, err = quoth("ask", "-", "--json", typed=b"first\n\nthird \xff\n")
    first, second, third = map(json.loads, out.splitlines())
    assert (first["question"], first["verdict"]) == ("first", "strong")
    empty = "The question is empty. Ask in a few words or a sentence."
    assert second == {"question": "", "error": empty}
    assert third["question"] == "third \udcff"
    assert empty in err.splitlines()


def test_with_standard_input_closed_there_are_no_questions(quoth):
    assert quoth("ask", "-", typed=None) == (3, "", "")
    assert quoth("chat", typed=None) == (0, "", "")


def test_unreadable_documents_are_named_and_others_answer(quoth, library):
    library.report = SyncReport([FileReport("a\x1b.txt", FileState.FAILED, "It is empty.")])
    status, out, err = quoth("ask", "How many?", "--json")
    assert (status, err) == (0, "Cannot read a␛.txt: It is empty.\n")
    assert json.loads(out)["verdict"] == "strong"


def test_while_another_process_indexes_the_old_index_answers(quoth_with_words, papers, tmp_path):
    quoth_with_words("index", "papers")
    (papers / "new.txt").write_text("The new tower is 200 metres high.")
    with FileLock(tmp_path / ".quoth" / "write.lock"):
        _, out, err = quoth_with_words("ask", "How high is the tower?", "-v")
    assert err == "Another process is indexing; answers come from the 2 documents that it has indexed so far.\n"
    assert "**The tower is 96 metres high.**" in out
    assert "200 metres" not in out


@pytest.mark.parametrize("command", [["ask", "How high is the tower?"], ["chat"]])
def test_before_another_process_has_a_document_no_answer_is_given(quoth_with_words, papers, tmp_path, command):
    data = tmp_path / ".quoth"
    data.mkdir()
    with FileLock(data / "write.lock"):
        said = quoth_with_words(*command, "--documents", "papers", typed=b"How high?\n")
    assert said == (
        1, "", "Error: Another process is indexing, and no document is ready yet. Try again in a minute.\n"
    )  # fmt: skip
    assert quoth_with_words("receipts")[1] == "There are no receipts yet.\n"


def test_the_words_of_a_question_need_no_quotes(quoth, library):
    quoth("ask", "-k", "2", "how", "much", "does a", "key", "cost?", "--json")
    assert library.asked == ["how much does a key cost?"]
    assert library.numbers == [2]


def test_a_receipt_has_its_link_where_pages_are_shown(quoth_with_words, papers, tmp_path, monkeypatch):
    _, out, _ = quoth_with_words("ask", "tower", "--documents", "papers")
    assert re.search(r"\nReceipt \w{20}\n\Z", out)
    with announcing(tmp_path / ".quoth", "http://127.0.0.1:8080"):
        _, out, _ = quoth_with_words("ask", "tower")
    assert re.search(r"\nReceipt \w{20}\nhttp://127\.0\.0\.1:8080/r/[\w-]{22}\n\Z", out)
    monkeypatch.setenv("QUOTH_PUBLIC_URL", "https://quoth.example/q/")
    _, out, _ = quoth_with_words("chat", typed=b"tower\n")
    assert re.search(r"\nReceipt \w{20}\nhttps://quoth\.example/q/r/[\w-]{22}\n\Z", out)


def test_the_folder_of_the_last_time_is_asked_again(quoth_with_words, papers, tmp_path, monkeypatch):
    quoth_with_words("index", "papers")
    monkeypatch.chdir(papers)
    _, out, err = quoth_with_words("ask", "How high is the tower?", "-v", "--data", str(tmp_path / ".quoth"))
    assert "96 metres" in out
    assert err == ""


def test_a_question_indexes_what_is_new_first(quoth_with_words, papers):
    _, out, _ = quoth_with_words("ask", "How high is the tower?", "--documents", "papers", "-v")
    assert "**The tower is 96 metres high.**\n— tower.txt, line 1\n" in out
    (papers / "tower.txt").write_text("The tower is 97 metres high.")
    _, out, _ = quoth_with_words("ask", "How high is the tower?", "--documents", "papers", "-v")
    assert "**The tower is 97 metres high.**\n" in out


def test_chat_reads_questions_from_a_pipe(quoth):
    status, out, err = quoth("chat", typed="Où ?\n/sources\n".encode())
    assert (status, err) == (0, "")
    assert out.startswith("This probably answers your question.\n\n**Passage 1.**\n")
    assert out.endswith("A · a.txt\nB · b.md\n")


# --- chat


@pytest.fixture
def says(library):
    """Says a line and gives what is shown."""
    file = io.StringIO()
    conversation = Chat(library, Console(file=file, soft_wrap=True, markup=False, highlight=False), load_settings())

    def say(line):
        file.seek(0)
        file.truncate()
        conversation.read(line)
        return file.getvalue()

    return say


def test_a_question_is_answered_with_the_first_passages(says):
    assert says("How many?\n") == (
        "This probably answers your question.\n\n"
        "**Passage 1.**\n— Title 1 · 1.txt\n\n"
        "**Passage 2.**\n— Title 2 · 2.txt\n\n"
        "**Passage 3.**\n— Title 3 · 3.txt\n\n"
        "Receipt id\n"
    )


def test_more_shows_further_passages_until_there_are_none(says, library):
    says("How many?")
    assert says("/more").startswith("\nBefore 1. **Passage 1.**\n— Title 1 · 1.txt\n\nBefore 2.")
    further = "\nBefore 4. **Passage 4.**\n— Title 4 · 4.txt\n\nBefore 5. **Passage 5.**\n— Title 5 · 5.txt\n"
    assert says("/more") == further
    assert says("/more") == "There are no further passages.\n"
    assert len(library.asked) == 1


def test_where_nothing_answers_more_shows_the_closest_passages(says):
    assert says("Is there nothing?") == (
        "The documents do not seem to answer this.\n/more shows the closest passages.\nReceipt id\n"
    )
    assert says("/more").startswith("\nBefore 1. **Passage 1.**\n")


def test_more_needs_a_question(says):
    assert says("/more") == "Ask a question first.\n"


def test_a_question_that_cannot_be_asked_keeps_what_more_shows(says):
    says("How many?")
    assert says("?") == "What would you like to know? Ask in a few words or a sentence.\n"
    assert says("Thanks!") == "You are welcome!\n"
    assert says("/more").startswith("\nBefore 1.")


def test_sources_lists_the_documents_a_line_each(says, library):
    assert says("/sources\r\n") == "A · a.txt\nB · b.md\n"
    library.titles = {"a.txt": "The\nunit"}
    assert says("/sources") == "The␤unit · a.txt\n"
    library.titles = {}
    assert says("/sources") == "There are no documents yet.\n"


def test_help_names_all_commands(says):
    assert says(" /help ") == f"{HELP}\n"
    assert [line.split()[0] for line in HELP.splitlines()[1:]] == ["/more", "/sources", "/help", "exit"]


def test_an_unknown_command_is_no_question(says, library):
    assert says("/less\x1b[2J now") == "There is no command /less␛[2J; /help lists them all.\n"
    assert library.asked == []


def test_an_empty_line_says_nothing(says, library):
    assert says("  \n") == ""
    assert library.asked == []


def test_a_pipe_is_read_line_by_line_without_a_prompt(library, monkeypatch):
    file = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("How many?\n/sources"))
    Chat(library, Console(file=file, soft_wrap=True), load_settings()).run()
    assert library.asked == ["How many?"]
    assert file.getvalue().startswith("This probably answers your question.\n")
    assert file.getvalue().endswith("A · a.txt\nB · b.md\n")


@pytest.mark.parametrize("leaving", ["exit", "quit", ":q", " Exit "])
def test_a_chat_is_left_with_a_word(quoth, library, leaving):
    quoth("chat", typed=f"How many?\n{leaving}\nHow few?\n".encode())
    assert library.asked == ["How many?"]
