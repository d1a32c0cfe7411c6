"""A source does not say a thing twice."""

from __future__ import annotations

import pytest

from bot.services.labels import distinct_labels
from retrieval import Location, Unit


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Heating rules 2025", "Heating rules 2025"], ["Heating rules 2025"]),
        (["Heating rules", "HEATING  rules:"], ["Heating rules"]),
        (["Heating rules", "1. Heating rules"], ["Heating rules"]),
        (["Heating rules", "2.1 Heating rules"], ["Heating rules"]),
        (["IV. Heating", "§ 4 Heating", "b) Heating"], ["IV. Heating"]),
        (["Heating rules", "Heating rules of May"], ["Heating rules", "Heating rules of May"]),
        (["Budget", "2025 budget"], ["Budget", "2025 budget"]),
        (["1", "2"], ["1", "2"]),
        (["Rule 2 of the pier", "Rule of the pier"], ["Rule 2 of the pier", "Rule of the pier"]),
        (["", " ", "Rules"], ["Rules"]),
        (["rules", "Dogs"], ["Dogs"]),
        (["rules.pdf", "rules", "Rules"], []),
    ],
)
def test_labels_say_different_things(labels: list[str], expected: list[str]) -> None:
    assert distinct_labels(labels, None, "rules", "rules.pdf") == expected


def test_a_heading_need_not_repeat_the_sheet() -> None:
    place = Location(Unit.ROW, 2, 2, "Prices")
    assert distinct_labels(["Harbour", "prices"], place) == ["Harbour"]
