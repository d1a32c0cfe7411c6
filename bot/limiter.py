"""MessageLimiter: keeps the bot within Telegram's flood limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.ext import AIORateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

EXPENDABLE = frozenset(
    {
        "answerCallbackQuery",
        "sendChatAction",
        "setMyCommands",
        "setMyDescription",
        "setMyShortDescription",
    }
)


class MessageLimiter(AIORateLimiter):
    """Paces messages, and after a refusal makes every request wait for as long as Telegram asks.

    Requests that the bot can do without pass it by, neither counted nor repeated: Telegram refuses to set a
    description for hours if it was set too often, and the answers must not wait for that.
    """

    async def process_request(  # noqa: PLR0917
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401
        """Make a request, now or when it is allowed."""
        if endpoint in EXPENDABLE:
            return await callback(*args, **kwargs)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
