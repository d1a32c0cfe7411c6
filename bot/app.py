"""The Telegram bot: `build_application` puts it together, `run_bot` runs it until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from telegram import (
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.error import InvalidToken
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    Defaults,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.handlers import errors, information
from bot.handlers.buttons import Buttons
from bot.handlers.gate import Gate
from bot.handlers.questions import Questions
from bot.limiter import MessageLimiter
from bot.logs import log_to_stderr
from bot.menu import introduce
from bot.polling import Poller
from bot.worker import AnswerService, Worker
from retrieval import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from telegram import CallbackQuery

    from bot.settings import Settings

logger = logging.getLogger(__name__)

BotApplication = Application[Any, Any, Any, Any, Any, Any]


def build_application(settings: Settings, service: AnswerService) -> BotApplication:
    """The bot with all its handlers, not yet running.

    Raises:
        SettingsError: there is no token.
    """
    server = _server(settings)
    worker = Worker(service)

    async def close_worker(_: BotApplication) -> None:
        worker.close()

    defaults = Defaults(
        link_preview_options=LinkPreviewOptions(is_disabled=True), allow_sending_without_reply=True
    )
    application = (
        Application.builder()
        .token(bot_token(settings))
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .defaults(defaults)
        .rate_limiter(MessageLimiter(max_retries=5))
        .concurrent_updates(True)  # noqa: FBT003
        .post_shutdown(close_worker)
        .build()
    )
    _add_handlers(application, Questions(worker), Buttons(worker))
    return application


def run_bot(settings: Settings, service: AnswerService) -> None:
    """Answer in Telegram until SIGTERM or SIGINT.

    `service` is used from one thread, but not from the calling one.

    Raises:
        SettingsError: there is no token, or Telegram refuses it.
    """
    log_to_stderr(bot_token(settings), settings.log_level)
    application = build_application(settings, service)
    try:
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_serve_until_signal(application))
    except InvalidToken:
        message = (
            f"{_server(settings)} refuses the token in TELEGRAM_BOT_TOKEN. "
            "Ask @BotFather in Telegram for the right one, and put it into .env."
        )
        # Not chained: the cause holds the token.
        raise SettingsError(message) from None


def bot_token(settings: Settings) -> str:
    """The token from the settings.

    Raises:
        SettingsError: there is none.
    """
    token = settings.telegram_bot_token
    if token is None or not token.get_secret_value().strip():
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not set. Talk to @BotFather in Telegram to get a token, "
            "and put it into .env as TELEGRAM_BOT_TOKEN=…"
        )
    return token.get_secret_value().strip()


async def serve(application: BotApplication) -> None:
    """Answer until cancelled; what was fetched by then is still answered.

    Raises:
        InvalidToken: Telegram refuses the token.
    """
    poller = Poller(application)
    try:
        await poller.connect()
        await introduce(application.bot)
        await application.start()
        try:
            logger.info("Answering as @%s.", application.bot.username)
            await poller.run()
        finally:
            await application.stop()
            await poller.confirm()
    finally:
        await application.shutdown()
        await application.bot.shutdown()
        if application.post_shutdown:
            await application.post_shutdown(application)


def _add_handlers(application: BotApplication, questions: Questions, buttons: Buttons) -> None:
    private = filters.ChatType.PRIVATE
    anywhere = private | filters.ChatType.GROUPS
    application.add_handler(TypeHandler(Update, Gate().admit), group=-1)
    application.add_handlers(
        [
            CallbackQueryHandler(_for_press(buttons.pressed)),
            CommandHandler("start", _for_message(information.start), private),
            CommandHandler("help", _for_message(information.show_help), private),
            CommandHandler("sources", _for_message(questions.sources), private),
            CommandHandler("ask", _for_message(questions.ask_command), anywhere),
            MessageHandler(private & filters.COMMAND, _for_message(information.unknown_command)),
            MessageHandler(private & filters.TEXT, _for_message(questions.text)),
        ]
    )
    application.add_error_handler(errors.report)


def _for_message(
    handle: Callable[[Message], Awaitable[None]],
) -> Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    async def callback(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG001
        if update.message:
            await handle(update.message)

    return callback


def _for_press(
    handle: Callable[[CallbackQuery], Awaitable[None]],
) -> Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    async def callback(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG001
        if update.callback_query:
            await handle(update.callback_query)

    return callback


def _server(settings: Settings) -> str:
    return str(settings.telegram_api_url).rstrip("/")


async def _serve_until_signal(application: BotApplication) -> None:
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # on Windows, where SIGINT still works
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await serve(application)
