"""settings_here: what administrators have settled for the group that an update is from, while it is handled.

The gate, which sees each update first, sets it; an update is handled in one task, which has its own.
"""

from __future__ import annotations

from contextvars import ContextVar

from bot.telegram.state.chats import ChatSettings

USUAL = ChatSettings()

settings_here: ContextVar[ChatSettings] = ContextVar("settings_here", default=USUAL)
