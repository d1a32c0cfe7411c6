"""llama-index: a VectorStoreIndex in memory, and its BM25Retriever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

from benchmarks.engines import choose_model
from benchmarks.questions import LIMIT, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_index.core.retrievers import BaseRetriever


class LlamaIndex:
    """The index and a retriever.

    Args:
        hybrid: fuse the vectors' list and BM25's by reciprocal rank.
    """

    def __init__(self, *, hybrid: bool, has_same_model: bool) -> None:
        model = choose_model(has_same_model=has_same_model)
        Settings.llm = None  # none is needed, but else it asks for a key of OpenAI's
        # Its size is in tokens; `list` makes every character one.
        Settings.text_splitter = SentenceSplitter(chunk_size=LIMIT, tokenizer=list)
        Settings.embed_model = HuggingFaceEmbedding(
            model_name=model.folder, query_instruction=model.query_prompt, text_instruction=model.passage_prompt
        )
        self._hybrid = hybrid
        self._retrievers: dict[int, BaseRetriever] = {}

    def index(self, documents: Sequence[str]) -> int:
        """Split, embed, and keep in memory."""
        inputs = [Document(text=text, id_=str(number)) for number, text in enumerate(documents)]
        self._index = VectorStoreIndex.from_documents(inputs)
        return len(self._index.docstore.docs)

    def search(self, question: str, k: int) -> list[Span]:
        """The k best passages, best first."""
        if k not in self._retrievers:
            self._retrievers[k] = self._retriever(k)
        nodes = [found.node for found in self._retrievers[k].retrieve(question)]
        return [Span(int(node.ref_doc_id), node.start_char_idx, node.end_char_idx) for node in nodes]

    def _retriever(self, k: int) -> BaseRetriever:
        dense = self._index.as_retriever(similarity_top_k=k)
        if not self._hybrid:
            return dense
        bm25 = BM25Retriever.from_defaults(docstore=self._index.docstore, similarity_top_k=k)
        # One query: to ask in more ways, it needs a language model.
        return QueryFusionRetriever([dense, bm25], mode="reciprocal_rerank", num_queries=1, similarity_top_k=k)
