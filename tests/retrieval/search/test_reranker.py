"""A cross-encoder can be the reranker: here a tiny one with random weights."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from retrieval import CrossEncoderReranker, ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cross_encoder_of_sentence_transformers_can_be_the_reranker(tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds, in each process that collects
    from transformers import (  # noqa: PLC0415
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
    )

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "whale"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=6,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)

    scores = CrossEncoderReranker(str(tmp_path)).scores("cat", ["cat", "whale"])
    expected = CrossEncoder(str(tmp_path)).predict([("cat", "cat"), ("cat", "whale")])
    assert scores == pytest.approx(expected.tolist())


def test_a_reranker_that_is_missing_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="QUOTH_RERANKER"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))


def test_without_sentence_transformers_the_remedy_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match="pip install sentence-transformers torch"):
        CrossEncoderReranker("any")
