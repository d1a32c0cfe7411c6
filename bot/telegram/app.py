"""The Telegram bot: `TelegramBot` puts it together, `run_bot` runs it until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram import LinkPreviewOptions, Update
from telegram.error import InvalidToken
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    Defaults,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.services.background import BackgroundThread
from bot.services.failure_log import FailureLog
from bot.services.receipts import ReceiptService
from bot.telegram.access.access import Access
from bot.telegram.access.administrators import Administrators
from bot.telegram.access.command_menu import introduce
from bot.telegram.access.rate_limit import Pace
from bot.telegram.access.upload_permission import Uploaders
from bot.telegram.documents.documents import BUTTONS as DOCUMENT_BUTTONS
from bot.telegram.documents.documents import Documents
from bot.telegram.documents.indexer import UploadIndexer
from bot.telegram.documents.storage import UploadStorage
from bot.telegram.documents.uploads import Uploads
from bot.telegram.logs import log_to_stderr
from bot.telegram.messaging.errors import Errors
from bot.telegram.messaging.replies import Replies
from bot.telegram.people.forget_me import COMMAND, FORGET, Forgetting
from bot.telegram.people.gate import Gate
from bot.telegram.people.group_settings import SETTINGS, GroupSettings
from bot.telegram.people.help import Information
from bot.telegram.people.membership import Chats
from bot.telegram.people.owners import Owners
from bot.telegram.questions.answer_buttons import Buttons
from bot.telegram.questions.conversation import Turns, keep_forgetting
from bot.telegram.questions.inline import Inline
from bot.telegram.questions.pinning import Pinning
from bot.telegram.questions.questions import Questions
from bot.telegram.questions.receipts import START, ShownReceipts
from bot.telegram.questions.unanswered import MISSED, Missed
from bot.telegram.state import State
from bot.telegram.transport.connection import Connection
from bot.telegram.transport.polling import Poller
from bot.telegram.transport.sender import ReliableSender
from bot.telegram.transport.update_queue import PerChatProcessor, UpdateQueue
from bot.telegram.transport.webhook import Webhook
from bot.web import receipt_link
from retrieval import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.services.library import Library
    from bot.settings import Settings

logger = logging.getLogger(__name__)

TIMEOUT_S = 20
"""What takes longer is made again, without knowing what became of it."""
QUERIES_A_QUESTION = 6
"""Telegram sends an inline query whenever somebody pauses while they write it."""
LOOK_AGAIN_S = 1.0
"""What another replica has left is found so soon."""
MAX_WAITING = 500
"""Questions; the last of so many waits for about two minutes."""
GRACE_S = 5
"""How long the bot goes on answering when it is asked to end: Docker and its like kill it after ten seconds."""

Handler = BaseHandler[Update, Any, Any]
HandlerCallback = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]


class TelegramBot:
    """The bot with all its handlers.

    Args:
        settings: with the token.
        library: what the bot answers from.
        say: called with what the person at the terminal should know.

    Raises:
        SettingsError: there is no token.
        StoreError: the data folder cannot be used.
    """

    def __init__(self, settings: Settings, library: Library, say: Callable[[str], None]) -> None:
        token, server = bot_token(settings), _server(settings)
        self._settings = settings
        self._say = say
        self._state = State(settings.data, token.partition(":")[0], settings.database_url)
        self._access = Access(settings, self._state)
        self._index = library.index
        failures = FailureLog("No question can be answered now", "Questions can be answered again.")
        self._background = BackgroundThread("answers", MAX_WAITING, failures)
        self._receipts = ReceiptService(settings)
        self._receipts_thread = BackgroundThread("receipts", MAX_WAITING)
        self._replies = Replies(self._state.conversations)
        sender = ReliableSender(self._state.updates, self._state.chats, self._access.move)
        self._queue = UpdateQueue(self._state.updates, sender.note)
        processor = PerChatProcessor(self._queue, self._state.updates)
        self._application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder()
            .token(token)
            .base_url(f"{server}/bot")
            .base_file_url(f"{server}/file/bot")
            .defaults(_DEFAULTS)
            .rate_limiter(sender)
            .connect_timeout(TIMEOUT_S)
            .read_timeout(TIMEOUT_S)
            .write_timeout(TIMEOUT_S)
            .update_queue(self._queue)
            .concurrent_updates(processor)
            .build()
        )
        processor.handle_with(self._application)
        self._administrators = Administrators()
        storage = UploadStorage(settings.folder_of_uploads, library.index.set_title)
        self._indexer = UploadIndexer(library, storage)
        self._uploaders = Uploaders(self._access, self._administrators, self._state.chats)
        self._uploads = Uploads(
            indexer=self._indexer,
            uploaders=self._uploaders,
            access=self._access,
            records=self._state.uploads,
            chats=self._state.chats,
            replies=self._replies,
            bot=self._application.bot,
            limits=settings.limits,
        )
        self._add_handlers(Pace(settings.questions_a_minute), Pace(QUERIES_A_QUESTION * settings.questions_a_minute))

    async def serve(self) -> None:
        """Answer until cancelled; what was fetched by then is answered now or after the next start.

        Raises:
            InvalidToken: Telegram refuses the token.
        """
        application, connection = self._application, Connection(self._application)
        source = Webhook(application, self._settings) if self._settings.webhook_url else Poller(application, connection)
        try:
            await connection.open()
            self._show_pairing_link()
            await application.start()
            introducing = asyncio.create_task(introduce(application.bot, self._access, self._state.facts))
            forgetting = asyncio.create_task(
                keep_forgetting(self._state.conversations, self._receipts, self._receipts_thread)
            )
            looking = asyncio.create_task(self._keep_looking())
            try:
                logger.info("Answering as @%s.", application.bot.username)
                await source.run()
            finally:
                looking.cancel()
                introducing.cancel()
                forgetting.cancel()
                await source.stop()
                await self._stop()
        finally:
            self._uploads.close()
            await application.shutdown()
            await application.bot.shutdown()
            self._background.close()
            self._receipts_thread.close()
            self._receipts.close()
            self._state.close()

    async def _keep_looking(self) -> None:
        """Take over what was not done when the bot ended, and what a replica leaves that is killed."""
        while True:
            await self._queue.poll()
            self._uploads.look_again()
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _stop(self) -> None:
        try:
            await asyncio.wait_for(self._application.stop(), GRACE_S)
        except TimeoutError:
            logger.warning("What is not answered yet will be after the next start.")

    def _show_pairing_link(self) -> None:
        link = self._access.pairing_link(self._application.bot.username)
        if link:
            # Not through the log, which others may read and which is kept.
            self._say("Nobody owns this bot yet. Whoever opens this link in Telegram first does from then on:")
            self._say(link)

    def _add_handlers(self, pace: Pace, inline_pace: Pace) -> None:
        index, background, access, state = self._index, self._background, self._access, self._state
        receipts, thread = self._receipts, self._receipts_thread
        questions = Questions(index, background, self._replies, Turns(state.conversations), access)
        shown_receipts = ShownReceipts(receipts, thread, access, partial(receipt_link, self._settings))
        pinning = Pinning(index, background, receipts, thread, access)
        buttons = Buttons(index, background, shown_receipts, pinning, access)
        missed = Missed(index, background, pinning, access)
        uploads = self._uploads
        documents = Documents(self._indexer, uploads, self._uploaders, access, state.uploads)
        chats = Chats(access, state.chats)
        information, owners = Information(access), Owners(access, state.people)
        private = filters.ChatType.PRIVATE
        anywhere = private | filters.ChatType.GROUPS
        forgetting = Forgetting(receipts, thread, access, state)
        gate = Gate(access, state.people, state.chats, forgetting, pace=pace, inline_pace=inline_pace)
        # Telegram tells this of the bot itself, whoever caused it.
        news: list[Handler] = [
            ChatMemberHandler(_given("my_chat_member", chats.membership), ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(filters.StatusUpdate.MIGRATE, _given("message", chats.moved)),
        ]
        self._application.add_handlers(news, group=-2)
        self._application.add_handler(TypeHandler(Update, gate.admit), group=-1)
        group_settings = GroupSettings(access, self._administrators, state.chats)
        handlers: list[Handler] = [
            CallbackQueryHandler(_given("callback_query", documents.pressed), DOCUMENT_BUTTONS),
            CallbackQueryHandler(_given("callback_query", group_settings.press), pattern=f"^{SETTINGS}"),
            CallbackQueryHandler(_given("callback_query", forgetting.press), pattern=f"^{FORGET}"),
            CallbackQueryHandler(_given("callback_query", missed.pressed), pattern=f"^{MISSED}"),
            CallbackQueryHandler(_given("callback_query", buttons.pressed)),
            InlineQueryHandler(_given("inline_query", Inline(index, background).search)),
            MessageHandler(
                filters.UpdateType.EDITED_MESSAGE & (filters.Document.ALL | filters.Regex(r"^/add\b")),
                _given("edited_message", uploads.retitle),
            ),
            MessageHandler(
                filters.UpdateType.EDITED_MESSAGE & filters.TEXT,
                _given("edited_message", questions.ask_again),
            ),
            MessageHandler(anywhere & filters.Document.ALL, _given("message", uploads.receive)),
            CommandHandler("add", _given("message", uploads.add), anywhere),
            CommandHandler("uploads", _given("message", uploads.open), anywhere),
            CommandHandler("documents", _given("message", documents.list), anywhere),
            CommandHandler("missed", _given("message", missed.list), anywhere),
            CommandHandler("receipt", _given("message", shown_receipts.show), anywhere),
            CommandHandler(COMMAND, _given("message", forgetting.show), anywhere),
            MessageHandler(private & filters.Regex(rf"^/start {START}"), _given("message", shown_receipts.show)),
            CommandHandler("start", _given("message", information.start), private),
            CommandHandler("help", _given("message", information.help), private),
            CommandHandler("new", _given("message", questions.begin_anew), private),
            CommandHandler("sources", _given("message", questions.sources), private),
            CommandHandler("allow", _given("message", owners.allow), anywhere),
            CommandHandler("deny", _given("message", owners.deny), anywhere),
            CommandHandler("settings", _given("message", group_settings.show), anywhere),
            CommandHandler("members", _given("message", owners.members), private),
            CommandHandler("ask", _given("message", questions.ask), anywhere),
            MessageHandler(private & filters.COMMAND, _given("message", information.unknown_command)),
            MessageHandler(anywhere & filters.TEXT & ~filters.COMMAND, _given("message", questions.ask)),
            MessageHandler(private & ~filters.StatusUpdate.ALL, _given("message", information.no_text)),
        ]
        self._application.add_handlers(handlers)
        self._application.add_error_handler(Errors(self._replies).report)


def run_bot(settings: Settings, library: Library, say: Callable[[str], None]) -> None:
    """Answer in Telegram until SIGTERM or SIGINT; the arguments are those of `TelegramBot`.

    Raises:
        SettingsError: there is no token, or Telegram refuses it.
        StoreError: the data folder cannot be used.
    """
    log_to_stderr(bot_token(settings), settings.log_level)
    bot = TelegramBot(settings, library, say)
    try:
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_serve_until_signal(bot))
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


_DEFAULTS = Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True), allow_sending_without_reply=True)


def _given(part: str, handle: Callable[[Any], Awaitable[None]]) -> HandlerCallback:
    """A handler that gets one part of an update, such as its message, and does nothing without."""

    async def callback(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if given := getattr(update, part):
            await handle(given)

    return callback


def _server(settings: Settings) -> str:
    return str(settings.telegram_api_url).rstrip("/")


async def _serve_until_signal(bot: TelegramBot) -> None:
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # on Windows, where SIGINT still works
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await bot.serve()
