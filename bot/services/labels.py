"""Labels of a source: what its title and heading say beside its place and its path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval import Location

_NUMBER = re.compile(r"\A(?:§\s*)?(?:\d{1,2}(?:\.\d{1,2})*[.):]?|[ivxlc]{1,6}[.)]|[a-z][.)])\s+(?=\w)")


def distinct_labels(labels: Iterable[str], place: Location | None, *names: str) -> list[str]:
    """Leave out labels that say what another one, the sheet, or a name of the file says already."""
    seen = {"", _normalize(place.name)} if place and place.name else {""}
    kept = []
    for label in labels:
        key = _normalize(label)
        if key not in seen and label.strip() not in names:
            kept.append(label)
        seen.add(key)
    return kept


def _normalize(label: str) -> str:
    """Reduce a label to its words: case, white space, a number before and a mark after it do not count."""
    return _NUMBER.sub("", " ".join(label.casefold().split()), count=1).rstrip(" .:")
