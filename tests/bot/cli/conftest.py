"""The command line in this process: over a made-up library, or over a real index with an encoder of few words."""

from __future__ import annotations

import io
import sys

import pytest
from support.doubles import WordEncoder
from support.made_up import MadeUpLibrary, quotes

from bot.cli import app, output


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Runs the command in this process: gives exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "PROGRESS_LINE_S", 3600)  # no line about it, however busy the machine is

    def call(*arguments, typed=b""):
        monkeypatch.setattr(sys, "argv", ["quoth", *arguments])
        stdin = None if typed is None else io.TextIOWrapper(io.BytesIO(typed), newline="\n")
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(SystemExit) as end:
            app.main()
        written = capsys.readouterr()
        return end.value.code or 0, written.out, written.err

    return call


@pytest.fixture
def library(monkeypatch):
    """The made-up library that `quoth` opens."""
    library = MadeUpLibrary(*quotes(5))

    def open_library(settings, message, progress=None):
        library.settings = settings
        return library

    monkeypatch.setattr("bot.services.library.open_library", open_library)
    return library


@pytest.fixture
def quoth(call, library):
    """The command over a made-up library."""
    return call


@pytest.fixture
def quoth_with_words(call, monkeypatch):
    """The command over a real index whose encoder knows towers and bells."""
    monkeypatch.setattr("bot.services.library.resolve_model", lambda *_, **__: None)
    monkeypatch.setattr("bot.services.library.load_encoder", lambda *_, **__: WordEncoder("tower", "bell"))
    return call


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "tower.txt").write_text("The tower is 96 metres high.")
    (folder / "bell.txt").write_text("The bell weighs nine tonnes.")
    return folder
