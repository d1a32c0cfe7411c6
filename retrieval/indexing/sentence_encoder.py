"""SentenceEncoder: encodes the sentences of several files together, but those that have vectors already."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from retrieval.encoding.token_codes import compress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from retrieval.documents.document import Document
    from retrieval.documents.passages import SplitDocument
    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.token_codes import CodedText
    from retrieval.storage.vectors import SpareVectors

CHUNK = 50_000
"""Characters that are encoded together, of one file or of many: a second or two of work on two cores. A sync that is
killed loses no more. The sentences of 200 abstracts took three times as long one abstract after the other."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read, and is not in the database yet."""

    document: Document
    split: SplitDocument
    known: Mapping[str, CodedText]
    """Text → vectors of the sentences that it had before."""
    size: int
    """Of the file, in bytes."""
    missing: tuple[str, ...]
    """Its sentences that have no vectors yet, each text once."""
    former: Mapping[str, CodedText]
    """Text → vectors of the sentences that it has no longer."""

    @classmethod
    def of(cls, document: Document, split: SplitDocument, known: Mapping[str, CodedText], size: int) -> ReadFile:
        """Compare the sentences of a document with those that it had before."""
        sentences = chain.from_iterable(passage.sentences for passage in split.passages)
        now = dict.fromkeys(document.text[sentence.start : sentence.end] for sentence in sentences)
        missing = tuple(text for text in now if text not in known)
        former = {text: vectors for text, vectors in known.items() if text not in now}
        return cls(document, split, known, size, missing, former)


class SentenceEncoder:
    """Encodes files, chunk by chunk; `vectors` are those of their sentences, by text."""

    def __init__(self, encoder: Encoder, spare: SpareVectors) -> None:
        self._encoder = encoder
        self._spare = spare
        self.vectors: dict[str, CodedText] = {}

    def encode(self, files: Sequence[ReadFile]) -> Iterator[float]:
        """Encode what has no vectors yet, and yield the share of it that is done after each chunk.

        What an interrupted sync has encoded is taken from the spare vectors, and each chunk but the last goes there.
        """
        texts = list(dict.fromkeys(chain.from_iterable(file.missing for file in files)))
        self.vectors = self._spare.get(texts)
        missing = [text for text in texts if text not in self.vectors]
        characters = sum(map(len, missing))
        done = 0
        # Texts of about the same length are encoded together.
        for chunk in _split_into_chunks(sorted(missing, key=len, reverse=True)):
            new = dict(zip(chunk, map(compress, self._encoder.encode_sentences(chunk)), strict=True))
            self.vectors |= new
            done += sum(map(len, chunk))
            if done < characters:
                self._spare.save(new)
            yield done / characters


def _split_into_chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    characters = 0
    for text in texts:
        chunk.append(text)
        characters += len(text)
        if characters >= CHUNK:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
