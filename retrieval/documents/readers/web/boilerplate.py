"""What a page itself marks as boilerplate around its content, or as its main content: by element, role and name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.readers.building import count_characters
from retrieval.documents.readers.web.tags import BLOCKS, HEADINGS, REMOVED, SKIPPED, list_around, list_inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

_ELEMENTS = {"nav", "search"}
_PAGE_ELEMENTS = {"aside", "footer", "header"}
"""In an article they are parts of it."""
_ROLES = {
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation",
    "search", "toolbar",
}  # fmt: skip
_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
        ads?|advert\w*|breadcrumbs?|comments|comment-?(?:area|list|section|thread|wrapper)|consent|cookie\w*|disqus\w*|
        editsection|footer|gdpr|headerlink|masthead|modal|navbar|navbox|newsletter\w*|noprint|outbrain|pager|
        pagination|popup|promos?|promotions?|promo-?(?:banner|box|bar|block)|skip-?link|sponsor\w*|sr-only|taboola|
        visually-hidden
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
# A whole name, as layouts are called "with-sidebar" and "content-sidebar-wrap".
_SIDEBAR = re.compile(
    r"""(?:^|\s)(?:(?:blog|js|left|main|page|primary|right|secondary|shop|site|the|widget)[_-]*)*
    sidebars?(?:[_-]*(?:\d+|area|block|box|col|column|container|content|inner|left|menu|module|nav|primary|right|
    secondary|section|widgets?|wrap|wrapper))*(?:$|\s)""",
    re.IGNORECASE | re.VERBOSE,
)
# What has such a name is content, whatever other names it has: "node node-promoted", "article-content sticky-ads".
_CONTENT_NAMES = re.compile(
    r"(?:^|\s)(?:article|content|entry|main|node|post|story)(?:[_-](?:article|body|content|main|text|\d+))*(?:$|\s)",
    re.IGNORECASE,
)
# With these names too, if most of it is links: a restaurant's menu is not.
_LINKED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:menus?|nav|navigation|recommend\w*|related|share|sharing|skip|social|subscribe|toc)(?:$|[\s_-])",
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


@dataclass(frozen=True, slots=True)
class Marks:
    """The elements of a page that are marked."""

    boilerplate: set[Element]
    menus: set[Element]
    """Not marked, but mostly links."""
    main: Element | None
    """The only one that is marked as the content."""


def find_marks(root: Element) -> Marks:
    """Find the boilerplate, the menus and the main content of a page, and remove links of headings to themselves."""
    weights = _weigh(root)
    limit = _MAX_BOILERPLATE_SHARE * weights[root].text
    parents = list_around(element for element in root.iter() if element.tag == "h1" or _MAIN[0](element))
    boilerplate, menus = set(), set()
    for element, weight in weights.items():
        if weight.text > limit:
            continue
        if element not in parents and _is_boilerplate(element, weight):
            if element.tag in BLOCKS:
                boilerplate.add(element)
            else:
                element.tag = REMOVED
        elif element.tag in _MENUS and _is_menu(weight):
            menus.add(element)
    return Marks(boilerplate, menus, _find_main(root, weights, boilerplate))


def _find_main(root: Element, weights: dict[Element, _Weight], boilerplate: set[Element]) -> Element | None:
    inner = list_inside(root, boilerplate)
    outer = [element for element in boilerplate if element.getparent() not in inner]
    least = _MIN_MAIN_SHARE * (weights[root].text - sum(weights[element].text for element in outer))
    for is_main in _MAIN:
        mains = {element for element in weights if element not in inner and is_main(element)}
        nested = list_inside(root, {child for element in mains for child in element})
        outer = [element for element in mains if element not in nested]
        if len(outer) == 1 and weights[outer[0]].text >= least:
            return outer[0]
    return None


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


def _weigh(root: Element) -> dict[Element, _Weight]:
    """Weigh all elements that are read; the inner ones come first."""
    # All in one walk: weighing each element anew takes minutes where a thousand are nested.
    weights: dict[Element, _Weight] = {}
    stack = [_Weight()]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            stack.append(_Weight())
            if element.tag in SKIPPED:
                walk.skip_subtree()
            else:
                stack[-1].text = count_characters(element.text or "")
        else:
            weight = stack.pop()
            if element.tag == "a":
                weight.links, weight.linked = 1, weight.text
            if element.tag not in SKIPPED:
                weights[element] = weight
            stack[-1].add(weight)
            stack[-1].text += count_characters(element.tail or "")
    return weights


def _is_boilerplate(element: Element, weight: _Weight) -> bool:
    if element.tag in {"html", "body", "main", "article", *HEADINGS}:
        return False
    if element.tag in _ELEMENTS or element.get("role") in _ROLES:
        return True
    if element.tag in _PAGE_ELEMENTS and next(element.iterancestors("article", "main"), None) is None:
        return True
    if element.tag == "a" and (element.text or "").strip() in _ANCHORS:
        return True
    names = f"{element.get('id', '')} {element.get('class', '')}"
    is_linked = weight.linked > weight.text / 2
    is_named = _NAMES.search(names) or _SIDEBAR.search(names) or (is_linked and _LINKED_NAMES.search(names))
    return bool(is_named) and not _CONTENT_NAMES.search(names)


def _is_menu(weight: _Weight) -> bool:
    return (
        weight.links >= _MIN_MENU_LINKS
        and weight.linked >= _MIN_MENU_SHARE * weight.text
        and weight.linked <= _MAX_MENU_LINK * weight.links
    )
