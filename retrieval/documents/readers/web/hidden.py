"""What a page does not show: hidden text is removed, but panels that open with a click are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.web.tags import HEADINGS, REMOVED, list_around, list_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_NOT_SHOWN = re.compile(
    r"""display\s*:\s*none | visibility\s*:\s*hidden | font-size\s*:\s*0(?![.\d]*[1-9]) |
    clip\s*:\s*rect\(\s*[01](?:px)?\b | (?:left|top|right|text-indent)\s*:\s*-\d{3,}""",
    re.IGNORECASE | re.VERBOSE,
)
# A panel that a click opens has such a name, or stands in something that has.
_PANEL_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
        acc|accordion\w*|answer\w*|collaps\w*|details?|drawer|expand\w*|expander|faqs?|folded|more|panels?|qa|
        read-?more|reveal\w*|showmore|spoiler\w*|tabs?|tab-?(?:content|pane|panel)s?|toggle\w*|unfold\w*
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
# Parts that open too, but are no content.
_OVERLAY_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:
        banner|bot|cart|consent|cookies?|dialog|dropdown|error|form|gdpr|hamburger|honey\w*|lightbox|login|menu\w*|
        message|mobile-nav|modal\w*|nav\w*|newsletter|notice|overlay|popup|popover|preheader|preview|print|prompt|
        screen-?reader\w*|search|share|sharing|sign-?in|skip\w*|sr-only|success|toast|tooltip|trap|visually-?hidden
    )(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_PANELS = {"a", "button", "footer", "form", "head", "header", "i", "img", "input", "label", "nav", "span", "svg"}
_NO_PANEL_ROLES = {"alert", "alertdialog", "dialog", "menu", "navigation", "presentation", "search", "tooltip"}
_OPENERS = HEADINGS | {"button", "dt", "summary"}
_REFERENCES = ("aria-controls", "data-target", "data-bs-target", "data-tab", "data-toggle-target")
_MAX_LEVELS = 4
"""How far above a panel the accordion is looked for."""


def remove_hidden(root: Element) -> str:
    """Remove what a browser would never show, and give its text.

    A hidden element is taken for a panel that opens with a click if something on the page refers to it as such (a
    tab, a button's `aria-controls`, a link to its anchor), if it or what it stands in is named as one, or if a
    heading or button stands right before it. Menus, dialogs, forms and texts for screen readers are none.
    """
    targets = set(_list_targets(root))
    fields = list_around(root.iter("input", "textarea", "select"))
    removed = set()
    for element in [element for element in root.iter() if element is not root and _is_hidden(element)]:
        if element not in fields and _opens(element, targets):
            for name in ("hidden", "aria-hidden", "style"):
                element.attrib.pop(name, "")
        else:
            removed.add(element)
    nested = list_inside(root, {child for element in removed for child in element})
    texts = [str(text) for element in removed if element not in nested for text in element.itertext()]
    for element in removed:
        element.tag = REMOVED
    _read_openers(root)
    return " ".join(texts)


def _read_openers(root: Element) -> None:
    """Make the buttons that open a panel text: they say what is in it, as in the headings of an accordion."""
    for button in [*root.iter("button")]:
        parent, panel = button.getparent(), button.getnext()
        if parent is not None and parent.tag in _OPENERS:
            button.tag = "span"
        elif panel is not None and _PANEL_NAMES.search(f"{panel.get('id', '')} {panel.get('class', '')}"):
            button.tag = "div"


def _is_hidden(element: Element) -> bool:
    return (
        "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or bool(_NOT_SHOWN.search(element.get("style", "")))
    ) and element.tag != "body"


def _list_targets(root: Element) -> Iterator[str]:
    """List the ids of what tabs and buttons open."""
    for element in root.iter():
        for name in _REFERENCES:
            yield from element.get(name, "").replace("#", " ").split()
        if element.tag == "a" and element.get("href", "").startswith("#"):
            yield element.get("href", "")[1:]


def _opens(element: Element, targets: set[str]) -> bool:
    if element.get("hidden") == "until-found":
        return True
    lines = [element, *(parent for parent, _ in zip(element.iterancestors(), range(_MAX_LEVELS), strict=False))]
    names = [f"{line.get('id', '')} {line.get('class', '')}" for line in lines]
    if (
        element.tag in _NO_PANELS
        or any(line.tag in _NO_PANELS or line.get("role") in _NO_PANEL_ROLES for line in lines[1:])
        or element.get("role") in _NO_PANEL_ROLES
        or any(_OVERLAY_NAMES.search(name) for name in names)
    ):
        return False
    before = element.getprevious()
    return (
        element.get("role") == "tabpanel"
        or element.get("id") in targets
        or any(_PANEL_NAMES.search(name) for name in names)
        or any(line.tag in {"details", "dl"} for line in lines[:2])
        or (before is not None and (before.tag in _OPENERS or "aria-expanded" in before.attrib))
    )
