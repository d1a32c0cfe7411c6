"""HTML: what a person reads on the page, without what stands around it on every page of the site."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.readers.building import Builder, one_line
from retrieval.documents.readers.text import BYTE_ORDER_MARKS, decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content, Location
    from retrieval.documents.readers.limits import Limits

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
}  # fmt: skip
_TIGHT = {"dd", "dt", "li", "option"}
_UNREAD = {
    "annotation", "annotation-xml", "applet", "audio", "button", "canvas", "datalist", "embed",
    "head", "iframe", "input", "map", "meter", "noframes", "noscript", "object", "progress",
    "script", "select", "style", "svg", "template", "textarea", "title", "video",
}  # fmt: skip
_LEFT_OUT = "template"
"""What is to be left out is made one of these, which nobody sees: the text after it stays in its place."""

_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# What stands around the content: by element, by role, and by the words that sites name such parts with.
_AROUND = {"nav", "search"}
_AROUND_PAGE = {"aside", "footer", "header"}
_AROUND_ROLES = {
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar",
    "navigation", "search", "toolbar",
}  # fmt: skip
_AROUND_NAMES = re.compile(
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
"""Links of headings to themselves."""

# How a page says which part is its content, the surest first.
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
_LEAST = 0.25
"""Of the text that is not around it: what holds less is not the content, whatever it says."""

_MOST = 0.5
"""Of the page's text: what holds as much is not around it."""

_MENUS = {"ul", "ol", "table", "div", "p"}
_LINKS, _LINK_SHARE, _LINK_LENGTH = 4, 0.8, 30
"""So many links, of so short a text, that are so much of the whole: a menu."""

_AROUND_BREAK = re.compile(r" *\n *")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEAD = 4096
# As browsers understand these names.
_ENCODINGS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}


def read(data: bytes, limits: Limits) -> Content:
    """Read a web page; its title is that of the page, else its first main heading.

    Raises:
        DocumentError: the bytes are not text, or it is too long.
    """
    root = parse(decode_page(data))
    builder = Builder(limits)
    if root is None:
        return builder.content()
    title = one_line(root.findtext("head/title") or "")
    main = _main(root)
    write(main, builder)
    headings = (one_line(_text(heading)) for heading in main.iter("h1"))
    return builder.content(title or next(filter(None, headings), None))


def parse(text: str) -> Element | None:
    """The root of a page without what is hidden, whatever state its markup is in; None if there is nothing."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is not None:
        for element in root.iter():
            if element is not root and _is_hidden(element):
                _leave_out(element)
    return root


def decode_page(data: bytes) -> str:
    """The characters of a page: by its byte order mark, else UTF-8 where it is valid, else as it declares.

    Raises:
        DocumentError: the bytes are not text.
    """
    declared = _DECLARED.search(data[:_HEAD])
    if declared and not data.startswith(tuple(BYTE_ORDER_MARKS)):
        try:
            name = codecs.lookup(declared[1].decode("ascii")).name
            if data.isascii() or not _is_utf8(data):
                return data.decode(_ENCODINGS.get(name, name))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def write(element: Element, builder: Builder, place: Location | None = None) -> None:
    """Add all that is read in an element to the document: headings, paragraphs, list items, table rows."""
    _Writer(builder, place).write(element)


class _Writer:
    """Gathers the text between the ends of blocks."""

    def __init__(self, builder: Builder, place: Location | None) -> None:
        self._builder = builder
        self._place = place
        self._line: list[str] = []
        self._tight = False
        self._terms: list[str] = []
        """What the next block explains."""
        self._is_term = False

    def write(self, root: Element) -> None:
        # Not by recursion: a page with many tags that are never closed is deeper than Python's stack.
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if tag in _BLOCKS:
                self._end()
            if tag == "dt":
                self._is_term = event == "start"
            if event == "end":
                if element is not root:
                    self._line.append(_SPACE.sub(" ", element.tail or ""))
            elif self._is_whole(element):
                walk.skip_subtree()
            else:
                self._tight = self._tight or tag in _TIGHT
                self._line.append("\n" if tag == "br" else _SPACE.sub(" ", element.text or ""))
        self._end()
        self._end_terms()

    def _is_whole(self, element: Element) -> bool:
        """Whether the element has been written as a whole, or is not read at all."""
        if element.tag in _HEADINGS:
            self._end_terms()
            self._builder.heading(_text(element), self._place)
        elif element.tag == "pre":
            self._block(_text(element, keep_lines=True), tight=False)
        elif element.tag == "tr" and _is_row(element):
            cells = (" ".join(_text(cell).split()) for cell in element.iterchildren("td", "th"))
            self._block(" | ".join(filter(None, cells)), tight=True)
        else:
            return element.tag in _UNREAD
        return True

    def _end(self) -> None:
        """The block that was being gathered is whole."""
        text = _AROUND_BREAK.sub("\n", "".join(self._line))
        for paragraph in re.split(r"\n{2,}", re.sub(" {2,}", " ", text)):
            self._block(paragraph, tight=self._tight)
        self._line.clear()
        self._tight = False

    def _block(self, text: str, *, tight: bool) -> None:
        """A term waits for what explains it, and is one block with that."""
        if not text.strip():
            return
        if self._is_term:
            self._terms.append(text.strip())
        else:
            self._builder.block("\n".join([*self._terms, text.strip()]), self._place, tight=tight)
            self._terms.clear()

    def _end_terms(self) -> None:
        self._builder.block("\n".join(self._terms), self._place, tight=True)
        self._terms.clear()


def _text(root: Element, *, keep_lines: bool = False) -> str:
    """All that is read in an element, as one paragraph."""
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in _UNREAD:
            walk.skip_subtree()  # its end, and with it the text after it, still comes
            continue
        if element.tag in _BLOCKS:
            parts.append(" ")
        text = element.text if event == "start" else element.tail if element is not root else ""
        parts.append("\n" if element.tag == "br" and event == "start" else text or "")
    text = "".join(parts)
    return text if keep_lines else _SPACE.sub(" ", text)


def _is_row(row: Element) -> bool:
    """Whether it is a row of data: pages and mails also put their parts side by side with tables."""
    if len([*row.iterchildren("td", "th")]) < 2:  # noqa: PLR2004
        return False
    return next(row.iter("table", "li", "pre", *_HEADINGS), None) is None and not any(
        len([*cell.iter("p")]) > 1 for cell in row
    )


@dataclass(slots=True)
class _Weight:
    """Of an element: characters without white space."""

    text: int = 0
    linked: int = 0
    links: int = 0

    def add(self, other: _Weight) -> None:
        self.text += other.text
        self.linked += other.linked
        self.links += other.links


def _main(root: Element) -> Element:
    """The element with the page's content; what stands around it is left out from then on."""
    weights = _weights(root)
    most = _MOST * weights[root].text
    holders = _holders_of_main(root)
    for element, weight in weights.items():
        if weight.text <= most and element not in holders and _is_around(element, weight):
            _leave_out(element)
    weights = _weights(root)
    least, most = _LEAST * weights[root].text, _MOST * weights[root].text
    for is_main in _MAIN:
        mains = {element: None for element in weights if is_main(element)}
        outer = [element for element in mains if not any(each in mains for each in element.iterancestors())]
        if len(outer) == 1 and weights[outer[0]].text >= least:
            return outer[0]
    for element, weight in weights.items():
        if element.tag in _MENUS and _is_menu(weight) and weight.text <= most:
            _leave_out(element)
    return root


def _weights(root: Element) -> dict[Element, _Weight]:
    """Of all elements that are read; the inner ones come first."""
    # All in one walk: asking each element anew takes minutes where a thousand stand in each other.
    weights: dict[Element, _Weight] = {}
    stack = [_Weight()]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            stack.append(_Weight())
            if element.tag in _UNREAD:
                walk.skip_subtree()
            else:
                stack[-1].text = _length(element.text)
        else:
            weight = stack.pop()
            if element.tag == "a":
                weight.links, weight.linked = 1, weight.text
            if element.tag not in _UNREAD:
                weights[element] = weight
            stack[-1].add(weight)
            stack[-1].text += _length(element.tail)
    return weights


def _length(text: str | None) -> int:
    return len("".join((text or "").split()))


def _leave_out(element: Element) -> None:
    element.tag = _LEFT_OUT


def _holders_of_main(root: Element) -> set[Element]:
    """What the main part, or the main heading, stands in."""
    holders: set[Element] = set()
    for element in root.iter():
        if element.tag == "h1" or _MAIN[0](element):
            for parent in (element, *element.iterancestors()):
                if parent in holders:
                    break
                holders.add(parent)
    return holders


def _is_hidden(element: Element) -> bool:
    return (
        "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or bool(_INVISIBLE.search(element.get("style", "")))
    ) and element.tag != "body"


def _is_around(element: Element, weight: _Weight) -> bool:
    if element.tag in {"html", "body", "main", "article", *_HEADINGS}:
        return False
    if element.tag in _AROUND or element.get("role") in _AROUND_ROLES:
        return True
    if element.tag in _AROUND_PAGE and next(element.iterancestors("article", "main"), None) is None:
        return True
    if element.tag == "a" and (element.text or "").strip() in _ANCHORS:
        return True
    names = f"{element.get('id', '')} {element.get('class', '')}"
    is_linked = weight.linked > weight.text / 2
    return bool(_AROUND_NAMES.search(names) or (is_linked and _LINKED_NAMES.search(names)))


def _is_menu(weight: _Weight) -> bool:
    return (
        weight.links >= _LINKS
        and weight.linked >= _LINK_SHARE * weight.text
        and weight.linked <= _LINK_LENGTH * weight.links
    )
