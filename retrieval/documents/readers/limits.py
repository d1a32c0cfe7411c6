"""How much a reader takes in: what is more than this is refused, with the setting that allows it."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.errors import DocumentError, DocumentFault

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one file may take; each holds before the memory is used.

    The `check` methods raise a DocumentError for what is more.
    """

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
    memory_mib: int = 2_048
    """Of address space, for the process that reads it; to recognise scans takes most of it."""

    def check_file(self, size: int) -> None:
        """Of so many bytes."""
        found = -(-size // MIB)
        _check(found, self.file_mib, "is larger than {:,} MiB", "QUOTH_MAX_FILE_MIB", DocumentFault.TOO_LARGE)

    def check_unpacked(self, size: int) -> None:
        """Of so many bytes."""
        found = -(-size // MIB)
        what = "unpacks to more than {:,} MiB"
        _check(found, self.unpacked_mib, what, "QUOTH_MAX_UNPACKED_MIB", DocumentFault.TOO_HEAVY)

    def check_characters(self, count: int) -> None:
        """Of the whole text so far."""
        what = "holds more than {:,} characters of text"
        _check(count, self.characters, what, "QUOTH_MAX_CHARACTERS")

    def check_pages(self, count: int) -> None:
        """Or slides, or chapters."""
        _check(count, self.pages, "has more than {:,} pages, slides or chapters", "QUOTH_MAX_PAGES")

    def check_rows(self, count: int) -> None:
        """Of all sheets so far."""
        _check(count, self.rows, "has more than {:,} rows", "QUOTH_MAX_ROWS")

    def out_of_memory(self) -> DocumentError:
        """What to raise when there is none left."""
        return DocumentError(
            f"Reading the file takes more than {self.memory_mib:,} MiB of memory. "
            "Split it, or raise QUOTH_MAX_MEMORY_MIB.",
            DocumentFault.TOO_HEAVY,
        )


DEFAULT = Limits()


def _check(count: int, limit: int, what: str, setting: str, fault: DocumentFault = DocumentFault.TOO_LONG) -> None:
    if count > limit:
        message = f"The file {what.format(limit)}. Split it, or raise {setting}."
        raise DocumentError(message, fault)
