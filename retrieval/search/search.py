"""Search: question → Hits. Two searches give candidates, fusion orders them, and MaxSim ranks the first anew.

Vectors of sentences and words each name their best candidates. All of these are scored both ways; the first are then
compared with the question token by token.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import QuestionError, QuestionFault, StoreError
from retrieval.indexing.bm25 import LexicalHit, question_words
from retrieval.indexing.vector_store import batches
from retrieval.search import fusion
from retrieval.search.comparison import Comparison, use_one_thread
from retrieval.search.hits import Candidate, Hits, ReadCandidate

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Vectors
    from retrieval.indexing.bm25 import Word
    from retrieval.indexing.updater import SearchIndexes
    from retrieval.indexing.vector_store import VectorSearcher
    from retrieval.search.comparison import Compared
    from retrieval.search.hits import Hit
    from retrieval.search.questions import Question
    from retrieval.search.reranker import Reranker
    from retrieval.storage.documents import Parts
    from retrieval.storage.records import Manifest, StoredPassage
    from retrieval.storage.store import Store

POOL = 50
"""Candidates of each search."""
AHEAD = 24
"""Candidates that are read beyond those wanted, in the same statement: copies and passages that overlap count once."""
RERANKED = 16
"""Candidates that are ranked anew. On the labelled sets, 8 did a little worse, and 24 no better."""

Idf = dict["Word", float]


class Search:
    """The whole way from a question to its hits.

    Args:
        store: the documents.
        indexes: searched first; may lag behind the store or run ahead of it.
        manifest: what the index must have been made with.
        encoder: the one that made the vectors.
        reranker: orders the first candidates instead of MaxSim, if given.
    """

    def __init__(
        self,
        store: Store,
        indexes: SearchIndexes,
        manifest: Manifest,
        encoder: Encoder,
        reranker: Reranker | None = None,
    ) -> None:
        self._store = store
        self._indexes = indexes
        self._manifest = manifest
        self._encoder = encoder
        self._reranker = reranker

    def hits(
        self,
        question: Question,
        k: int,
        collections: Container[str] | None = None,
        hidden: Parts | None = None,
    ) -> Hits:
        """Find the best passages, best first, each with a sentence that no better one has: k of them, or some more.

        The arguments and errors are those of `Index.search`.
        """
        state = self._indexes.refresh()
        if state.manifest != self._manifest:
            raise StoreError("There is no index that fits this model yet. Run `quoth index` first.")
        (tokens,) = self._encoder.count_tokens([question.whole])
        if tokens > self._encoder.window:
            # Nobody counts tokens: so much of this question would fit.
            length = len(question.whole) * self._encoder.window // tokens
            message = f"The question is too long for the model. Ask in at most {length:,} characters."
            raise QuestionError(message, QuestionFault.TOO_LONG, max_length=length)
        query = self._encoder.encode_query(question.whole)
        known = self._indexes.collections
        chosen = [collection for collection in known if collections is None or collection.name in collections]
        vectors = self._indexes.searcher(state, chosen)
        among = None if len(chosen) == len(known) else [collection.id for collection in chosen]
        words = question_words(question.whole, self._indexes.languages)
        idf = {word: self._indexes.words.idf(word) for word in words}
        hidden_ids = frozenset(self._store.passages.find_ids(hidden or {}))
        candidates = self._find_candidates(query.vector, idf, vectors, among, hidden_ids)
        read = self._read_first(_fuse(candidates), max(k, RERANKED))
        comparison = Comparison(question, query, self._encoder)
        with use_one_thread():
            ranked = self._rerank(question, self._compare(comparison, read))
            closest = [comparison.look_closer(one) for one in ranked[:1]]
        return Hits(_drop_overlapping([*closest, *(one.hit for one in ranked[1:])]), state)

    def _find_candidates(
        self,
        vector: Vectors,
        idf: Idf,
        vectors: VectorSearcher,
        among: Sequence[int] | None,
        hidden: frozenset[int],
    ) -> list[Candidate]:
        """Find the best of the two searches, scored both ways; by words `among` these collections."""
        words = list(idf)
        room = POOL + len(hidden)
        by_words = [hit.passage_id for hit in self._indexes.words.search(words, room, among)]
        nearest = vectors.nearest_sentences(vector, 4 * room)
        located = self._store.passages.locate(by_words, nearest)
        owners = {sentence: ids.passage_id for ids in located.values() for sentence in ids.sentences}
        by_sentences = dict.fromkeys(owners[sentence] for sentence in nearest if sentence in owners)
        chosen = dict.fromkeys(
            passage_id
            for ranked in (by_words, by_sentences)
            for passage_id in [owner for owner in ranked if owner not in hidden][:POOL]
        )
        passages = [located[passage_id] for passage_id in chosen if passage_id in located]
        # The words' index may lag behind: what it does not know yet has a vector all the same.
        hits = {ids.passage_id: LexicalHit(ids.passage_id, 0.0, frozenset()) for ids in passages}
        hits |= {hit.passage_id: hit for hit in self._indexes.words.score(words, list(hits))}
        return [
            Candidate(
                passage_id=ids.passage_id,
                vectors=own,
                cosines=own @ vector,
                bm25=hits[ids.passage_id].score,
                coverage=_compute_coverage(idf, hits[ids.passage_id].terms),
            )
            for ids, own in vectors.read(passages)
        ]

    def _read_first(self, candidates: Sequence[Candidate], count: int) -> list[ReadCandidate]:
        """Read the first that differ, each with its copies after it, until `count` are not in one another."""
        kept: dict[str, ReadCandidate] = {}
        apart: list[StoredPassage] = []
        for candidate, passage in self._read_passages(candidates, count + AHEAD):
            words = _extract_words(passage.text)
            if words in kept:
                first = kept[words]
                kept[words] = replace(first, copies=(*first.copies, passage))
            elif len(apart) < count:
                kept[words] = ReadCandidate(candidate, passage, ())
                nearest = passage.sentences[int(candidate.cosines.argmax())]
                if not any(other.holds(passage, nearest) for other in apart):
                    apart.append(passage)
            else:  # copies have about the same score, so no more are to come
                break
        return list(kept.values())

    def _read_passages(self, candidates: Sequence[Candidate], size: int) -> Iterator[tuple[Candidate, StoredPassage]]:
        """Read the passages of the candidates that still exist, so many at once."""
        for some in batches(candidates, size):
            passages = self._store.passages.get([candidate.passage_id for candidate in some])
            by_id = {passage.id: passage for passage in passages}
            for candidate in some:
                if passage := by_id.get(candidate.passage_id):
                    yield candidate, passage

    def _compare(self, comparison: Comparison, read: Sequence[ReadCandidate]) -> list[Compared]:
        codes = self._store.vectors.read_codes([one.passage.id for one in read])
        return [comparison.compare(one, codes[one.passage.id]) for one in read if one.passage.id in codes]

    def _rerank(self, question: Question, compared: Sequence[Compared]) -> list[Compared]:
        """Order the first by their evidence, or by the re-ranking model."""
        first, rest = compared[:RERANKED], compared[RERANKED:]
        if self._reranker is not None and first:
            scores = self._reranker.scores(question.whole, [one.hit.passage.text for one in first])
            first = [replace(one, hit=replace(one.hit, score=score)) for one, score in zip(first, scores, strict=True)]
        return [*sorted(first, key=lambda one: -one.hit.score), *rest]


def _fuse(candidates: Sequence[Candidate]) -> list[Candidate]:
    if not candidates:
        return []
    scores = fusion.fuse(
        lexical=np.array([candidate.bm25 for candidate in candidates]),
        sentence=np.array([candidate.cosines.max() for candidate in candidates], np.float64),
        coverage=max(candidate.coverage for candidate in candidates),
    )
    return [candidates[i] for i in np.argsort(-scores, kind="stable")]


def _drop_overlapping(hits: Sequence[Hit]) -> list[Hit]:
    """Drop the hits whose sentence stands in a better one."""
    kept: list[Hit] = []
    for hit in hits:
        if not any(hit.is_in(passage) for better in kept for passage in better.passages):
            kept.append(hit)
    return kept


def _compute_coverage(idf: Idf, terms: frozenset[str]) -> float:
    """Compute the share of the question's IDF that these terms cover."""
    total = sum(idf.values())
    return sum(value for word, value in idf.items() if not terms.isdisjoint(word.terms)) / total if total else 0.0


def _extract_words(text: str) -> str:
    """Remove case, spacing and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))
