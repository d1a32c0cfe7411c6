"""The compiled encoder: OpenVINO runs the network, and texts are split without torch and transformers."""

from __future__ import annotations

import json
import os
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from filelock import FileLock

from retrieval.encoding.runtime import ov
from retrieval.encoding.tokenizer import TokenSettings, load_tokenizer, load_weights, save_tokenizer
from retrieval.encoding.vectors import EncodedText, Query, unit
from retrieval.errors import ModelError

# The first reading of a tensor sets up OpenVINO's table of types; two threads at once would block each other.
_ = ov.Tensor(np.zeros(1, np.float32)).data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from retrieval.encoding.torch_encoder import Exported
    from retrieval.encoding.vectors import Vectors
    from retrieval.encoding.weights.models import Model

Inputs = dict[str, npt.NDArray[np.int64]]

_NETWORK = "network.xml"
_SETTINGS = "settings.json"
_POOLED, _TOKENS = 0, 1
_BATCH_TOKENS = 1024
"""Tokens of a batch. Measured: with fewer, cores wait for work; with more, for memory."""
_LENGTH_STEP = 8
"""Rows are padded to a multiple of so many tokens. OpenVINO keeps something of each shape that it meets, 20 MB in
300 questions of every length. With steps of 32 it keeps no less, and sentences take a quarter longer."""


def convert_network(exported: Exported) -> ov.Model:
    """Convert torch's network.

    Raises:
        ModelError: OpenVINO cannot run it.
    """
    from openvino.tools.ovc import convert_model  # noqa: PLC0415 - see `runtime`

    refusals = (RuntimeError, TypeError, ValueError, ov.frontend.GeneralFailure, ov.frontend.OpConversionFailure)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tracing warns of every shape that is looked at
            return convert_model(exported.network, example_input=exported.example)
    except refusals as error:
        message = f"OpenVINO cannot run this network: {error}"
        raise ModelError(message) from error


def save_compiled(folder: Path, network: ov.Model, tokenizer: str, settings: TokenSettings) -> None:
    """Write the files that `OpenVinoEncoder` reads into an empty folder; 32-bit weights as float16.

    Args:
        folder: an empty one.
        network: `input_ids` and `attention_mask`, both (batch, length) int64, → the last layer's mean over the mask,
            (batch, dimension), and the last layer, (batch, length, dimension), both float32.
        tokenizer: the tokenizers library's JSON.
        settings: how the network takes tokens.
    """
    ov.save_model(network, folder / _NETWORK, compress_to_fp16=True)
    save_tokenizer(tokenizer, folder)
    (folder / _SETTINGS).write_text(json.dumps(settings._asdict()), "utf-8")


class OpenVinoEncoder:
    """An `Encoder` for CPUs that several threads may use at once.

    OpenVINO computes in bfloat16 where the CPU does so natively, in float32 elsewhere.

    Args:
        model: gives the fingerprint and the prompts.
        folder: the one that `save_compiled` wrote.
        kernels: a folder for the code that OpenVINO generates for this CPU, which saves 0.4 s the next time.
    """

    def __init__(self, model: Model, folder: Path, kernels: Path | None = None) -> None:
        settings = TokenSettings(**json.loads((folder / _SETTINGS).read_text("utf-8")))
        self._max_tokens, self._padding, self._before, self._after = settings
        self._room = self._max_tokens - len(self._before) - len(self._after)
        self._compile = partial(_Network, folder / _NETWORK, kernels)
        with ThreadPoolExecutor(1) as thread:  # at once: OpenVINO runs outside the interpreter
            network = thread.submit(self._compile, hint="LATENCY")
            self._split = load_tokenizer(folder)
            self._for_one = network.result()
        self._weights = load_weights(folder)
        self._query_prompt = model.query_prompt
        self._passage_prompt = model.passage_prompt
        self.fingerprint = model.fingerprint
        self.dimension = self._for_one.dimension
        self.window = self._room - max(self.count_tokens([self._query_prompt, self._passage_prompt]))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(self._split(text)) for text in texts]

    def encode_query(self, text: str) -> Query:
        ((ids, encoded),) = self._encode([text], self._query_prompt)
        return Query(*encoded, self._weights[ids])

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        return [encoded for _, encoded in self._encode(texts, self._passage_prompt)]

    def _encode(self, texts: Sequence[str], prompt: str) -> list[tuple[list[int], EncodedText]]:
        """Encode texts after a prompt, and give the numbers of each text's own tokens, too."""
        ids = [self._tokenize(prompt + text) for text in texts]
        first = self._find_first(prompt)
        encoded: dict[int, tuple[list[int], EncodedText]] = {}
        network = self._for_one if len(ids) == 1 else self._for_many
        batches = make_batches([len(tokens) for tokens in ids])
        inputs = ((batch, self._pad([ids[text] for text in batch])) for batch in batches)
        for batch, pooled, padded in network.run(inputs):
            for text, vector, tokens in zip(batch, unit(pooled), padded, strict=True):
                own = slice(first, len(ids[text]) - len(self._after))
                encoded[text] = ids[text][own], EncodedText(vector, unit(tokens[own]))
        return [encoded[text] for text in range(len(texts))]

    @cached_property
    def _for_many(self) -> _Network:
        """The network for batches: a process that only asks never needs it."""
        return self._compile(hint="THROUGHPUT")

    def _find_first(self, prompt: str) -> int:
        """Find where the tokens of a text after this prompt begin."""
        return len(self._before) + len(self._split(prompt.rstrip()))

    def _tokenize(self, text: str) -> list[int]:
        """Give the token numbers of a text, cut off where the network takes no more."""
        return [*self._before, *self._split(text)[: self._room], *self._after]

    def _pad(self, rows: list[list[int]]) -> Inputs:
        longest = max(map(len, rows))
        shape = len(rows), min(longest + -longest % _LENGTH_STEP, self._max_tokens)
        ids, mask = np.full(shape, self._padding, np.int64), np.zeros(shape, np.int64)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return {"input_ids": ids, "attention_mask": mask}


def make_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Give the numbers of texts to encode together: the longest first, with others about as long.

    Args:
        lengths: tokens of each text, at least 1.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        size = max(1, _BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + size]
        start += size


class _Network:
    """The compiled network, and requests that were used before.

    With "LATENCY", all cores share the work on one text, which takes two thirds of the time of one core. With
    "THROUGHPUT", each core takes a batch of its own, and many texts take five sixths of the time.
    """

    def __init__(self, path: Path, kernels: Path | None, hint: str) -> None:
        self._network = _compile(path, kernels, hint)
        self._streams: int = self._network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._idle: deque[ov.InferRequest] = deque()
        self.dimension: int = self._network.output(_POOLED).partial_shape[1].get_length()

    def run(self, batches: Iterable[tuple[list[int], Inputs]]) -> Iterator[tuple[list[int], Vectors, Vectors]]:
        """Run batches, given with their texts' numbers, and give both outputs of each; they last until the next."""
        # Not AsyncInferQueue: its callbacks may still want the interpreter's lock when the network is freed
        # by a thread that has it and waits for them.
        running: deque[tuple[ov.InferRequest, list[int]]] = deque()
        for texts, inputs in batches:
            if len(running) == self._streams:
                yield from self._finish(*running.popleft())
            request = self._take_request()
            request.start_async(inputs)
            running.append((request, texts))
        while running:
            yield from self._finish(*running.popleft())

    def _take_request(self) -> ov.InferRequest:
        """Take an idle request: a new one allocates its memory at the first run, which takes half as long again."""
        with suppress(IndexError):
            return self._idle.pop()
        return self._network.create_infer_request()

    def _finish(self, request: ov.InferRequest, texts: list[int]) -> Iterator[tuple[list[int], Vectors, Vectors]]:
        request.wait()
        yield texts, request.get_output_tensor(_POOLED).data, request.get_output_tensor(_TOKENS).data
        self._idle.append(request)


def _compile(network: Path, kernels: Path | None, hint: str) -> ov.CompiledModel:
    config = {"PERFORMANCE_HINT": hint}
    if kernels is None or not os.access(kernels.parent, os.W_OK):
        return ov.Core().compile_model(network, "CPU", config)
    config |= {"CACHE_DIR": str(kernels), "CACHE_MODE": "OPTIMIZE_SIZE"}  # without the weights: 1 MB, not 240
    with FileLock(f"{kernels}.lock"):  # OpenVINO does not expect others to read what it is writing
        return ov.Core().compile_model(network, "CPU", config)
