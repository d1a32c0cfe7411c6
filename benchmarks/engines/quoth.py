"""Quoth with its bundled model and no settings."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.questions import Span
from retrieval import Index, load_encoder, resolve_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.storage.records import StoredPassage


class Quoth:
    """An index in a temporary folder."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._index = Index(Path(self._folder.name, "data"), load_encoder(resolve_model()))

    def index(self, documents: Sequence[str]) -> int:
        """Write each text to a file, and index the folder.

        The files' names say nothing, since Quoth looks there, too, and the peers are not told the titles.
        """
        folder = Path(self._folder.name, "documents")
        folder.mkdir()
        for number, text in enumerate(documents):
            (folder / f"article{number}.txt").write_text(text, "utf-8", newline="")
        return sum(file.passages for file in self._index.sync(folder).files)

    def search(self, question: str, k: int) -> list[Span]:
        """The k best passages, best first."""
        passages = [hit.passage for hit in self._index.search(question, k)]
        return [_span(passage) for passage in passages[:k]]


def _span(passage: StoredPassage) -> Span:
    number = passage.path.removeprefix("article").removesuffix(".txt")
    return Span(int(number), passage.start, passage.end)
