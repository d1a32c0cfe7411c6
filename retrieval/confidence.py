"""How sure it is that the first hit answers the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.index import Hit

STRONG = 0.5
WEAK = 0.2


def confidence(hits: Sequence[Hit]) -> float:
    """From 0 to 1; 0 where nothing was found."""
    return (hits[0].coverage + hits[0].sentence_cosine) / 2 if hits else 0.0
