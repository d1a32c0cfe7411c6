"""haystack-ai: one pipeline to index, one to ask, an InMemoryDocumentStore between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import RecursiveDocumentSplitter
from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.engines import Model, choose_model
from benchmarks.questions import LIMIT, Span

if TYPE_CHECKING:
    from collections.abc import Sequence


class Haystack:
    """The two pipelines.

    Args:
        hybrid: join the vectors' list and BM25's by reciprocal rank fusion.
        has_same_model: as Quoth.
    """

    def __init__(self, *, hybrid: bool, has_same_model: bool) -> None:
        store, model = InMemoryDocumentStore(), choose_model(has_same_model=has_same_model)
        self._indexing = _indexing(store, model)
        self._asking = _asking(store, model, hybrid=hybrid)
        self._hybrid = hybrid

    def index(self, documents: Sequence[str]) -> int:
        """Split, embed and write."""
        inputs = [Document(content=text, meta={"number": number}) for number, text in enumerate(documents)]
        return self._indexing.run({"splitter": {"documents": inputs}})["writer"]["documents_written"]

    def search(self, question: str, k: int) -> list[Span]:
        """The k best passages, best first."""
        inputs = {"embedder": {"text": question}, "dense": {"top_k": k}}
        if self._hybrid:
            inputs |= {"bm25": {"query": question, "top_k": k}, "joiner": {"top_k": k}}
        found = self._asking.run(inputs)["joiner" if self._hybrid else "dense"]["documents"]
        return [_span(passage) for passage in found]


def _indexing(store: InMemoryDocumentStore, model: Model) -> Pipeline:
    pipeline = Pipeline()
    # The separators of its page's example: the default ones need data that NLTK fetches.
    splitter = RecursiveDocumentSplitter(split_length=LIMIT, split_unit="char", separators=["\n\n", "\n", ".", " "])
    pipeline.add_component("splitter", splitter)
    embedder = SentenceTransformersDocumentEmbedder(model=model.folder, prefix=model.passage_prompt, progress_bar=False)
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("splitter", "embedder")
    pipeline.connect("embedder", "writer")
    pipeline.warm_up()
    return pipeline


def _asking(store: InMemoryDocumentStore, model: Model, *, hybrid: bool) -> Pipeline:
    pipeline = Pipeline()
    embedder = SentenceTransformersTextEmbedder(model=model.folder, prefix=model.query_prompt, progress_bar=False)
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    if hybrid:
        pipeline.add_component("bm25", InMemoryBM25Retriever(store))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("bm25", "joiner")
        pipeline.connect("dense", "joiner")
    pipeline.warm_up()
    return pipeline


def _span(passage: Document) -> Span:
    start = passage.meta["split_idx_start"]
    return Span(passage.meta["number"], start, start + len(passage.content))
