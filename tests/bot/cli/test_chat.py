"""A conversation on the terminal; what the keys do is shown in test_cli.py."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from support.made_up import MadeUpLibrary, quotes

from bot.cli.chat import HELP, Chat, chat


@pytest.fixture
def service():
    return MadeUpLibrary(*quotes(5))


@pytest.fixture
def says(service):
    """Says a line and gives what is shown."""
    file = io.StringIO()
    conversation = Chat(service, Console(file=file, soft_wrap=True, markup=False, highlight=False))

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


def test_more_shows_the_passages_in_full_until_there_are_none(says, service):
    says("How many?")
    assert says("/more").startswith("\nBefore 1. **Passage 1.**\n— Title 1 · 1.txt\n\nBefore 2.")
    further = "\nBefore 4. **Passage 4.**\n— Title 4 · 4.txt\n\nBefore 5. **Passage 5.**\n— Title 5 · 5.txt\n"
    assert says("/more") == further
    assert says("/more") == "There are no further passages.\n"
    assert len(service.asked) == 1


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


def test_sources_lists_the_documents(says):
    assert says("/sources\r\n") == "A · a.txt\nB · b.md\n"


def test_help_names_all_commands(says):
    assert says(" /help ") == f"{HELP}\n"
    assert [line.split()[0] for line in HELP.splitlines()[1:]] == ["/more", "/sources", "/help", "Ctrl-D"]


def test_an_unknown_command_is_no_question_and_cannot_steer_the_terminal(says, service):
    assert says("/less\x1b[2J now") == "There is no command /less␛[2J; /help lists them all.\n"
    assert service.asked == []


def test_an_empty_line_says_nothing(says, service):
    assert says("  \n") == ""
    assert service.asked == []


def test_through_a_pipe_every_line_is_read_and_no_prompt_is_shown(service, monkeypatch):
    file = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("How many?\n/sources"))
    chat(service, Console(file=file, soft_wrap=True))
    assert service.asked == ["How many?"]
    assert file.getvalue().startswith("This probably answers your question.\n")
    assert file.getvalue().endswith("A · a.txt\nB · b.md\n")
