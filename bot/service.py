"""What both front ends stand on: the index over the documents' folder, kept up to date, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval import CrossEncoderReranker, Index, ask, load_encoder, quotes_of, resolve_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.settings import Settings
    from retrieval import Answer, Encoder, Progress, Quote, Reranker, SyncReport


class Service:
    """Questions in, answers out. Blocking, and to be used by one thread at a time.

    Args:
        settings: where the documents and the index are, and which models to use.
        message: called with what a person who waits should know.

    Raises:
        QuothError: the model or the data folder cannot be used.
    """

    def __init__(self, settings: Settings, message: Callable[[str], None]) -> None:
        self._documents: Path = settings.documents
        self._message = message
        self._index = Index(settings.data, *load_models(settings, message))

    def sync(
        self, progress: Callable[[Progress], None] = lambda _: None, *, rebuild: bool = False
    ) -> SyncReport:
        """Make the index equal to the documents' folder."""
        return self._index.sync(self._documents, rebuild=rebuild, progress=progress, message=self._message)

    def ask(self, question: str, k: int = 3) -> Answer:
        """Answer from what is in the index.

        Raises:
            QuestionError: the question cannot be asked as it stands.
        """
        return ask(self._index, question, k)

    def quotes_of(self, answer_id: str) -> tuple[Quote, ...]:
        """The closest passages of an answer that found nothing, as far as they still stand in the documents."""
        return quotes_of(self._index, answer_id)

    def sources(self) -> dict[str, str]:
        """Path → title of every document in the index."""
        return self._index.titles()

    def close(self) -> None:
        """Release the index's files."""
        self._index.close()


def load_models(settings: Settings, message: Callable[[str], None]) -> tuple[Encoder, Reranker | None]:
    """Load the encoder, and the re-ranking model if one is set.

    Raises:
        ModelError: one of them cannot be loaded.
    """
    model = resolve_model(settings.model, cache=settings.cache, progress=message)
    reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
    return load_encoder(model, progress=message), reranker
