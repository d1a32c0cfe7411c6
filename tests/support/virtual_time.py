"""run_virtually: runs a coroutine in an event loop whose clock jumps to the next timer, so that nothing takes time."""

from __future__ import annotations

import asyncio
import selectors


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting, puts the clock forward."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and nothing will happen")
        if not ready:
            # Without a least step, rounding could keep the clock before its timer for ever.
            self.now += max(0.000_001, timeout)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self):
        return self._clock.now


def run_virtually(coroutine):
    """Run a coroutine that waits for nothing but time; its result."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(coroutine)
