"""What a person sees on a terminal, in a pipe, and with NO_COLOR."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
import unicodedata
from functools import partial
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from support.made_up import answer, quote, quotes

from bot.cli import output
from bot.services.for_programs import json_line
from retrieval import Location, Progress, Unit, Verdict

TIMEOUT_S = 30
BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(renderable):
    """The renderable as it comes out of a pipe."""
    file = io.StringIO()
    Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True).print(renderable)
    return file.getvalue()


def on_terminal(renderable, width=60):
    file = io.StringIO()
    Console(file=file, force_terminal=True, color_system="standard", no_color=False, width=width).print(renderable)
    return file.getvalue()


def shown(made, **how):
    return plain(output.answer(made, **({"styled": False, "to_see_closest": "Look closer."} | how)))


def steers(character):
    return character not in "\t\n" and (
        unicodedata.category(character) == "Cc" or character in BIDIRECTIONAL or "\udc80" <= character <= "\udcff"
    )


# --- answers


def test_what_answers_in_the_first_passages_is_shown():
    assert shown(answer(*quotes(2))) == (
        "This probably answers your question.\n"
        "\n"
        "**Passage 1.**\n"
        "— Title 1 · 1.txt\n"
        "\n"
        "**Passage 2.**\n"
        "— Title 2 · 2.txt\n"
        "\n"
        "Receipt id\n"
    )


def test_if_asked_for_all_passages_are_whole():
    assert "\nBefore 2. **Passage 2.**\n" in shown(answer(*quotes(2)), whole=True)


def test_passages_that_may_not_answer_are_shown_only_if_asked_for():
    found = answer(quote(), quote(sentence="Far.", may_answer=False))
    assert "Far." not in shown(found)
    assert "**Far.**" in shown(found, whole=True)


def test_all_sentences_that_answer_are_set_off():
    found = quote("They met. ", "Six came.", " It rained. Two left.", more=["Two left."])
    assert "They met. **Six came.** It rained. **Two left.**\n" in shown(answer(found), whole=True)
    assert "\n**Six came.** It rained. **Two left.**\n" in shown(answer(found))


def test_what_a_question_names_and_a_passage_does_not_is_said_on_one_line():
    assert "— A · a.txt\nNot in this passage: Dunkirk, a␤b\n" in shown(answer(quote(missing=["Dunkirk", "a\nb"])))


def test_a_weak_answer_says_so():
    assert shown(answer(quote(), verdict=Verdict.WEAK)).startswith(
        "This is the closest passage; it may not answer your question.\n\n**Six.**"
    )


def test_without_an_answer_passages_are_shown_only_if_whole():
    nothing = answer(quote(), verdict=Verdict.NONE)
    assert shown(nothing) == "The documents do not seem to answer this.\nLook closer.\nReceipt id\n"
    assert shown(nothing, whole=True) == (
        "The documents do not seem to answer this.\n\n**Six.**\n— A · a.txt\n\nReceipt id\n"
    )


def test_without_documents_there_is_nothing_closer_to_see():
    assert shown(answer(verdict=Verdict.NONE)) == (
        "The documents do not seem to answer this.\nThere are no documents yet.\nReceipt id\n"
    )


def test_on_a_terminal_a_quote_is_bold_indented_and_wrapped():
    seen = on_terminal(output.quote(quote("They met. ", "Six came.", " Then they left."), styled=True, whole=True), 24)
    assert "\x1b[1mSix came.\x1b[0m" in seen
    lines = re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines()
    assert [line.rstrip() for line in lines] == [
        "",
        "  They met. Six came.",
        "  Then they left.",
        "  — A · a.txt",
    ]


def test_in_a_pipe_lines_are_as_the_document_has_them():
    long = f"{'word ' * 60}.\nA second line."
    assert f"**{long}**\n" in plain(output.quote(quote(sentence=long), styled=False, whole=True))


def test_a_source_is_title_section_and_file_with_page_or_lines():
    made = quote(path="news/calais.txt", title="Calais", heading="The unit", place=Location(Unit.PAGE, 3, 4))
    assert output.place(made.source) == "Calais · The unit · news/calais.txt, pages 3–4"


def test_the_address_of_a_place_stands_behind_it():
    place = Location(Unit.MESSAGE, 7, 7, url="https://t.me/c/123/7")
    made = quote(path="result.json", title="Harbour", place=place)
    assert output.place(made.source) == "Harbour · result.json, message 7 (https://t.me/c/123/7)"


def test_a_file_without_a_title_is_named_once():
    assert output.place(quote(path="news/calais.txt", title="calais").source) == "news/calais.txt"


def test_a_section_named_like_the_document_is_not_said_twice():
    assert (
        output.place(quote(title="Calais", heading="Calais", place=Location(Unit.LINE, 7, 7)).source)
        == "Calais · a.txt, line 7"
    )


def test_what_a_document_holds_cannot_steer_the_terminal():
    seen = plain(output.quote(quote("\x1b[2J", "\x9b31mSix.\u202e", "\x07"), styled=False, whole=True))
    assert seen == "\n␛[2J**\ufffd31mSix.\ufffd**␇\n— A · a.txt\n"


# --- control characters


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x00\x7f", "␀␡"),
        ("\x85\x9b31m", "\ufffd\ufffd31m"),
        ("abc\u202etxt.exe\u2066", "abc\ufffdtxt.exe\ufffd"),
        ("name\udcff", "name\ufffd"),
        ("one\ntwo\r\nthree\rfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("Übergröße · 日本語 · עברית · 🙂", "Übergröße · 日本語 · עברית · 🙂"),
    ],
)
def test_control_characters_are_visible_and_text_stays(text, seen):
    assert output.visible(text) == seen


@given(st.text(st.characters() | st.characters(max_codepoint=0xA0) | st.sampled_from(sorted(BIDIRECTIONAL))))
def test_nothing_that_steers_a_terminal_is_visible_text(text):
    assert not any(map(steers, output.visible(text)))


def test_a_line_break_in_a_name_does_not_break_the_line():
    assert output.one_line("a\nb\r\nc") == "a␤b␤c"


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\x7f\x9b\u202e\udcff")))
def test_json_says_the_same_and_cannot_steer_the_terminal(text):
    line = json_line({"text": text})
    assert json.loads(line) == {"text": text}
    assert not any(steers(character) or character == "\n" for character in line)


def test_json_leaves_letters_readable():
    assert json_line(["Gérald", "日本"]) == '["Gérald", "日本"]'


# --- progress


class Watched(io.StringIO):
    """A file that can be waited for."""

    def __init__(self):
        super().__init__()
        self._grown = threading.Condition()

    def write(self, text):
        with self._grown:
            self._grown.notify_all()
            return super().write(text)

    def waits_for(self, text):
        with self._grown:
            return self._grown.wait_for(lambda: text in self.getvalue(), timeout=TIMEOUT_S)


@pytest.fixture
def screen(monkeypatch):
    file = Watched()
    made = Console(file=file, force_terminal=True, force_interactive=True, color_system=None, width=60)
    monkeypatch.setattr(output, "console", lambda *, error=False: made)
    return file


def test_the_bar_shows_the_share_after_noticeable_time(screen, monkeypatch):
    monkeypatch.setattr(output, "NOTICEABLE_S", 0)
    with output.progress_bar() as show:
        show(Progress("d.txt", 3, 12))
        assert screen.waits_for(" 25%")


def test_no_bar_flickers_when_there_is_little_to_do(screen, monkeypatch):
    monkeypatch.setattr(output, "NOTICEABLE_S", 3600)
    with output.progress_bar() as show:
        show(Progress("d.txt", 3, 12))
    assert screen.getvalue() == ""


def test_there_is_no_bar_in_a_pipe(capsys, monkeypatch):
    monkeypatch.setattr(output, "NOTICEABLE_S", 0)
    with output.progress_bar() as show:
        show(Progress("d.txt", 3, 12))
    assert capsys.readouterr() == ("", "")


def test_in_a_pipe_a_line_says_now_and_then_how_far_it_is(monkeypatch):
    lines = Queue()
    monkeypatch.setattr(output, "PROGRESS_LINE_S", 0.01)
    monkeypatch.setattr(output, "say", lines.put)
    with output.progress_bar() as show:
        assert lines.get(timeout=TIMEOUT_S) == "Indexing"
        show(Progress("d\n.txt", 3, 12))
        assert "Indexing · 25 % · d␤.txt" in iter(partial(lines.get, timeout=TIMEOUT_S), None)


def test_what_is_said_meanwhile_stands_above_the_bar(monkeypatch):
    terminal = Watched()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(output, "NOTICEABLE_S", 0)
    with output.progress_bar() as show:
        show(Progress("d.txt", 3, 12))
        assert terminal.waits_for("25%")
        output.say("A file is new.")
    assert "\r\x1b[2KA file is new." in terminal.getvalue()  # the bar's line is erased before


def test_a_bar_leaves_room_for_what_a_terminal_writes_at_ctrl_c(screen, monkeypatch):
    monkeypatch.setattr(output, "NOTICEABLE_S", 0)
    with output.progress_bar() as show:
        show(Progress("d" * 200, 3, 12))
        assert screen.waits_for("…")
    assert max(map(cell_len, re.split(r"\x1b\[[\d;?]*[A-Za-z]|\s*[\r\n]", screen.getvalue()))) <= 58


def test_on_a_terminal_a_bar_moves_below_what_takes_long(screen):
    with output.waiting() as show:
        assert screen.getvalue() == ""
        show("Compiling")
        assert screen.waits_for("0:00:00")
    assert screen.getvalue().startswith("Compiling\n")


def test_in_a_pipe_seconds_are_counted_while_something_takes_long(monkeypatch):
    said, counted = [], threading.Semaphore(0)
    monkeypatch.setattr(output, "SILENCE_S", 0)
    monkeypatch.setattr(output, "say", lambda message: (said.append(message), counted.release()))
    with output.waiting() as show:
        assert said == []
        show("Compiling")
        assert all(counted.acquire(timeout=30) for _ in range(3))
    assert said[:3] == ["Compiling", "… 0 s", "… 0 s"]


# --- colours


@pytest.mark.parametrize(("no_color", "styled"), [("1", False), ("", True), (None, True)])
def test_no_color_means_no_bold_either(monkeypatch, no_color, styled):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert output.is_styled(output.console()) is styled
