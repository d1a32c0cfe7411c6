"""The encoder as sentence-transformers runs it: any text model, and CUDA; importing it takes seconds."""

from __future__ import annotations

from functools import cached_property
from logging import ERROR, getLogger
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from transformers.utils.logging import disable_progress_bar

from retrieval.encoding.tokenizer import TokenSettings, weigh_tokens
from retrieval.encoding.vectors import EncodedText, Query
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.encoding.weights.models import Model


def can_use_cuda() -> bool:
    """Decide whether this torch can compute on a GPU of this machine."""
    return torch.cuda.is_available()


class Exported(NamedTuple):
    """The parts of a `TorchEncoder` that another runtime needs to give the same vectors."""

    network: nn.Module
    """`input_ids` and `attention_mask`, both (batch, length) int64, → the last layer's mean over the mask,
    (batch, dimension), and the last layer, (batch, length, dimension), both float32."""
    example: dict[str, Tensor]
    """Inputs of the network, by name."""
    tokenizer: str
    """The tokenizers library's JSON."""
    settings: TokenSettings


class TorchEncoder:
    """An `Encoder` that several threads may use, one after the other.

    Raises:
        ModelError: the folder does not hold a text model whose weights can be read without running its code.
    """

    def __init__(self, model: Model) -> None:
        getLogger("transformers").setLevel(ERROR)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(
                str(model.folder),
                device="cuda" if can_use_cuda() else "cpu",
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            ).float()
            self._transformer = cast("Any", self._model[0])
            self._tokenizer = self._transformer.tokenizer
            self._max_tokens: int = self._transformer.max_seq_length
        except (OSError, RuntimeError, ValueError, AttributeError) as error:
            message = f"sentence-transformers cannot load {model.folder}: {error} Set QUOTH_MODEL to a text model."
            raise ModelError(message) from error
        self._lock = Lock()
        self._query_prompt = model.query_prompt
        self._passage_prompt = model.passage_prompt
        self.fingerprint = model.fingerprint
        self._before, self._after = self._find_special_tokens()
        self.dimension = len(self.encode_query("").vector)
        prompts = max(self.count_tokens([self._query_prompt, self._passage_prompt]))
        self.window = self._max_tokens - len(self._before) - len(self._after) - prompts

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(tokens) for tokens in self._tokenize(texts)]

    def encode_query(self, text: str) -> Query:
        (encoded,) = self._encode([text], self._query_prompt)
        (ids,) = self._tokenize([text])
        return Query(*encoded, self._weights[ids[: len(encoded.tokens)]])

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        return self._encode(texts, self._passage_prompt)

    def export(self) -> Exported:
        """Give the network with mean pooling inside, and what goes with it.

        Raises:
            ModelError: the tokenizer is not one of the tokenizers library.
        """
        if not self._tokenizer.is_fast:
            message = "This model's tokenizer runs only in Python. Set QUOTH_MODEL to a model with tokenizer.json."
            raise ModelError(message)
        example = self._tokenizer(["one", "one and another"], padding=True, return_tensors="pt")
        return Exported(
            network=_MeanPooled(self._transformer.auto_model).eval(),
            example={name: example[name] for name in ("input_ids", "attention_mask")},
            tokenizer=self._tokenizer.backend_tokenizer.to_str(),
            settings=TokenSettings(self._max_tokens, self._tokenizer.pad_token_id, self._before, self._after),
        )

    def _encode(self, texts: Sequence[str], prompt: str) -> list[EncodedText]:
        if not texts:
            return []
        first = self._find_first(prompt)
        with self._lock:
            outputs = cast(
                "list[dict[str, Tensor]]",
                self._model.encode(list(texts), prompt=prompt, output_value=None, show_progress_bar=False),
            )
        encoded = []
        for output in outputs:
            vector = nn.functional.normalize(output["sentence_embedding"], dim=0)
            tokens = output["token_embeddings"][output["attention_mask"].bool()][first:]
            own = nn.functional.normalize(tokens[: len(tokens) - len(self._after)], dim=-1)
            encoded.append(EncodedText(vector.cpu().numpy(), own.cpu().numpy()))
        return encoded

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the numbers of each text's tokens, without special ones."""
        if not texts:
            return []
        with self._lock:
            ids: list[list[int]] = self._tokenizer(list(texts), add_special_tokens=False, verbose=False).input_ids
        return ids

    def _find_special_tokens(self) -> tuple[list[int], list[int]]:
        bare, whole = (self._tokenizer("a", add_special_tokens=special).input_ids for special in (False, True))
        start = next(at for at in range(len(whole)) if whole[at : at + len(bare)] == bare)
        return whole[:start], whole[start + len(bare) :]

    def _find_first(self, prompt: str) -> int:
        """Find where the tokens of a text after this prompt begin."""
        return len(self._before) + self.count_tokens([prompt.rstrip()])[0]

    @cached_property
    def _weights(self) -> npt.NDArray[np.float32]:
        if not self._tokenizer.is_fast:
            return np.ones(len(self._tokenizer), np.float32)
        return weigh_tokens(self._tokenizer.backend_tokenizer.to_str())


class _MeanPooled(nn.Module):
    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
        return (tokens * weights).sum(1) / weights.sum(1), tokens
