"""The main content of a page: which of its parts belong to it."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.readers.building import count_characters
from retrieval.documents.readers.web.tags import list_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from retrieval.documents.readers.web.boilerplate import Marks

_MIN_JUDGED = 800
"""Pages with less text are not judged by trafilatura, which is made for articles."""
_MAX_JUDGED = 500_000
_MAX_JUDGED_DEPTH = 200
"""Nor are larger or deeper pages: they are no articles, and cost seconds."""
_SHINGLE = 3
_WORD = re.compile(r"\w+")

_MAX_LINKED = 0.3
"""Parts with a larger share of links are no prose."""
_MAX_GAP = 20
"""So many parts between two of the content may belong to it."""
_MIN_GAP_PART = 10
_MAX_LEAD_PARTS = 12
_MIN_LEAD, _MIN_FIRST = 60, 60
"""Characters of the lead below the title, and of the paragraph that begins the text."""
_SENTENCE_END = re.compile(r"[.!?。…][”\"»')]*\s*$")
_PARAGRAPHS = {"blockquote", "figcaption", "figure", "h2", "h3", "h4", "h5", "li", "p", "pre"}
_TABLES = {"table", "tbody", "tfoot", "thead", "tr"}
_LISTS = {"table", "ul", "ol", "dl"}
_MIN_LIST_SHARE = 0.5
"""A list or table is kept as a whole if this share of it is content."""
_MAX_SPARED_SHARE = 0.2
"""An element with more of the content is no boilerplate, whatever its name."""
_MIN_CORE_SHARE, _MIN_KEPT_SHARE = 0.8, 0.4
"""Where less of the prose is kept of the element that holds most of the content, all of its prose is."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, a paragraph, a list item or a table row of a page."""

    text: str
    element: Element
    """The block that holds it."""
    linked: int = 0
    """The characters of it that are links, without white space."""
    is_heading: bool = False
    is_tight: bool = False


@dataclass(slots=True)
class _Candidate:
    """A part, and what is known of it."""

    part: Part
    size: int
    parents: tuple[Element, ...]
    """The elements that it stands in, the innermost first."""
    is_kept: bool = False
    is_named: bool = False
    """Whether it stands in something that the page marks as boilerplate."""

    @property
    def is_prose(self) -> bool:
        return self.part.linked <= _MAX_LINKED * self.size

    @property
    def is_lead(self) -> bool:
        """Whether it reads as the lead of an article."""
        is_caption = any(element.tag in {"figure", "figcaption"} for element in self.parents)
        return (
            not self.is_named
            and self.size >= _MIN_LEAD
            and self.part.linked <= self.size / 10
            and not is_caption
            and bool(_SENTENCE_END.search(self.part.text))
        )

    @property
    def lists(self) -> list[Element]:
        """The lists and tables that it stands in."""
        return [element for element in self.parents if element.tag in _LISTS]

    @property
    def box(self) -> Element:
        """What holds the paragraphs beside it."""
        if self.parents[0].tag in _TABLES:
            return next((parent for parent in self.parents if parent.tag not in _TABLES), self.parents[-1])
        return self.parents[1] if self.parents[0].tag in _PARAGRAPHS else self.parents[0]


def find_content(root: Element, parts: Sequence[Part], marks: Marks, verdict: Verdict | None) -> list[bool]:
    """Decide of each part whether it belongs to the content.

    trafilatura's verdict comes first. It is mended where it is known to lose text: paragraphs between those that it
    takes, the lead below the title, the rest of lists and tables, and pages of which it takes little.
    """
    if verdict is not None:
        candidates = _list_candidates(parts, marks, verdict)
        _keep_judged(candidates)
        if any(candidate.is_kept for candidate in candidates):
            return [candidate.is_kept for candidate in candidates]
    return _keep_unmarked(root, parts, marks)


def _keep_unmarked(root: Element, parts: Sequence[Part], marks: Marks) -> list[bool]:
    """Keep what is not marked as boilerplate; with less of it than a main part, only that and the prose beside it."""
    left_out = list_inside(root, marks.boilerplate if marks.main is not None else marks.boilerplate | marks.menus)
    main = list_inside(root, {marks.main} if marks.main is not None else ())
    kept = [
        part.element not in left_out
        and (marks.main is None or part.element in main or part.linked <= _MAX_LINKED * count_characters(part.text))
        for part in parts
    ]
    return kept if any(kept) else [True] * len(parts)


def _list_candidates(parts: Sequence[Part], marks: Marks, verdict: Verdict) -> list[_Candidate]:
    candidates = [
        _Candidate(
            part, count_characters(part.text), (part.element, *part.element.iterancestors()), verdict.takes(part.text)
        )
        for part in parts
    ]
    taken: Counter[Element] = Counter()
    for candidate in candidates:
        if candidate.is_kept:
            taken.update(dict.fromkeys(candidate.parents, candidate.size))
    most = _MAX_SPARED_SHARE * sum(candidate.size for candidate in candidates if candidate.is_kept)
    boilerplate = {element for element in marks.boilerplate if taken[element] <= most}
    menus = {element for element in marks.menus if taken[element] <= most}
    for candidate in candidates:
        candidate.is_named = not boilerplate.isdisjoint(candidate.parents)
        candidate.is_kept = candidate.is_kept and not candidate.is_named
        if not candidate.is_kept:
            candidate.is_named = candidate.is_named or not menus.isdisjoint(candidate.parents)
    return candidates


def _keep_judged(candidates: list[_Candidate]) -> None:
    _fill_gaps(candidates)
    _complete_lists(candidates)
    _keep_lead(candidates)
    _keep_core(candidates)
    _keep_headings(candidates)


def _fill_gaps(candidates: list[_Candidate]) -> None:
    """Keep prose between two parts of the content, if it stands in the same element as one of them."""
    kept = [number for number, candidate in enumerate(candidates) if candidate.is_kept]
    for first, last in pairwise(kept):
        if last - first - 1 <= _MAX_GAP:
            boxes = {candidates[first].box, candidates[last].box}
            for candidate in candidates[first + 1 : last]:
                candidate.is_kept = (
                    not candidate.is_named
                    and candidate.is_prose
                    and candidate.size >= _MIN_GAP_PART
                    and candidate.box in boxes
                )


def _complete_lists(candidates: list[_Candidate]) -> None:
    """Keep all of a list or table of which much is kept."""
    sizes: Counter[Element] = Counter()
    kept: Counter[Element] = Counter()
    for candidate in candidates:
        for element in candidate.lists:
            sizes[element] += candidate.size
            kept[element] += candidate.size * candidate.is_kept
    for candidate in candidates:
        if not candidate.is_named and any(kept[each] >= _MIN_LIST_SHARE * sizes[each] for each in candidate.lists):
            candidate.is_kept = True


def _keep_lead(candidates: list[_Candidate]) -> None:
    """Keep whole sentences between the title of the page and the first paragraph."""
    first = next(
        (
            number
            for number, each in enumerate(candidates)
            if each.is_kept and each.size > _MIN_FIRST and not each.part.is_heading
        ),
        0,
    )
    lead: list[_Candidate] = []
    for candidate in reversed(candidates[max(0, first - _MAX_LEAD_PARTS) : first]):
        if candidate.part.element.tag == "h1" and not candidate.is_named:
            for each in lead:
                each.is_kept = each.is_kept or each.is_lead
            return
        lead.append(candidate)


def _keep_core(candidates: list[_Candidate]) -> None:
    """Keep all prose of the innermost element with most of the content, if only little of it is kept."""
    sizes: Counter[Element] = Counter()
    kept: Counter[Element] = Counter()
    total = 0
    for candidate in candidates:
        if candidate.is_prose and not candidate.is_named and not candidate.part.is_heading:
            sizes.update(dict.fromkeys(candidate.parents, candidate.size))
            if candidate.is_kept:
                kept.update(dict.fromkeys(candidate.parents, candidate.size))
                total += candidate.size
    if not total:
        return
    # Of those that hold as much, the innermost is the one with the most elements around it.
    core = max(
        (element for element in kept if kept[element] >= _MIN_CORE_SHARE * total),
        key=lambda element: len([*element.iterancestors()]),
    )
    if kept[core] < _MIN_KEPT_SHARE * sizes[core]:
        for candidate in candidates:
            if candidate.is_prose and not candidate.is_named and core in candidate.parents:
                candidate.is_kept = True


def _keep_headings(candidates: list[_Candidate]) -> None:
    """Keep the headings right above what is kept, but for those that are links to other pages."""
    for candidate, below in reversed([*pairwise(candidates)]):
        element = candidate.part.element
        if (
            below.is_kept
            and candidate.part.is_heading
            and element.tag != "h1"
            and not candidate.is_named
            and candidate.box is below.box
            and next(element.iter("a"), None) is None
        ):
            candidate.is_kept = True


class Verdict:
    """What trafilatura takes for the content of a page."""

    def __init__(self, text: str) -> None:
        self._shingles = _shingle(_split_words(text))
        self._lines = {tuple(_split_words(line)) for line in text.splitlines()}

    def takes(self, text: str) -> bool:
        """Decide whether most of a part is in it; a part of one or two words has to be a line of it."""
        words = _split_words(text)
        if len(words) < _SHINGLE:
            return tuple(words) in self._lines
        shingles = _shingle(words)
        return len(shingles & self._shingles) >= len(shingles) / 2


def _split_words(text: str) -> list[str]:
    # trafilatura composes accents.
    return _WORD.findall(unicodedata.normalize("NFC", text.replace("\xad", "")))


def _shingle(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1)}


def ask_trafilatura(root: Element, parts: Sequence[Part]) -> Verdict | None:
    """Ask trafilatura for the content of a page; None where it finds none, or the page is not one to ask about."""
    size = sum(count_characters(part.text) for part in parts)
    if not _MIN_JUDGED <= size <= _MAX_JUDGED or _is_deep(root):
        return None
    import trafilatura  # noqa: PLC0415 - loads in half a second, and most files are no pages

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    page = etree.tostring(root, encoding="unicode", method="html")
    text = trafilatura.extract(page, include_comments=False, include_tables=True)
    return Verdict(text) if text else None


def _is_deep(root: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MAX_JUDGED_DEPTH:
            return True
    return False
