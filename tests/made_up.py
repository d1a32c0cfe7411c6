"""Answers without an index, and a service that gives them."""

from __future__ import annotations

from retrieval import (
    Answer,
    FileReport,
    FileState,
    Highlight,
    QuestionError,
    QuestionFault,
    Quote,
    Source,
    SyncReport,
    Verdict,
)


def quote(before="", sentence="Six.", after="", *, rank=1, offset=0, **source):
    """A passage of a document that begins at `offset`; `source` replaces parts of its source."""
    text = before + sentence + after
    start = offset + len(before)
    source = {"path": "a.txt", "title": "A", "heading": None, "place": None} | source
    place = source["place"]
    return Quote(
        rank=rank,
        score=0.5,
        text=text,
        highlight=Highlight(start, start + len(sentence), sentence),
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
    return Answer(question, "id", verdict, 0.9, quotes, 12.0)


class MadeUpService:
    """In place of `bot.service.Service`, of which it has the methods.

    Its documents answer every question, but not one with "nothing" in it; one without words cannot be asked.
    """

    def __init__(self, *found):
        self.found = found or (quote("They met. ", "Six came."),)
        self.asked = []
        self.report = SyncReport([FileReport("a.txt", FileState.INDEXED, passages=1)])
        self.rebuilt = False
        self.can_answer = True
        self.is_being_indexed = False
        self.is_closed = False

    def sync(self, progress, *, rebuild=False):
        self.rebuilt = rebuild
        return self.report

    def sync_collection(self, name, folder, progress, *, rebuild=False):
        self.folders = {name: folder}
        return self.sync(progress, rebuild=rebuild)

    def ask(self, question, asker, k=3, collections=None, taken_over=0):
        self.asked.append((question, k))
        if not question.strip("?"):
            raise QuestionError("The question holds no words.", QuestionFault.NO_WORDS)
        verdict = Verdict.NONE if "nothing" in question else Verdict.STRONG
        return answer(*self.found[:k], verdict=verdict, question=question)

    def sources(self):
        return {"a.txt": "A", "b.md": "B"}

    def close(self):
        self.is_closed = True
