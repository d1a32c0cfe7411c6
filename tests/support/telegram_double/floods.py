"""FloodLimits: Telegram's flood limits, as far as they are known, and what a bot does that does not obey them."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from math import ceil

LIMITED = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}
PRIVATE_BURST = 4
"""Messages to a private chat; they become free again one a second."""
IN_A_GROUP = 20
"""In any minute."""
OVERALL = 30
"""In any second."""


@dataclass
class FloodLimits:
    """Refuses what comes too fast. `second` is how long a second takes: tests have no time.

    Whoever is refused has to leave the chat alone for `retry_after`; each request before that is `too_early`.
    """

    second: float = 1.0
    refusals: int = 0
    too_early: list[str] = field(default_factory=list)
    _bucket: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Private chat → how full it was, and when."""
    _recent: defaultdict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    """Chat → times of requests in the last minute; 0 is for all chats, in the last second."""
    _held: dict[int, float] = field(default_factory=dict)
    """Chat → when it may be written to again; 0 is for all chats."""

    def retry_after(self, method: str, chat_id: int | None, now: float) -> float | None:
        """In how many seconds a request may come again, if it is refused."""
        if chat_id is None:
            return None
        now /= self.second
        held_until = max(self._held.get(chat_id, 0), self._held.get(0, 0))
        if now < held_until:
            self.too_early.append(f"{method} to {chat_id} came {held_until - now:.2f} s too early")
            return self._refuse(chat_id, held_until - now)
        if method not in LIMITED:
            return None
        wait_s = self._wait(0, 1, OVERALL, now)
        if wait_s:
            return self._refuse(0, wait_s)
        wait_s = self._wait(chat_id, 60, IN_A_GROUP, now) if chat_id < 0 else self._wait_in_private(chat_id, now)
        if wait_s:
            self._recent[0].pop()
            return self._refuse(chat_id, wait_s)
        return None

    def _refuse(self, chat_id: int, wait_s: float) -> float:
        self.refusals += 1
        return ceil(wait_s) * self.second

    def _wait(self, chat_id: int, period_s: float, limit: int, now: float) -> float:
        times = self._recent[chat_id]
        while times and times[0] <= now - period_s:
            times.popleft()
        if len(times) >= limit:
            self._held[chat_id] = now + ceil(times[0] + period_s - now)
            return times[0] + period_s - now
        times.append(now)
        return 0

    def _wait_in_private(self, chat_id: int, now: float) -> float:
        level, since = self._bucket.get(chat_id, (0.0, now))
        level = max(0.0, level - (now - since))
        if level + 1 > PRIVATE_BURST:
            self._held[chat_id] = now + ceil(level + 1 - PRIVATE_BURST)
            return level + 1 - PRIVATE_BURST
        self._bucket[chat_id] = level + 1, now
        return 0
