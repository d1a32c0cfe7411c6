"""Encoder: texts → vectors; and QueryCache, for questions that are compared with each other again and again."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from typing import TYPE_CHECKING, Literal, Protocol

from retrieval.encoding.compiler import compile_model, load_torch
from retrieval.encoding.weights.models import ignore_progress
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from retrieval.encoding.vectors import EncodedText, Query
    from retrieval.encoding.weights.models import Model

Backend = Literal["auto", "openvino", "torch"]


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how close their meanings are."""

    fingerprint: str
    """Names weights and prompts: vectors of two encoders compare only if these are equal."""
    dimension: int
    """Length of a vector."""
    window: int
    """The most tokens that a text may have (as `count_tokens` counts) without being cut off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without prompts and special tokens."""

    def encode_query(self, text: str) -> Query:
        """Encode a question as a whole, and its own tokens."""

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        """Encode sentences of documents, and their own tokens; texts of many documents at once are fastest."""


def load_encoder(
    model: Model, *, backend: Backend = "auto", progress: Callable[[str], None] = ignore_progress
) -> Encoder:
    """Load a model the fastest way that this machine has.

    With CUDA that is sentence-transformers. On CPUs OpenVINO is several times as fast, for models that are a
    transformer with mean pooling; any other, and one that it fails to run, is left to sentence-transformers.
    Both give the same vectors but for rounding.

    Args:
        model: the result of `resolve_model`.
        backend: "openvino" or "torch" takes that one and no other.
        progress: called with a sentence before each step that takes seconds.

    Raises:
        ModelError: the weights cannot be loaded; or `backend` is "openvino", and it cannot run them.
    """
    if backend == "torch" or (backend == "auto" and _has_cuda()):
        return load_torch(model, progress)
    try:
        return _load_compiled(model, progress)
    except ModelError as error:
        if backend == "openvino":
            raise
        progress(f"{error} So sentence-transformers runs it, more slowly.")
        return load_torch(model, progress)


class QueryCache:
    """Encodes questions and remembers their vectors until others are compared."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._queries: dict[str, Query] = {}

    def encode(self, questions: Sequence[str]) -> list[Query]:
        """Encode questions, in their order."""
        self.prepare(questions, len(questions))
        self._queries = {question: self._queries[question] for question in questions}
        return [self._queries[question] for question in questions]

    def prepare(self, questions: Iterable[str], most: int) -> bool:
        """Encode at most so many new questions ahead of `encode`, and say whether more are left."""
        new = [question for question in dict.fromkeys(questions) if question not in self._queries]
        self._queries |= {question: self._encoder.encode_query(question) for question in new[:most]}
        return len(new) > most


def _load_compiled(model: Model, progress: Callable[[str], None]) -> Encoder:
    if not model.mean_pooled:
        message = f"The model {model.name} is not a transformer with mean pooling, so it cannot be compiled."
        raise ModelError(message)
    if importlib.util.find_spec("openvino") is None:
        message = "OpenVINO is not installed. For more speed: pip install openvino"
        raise ModelError(message)
    folder = compile_model(model, progress)
    from retrieval.encoding.openvino_encoder import OpenVinoEncoder  # noqa: PLC0415 - it may be missing

    return OpenVinoEncoder(model, folder, kernels=model.cache / "kernels")


def _has_cuda() -> bool:
    # NVIDIA's driver is asked first, since torch, which knows for sure, takes seconds to import.
    if importlib.util.find_spec("torch") is None:
        return False
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int()
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(devices)) != 0 or devices.value == 0:
        return False
    from retrieval.encoding.torch_encoder import can_use_cuda  # noqa: PLC0415

    return can_use_cuda()
