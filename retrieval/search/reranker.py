"""Reranker: a model that reads question and passage together, for those who have one and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reranker(Protocol):
    """Scores how well each of some texts answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Score the texts; the higher, the better."""


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers.

    Args:
        name: a folder, or an id on the Hugging Face hub.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
    """

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds to import
        except ModuleNotFoundError as error:
            message = (
                f"QUOTH_RERANKER needs sentence-transformers and torch, and there is no {error.name}. "
                "Run `pip install sentence-transformers torch`, or empty QUOTH_RERANKER."
            )
            raise ModelError(message) from error
        try:
            self._model = CrossEncoder(name, trust_remote_code=False)
        except (OSError, ValueError, RuntimeError) as error:
            message = f"Cannot load the re-ranking model {name}: {error}. Correct or empty QUOTH_RERANKER."
            raise ModelError(message) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Score the texts; the higher, the better."""
        pairs = [(question, text) for text in texts]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]
