"""Texts → vectors: the compiled encoder gives what sentence-transformers gives, faster and with less."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from retrieval.encoding.encoder import load_encoder
from retrieval.encoding.openvino_encoder import make_batches
from retrieval.encoding.runtime import ov
from retrieval.encoding.tokenizer import Unigram, load_tokenizer, save_tokenizer
from retrieval.encoding.vectors import unit
from retrieval.encoding.weights.models import resolve_model, unpack
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Vectors
    from retrieval.encoding.weights.models import Model

TEXTS = [
    "The Maillard reaction gives browned food its flavour.",
    "La réaction de Maillard.",
    "Реакция Майяра придаёт румяной корочке вкус, и начинается она примерно при ста сорока градусах.",
    "تفاعل ميلارد يعطي الطعام المحمر نكهته",
    "メイラード反応は、焼き色のついた食べ物に独特の風味を与える。",
    "마이야르 반응은 갈색으로 구운 음식에 풍미를 준다.",
    "माइलार्ड अभिक्रिया भूरे हुए भोजन को स्वाद देती है।",
    "Η αντίδραση Μαγιάρ.",
    "ปฏิกิริยาเมลลาร์ด",
    "美拉德反应",
    "No.",
    "",
]


def cosines(some: Vectors, others: Vectors) -> Vectors:
    assert some.shape == others.shape
    assert some.dtype == others.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([some, others]), axis=1), 1, atol=1e-5)
    return (some * others).sum(axis=1)


def vectors(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    return np.stack([encoded.vector for encoded in encoder.encode_sentences(texts)])


# The bundled model


@pytest.fixture(scope="module")
def torch_encoder(model: Model) -> Encoder:
    return load_encoder(model, backend="torch")


def test_both_encoders_give_the_same(encoder: Encoder, torch_encoder: Encoder) -> None:
    assert encoder.fingerprint == torch_encoder.fingerprint
    assert encoder.dimension == torch_encoder.dimension == 384
    assert encoder.window == torch_encoder.window == 507  # of 512, without <s>, "▁", "query", ":" and </s>
    assert encoder.count_tokens(TEXTS) == torch_encoder.count_tokens(TEXTS)
    assert cosines(vectors(encoder, TEXTS), vectors(torch_encoder, TEXTS)).min() > 0.999
    for text in TEXTS:
        one, other = encoder.encode_query(text), torch_encoder.encode_query(text)
        assert cosines(one.vector[None], other.vector[None]) > 0.999
        np.testing.assert_array_equal(one.weights, other.weights)


def test_the_built_network_gives_the_numbers_of_torch(encoder: Encoder, torch_encoder: Encoder, model: Model) -> None:
    """In 32 bits: a CPU that computes in bfloat16 rounds more coarsely."""
    network = ov.Core().compile_model(
        model.cache / f"{model.fingerprint}-openvino-2" / "network.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    ids = [encoder._tokenize(text) for text in [*TEXTS, "word " * 600]]
    pooled, _ = network(encoder._pad(ids)).values()
    exact = torch_encoder._encode([*TEXTS, "word " * 600], "")
    assert cosines(unit(pooled), np.stack([encoded.vector for encoded in exact])).min() > 0.99999


def test_both_encoders_give_the_same_token_vectors(encoder: Encoder, torch_encoder: Encoder) -> None:
    counts = encoder.count_tokens(TEXTS)
    for ours, theirs, count in zip(
        encoder.encode_sentences(TEXTS), torch_encoder.encode_sentences(TEXTS), counts, strict=True
    ):
        assert len(ours.tokens) == count
        assert cosines(ours.tokens, theirs.tokens).min(initial=1) > 0.99
    one, other = encoder.encode_query(TEXTS[0]), torch_encoder.encode_query(TEXTS[0])
    assert len(one.tokens) == counts[0]
    assert cosines(one.tokens, other.tokens).min() > 0.99


def test_a_text_beyond_the_window_is_cut_there(encoder: Encoder, torch_encoder: Encoder) -> None:
    (a_word,) = encoder.count_tokens(["word"])
    fits, too_long = "word " * (encoder.window // a_word), "word " * encoder.window * 2
    assert encoder.count_tokens([fits, too_long]) == [encoder.window, encoder.window * 2 * a_word]
    for one in (encoder, torch_encoder):
        cut, whole = one.encode_query(too_long), one.encode_query(fits)
        assert cut.vector @ whole.vector == pytest.approx(1, abs=1e-4)
        assert len(cut.tokens) == encoder.window


def test_no_texts_give_no_vectors(encoder: Encoder, torch_encoder: Encoder) -> None:
    for one in (encoder, torch_encoder):
        assert one.encode_sentences([]) == one.count_tokens([]) == []


def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    alone = vectors(encoder, TEXTS)
    with ThreadPoolExecutor(4) as threads:
        for together in threads.map(partial(vectors, encoder), 8 * [TEXTS[::-1]]):
            assert cosines(alone, together[::-1]).min() > 0.9999


def test_a_process_that_asks_loads_no_torch_and_leaves_no_traces(model: Model, tmp_path: Path) -> None:
    code = """
import sys
from retrieval.encoding.encoder import load_encoder
from retrieval.encoding.weights.models import resolve_model
load_encoder(resolve_model(), backend="openvino").encode_query("Who asks?")
print(*sorted(name for name, module in sys.modules.items() if module is not None))
"""
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    environment = os.environ | home | {"QUOTH_CACHE": str(model.cache), "HF_HUB_OFFLINE": "1"}
    for name in ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL"):
        environment.pop(name, None)  # openvino reports nothing where it finds one of these
    asking = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert asking.stderr == ""
    loaded = {name.partition(".")[0] for name in asking.stdout.split()}
    assert "openvino" in loaded
    assert not loaded & {
        "torch",
        "transformers",
        "sentence_transformers",
        "huggingface_hub",
        "openvino_telemetry",
    }
    assert list(tmp_path.iterdir()) == []


# Other models


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SentenceTransformer: BERT of one layer, with random weights and a WordPiece tokenizer that keeps case."""
    from transformers import BertConfig, BertModel  # noqa: PLC0415 - takes seconds

    folder = tmp_path_factory.mktemp("models") / "small"
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "cat",
        "##s",
        "The",
        "the",
        "do",
        "not",
        "bark",
        "No",
        "no",
        ".",
    ]
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    config = BertConfig(
        hidden_size=32,
        intermediate_size=64,
        num_attention_heads=2,
        num_hidden_layers=1,
        max_position_embeddings=16,
        vocab_size=len(vocabulary),
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    kinds = ["Transformer", "Pooling"]
    contents = {
        "modules.json": [
            {
                "idx": number,
                "name": str(number),
                "path": number * "pooling",
                "type": f"sentence_transformers.models.{kind}",
            }
            for number, kind in enumerate(kinds)
        ],
        "pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"},
        "sentence_bert_config.json": {"max_seq_length": 16, "do_lower_case": False},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder


def changed(folder: Path, copy: Path, name: str, **fields: object) -> Path:
    """A copy of a model with other fields in one of its files."""
    shutil.copytree(folder, copy)
    (copy / name).write_text(json.dumps(json.loads((copy / name).read_text()) | fields))
    return copy


def test_another_model_is_compiled_too(small_folder: Path, tmp_path: Path) -> None:
    model = resolve_model(str(small_folder), cache=tmp_path)
    compiled, torch = (load_encoder(model, backend=backend) for backend in ("openvino", "torch"))
    texts = ["The cats do not bark.", "cats", ""]
    assert compiled.window == torch.window == 14
    assert compiled.count_tokens(texts) == torch.count_tokens(texts) == [7, 2, 0]
    assert cosines(vectors(compiled, texts), vectors(torch, texts)).min() > 0.999


def test_a_model_that_cannot_be_compiled_is_left_to_torch(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.encoding.encoder._has_cuda", lambda: False)
    pooling = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    folder = changed(small_folder, tmp_path / "first-token", "pooling/config.json", **pooling)
    model = resolve_model(str(folder), cache=tmp_path)
    said: list[str] = []
    assert load_encoder(model, progress=said.append).encode_query("cats").vector.shape == (32,)
    assert said == [
        "The model first-token is not a transformer with mean pooling, so it cannot be compiled. "
        "So sentence-transformers runs it, more slowly."
    ]
    with pytest.raises(ModelError, match="not a transformer with mean pooling"):
        load_encoder(model, backend="openvino")


def test_a_model_that_is_another_one_when_compiled_is_not_used(small_folder: Path, tmp_path: Path) -> None:
    # BERT knows positions, and padding in front moves the tokens of the shorter text.
    folder = changed(small_folder, tmp_path / "left", "tokenizer_config.json", padding_side="left")
    with pytest.raises(ModelError, match=r"left cannot be compiled: .* gives other vectors"):
        load_encoder(resolve_model(str(folder), cache=tmp_path), backend="openvino")


def test_without_torch_an_error_says_what_to_install(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "retrieval.encoding.torch_encoder", raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    model = resolve_model(str(small_folder), cache=tmp_path)
    expected = r"^The model small needs .* `pip install sentence-transformers torch`"
    with pytest.raises(ModelError, match=expected):
        load_encoder(model, backend="torch")


def test_weights_that_cannot_be_loaded_are_an_error(small_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small_folder, tmp_path / "damaged")
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"cannot load .*damaged"):
        load_encoder(resolve_model(str(folder), cache=tmp_path), backend="torch")


# Batches


def test_texts_of_about_the_same_length_are_encoded_together() -> None:
    # 1,024 tokens a batch, padding included: 1 of 600, then 3 of at most 300, then all others.
    assert list(make_batches([10, 300, 600, 290, 280, 20])) == [[2], [1, 3, 4], [5, 0]]
    assert list(make_batches([2000, 1])) == [[0], [1]]
    assert list(make_batches([])) == []


# Tokens


def test_a_word_is_split_into_its_most_probable_pieces() -> None:
    pieces = {"": 0, "a": -2, "b": -2, "c": -1, "ab": -3, "abc": -8}
    unigram = Unigram(list(pieces), list(pieces.values()), unknown=0)
    assert unigram.split(["abc"]) == [4, 3]  # ab + c: -4; a + b + c: -5; abc: -8
    assert unigram.split(["ba", "c"]) == [2, 1, 3]
    assert unigram.split(["xyaz"]) == [0, 1, 0]  # unknown characters side by side are one token
    assert unigram.split(["", "ab" * 20]) == [4] * 20


@pytest.fixture(scope="module")
def library(model: Model) -> Tokenizer:
    return Tokenizer.from_file(str(unpack(model) / "tokenizer.json"))


@pytest.fixture(scope="module")
def split(library: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[int]]:
    folder = tmp_path_factory.mktemp("tokenizer")
    save_tokenizer(library.to_str(), folder)
    return load_tokenizer(folder)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_split_as_the_library_splits_them(
    library: Tokenizer, split: Callable[[str], list[int]], text: str
) -> None:
    assert split(text) == library.encode(text, add_special_tokens=False).ids


@settings(deadline=None)
@given(text=st.text() | st.text("ab é\u0301～ｱﾞ字\n👍🏽", max_size=40))
def test_any_text_is_split_as_the_library_splits_it(
    library: Tokenizer, split: Callable[[str], list[int]], text: str
) -> None:
    assert split(text) == library.encode(text, add_special_tokens=False).ids


def test_a_text_like_a_special_token_is_text(split: Callable[[str], list[int]]) -> None:
    assert 2 not in split("</s>")
