"""Limits: the most that one file may take. A file over a limit is refused, with the setting that raises it."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.errors import DocumentError, DocumentFault

MIB = 1 << 20

# What the error says of each limit, and the fault.
_EXCESSES = {
    "file_mib": ("The file is larger than {:,} MiB", DocumentFault.TOO_LARGE),
    "unpacked_mib": ("The file unpacks to more than {:,} MiB", DocumentFault.TOO_HEAVY),
    "characters": ("The file holds more than {:,} characters of text", DocumentFault.TOO_LONG),
    "pages": ("The file has more than {:,} pages, slides or chapters", DocumentFault.TOO_LONG),
    "rows": ("The file has more than {:,} rows", DocumentFault.TOO_LONG),
    "seconds": ("Reading it took longer than {} s", DocumentFault.TOO_HEAVY),
    "memory_mib": ("Reading the file takes more than {:,} MiB of memory", DocumentFault.TOO_HEAVY),
    "scan_pages": ("The file has more than {:,} pages that are pictures", DocumentFault.TOO_LONG),
    "scan_seconds": ("Recognising a page that is a picture took longer than {:,} s", DocumentFault.TOO_HEAVY),
    "scan_memory_mib": ("Recognising a picture takes more than {:,} MiB of memory", DocumentFault.TOO_HEAVY),
}
_NOT_OF_LENGTH = {"scan_seconds", "scan_memory_mib"}
"""A shorter file would take as much."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one file may take; each limit is checked before the memory is used."""

    file_mib: int = 64
    """Size of the file itself."""
    unpacked_mib: int = 512
    """Size that a packed file (docx, xlsx, epub, …) declares for all its parts together."""
    characters: int = 10_000_000
    """Length of the text."""
    pages: int = 5_000
    """Pages of a PDF, slides of a presentation, chapters of a book."""
    rows: int = 200_000
    """Rows of all sheets together."""
    seconds: int = 120
    """Time to read the file, without encoding."""
    memory_mib: int = 2_048
    """Address space that the process may take to read it."""
    scan_pages: int = 500
    """Pages whose text is recognised in a picture of them."""
    scan_seconds: int = 30
    """Time for each such page, on top of `seconds`."""
    scan_memory_mib: int = 2_048
    """Address space for recognising pictures, on top of `memory_mib`. The same for one page and for hundreds."""

    def check(self, name: str, size: float) -> None:
        """Raise a DocumentError if `size` is over the limit of this name."""
        if size > getattr(self, name):
            raise self.explain_excess(name)

    def explain_excess(self, name: str) -> DocumentError:
        """Describe a file that is over the limit of this name."""
        message, fault = _EXCESSES[name]
        limit = message.format(getattr(self, name))
        remedy = "Raise" if name in _NOT_OF_LENGTH else "Split it, or raise"
        return DocumentError(f"{limit}. {remedy} QUOTH_MAX_{name.upper()}.", fault)


DEFAULT_LIMITS = Limits()
