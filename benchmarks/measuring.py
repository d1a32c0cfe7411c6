"""What the benchmarks measure with: time, memory, and the machine that they ran on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """What a call returns, and how many seconds it took."""
    start = perf_counter()
    result = call()
    return result, perf_counter() - start


def percentile(seconds: Sequence[float], percent: int) -> float:
    """In milliseconds."""
    return 1_000 * quantiles(seconds, n=100, method="inclusive")[percent - 1]


def memory(process: int | str = "self") -> tuple[int, int]:
    """MiB of memory that a process, by default this one, had resident at most, and has now (Linux only)."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    peak, now = (int(re.search(rf"{name}:\s*(\d+) kB", status)[1]) for name in ("VmHWM", "VmRSS"))
    return peak // 1024, now // 1024


def use_cores(count: int) -> None:
    """Keep this process, and those that it starts from now on, to the first few of its cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def machine() -> dict[str, str | int]:
    """What a reader needs to know to compare times."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    return {
        "processor": processor[1] if processor else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }
