"""Encoder: texts → vectors."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from typing import TYPE_CHECKING, Literal, Protocol

from retrieval.encoding.compiler import compiled
from retrieval.encoding.weights.models import ignore_progress
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrieval.encoding.vectors import Query, Vectors
    from retrieval.encoding.weights.models import Model

Backend = Literal["auto", "openvino", "torch"]


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how close their meanings are."""

    @property
    def fingerprint(self) -> str:
        """Names weights and prompts: vectors of two encoders compare only if these are equal."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """The most tokens that a text may have (as `count_tokens` counts) without being cut off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompts and special tokens."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""

    def encode_query(self, text: str) -> Query:
        """A question as a whole, and its own tokens, without those of the prompt and special ones."""

    def passage_tokens(self, passages: Sequence[Sequence[str]]) -> list[list[Vectors]]:
        """For each passage, given as its sentences, and for each of these (tokens, dimension), unit rows.

        A passage is read as a whole, so that its sentences throw light on each other.
        """


def load_encoder(
    model: Model, *, backend: Backend = "auto", progress: Callable[[str], None] = ignore_progress
) -> Encoder:
    """Load a model the fastest way that this machine has.

    With CUDA that is sentence-transformers. On CPUs OpenVINO is several times as fast, for models that are a
    transformer with mean pooling; any other, and one that it fails to run, is left to sentence-transformers.
    Both give the same vectors but for rounding.

    Args:
        model: from `resolve_model`.
        backend: "openvino" or "torch" takes that one and no other.
        progress: called with a sentence before each step that takes seconds.

    Raises:
        ModelError: the weights cannot be loaded; or `backend` is "openvino", and it cannot run them.
    """
    if backend == "torch" or (backend == "auto" and _has_cuda()):
        return _load_torch(model)
    try:
        return _load_compiled(model, progress)
    except ModelError as error:
        if backend == "openvino":
            raise
        progress(f"{error} So sentence-transformers runs it, more slowly.")
        return _load_torch(model)


def _load_torch(model: Model) -> Encoder:
    from retrieval.encoding.torch_encoder import TorchEncoder  # noqa: PLC0415 - torch takes seconds to import

    return TorchEncoder(model)


def _load_compiled(model: Model, progress: Callable[[str], None]) -> Encoder:
    if not model.mean_pooled:
        message = f"The model {model.name} is not a transformer with mean pooling, so it cannot be compiled."
        raise ModelError(message)
    if importlib.util.find_spec("openvino") is None:
        message = "OpenVINO is not installed. For more speed: pip install openvino"
        raise ModelError(message)
    folder = compiled(model, progress)
    from retrieval.encoding.openvino_encoder import OpenVinoEncoder  # noqa: PLC0415 - it may be missing

    return OpenVinoEncoder(model, folder, kernels=model.cache / "kernels")


def _has_cuda() -> bool:
    """Ask NVIDIA's driver first, since torch, which knows for sure, takes seconds to import."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    devices = ctypes.c_int()
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(devices)) != 0 or devices.value == 0:
        return False
    from retrieval.encoding.torch_encoder import cuda_works  # noqa: PLC0415

    return cuda_works()
