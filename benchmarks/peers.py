"""Quoth and its peers over the same documents and questions.

    python -m benchmarks.peers --peers-python peers/bin/python --data FILE... [--json OUT]

README.md says how to install the peers, what is measured, and how each is set up.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.engines import ENGINES, QUOTH, SAME_MODEL
from benchmarks.measuring import machine, use_cores
from retrieval.encoding.weights.models import resolve_model, unpack

_COLUMNS = {
    "success@1": ".3f",
    "success@10": ".3f",
    "passages": ",d",
    "passages/s": ".1f",
    "p50 ms": ".0f",
    "p95 ms": ".0f",
    "peak MiB": ",d",
    "MiB": ",d",
}


def main() -> None:
    """Measure every engine over every file."""
    options = _options()
    use_cores(options.cores)
    os.environ[SAME_MODEL] = str(unpack(resolve_model()))
    console, errors = Console(width=110), Console(stderr=True)
    results: list[dict[str, Any]] = []
    for path in options.data:
        engines = track(options.engine, path.name, console=errors, transient=True)
        own = [_measure(name, path, options) for name in engines]
        console.print(_table(path.name, own))
        results += own
        if options.json:  # after each file, since all together take long
            options.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Quoth and its peers over the same documents and questions.")
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, metavar="FILE", help="labelled questions in SQuAD form"
    )
    parser.add_argument(
        "--peers-python",
        default=sys.executable,
        metavar="PYTHON",
        help="of the virtual environment that the peers are installed in",
    )
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES), help="only these [default: all]")
    parser.add_argument("--questions", type=int, default=1_000_000, help="of each file, only the first so many")
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


def _measure(name: str, path: Path, options: argparse.Namespace) -> dict[str, Any]:
    python = sys.executable if name == QUOTH else options.peers_python
    command = [python, "-m", "benchmarks.measure_engine", name, str(path), str(options.questions)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if run.returncode != 0:
        sys.exit(f"{name} failed over {path}:\n{run.stderr}")
    return json.loads(run.stdout)


def _table(title: str, results: list[dict[str, Any]]) -> Table:
    title = f"{title}, {results[0]['questions']:,} questions"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("", no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for result in results:
        table.add_row(result["engine"], *(format(result[column], form) for column, form in _COLUMNS.items()))
    return table


if __name__ == "__main__":
    main()
