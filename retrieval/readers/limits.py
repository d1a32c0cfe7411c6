"""How much a reader takes in: what is more than this is refused, with the setting that allows it."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one file may take; each holds before the memory is used."""

    file_mib: int = 64
    """Of the file as it is."""
    unpacked_mib: int = 512
    """Of what a packed file (docx, xlsx, epub, …) says that it holds, all parts together."""
    characters: int = 10_000_000
    """Of its text."""
    pages: int = 5_000
    """Pages of a PDF, slides of a presentation, chapters of a book."""
    rows: int = 200_000
    """Of all sheets together."""
    seconds: int = 120
    """To read it; encoding is not counted."""
    memory_mib: int = 1_024
    """Of the process that reads it."""


DEFAULT = Limits()
