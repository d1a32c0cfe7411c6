"""How cost grows with the sentences: what benchmarks/scale.py measured, drawn.

    python -m benchmarks.plot RESULTS.json FILE.svg

Needs matplotlib, of benchmarks/requirements-plot.txt.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

_COLOURS = ("#1f6f8b", "#d1495b", "#4c8f6b", "#8d6a9f")
_APART = 0.07
"""Of the height of a panel, the least distance between two labels."""
_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "quoth",  # the same results make the same file
    "font.size": 9,
    "text.color": "#333333",
    "xtick.labelcolor": "#333333",
    "ytick.labelcolor": "#333333",
    "axes.edgecolor": "#cccccc",
    "xtick.color": "#cccccc",
    "ytick.color": "#cccccc",
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(results: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw time, memory and disk over the number of sentences, both axes logarithmic, as SVG."""
    from matplotlib import rc_context  # noqa: PLC0415 - only those who draw need it
    from matplotlib.figure import Figure  # noqa: PLC0415

    sentences = [result["sentences"] for result in results]
    with rc_context(_STYLE):
        figure = Figure(figsize=(10, 3.8), layout="constrained")
        times, sizes = figure.subplots(1, 2)
        of_time = {
            "answer": [result["p50 ms"] for result in results],
            "vectors alone": [result["p50 ms, vectors alone"] for result in results],
        }
        of_size = {
            "disk": [
                sum(result[f"MiB on disk, {kind}"] for kind in ("store", "vectors", "words")) for result in results
            ],
            "memory": [result["MiB"] for result in results],
        }
        _panel(times, "Time, by sentences", sentences, of_time, _time)
        _panel(sizes, "Memory and disk, by sentences", sentences, of_size, _size)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _panel(
    axes: Axes,
    title: str,
    sentences: Sequence[int],
    lines: dict[str, list[float]],
    write: Callable[[float], str],
) -> None:
    axes.set_title(title, loc="left")
    for values, colour in zip(lines.values(), _COLOURS, strict=False):
        axes.loglog(sentences, values, "o-", color=colour, markersize=4, linewidth=1.6)
    axes.set_xticks(sentences, [f"{round(count, -3):,}" for count in sentences])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: write(value))
    axes.margins(x=0.06, y=0.1)
    bottom, top = axes.get_ylim()
    lowest = bottom
    last = [(values[-1], label, colour) for (label, values), colour in zip(lines.items(), _COLOURS, strict=False)]
    for value, label, colour in sorted(last):
        lowest = max(value, lowest * (top / bottom) ** _APART)
        axes.annotate(
            f"{label}, {write(value)}",
            (sentences[-1], lowest),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )


def _time(milliseconds: float) -> str:
    if milliseconds >= 1_000:  # noqa: PLR2004
        return f"{_two_digits(milliseconds / 1_000)} s"
    return f"{_two_digits(milliseconds)} ms"


def _size(mebibytes: float) -> str:
    return f"{_two_digits(mebibytes)} MiB"


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,g}"


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text("utf-8"))["results"], Path(sys.argv[2]))
