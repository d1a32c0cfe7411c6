"""Bm25Index: BM25 over passages; Python cuts words to their stems, tantivy counts and ranks them.

Of the engines measured (tantivy, bm25s, SQLite FTS5, our own arrays) tantivy alone adds and deletes in milliseconds,
answers in a fraction of one, survives a kill and lets other processes read. Its own stemmers take one language a
field, so passages reach it as stems parted by spaces.
"""

from __future__ import annotations

import math
import re
import shutil
import unicodedata
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import tantivy

from retrieval.documents.language import detect_by_stop_words, load_stemmer, load_stop_words
from retrieval.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

TERMS_VERSION = 2
"""Raised whenever the same text would give other terms, so that an older index is rebuilt."""

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
    "\uac00-\ud7af"  # Korean, whose words carry their particles
)
_TOKEN = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+(?:['’.\-‐‑/][^\W_{UNSPACED}]+)*")
_PART = re.compile(r"[^\W_]+")
_FOLDED_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
_MAX_TERM = 200
_WRITER_MEMORY = 64 << 20
"""Bytes; tantivy needs 15 MB, and more makes no difference below a million passages."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question; its terms are its stems in the index's languages, and any of them matches."""

    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bm25Entry:
    """A passage to add to the index."""

    passage_id: int
    document_id: int
    collection_id: int
    terms: list[str]


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A passage that shares words with the question."""

    passage_id: int
    score: float
    """BM25 with k1 = 1.2, b = 0.75 (Robertson and Zaragoza 2009), from 0, no upper bound."""
    terms: frozenset[str]
    """All terms of the passage."""


def passage_terms(text: str, language: str) -> list[str]:
    """List the terms of a passage in its order: stems without stop words, identifiers whole and in parts."""
    stop = load_stop_words(language)
    return [_term(word, language) for word in _words(text) if word not in stop]


def question_words(text: str, languages: Iterable[str]) -> list[Word]:
    """List the distinct words of a question, each with its terms in every one of `languages`.

    Stop words are those of the question's own language: a German "die" finds no English "die".
    """
    words = content_words(text) or _words(text)
    stems = (tuple(dict.fromkeys(_term(word, language) for language in languages)) for word in words)
    return [Word(terms) for terms in dict.fromkeys(stems) if terms]


def content_words(text: str) -> list[str]:
    """List the distinct words of a question without the stop words of its own language."""
    words = _words(text)
    stop = load_stop_words(detect_by_stop_words(words))
    return [word for word in dict.fromkeys(words) if word not in stop]


def _words(text: str) -> list[str]:
    """Split a text into words in lower case; a joined token with a digit ("COVID-19") whole and in parts."""
    words: list[str] = []
    plain = unicodedata.normalize("NFKC", text.replace("№", "№ ")).lower()
    for token in _TOKEN.findall(plain):
        if _is_unspaced(token[0]):
            words += [token[i : i + 2] for i in range(max(1, len(token) - 1))]
            continue
        parts = _PART.findall(token)
        words += parts
        if len(parts) > 1 and any(map(str.isdigit, token)):
            words.append(re.sub(r"[^\w]", "-", token))
    return [word[:_MAX_TERM] for word in words]


@cache
def _is_unspaced(character: str) -> bool:
    return re.match(f"[{UNSPACED}]", character) is not None


def _term(word: str, language: str) -> str:
    stem = word if "-" in word else load_stemmer(language)(word)
    return fold(stem) or word


def fold(text: str) -> str:
    """Remove the marks on letters that people leave out: accents and vowel signs."""
    return unicodedata.normalize("NFC", _FOLDED_MARKS.sub("", unicodedata.normalize("NFD", text)))


class Bm25Index:
    """A folder of tantivy; a damaged one is emptied when it is opened.

    Raises:
        StoreError: from every method that writes, if the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema = _build_schema()
        self._index = self._open()
        self._searcher = self._index.searcher()

    def _open(self) -> tantivy.Index:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with suppress(ValueError):
                return tantivy.Index(self._schema, path=str(self._folder))
            shutil.rmtree(self._folder)
            self._folder.mkdir()
            return tantivy.Index(self._schema, path=str(self._folder))
        except (ValueError, OSError) as error:
            message = f"Cannot write {self._folder}: {error}. Check its permissions and the disk's free space."
            raise StoreError(message) from error

    def __len__(self) -> int:
        return self._searcher.num_docs

    def clear(self) -> None:
        """Remove all passages."""
        with self._writer() as writer:
            writer.delete_all_documents()

    def update(self, removed_documents: Iterable[int], added: Iterable[Bm25Entry]) -> None:
        """Remove documents and add passages, in one commit."""
        with self._writer() as writer:
            for document_id in removed_documents:
                writer.delete_documents_by_term("document", document_id)
            for entry in added:
                document = tantivy.Document()
                document.add_integer("passage", entry.passage_id)
                document.add_integer("document", entry.document_id)
                document.add_integer("collection", entry.collection_id)
                document.add_text("terms", " ".join(entry.terms))
                writer.add_document(document)

    @contextmanager
    def _writer(self) -> Iterator[tantivy.IndexWriter]:
        """Open a writer, which commits at the end."""
        try:
            with self._index.writer(heap_size=_WRITER_MEMORY, num_threads=1) as writer:
                yield writer
        except ValueError as error:
            message = (
                f"Cannot write {self._folder}: {error} Free some space, check the permissions, and do it again: "
                "what was indexed before is still there."
            )
            raise StoreError(message) from error
        self.reload()

    def drop(self, collection_id: int) -> None:
        """Remove all passages of a collection."""
        with self._writer() as writer:
            writer.delete_documents_by_term("collection", collection_id)

    def reload(self) -> None:
        """Show what this process or another has committed since."""
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, words: Sequence[Word], k: int, collection_ids: Sequence[int] | None = None) -> list[LexicalHit]:
        """Find the k passages with the highest BM25 score, best first, in some collections or in all."""
        if not words:
            return []
        if collection_ids is None:
            return self._run(self._match_any(words), k)
        clauses = [self._require("collection", collection_ids), (tantivy.Occur.Must, self._match_any(words))]
        return self._run(tantivy.Query.boolean_query(clauses), k)

    def score(self, words: Sequence[Word], passage_ids: Sequence[int]) -> list[LexicalHit]:
        """Score these passages, also those that share no word with the question; in any order."""
        if not passage_ids:
            return []
        clauses = [self._require("passage", passage_ids)]
        if words:
            clauses.append((tantivy.Occur.Should, self._match_any(words)))
        return self._run(tantivy.Query.boolean_query(clauses), len(passage_ids))

    def _require(self, field: str, ids: Sequence[int]) -> tuple[tantivy.Occur, tantivy.Query]:
        """Build a clause that does not count in the score."""
        query = tantivy.Query.term_set_query(self._schema, field, ids)
        return tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)

    def idf(self, word: Word) -> float:
        """Compute the inverse document frequency of a word's commonest term, as in BM25; > 0."""
        count = len(self)
        df = max(self._searcher.doc_freq("terms", term) for term in word.terms)
        return math.log(1 + (count - df + 0.5) / (df + 0.5))

    def _match_any(self, words: Sequence[Word]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._match(word)) for word in words])

    def _match(self, word: Word) -> tantivy.Query:
        terms = [tantivy.Query.term_query(self._schema, "terms", term, "freq") for term in word.terms]
        return terms[0] if len(terms) == 1 else tantivy.Query.disjunction_max_query(terms)

    def _run(self, query: tantivy.Query, k: int) -> list[LexicalHit]:
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("passage", [address for _, address in hits])
        texts = [self._searcher.doc(address)["terms"][0] for _, address in hits]
        return [
            LexicalHit(int(passage_id or 0), float(score), frozenset(text.split()))
            for passage_id, (score, _), text in zip(ids, hits, texts, strict=True)
        ]


@cache
def _build_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", stored=False, indexed=True, fast=True)
    builder.add_integer_field("document", stored=False, indexed=True)
    builder.add_integer_field("collection", stored=False, indexed=True)
    builder.add_text_field("terms", stored=True, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
