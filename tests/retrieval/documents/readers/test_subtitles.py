"""Subtitles: running text, with times in the film."""

from __future__ import annotations

import pytest
from support.reading import places, read, refused, texts

from retrieval.documents.document import Omission

SRT = """1
00:00:00,500 --> 00:00:04,000 X1:40 X2:600
{\\an8}<i>The mooring fee is 450 kroner</i>

2
00:00:04,000 --> 00:00:06,900
a season.

3
00:00:07,000 --> 00:00:08,000
Is 3 <4?
<font color="#fff">It is.</font>
4
01:00:07,000 --> 01:00:08,000
450
"""
VTT = """WEBVTT - A film
Kind: captions

NOTE a note
on two lines

STYLE
::cue { color: red }

intro
00:01.000 --> 00:04.000 align:start position:0%
<v.loud Ida Olsen>The <c.yellow>mooring</c> fee is 450 kroner

00:04.000 --> 00:06.000
<v Ida Olsen>a season &amp; a half.

00:06.000 --> 00:08.000
<v Tor>Too much.
"""


def test_cues_are_joined_to_running_text_with_times():
    document = read("film.srt", SRT.encode())
    assert texts(document) == ["The mooring fee is 450 kroner a season.", "Is 3 <4? It is.", "450"]
    assert places(document) == [(0, 6), (7, 8), (3607, 3608)]


def test_styles_notes_and_names_of_cues_are_no_text():
    document = read("film.vtt", VTT.encode())
    assert texts(document) == ["Ida Olsen: The mooring fee is 450 kroner a season & a half.", "Tor: Too much."]
    assert places(document) == [(1, 6), (6, 8)]
    assert document.left_out == {Omission.HIDDEN: len("NOTEanoteontwolinesSTYLE::cue{color:red}")}


def test_a_silence_ends_a_block():
    document = read("a.srt", SRT.replace("00:00:04,000 -->", "00:00:09,000 -->").encode())
    assert texts(document)[:2] == ["The mooring fee is 450 kroner", "a season."]


def test_lines_that_roll_up_are_read_once():
    cues = ["one two", "one two\nthree four", "three four\nfive six."]
    source = "".join(f"\n00:0{n}.000 --> 00:0{n + 1}.000\n{cue}\n" for n, cue in enumerate(cues))
    document = read("a.vtt", f"WEBVTT\n{source}".encode())
    assert texts(document) == ["one two three four five six."]
    assert document.left_out == {Omission.REPETITIONS: len("onetwothreefour")}


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_any_line_ends_are_read(line_end):
    assert texts(read("a.srt", SRT.replace("\n", line_end).encode("utf-16")))[0].endswith("a season.")


def test_a_file_without_times_is_refused():
    refused("a.srt", b"Just text.", "is damaged: it holds no subtitles")
