"""HTML: the text of a page, without the boilerplate that is on every page of the site."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.chat import telegram_html
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.text import decode
from retrieval.documents.readers.titles import choose_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content, Location
    from retrieval.documents.readers.limits import Limits

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_TIGHT = {"dd", "dt", "li", "option"}
_SKIPPED = {
    "annotation", "annotation-xml", "applet", "audio", "button", "canvas", "datalist", "embed", "head", "iframe",
    "input", "map", "meter", "noframes", "noscript", "object", "progress", "script", "select", "style", "svg",
    "template", "textarea", "title", "video",
}  # fmt: skip
_REMOVED = "template"
"""The tag that a removed element gets, which is not read: the text after it stays in its place."""

_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# Boilerplate around the content: by element, by role, and by the words that sites name such parts with.
_BOILERPLATE = {"nav", "search"}
_PAGE_BOILERPLATE = {"aside", "footer", "header"}
_BOILERPLATE_ROLES = {
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation",
    "search", "toolbar",
}  # fmt: skip
_BOILERPLATE_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
        ads?|advert\w*|breadcrumbs?|consent|cookie\w*|editsection|footer|gdpr|headerlink|masthead|modal|navbar|
        navbox|newsletter|noprint|pager|pagination|popup|promo\w*|sidebar\w*|skip-?link|sponsor\w*|sr-only|
        visually-hidden
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
# With these names too, if most of it is links: a restaurant's menu is not.
_LINKED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:menus?|nav|navigation|related|share|sharing|skip|social|subscribe|toc)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ANCHORS = {"#", "¶", "", "🔗"}
"""Texts of a heading's link to itself."""

# How a page marks its content, the surest mark first.
_MAIN_NAMES = re.compile(
    r"(?:^|\s)(?:content|main|(?:main|page)-?content|(?:article|post|entry)-?(?:body|content)|"
    r"mw-content-text|bodycontent)(?:$|\s)",
    re.IGNORECASE,
)
_MAIN: tuple[Callable[[Element], bool], ...] = (
    lambda element: element.tag == "main" or element.get("role") == "main",
    lambda element: element.tag == "article" or element.get("role") == "article",
    lambda element: any(_MAIN_NAMES.search(element.get(name, "")) for name in ("id", "class")),
)
_MIN_MAIN_SHARE = 0.25
"""An element with a smaller share of the text is not the content, whatever its name."""
_MAX_BOILERPLATE_SHARE = 0.5
"""An element with a larger share of the page's text is no boilerplate."""

_MENUS = {"ul", "ol", "table", "div", "p"}
_MIN_MENU_LINKS, _MIN_MENU_SHARE, _MAX_MENU_LINK = 4, 0.8, 30
"""A menu has at least so many links, which are at least this share of its text, with at most so many letters each."""

_LINE_BREAK = re.compile(r" *\n *")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEAD_BYTES = 4096
# As browsers understand these names.
_ENCODINGS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874",
}  # fmt: skip


def read(data: bytes, limits: Limits) -> Content:
    """Read a web page; its title is that of the page, else its first main heading."""
    if telegram_html.is_export(data):
        return telegram_html.read(data, limits)
    root = parse(decode_page(data))
    builder = Builder(limits)
    if root is None:
        return builder.build()
    title = join_lines(root.findtext("head/title") or "")
    main = _find_main(root)
    write(main, builder)
    headings = (join_lines(_get_text(heading)) for heading in main.iter("h1"))
    return builder.build(choose_title(title, *headings))


def parse(text: str) -> Element | None:
    """Parse a page, however broken its markup, and remove what is hidden; None if there is nothing."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is not None:
        for element in root.iter():
            if element is not root and _is_hidden(element):
                element.tag = _REMOVED
    return root


def decode_page(data: bytes) -> str:
    """Decode a page by its byte order mark, else as UTF-8 where it is valid, else as it declares.

    Raises:
        DocumentError: the bytes are not text.
    """
    declared, encoding = _DECLARED.search(data[:_HEAD_BYTES]), None
    if declared:
        with suppress(LookupError):
            name = codecs.lookup(declared[1].decode("ascii")).name
            encoding = _ENCODINGS.get(name, name)
    return decode(data, encoding)


def write(element: Element, builder: Builder, place: Location | None = None) -> None:
    """Add the readable text of an element to the document: headings, paragraphs, list items, table rows."""
    _Writer(builder, place).write(element)


class _Writer:
    """Gathers the text between the ends of blocks."""

    def __init__(self, builder: Builder, place: Location | None) -> None:
        self._builder = builder
        self._place = place
        self._line: list[str] = []
        self._is_tight = False
        self._terms: list[str] = []
        """Terms that wait for their definition, to be one block with it."""
        self._is_term = False
        self._grids: dict[Element, Grid] = {}

    def write(self, root: Element) -> None:
        # Not by recursion: a page with many tags that are never closed is deeper than Python's stack.
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if tag in _BLOCKS:
                self._end_block()
            if tag == "dt":
                self._is_term = event == "start"
            if event == "end":
                if element is not root:
                    self._line.append(_SPACE.sub(" ", element.tail or ""))
            elif self._is_written_whole(element) or tag in _SKIPPED:
                walk.skip_subtree()
            else:
                self._is_tight = self._is_tight or tag in _TIGHT
                self._line.append("\n" if tag == "br" else _SPACE.sub(" ", element.text or ""))
        self._end_block()
        self._end_terms()

    def _is_written_whole(self, element: Element) -> bool:
        """Write an element whose parts are no blocks of their own; False where they may be."""
        if element.tag in _HEADINGS:
            self._end_terms()
            self._builder.add_heading(_get_text(element), self._place)
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
        text = _LINE_BREAK.sub("\n", "".join(self._line))
        for paragraph in re.split(r"\n{2,}", re.sub(" {2,}", " ", text)):
            self._add_block(paragraph, tight=self._is_tight)
        self._line.clear()
        self._is_tight = False

    def _add_block(self, text: str, *, tight: bool) -> None:
        text = text.strip()
        if text and self._is_term:
            self._terms.append(text)
        elif text:
            self._builder.add_block("\n".join([*self._terms, text]), self._place, tight=tight)
            self._terms.clear()

    def _end_terms(self) -> None:
        self._builder.add_block("\n".join(self._terms), self._place, tight=True)
        self._terms.clear()


def _get_text(root: Element, *, keep_lines: bool = False) -> str:
    """Get the readable text of an element, as one paragraph."""
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in _SKIPPED:
            walk.skip_subtree()  # its end, and with it the text after it, still comes
            continue
        if element.tag in _BLOCKS:
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
    return next(row.iter("table", "li", "pre", *_HEADINGS), None) is None and not any(
        len([*cell.iter("p")]) > 1 for cell in row
    )


@dataclass(slots=True)
class _Weight:
    """The characters of an element without white space, those of them in links, and the number of links."""

    text: int = 0
    linked: int = 0
    links: int = 0

    def add(self, other: _Weight) -> None:
        self.text += other.text
        self.linked += other.linked
        self.links += other.links


def _find_main(root: Element) -> Element:
    """Find the element with the page's content, and remove the boilerplate around it."""
    weights = _weigh(root)
    limit = _MAX_BOILERPLATE_SHARE * weights[root].text
    parents = _list_parents_of_main(root)
    for element, weight in weights.items():
        if weight.text <= limit and element not in parents and _is_boilerplate(element, weight):
            element.tag = _REMOVED
    weights = _weigh(root)
    for is_main in _MAIN:
        mains = {element: None for element in weights if is_main(element)}
        outer = [element for element in mains if not any(parent in mains for parent in element.iterancestors())]
        if len(outer) == 1 and weights[outer[0]].text >= _MIN_MAIN_SHARE * weights[root].text:
            return outer[0]
    limit = _MAX_BOILERPLATE_SHARE * weights[root].text
    for element, weight in weights.items():
        if element.tag in _MENUS and _is_menu(weight) and weight.text <= limit:
            element.tag = _REMOVED
    return root


def _weigh(root: Element) -> dict[Element, _Weight]:
    """Weigh all elements that are read; the inner ones come first."""
    # All in one walk: weighing each element anew takes minutes where a thousand are nested.
    weights: dict[Element, _Weight] = {}
    stack = [_Weight()]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            stack.append(_Weight())
            if element.tag in _SKIPPED:
                walk.skip_subtree()
            else:
                stack[-1].text = _count_characters(element.text)
        else:
            weight = stack.pop()
            if element.tag == "a":
                weight.links, weight.linked = 1, weight.text
            if element.tag not in _SKIPPED:
                weights[element] = weight
            stack[-1].add(weight)
            stack[-1].text += _count_characters(element.tail)
    return weights


def _count_characters(text: str | None) -> int:
    return len("".join((text or "").split()))


def _list_parents_of_main(root: Element) -> set[Element]:
    """List the elements around the main part and the main headings, with these themselves."""
    parents: set[Element] = set()
    for element in root.iter():
        if element.tag == "h1" or _MAIN[0](element):
            for parent in (element, *element.iterancestors()):
                if parent in parents:
                    break
                parents.add(parent)
    return parents


def _is_hidden(element: Element) -> bool:
    return (
        "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or bool(_INVISIBLE.search(element.get("style", "")))
    ) and element.tag != "body"


def _is_boilerplate(element: Element, weight: _Weight) -> bool:
    if element.tag in {"html", "body", "main", "article", *_HEADINGS}:
        return False
    if element.tag in _BOILERPLATE or element.get("role") in _BOILERPLATE_ROLES:
        return True
    if element.tag in _PAGE_BOILERPLATE and next(element.iterancestors("article", "main"), None) is None:
        return True
    if element.tag == "a" and (element.text or "").strip() in _ANCHORS:
        return True
    names = f"{element.get('id', '')} {element.get('class', '')}"
    is_linked = weight.linked > weight.text / 2
    return bool(_BOILERPLATE_NAMES.search(names) or (is_linked and _LINKED_NAMES.search(names)))


def _is_menu(weight: _Weight) -> bool:
    return (
        weight.links >= _MIN_MENU_LINKS
        and weight.linked >= _MIN_MENU_SHARE * weight.text
        and weight.linked <= _MAX_MENU_LINK * weight.links
    )
