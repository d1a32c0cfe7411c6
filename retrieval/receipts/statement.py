"""Statement: what a receipt says of an answer, and the receipt's id, which is its hash.

The id seals the statement: nobody can change one without the other, not even the owner of the data folder. Of the
question, the statement has a keyed hash only, so that the question can be forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b32encode
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, TypeAdapter

from retrieval.documents.document import Location  # noqa: TC001
from retrieval.search.confidence import Verdict  # noqa: TC001 - pydantic looks it up

if TYPE_CHECKING:
    from collections.abc import Iterable

_ID_CHARACTERS = 20
"""Of base 32, five bits each: 100 bits."""
_ID_BYTES = 15
"""Enough for these characters, in whole groups of 40 bits: base 32 pads nothing then."""

_LATER: dict[str, object] = {"missing": (), "more_sentences": (), "may_answer": True, "fetched_at": None}
"""Fields of a citation that the first receipts did not have; they are left out where they say nothing new."""

Offset = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Channel(StrEnum):
    """Where an answer was given."""

    PYTHON = "python"
    TERMINAL = "terminal"
    TELEGRAM = "telegram"
    INLINE = "inline"
    """In Telegram, while somebody types; nobody is told which passage they choose."""
    WEB = "web"
    """On the page of `quoth serve`."""
    HTTP = "http"
    """By a program."""
    MCP = "mcp"
    """By an assistant, over the Model Context Protocol."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a document's text; offsets are in characters, end exclusive."""

    collection: str
    path: str
    document_sha256: Sha256
    """Of the file's bytes."""
    start: Offset
    end: Offset


@dataclass(frozen=True, slots=True)
class Citation:
    """What a receipt says of a quote."""

    rank: int
    span: Span
    text_sha256: Sha256
    """Of the quoted text in UTF-8."""
    reader: str
    """The versions that extracted the text from the file's bytes."""
    title: str
    heading: str | None
    place: Location | None
    sentence: tuple[Offset, Offset]
    """Offsets of the highlighted sentence in the document's text."""
    score: float
    is_pinned: bool = False
    copies: tuple[Span, ...] = ()
    """Other places of the same words."""
    missing: tuple[tuple[Offset, Offset], ...] = ()
    """Where in the question the words stand that the quote does not hold: they are forgotten with the question."""
    more_sentences: tuple[tuple[Offset, Offset], ...] = ()
    """Offsets of the other highlighted sentences."""
    may_answer: bool = True
    """Whether its evidence is about as good as that of the first."""
    fetched_at: str | None = None
    """When the document was fetched, in ISO 8601; None unless it is a web page. Its path is the address then, and the
    document's SHA-256 that of the snapshot, with all that the site sent."""

    @property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Offsets of all highlighted sentences, in the text's order."""
        return tuple(sorted([self.sentence, *self.more_sentences]))

    @property
    def is_possible(self) -> bool:
        """Whether the sentences are parts of the quote."""
        return all(self.span.start <= start < end <= self.span.end for start, end in self.sentences)


@dataclass(frozen=True, slots=True)
class Statement:
    """What the id of a receipt seals."""

    given_at: str
    """ISO 8601, in UTC."""
    channel: Channel
    verdict: Verdict | None
    """None where passages were listed to choose from."""
    generation: int
    """Of the index."""
    model: str
    """The encoder's fingerprint."""
    question_hmac: str
    """HMAC-SHA256 of the question; its key stands beside the receipt."""
    citations: tuple[Citation, ...] = ()
    """Of the quotes that were shown at once, best first."""
    further: tuple[Sha256, ...] | None = None
    """Hashes of the citations that could be asked for. None if there are none but `citations`, where the first
    receipts named all, shown or not."""

    @property
    def at(self) -> datetime:
        """When the answer was given."""
        return datetime.fromisoformat(self.given_at)

    def to_json(self) -> bytes:
        """Encode it for `from_json`; the id is the hash of exactly these bytes."""
        said = asdict(self) | {"citations": [*map(_to_dict, self.citations)]}
        if self.further is None:
            del said["further"]
        return _to_json(said)

    @classmethod
    def from_json(cls, data: bytes) -> Statement:
        """Decode what `to_json` gave.

        Raises:
            ValueError: it is something else; a receipt may come from an attacker.
        """
        statement = _statements().validate_json(data, strict=True)
        if statement.at.tzinfo is None or not all(citation.is_possible for citation in statement.citations):
            raise ValueError("no quote can be like this")
        return statement


def encode_citations(citations: Iterable[Citation]) -> bytes:
    """Encode citations that no statement names, for `decode_citations`."""
    return _to_json([*map(_to_dict, citations)])


def decode_citations(data: bytes) -> tuple[Citation, ...]:
    """Decode what `encode_citations` gave.

    Raises:
        ValueError: it is something else.
    """
    return _citations().validate_json(data, strict=True)


def hash_citation(citation: Citation) -> str:
    """Compute the SHA-256 of a citation, in hexadecimal, by which a statement names it."""
    return hashlib.sha256(_to_json(_to_dict(citation))).hexdigest()


def _to_dict(citation: Citation) -> dict[str, object]:
    said = asdict(citation)
    if citation.place and citation.place.url is None:
        del said["place"]["url"]  # receipts from before have none
    return {name: value for name, value in said.items() if name not in _LATER or value != _LATER[name]}


def _to_json(said: object) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode()


@cache
def _statements() -> TypeAdapter[Statement]:
    return TypeAdapter(Statement)


@cache
def _citations() -> TypeAdapter[tuple[Citation, ...]]:
    return TypeAdapter(tuple[Citation, ...])


def make_id(said: bytes) -> str:
    """Make the id of the receipt with this statement in JSON."""
    return b32encode(hashlib.sha256(said).digest()[:_ID_BYTES]).decode().lower()[:_ID_CHARACTERS]


def hash_text(text: str) -> str:
    """Compute the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_question(key: bytes, question: str) -> str:
    """Compute the HMAC-SHA256 of a question, in hexadecimal."""
    return hmac.digest(key, question.encode(errors="surrogatepass"), "sha256").hex()
