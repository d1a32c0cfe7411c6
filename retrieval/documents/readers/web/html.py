"""HTML: the text of a page, without the boilerplate that is on every page of the site."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder, count_characters, join_lines
from retrieval.documents.readers.chat import telegram_html
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.text import decode
from retrieval.documents.readers.titles import choose_title
from retrieval.documents.readers.web.boilerplate import find_marks
from retrieval.documents.readers.web.hidden import remove_hidden
from retrieval.documents.readers.web.main_content import Part, ask_trafilatura, find_content
from retrieval.documents.readers.web.tags import BLOCKS, HEADINGS, SKIPPED, TIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content, Location
    from retrieval.documents.readers.limits import Limits

_LINE_BREAK = re.compile(r" *\n *")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEAD_BYTES = 4096
_MIN_PROSE, _MIN_SUBSTITUTE, _SUBSTITUTE_RATIO = 200, 100, 5
"""Characters of a page that needs no substitute, those that make one, and how much longer than the page it is."""
# As browsers understand these names.
ENCODINGS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874",
}  # fmt: skip


def read(data: bytes, limits: Limits) -> Content:
    """Read a web page; its title is that of the page, else its first main heading."""
    if telegram_html.is_export(data):
        return telegram_html.read(data, limits)
    return read_page(decode_page(data), limits)


def read_page(page: str, limits: Limits, frames: Mapping[str, str] = MappingProxyType({})) -> Content:
    """Read a web page that has been decoded.

    Args:
        page: its HTML.
        limits: the most that it may take.
        frames: address → HTML of the pages that it may show in frames.
    """
    builder = Builder(limits)
    root = _parse(page)
    if root is None:
        return builder.build()
    hidden = remove_hidden(root)
    parts = list_parts(root)
    if _show_substitutes(root, parts, frames):
        parts = list_parts(root)
    if not parts and (shown := _parse(page)) is not None:
        root, hidden = shown, ""  # a script would show all of it
    builder.leave_out(Omission.HIDDEN, hidden)
    title = join_lines(root.findtext("head/title") or "")
    marks = find_marks(root)
    parts = list_parts(root)  # without the anchors that were removed now
    verdict = ask_trafilatura(root, parts)
    for part, is_kept in zip(parts, find_content(root, parts, marks, verdict), strict=True):
        if is_kept:
            _add(part, builder, None)
        else:
            builder.leave_out(Omission.BOILERPLATE, part.text)
    headings = (join_lines(_get_text(heading)) for heading in root.iter("h1"))
    return builder.build(choose_title(title, *headings))


def _show_substitutes(root: Element, parts: Sequence[Part], frames: Mapping[str, str]) -> bool:
    """Show frames and what stands in for scripts where the page has hardly any text without them; tell whether any."""
    prose = sum(count_characters(part.text) - part.linked for part in parts)
    if prose >= _MIN_PROSE:
        return False
    is_any = False
    for element in [*root.iter("noscript", "noframes", "iframe", "frame")]:
        if element.tag in {"iframe", "frame"}:
            page = element.get("srcdoc") or frames.get(element.get("src", ""), "")
        else:
            page = "" if len(element) else element.text or ""  # of noframes the parser makes text
        if (inner := _parse(page)) is not None:
            remove_hidden(inner)
            element.text = None
            element.extend(inner.findall("body"))
        size = count_characters("".join(map(str, element.itertext())))
        if not prose or size >= max(_MIN_SUBSTITUTE, _SUBSTITUTE_RATIO * prose):
            element.tag, is_any = "div", True
    return is_any


def parse(page: str) -> Element | None:
    """Parse a page, however broken its markup, and remove what is hidden; None if there is nothing."""
    root = _parse(page)
    if root is not None:
        remove_hidden(root)
    return root


def _parse(page: str) -> Element | None:
    if not page:
        return None
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    return etree.fromstring(page.replace("\0", "").encode("utf-8", "replace"), parser)


def decode_page(data: bytes, charset: str | None = None) -> str:
    """Decode a page by its byte order mark, else as UTF-8 where it is valid, else as it or `charset` declares.

    Raises:
        DocumentError: the bytes are not text.
    """
    declared, encoding = _DECLARED.search(data[:_HEAD_BYTES]), None
    name = declared[1].decode("ascii") if declared else charset
    if name:
        with suppress(LookupError):
            name = codecs.lookup(name).name
            encoding = ENCODINGS.get(name, name)
    return decode(data, encoding)


def write(element: Element, builder: Builder, place: Location | None = None) -> None:
    """Add the readable text of an element to the document: headings, paragraphs, list items, table rows."""
    for part in list_parts(element):
        _add(part, builder, place)


def _add(part: Part, builder: Builder, place: Location | None) -> None:
    if part.is_heading:
        builder.add_heading(part.text, place)
    else:
        builder.add_block(part.text, place, tight=part.is_tight)


def list_parts(element: Element) -> list[Part]:
    """List the headings, paragraphs, list items and table rows in an element."""
    return _Writer().list_parts(element)


class _Writer:
    """Gathers the text between the ends of blocks."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._element: Element
        """The innermost block that the walk is in."""
        self._line: list[str] = []
        self._linked = 0
        self._links = 0
        """How many links the walk is in."""
        self._is_tight = False
        self._terms: list[str] = []
        """Terms that wait for their definition, to be one block with it."""
        self._is_term = False
        self._grids: dict[Element, Grid] = {}

    def list_parts(self, root: Element) -> list[Part]:
        # Not by recursion: a page with many tags that are never closed is deeper than Python's stack.
        self._element = root
        blocks = [root]
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if tag in BLOCKS:
                self._end_block()
                if event == "start":
                    blocks.append(element)
                else:
                    blocks.pop()
                self._element = blocks[-1]
            if tag == "dt":
                self._is_term = event == "start"
            if tag == "a":
                self._links += 1 if event == "start" else -1
            if event == "end":
                if element is not root:
                    self._write(element.tail)
            elif self._is_written_whole(element) or tag in SKIPPED:
                walk.skip_subtree()
            else:
                self._is_tight = self._is_tight or tag in TIGHT
                self._write("\n" if tag == "br" else element.text, keep=tag == "br")
        self._end_block()
        self._end_terms()
        return self._parts

    def _write(self, text: str | None, *, keep: bool = False) -> None:
        line = text or ""
        if self._links:
            self._linked += count_characters(line)
        self._line.append(line if keep else _SPACE.sub(" ", line))

    def _is_written_whole(self, element: Element) -> bool:
        """Write an element whose parts are no blocks of their own; False where they may be."""
        if element.tag in HEADINGS:
            self._end_terms()
            self._parts.append(Part(_get_text(element), element, 0, is_heading=True))
        elif element.tag == "pre":
            self._add_block(_get_text(element, keep_lines=True), tight=False)
        elif element.tag == "tr" and (cells := self._lay_out(element)):
            self._add_block(join_cells(cells), tight=True)
        else:
            return False
        return True

    def _lay_out(self, row: Element) -> list[str]:
        """Give the cells of a row of data, each in its column; none if the row puts parts of a page side by side."""
        table = next(row.iterancestors("table"), row)
        grid = self._grids.setdefault(table, Grid(lists_covered=False))
        is_data = _is_data_row(row)
        cells = [
            Cell(_get_text(cell).strip() if is_data else "", _get_span(cell, "colspan"), _get_span(cell, "rowspan"))
            for cell in row.iterchildren("td", "th")
        ]
        texts = grid.lay_out(cells)
        return texts if is_data and (len(cells) > 1 or sum(map(bool, texts)) > 1) else []

    def _end_block(self) -> None:
        line = "".join(self._line)
        if line and not line.isspace():
            text = _LINE_BREAK.sub("\n", line)
            for paragraph in re.split(r"\n{2,}", re.sub(" {2,}", " ", text)):
                self._add_block(paragraph, tight=self._is_tight)
        self._line.clear()
        self._linked = 0
        self._is_tight = False

    def _add_block(self, text: str, *, tight: bool) -> None:
        text = text.strip()
        if text and self._is_term:
            self._terms.append(text)
        elif text:
            text = "\n".join([*self._terms, text])
            self._parts.append(Part(text, self._element, self._linked, is_tight=tight))
            self._terms.clear()

    def _end_terms(self) -> None:
        if self._terms:
            self._parts.append(Part("\n".join(self._terms), self._element, 0, is_tight=True))
            self._terms.clear()


def _get_text(root: Element, *, keep_lines: bool = False) -> str:
    """Get the readable text of an element, as one paragraph."""
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in SKIPPED:
            walk.skip_subtree()  # its end, and with it the text after it, still comes
            continue
        if element.tag in BLOCKS:
            parts.append(" ")
        text = element.text if event == "start" else element.tail if element is not root else ""
        parts.append("\n" if element.tag == "br" and event == "start" else text or "")
    text = "".join(parts)
    return text if keep_lines else _SPACE.sub(" ", text)


def _get_span(cell: Element, name: str) -> int:
    digits = re.match(r"\s*(\d{1,5})", cell.get(name, ""))
    return int(digits[1]) if digits else 1


def _is_data_row(row: Element) -> bool:
    """Tell a row of data from one that puts parts of a page or mail side by side."""
    return next(row.iter("table", "li", "pre", *HEADINGS), None) is None and not any(
        len([*cell.iter("p")]) > 1 for cell in row
    )
