"""Answers without an index, and a library that gives them."""

from __future__ import annotations

import threading

from retrieval import (
    Answer,
    FileReport,
    FileState,
    Highlight,
    Hit,
    MissingWord,
    Question,
    Quote,
    Source,
    StoredDocument,
    SyncReport,
    Verdict,
)
from retrieval.search.confidence import Calibration
from retrieval.search.hits import Hits
from retrieval.search.scoring import Evidence
from retrieval.storage.records import IndexState, Manifest, StoredPassage, StoredSentence

TIMEOUT_S = 20
RECEIPT = "id"


def quote(
    before="",
    sentence="Six.",
    after="",
    *,
    rank=1,
    offset=0,
    more=(),
    leans_on=None,
    missing=(),
    may_answer=True,
    **source,
):
    """A passage of a document that begins at `offset`; `source` replaces parts of its source.

    Besides the sentence, those in `more` are bold; it leans on `leans_on`. All are parts of its text.
    """
    text = before + sentence + after
    start = offset + len(before)
    source = {"path": "a.txt", "title": "A", "heading": None, "place": None} | source
    place = source["place"]
    best = Highlight(start, start + len(sentence), sentence)

    def part(words):
        return Highlight(offset + text.index(words), offset + text.index(words) + len(words), words)

    return Quote(
        rank=rank,
        score=0.5,
        text=text,
        highlight=best,
        highlights=tuple(sorted([best, *map(part, more)], key=lambda each: each.start)),
        leans_on=part(leans_on) if leans_on else None,
        missing=tuple(MissingWord(0, len(word), word) for word in missing),
        may_answer=may_answer,
        source=Source(
            sha256="0" * 64,
            page=place and place.page,
            lines=place and place.lines,
            collection="default",
            reader="text 1",
            start=offset,
            end=offset + len(text),
            **source,
        ),
    )


def quotes(number):
    """Passages with the texts "Before 1. Passage 1.", …"""
    return [
        quote(f"Before {rank}. ", f"Passage {rank}.", rank=rank, path=f"{rank}.txt", title=f"Title {rank}")
        for rank in range(1, number + 1)
    ]


def answer(*quotes, verdict=Verdict.STRONG, question="How many?"):
    return Answer(question, RECEIPT, verdict, 0.9, quotes, 12.0)


def hit(quote):
    """What the search finds if an answer shows this quote."""
    source, highlight = quote.source, quote.highlight
    passage = StoredPassage(
        id=quote.rank,
        document_id=quote.rank,
        language="",  # so that no name of a question is missing from it
        sentences=(StoredSentence(1, highlight.start, highlight.end),),
        text=quote.text,
        **{
            name: getattr(source, name)
            for name in (
                "collection",
                "path",
                "sha256",
                "reader",
                "title",
                "heading",
                "place",
                "start",
                "end",
                "fetched_at",
                "is_gone",
            )
        },
    )
    evidence = Evidence(1, 1, 1, 1)
    return Hit(passage, passage.sentences[0], passage.sentences, evidence, score=quote.score, copies=())


class MadeUpLibrary:
    """In place of a `Library`, and of its index: finds the same passages whatever is asked, and keeps no receipts."""

    def __init__(self, *found):
        self.index = self.receipts = self.pins = self
        self.found = found or (quote("They met. ", "Six came."),)
        self.titles = {"a.txt": "A", "b.md": "B"}
        self.asked = []
        """Questions, as they are searched for."""
        self.numbers = []
        """How many passages were wanted of each."""
        self.contexts = []
        self.threads = set()
        self.error = None
        self.verdict = Verdict.STRONG
        """Of all answers, but of those to a question with "nothing" in it."""
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.report = SyncReport([FileReport("a.txt", FileState.INDEXED, passages=1)])
        self.rebuilt = False
        self.can_be_searched = True
        self.is_being_written = False
        self.is_closed = False

    def sync(self, progress, report=lambda _: None, *, rebuild=False, removals=None):
        self.rebuilt = rebuild
        self.removals = removals
        for file in self.report.files:
            report(file)
        return self.report

    def sync_collection(self, name, folder, progress, report=lambda _: None, *, rebuild=False, removals=None):
        self.folders = {name: folder}
        return self.sync(progress, report, rebuild=rebuild, removals=removals)

    def has_due_pages(self, due_before):
        return False

    def documents(self):
        self.threads.add(threading.get_ident())
        return [StoredDocument("default", path, "", title, 1) for path, title in self.titles.items()]

    def search(self, question: Question, k, *, collections=None):
        self.threads.add(threading.get_ident())
        self.asked.append(question.whole)
        self.numbers.append(k)
        self.contexts.append(question.context)
        assert self.may_answer.wait(TIMEOUT_S)
        if self.error:
            raise self.error
        manifest = Manifest("made up", 1, "")
        state = IndexState(generation=1, manifest=manifest, calibration=self._calibration().to_json())
        return Hits([hit(each) for each in self.found[:k]], state)

    def _calibration(self):
        sure = {Verdict.STRONG: 2, Verdict.WEAK: -0.2, Verdict.NONE: -2}
        is_found = not self.asked or "nothing" not in self.asked[-1]
        return Calibration(sure[self.verdict if is_found else Verdict.NONE], 0)

    def set_title(self, collection, path, title):
        """Nobody sends it a file."""

    def record(self, question, *_, **__):
        return RECEIPT

    def mark_shown(self, receipt_id, texts):
        self.shown = [*getattr(self, "shown", []), *texts]

    def get(self, receipt_id):
        return None

    def questions(self):
        return ()

    def close(self):
        self.is_closed = True
