"""The elements of HTML by how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from lxml.etree import _Element as Element

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
TIGHT = {"dd", "dt", "li", "option"}
# `rp` and `rt` are the pronunciation of ruby, which stands above the words.
SKIPPED = {
    "annotation", "annotation-xml", "applet", "audio", "button", "canvas", "datalist", "embed", "head", "iframe",
    "input", "map", "meter", "noframes", "noscript", "object", "progress", "rp", "rt", "rtc", "script", "select",
    "style", "svg", "template", "textarea", "title", "video",
}  # fmt: skip
REMOVED = "template"
"""The tag that a removed element gets, which is not read: the text after it stays in its place."""


def list_inside(root: Element, marked: Container[Element]) -> set[Element]:
    """List the marked elements, and all that stand in them."""
    inside: set[Element] = set()
    for element in root.iter():
        if element in marked or element.getparent() in inside:
            inside.add(element)
    return inside


def list_around(elements: Iterable[Element]) -> set[Element]:
    """List the elements, and all that they stand in."""
    around: set[Element] = set()
    for element in elements:
        for parent in (element, *element.iterancestors()):
            if parent in around:
                break
            around.add(parent)
    return around
