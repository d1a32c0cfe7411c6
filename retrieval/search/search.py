"""Search: question → Hits. Three searches give candidates, fusion orders them, and MaxSim ranks the first anew.

Vectors of sentences, vectors of passages and words each name their best candidates. All of these are scored in all
three ways; the first few are then compared with the question token by token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
from cachetools import LRUCache

from retrieval.errors import QuestionError, QuestionFault, StoreError
from retrieval.indexing.bm25 import LexicalHit, question_words
from retrieval.indexing.vector_store import batches
from retrieval.search import fusion, scoring
from retrieval.search.scoring import Evidence

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Query, Vectors
    from retrieval.indexing.bm25 import Word
    from retrieval.indexing.updater import SearchIndexes
    from retrieval.indexing.vector_store import VectorSearcher
    from retrieval.search.questions import Question
    from retrieval.search.reranker import Reranker
    from retrieval.storage.documents import Parts
    from retrieval.storage.records import IndexState, Manifest, StoredPassage, StoredSentence
    from retrieval.storage.store import Store

POOL = 50
"""Candidates of each search."""
AHEAD = 24
"""Candidates that are read beyond those wanted, in the same statement: copies and passages that overlap count once."""
RERANKED = 8
"""Candidates that are ranked anew. On every labelled set, 12 and 20 did no better and took longer."""
CONTEXT_WEIGHT = 0.25
"""What the tokens of a follow-up's context weigh when its sentence is chosen: less than its own, or the sentence would
be the one that answered before; and not nothing, since "And when?" says little by itself."""
REMEMBERED = 256
"""Passages whose token vectors stay in memory: about 75 MB."""

_COMMA = re.compile("[,;،、，]")

Idf = dict["Word", float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, and why."""

    passage: StoredPassage
    sentence: StoredSentence
    """The one that answers, if any does."""
    sentences: tuple[StoredSentence, ...]
    """All that may answer, in the passage's order."""
    evidence: Evidence
    is_compared: bool
    """Whether the evidence is that of all tokens; otherwise it is a guess."""
    score: float
    """The higher, the better; comparable within one search."""
    copies: tuple[StoredPassage, ...]
    """Passages elsewhere with the same words."""

    @property
    def passages(self) -> tuple[StoredPassage, ...]:
        """The passage and its copies."""
        return self.passage, *self.copies

    def is_in(self, passage: StoredPassage) -> bool:
        """Whether a passage is this one, a copy, or holds the sentence that answers."""
        return passage.id in {same.id for same in self.passages} or passage.holds(self.passage, self.sentence)


class Hits(list[Hit]):
    """Hits, best first, and the state of the index that they were found in."""

    def __init__(self, hits: Iterable[Hit], state: IndexState) -> None:
        super().__init__(hits)
        self.state = state


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage_id: int
    sentence: int
    """Which of the passage's sentences is nearest, from 0."""
    cosines: Vectors
    """(sentences,)"""
    passage_cosine: float
    bm25: float
    coverage: float


@dataclass(frozen=True, slots=True)
class _ReadCandidate:
    """A candidate with its text."""

    candidate: _Candidate
    passage: StoredPassage
    copies: tuple[StoredPassage, ...]


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
        self._recent: LRUCache[int, list[Vectors]] = LRUCache(REMEMBERED)

    def hits(
        self,
        question: Question,
        k: int,
        collections: Container[str] | None = None,
        hidden: Parts | None = None,
        *,
        rerank: bool = True,
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
        count = RERANKED if rerank else 0
        read = self._read_first(_fuse(candidates), max(k, count))
        first, rest = read[:count], read[count:]
        ranked = self._rerank(question, query, first) if first else []
        return Hits(_drop_overlapping([*ranked, *map(_estimate_hit, rest)]), state)

    def _find_candidates(
        self,
        vector: Vectors,
        idf: Idf,
        vectors: VectorSearcher,
        among: Sequence[int] | None,
        hidden: frozenset[int],
    ) -> list[_Candidate]:
        """Find the best of the three searches, scored in all three ways; by words `among` these collections."""
        words = list(idf)
        room = POOL + len(hidden)
        by_words = [hit.passage_id for hit in self._indexes.words.search(words, room, among)]
        by_passages = vectors.nearest_passages(vector, room)
        nearest = vectors.nearest_sentences(vector, 4 * room)
        located = self._store.passages.locate([*by_words, *by_passages], nearest)
        owners = {sentence: ids.passage_id for ids in located.values() for sentence in ids.sentences}
        by_sentences = dict.fromkeys(owners[sentence] for sentence in nearest if sentence in owners)
        chosen = dict.fromkeys(
            passage_id
            for ranked in (by_words, by_sentences, by_passages)
            for passage_id in [owner for owner in ranked if owner not in hidden][:POOL]
        )
        passages = [located[passage_id] for passage_id in chosen if passage_id in located]
        # The words' index may lag behind: what it does not know yet has a vector all the same.
        hits = {ids.passage_id: LexicalHit(ids.passage_id, 0.0, frozenset()) for ids in passages}
        hits |= {hit.passage_id: hit for hit in self._indexes.words.score(words, list(hits))}
        return [
            _Candidate(
                passage_id=ids.passage_id,
                sentence=int(cosines.argmax()),
                cosines=cosines,
                passage_cosine=passage_cosine,
                bm25=hits[ids.passage_id].score,
                coverage=_compute_coverage(idf, hits[ids.passage_id].terms),
            )
            for ids, passage_cosine, cosines in vectors.cosines(passages, vector)
        ]

    def _read_first(self, candidates: Sequence[_Candidate], count: int) -> list[_ReadCandidate]:
        """Read the first that differ, each with its copies after it, until `count` are not in one another."""
        kept: dict[str, _ReadCandidate] = {}
        apart: list[StoredPassage] = []
        for candidate, passage in self._read_passages(candidates, count + AHEAD):
            words = _extract_words(passage.text)
            if words in kept:
                first = kept[words]
                kept[words] = replace(first, copies=(*first.copies, passage))
            elif len(apart) < count:
                kept[words] = _ReadCandidate(candidate, passage, ())
                nearest = passage.sentences[candidate.sentence]
                if not any(other.holds(passage, nearest) for other in apart):
                    apart.append(passage)
            else:  # copies have about the same score, so no more are to come
                break
        return list(kept.values())

    def _read_passages(self, candidates: Sequence[_Candidate], size: int) -> Iterator[tuple[_Candidate, StoredPassage]]:
        """Read the passages of the candidates that still exist, so many at once."""
        for some in batches(candidates, size):
            passages = self._store.passages.get([candidate.passage_id for candidate in some])
            by_id = {passage.id: passage for passage in passages}
            for candidate in some:
                if passage := by_id.get(candidate.passage_id):
                    yield candidate, passage

    def _rerank(self, question: Question, query: Query, first: Sequence[_ReadCandidate]) -> list[Hit]:
        (context,) = self._encoder.count_tokens([question.context])
        weights = np.concatenate([query.weights[:context] * np.float32(CONTEXT_WEIGHT), query.weights[context:]])
        tokens = self._encode_tokens([read.passage for read in first])
        lengths = [len(sentence) for own in tokens for sentence in own]
        rows = np.concatenate([query.tokens[:0], *chain(*tokens)])
        cosines = iter(np.split(query.tokens @ rows.T, np.cumsum(lengths[:-1]), axis=1))
        hits = [
            _compare_tokens(read, query, context, weights, list(islice(cosines, len(read.passage.sentences))))
            for read in first
        ]
        if self._reranker is not None and hits:
            scores = self._reranker.scores(question.whole, [hit.passage.text for hit in hits])
            hits = [replace(hit, score=score) for hit, score in zip(hits, scores, strict=True)]
        return sorted(hits, key=lambda hit: -hit.score)

    def _encode_tokens(self, passages: Sequence[StoredPassage]) -> list[list[Vectors]]:
        """Encode the tokens of each passage; recent ones are remembered, as encoding them takes longest of all."""
        new = [passage for passage in passages if passage.id not in self._recent]
        encoded = self._encoder.passage_tokens([[*map(passage.text_of, passage.sentences)] for passage in new])
        fresh = {passage.id: tokens for passage, tokens in zip(new, encoded, strict=True)}
        tokens = [fresh.get(passage.id) or self._recent[passage.id] for passage in passages]
        self._recent.update(fresh)
        return tokens


def _fuse(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    if not candidates:
        return []
    scores = fusion.fuse(
        lexical=np.array([candidate.bm25 for candidate in candidates]),
        sentence=np.array([candidate.cosines.max() for candidate in candidates], np.float64),
        passage=np.array([candidate.passage_cosine for candidate in candidates]),
        coverage=max(candidate.coverage for candidate in candidates),
    )
    return [candidates[i] for i in np.argsort(-scores, kind="stable")]


def _compare_tokens(
    read: _ReadCandidate, query: Query, context: int, weights: Vectors, cosines: Sequence[Vectors]
) -> Hit:
    """Make a hit with the evidence of all tokens.

    The first `context` tokens of the question are its context's. `weights` (tokens of the question,) choose the
    sentence; `cosines` has an array of (tokens of the question, tokens of the sentence) for each sentence.
    """
    passage, candidate = read.passage, read.candidate
    commas = [len(_COMMA.findall(passage.text_of(sentence))) for sentence in passage.sentences]
    chosen = scoring.choose_sentences(scoring.score_sentences(candidate.cosines, cosines, weights, commas))
    all_cosines = np.concatenate(cosines, axis=1)
    total = Evidence(
        sentence=float(candidate.cosines.max()),
        maxsim=scoring.maxsim(all_cosines, query.weights),
        coverage=candidate.coverage,
        weakest=scoring.weakest(all_cosines[context:], query.weights[context:]),
    )
    return Hit(
        passage=passage,
        sentence=passage.sentences[chosen[0]],
        sentences=tuple(passage.sentences[i] for i in sorted(chosen)),
        evidence=total,
        is_compared=True,
        score=total.score,
        copies=read.copies,
    )


def _drop_overlapping(hits: Sequence[Hit]) -> list[Hit]:
    """Drop the hits whose sentence stands in a better one."""
    kept: list[Hit] = []
    for hit in hits:
        if not any(hit.is_in(passage) for better in kept for passage in better.passages):
            kept.append(hit)
    return kept


def _estimate_hit(read: _ReadCandidate) -> Hit:
    """Make a hit without a look at its tokens: the vector of the whole passage stands in for them."""
    candidate = read.candidate
    nearness = candidate.passage_cosine
    guess = Evidence(float(candidate.cosines.max()), nearness, candidate.coverage, weakest=nearness)
    sentence = read.passage.sentences[candidate.sentence]
    return Hit(read.passage, sentence, (sentence,), guess, is_compared=False, score=guess.score, copies=read.copies)


def _compute_coverage(idf: Idf, terms: frozenset[str]) -> float:
    """Compute the share of the question's IDF that these terms cover."""
    total = sum(idf.values())
    return sum(value for word, value in idf.items() if not terms.isdisjoint(word.terms)) / total if total else 0.0


def _extract_words(text: str) -> str:
    """Remove case, spacing and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))
