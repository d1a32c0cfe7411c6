"""The Telegram bot: `TelegramBot` builds the application with its handlers, `run_bot` runs it until a signal."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from telegram import LinkPreviewOptions, Message, Update, ext
from telegram.error import InvalidToken
from telegram.ext import Application, filters

from bot.monitoring.monitor import Monitor, Pulse
from bot.services.background import BackgroundThread
from bot.services.failure_log import FailureLog
from bot.services.library import Library
from bot.services.rate_limit import RateLimiter
from bot.services.receipts import ReceiptService
from bot.services.sources import open_sources
from bot.services.supervision import keep_running
from bot.settings import Settings
from bot.telegram.access.access import Access
from bot.telegram.access.administrators import Administrators
from bot.telegram.access.command_menu import introduce
from bot.telegram.access.upload_permission import UploadPermission
from bot.telegram.documents.collections import SHOWN, Collections
from bot.telegram.documents.documents import DOCUMENT_BUTTONS, Documents
from bot.telegram.documents.indexer import UploadIndexer
from bot.telegram.documents.pages import Pages
from bot.telegram.documents.reporter import UploadReporter
from bot.telegram.documents.storage import UploadStorage
from bot.telegram.documents.uploads import Uploads
from bot.telegram.documents.versions import Versions, keep_dropping
from bot.telegram.messaging.errors import Errors
from bot.telegram.messaging.mentions import ALIASES, text_without_command
from bot.telegram.messaging.replies import Replies
from bot.telegram.people.forget_me import COMMAND, FORGET, ForgetMe
from bot.telegram.people.gate import Gate
from bot.telegram.people.group_settings import SETTINGS, GroupSettings
from bot.telegram.people.help import MORE_HELP, Help
from bot.telegram.people.membership import LET_IN, Membership
from bot.telegram.people.owners import Owners
from bot.telegram.questions.answer_buttons import Buttons
from bot.telegram.questions.conversation import Conversation, keep_forgetting
from bot.telegram.questions.inline import Inline
from bot.telegram.questions.pinning import Pinning
from bot.telegram.questions.questions import Questions
from bot.telegram.questions.receipts import START, ReceiptViews
from bot.telegram.questions.statistics import StatisticsView
from bot.telegram.questions.unanswered import UNANSWERED, Unanswered
from bot.telegram.state import State
from bot.telegram.transport.bot_api import ApiRequest, BotApi
from bot.telegram.transport.connection import Connection
from bot.telegram.transport.polling import Poller
from bot.telegram.transport.sender import ReliableSender
from bot.telegram.transport.update_queue import AnyApplication, PerChatProcessor, UpdateQueue
from bot.telegram.transport.webhook import Webhook
from bot.web import receipt_link
from retrieval import MIB, SettingsError, StoreError, title_of

logger = logging.getLogger(__name__)

QUERIES_A_QUESTION = 6
"""Telegram sends an inline query whenever somebody pauses while they write it."""
POLL_INTERVAL_S = 1.0
"""How soon the bot takes over what another replica has left."""
PAIRING_FILE = "pairing-link.txt"
MAX_WAITING_QUESTIONS = 500
"""Questions; the last of so many waits for about two minutes."""
STOP_TIMEOUT_S = 5
"""How long the bot goes on answering after a signal: Docker kills it after ten seconds."""
Handler = ext.BaseHandler[Update, Any, Any]
Handle = Callable[[Any], Coroutine[Any, Any, None]]
Filter = filters.BaseFilter
PRIVATE = filters.ChatType.PRIVATE
ANYWHERE = PRIVATE | filters.ChatType.GROUPS
FILES = filters.Document.ALL | filters.PHOTO


class TelegramBot:
    """The bot with all its handlers.

    Args:
        settings: with the token.
        library: the documents.
        show: called with messages for the person at the terminal; None if there is no terminal.
        monitor: told of questions, and every second of the bot itself.

    Raises:
        SettingsError: there is no token.
        StoreError: the data folder cannot be used.
    """

    def __init__(
        self, settings: Settings, library: Library, show: Callable[[str], None] | None, monitor: Monitor
    ) -> None:
        token = bot_token(settings)
        self._settings = settings
        self._show = show
        self._monitor = monitor
        self._pairing_file = settings.data / PAIRING_FILE
        self._state = State(settings.data, token.partition(":")[0], settings.database_url)
        self._access = Access(settings, self._state)
        failures = FailureLog("No question can be answered now", "Questions can be answered again.")
        self._background = BackgroundThread("answers", MAX_WAITING_QUESTIONS, failures)
        self._receipts = ReceiptService(settings)
        self._receipts_thread = BackgroundThread("receipts", MAX_WAITING_QUESTIONS)
        sender = ReliableSender(self._state.updates, self._state.chats, self._access.move)
        self._queue = UpdateQueue(self._state.updates, sender.note)
        bot = _bot_api(settings, sender)
        self._bot_api, self._application = bot, _build_application(bot)
        self._processor = PerChatProcessor(self._queue, self._state.updates, self._application)
        index, max_bytes = library.index, settings.max_uploads_mib * MIB
        storage = UploadStorage(settings.folder_of_uploads, index.set_title, partial(title_of, index), max_bytes)
        indexer = UploadIndexer(library, storage, partial(open_sources, settings))
        self._reporter = UploadReporter(indexer, self._state.uploads, self._state.updates, bot, settings.limits)
        self._add_handlers(library, indexer)

    def _add_handlers(self, library: Library, indexer: UploadIndexer) -> None:
        """Add the handlers: of those in one group, only the first that fits handles an update."""
        index, background, access, state = library.index, self._background, self._access, self._state
        receipts, thread, limit = self._receipts, self._receipts_thread, self._settings.questions_a_minute
        administrators, replies = Administrators(), Replies(state.conversations)
        inline = Inline(index, background, receipts, thread, access, monitor=self._monitor)
        permission = UploadPermission(access, administrators, state.chats)
        questions = Questions(
            index, background, replies, Conversation(state.conversations), access, monitor=self._monitor
        )
        receipt_views = ReceiptViews(receipts, thread, access, partial(receipt_link, self._settings))
        pinning = Pinning(index, background, receipts, thread, access)
        unanswered = Unanswered(index, background, pinning, access)
        uploads = Uploads(self._reporter, permission, access, state.uploads, state.chats, replies)
        versions = Versions(self._reporter, state.uploads)
        collections = Collections(index, background, access, state.chats)
        pages = Pages(self._reporter, permission, access, state.uploads, replies)
        documents = Documents(indexer, uploads, versions, pages, permission, access, state.uploads)
        help_, owners = Help(access), Owners(access, state.people)
        forget_me = ForgetMe(receipts, thread, access, state)
        group_settings = GroupSettings(access, administrators, state.chats)
        limiters = RateLimiter(limit), RateLimiter(QUERIES_A_QUESTION * limit)
        membership = Membership(access, state.people, state.chats, RateLimiter(limit))
        gate = Gate(access, state.people, state.chats, forget_me, *limiters)

        async def receive_picture(message: Message) -> None:
            if await uploads.takes_picture(message):
                await uploads.receive(message)
            elif text_without_command(message, message.get_bot()):
                help_.is_first_of_album(message)  # the pictures without a caption are no messages of their own
                await questions.ask(message)
            else:
                await help_.no_text(message)

        async def receive_text(message: Message) -> None:
            if not await pages.offer(message):
                await questions.ask(message)

        async def add(message: Message) -> None:
            if not await pages.offer(message):
                await uploads.add(message)

        handlers = [
            _on_button(DOCUMENT_BUTTONS, documents.press),
            _on_button(f"^{SETTINGS}", group_settings.press),
            _on_button(f"^{SHOWN}", collections.press),
            _on_button(f"^{FORGET}", forget_me.press),
            _on_button(f"^{UNANSWERED}", unanswered.press),
            _on_button(f"^{LET_IN}", membership.let_in),
            _on_button(f"^{MORE_HELP}$", help_.explain_answers),
            _on_button("", Buttons(index, background, receipt_views, pinning, access).press),
            ext.InlineQueryHandler(_on("inline_query", inline.search)),
            ext.ChosenInlineResultHandler(_on("chosen_inline_result", inline.choose)),
            _on_edit(FILES | filters.Regex(r"^/add\b"), uploads.retitle),
            _on_edit(filters.TEXT, questions.ask_again),
            _on_message(ANYWHERE & filters.Document.ALL, uploads.receive),
            _on_message(ANYWHERE & (filters.PHOTO | filters.CAPTION), receive_picture),
            _on_command("add", add),
            _on_command("uploads", uploads.open),
            _on_command("documents", documents.list),
            _on_command("collections", collections.show),
            _on_command("unanswered", unanswered.list),
            _on_command("stats", StatisticsView(index, background, access).show),
            _on_command("receipt", receipt_views.show),
            _on_command(COMMAND, forget_me.show),
            _on_message(PRIVATE & filters.Regex(rf"^/start {START}"), receipt_views.show),
            _on_command("start", help_.start, PRIVATE),
            _on_command("help", help_.help, PRIVATE),
            _on_command("start", help_.explain_in_group, filters.ChatType.GROUPS),
            _on_command("help", help_.explain_in_group, filters.ChatType.GROUPS),
            _on_command("new", questions.begin_anew, PRIVATE),
            _on_command("sources", questions.sources, PRIVATE),
            _on_command("allow", owners.allow),
            _on_command("deny", owners.deny),
            _on_command("settings", group_settings.show),
            _on_command("members", owners.members, PRIVATE),
            _on_command("ask", questions.ask),
            _on_message(PRIVATE & filters.COMMAND, help_.unknown_command),
            _on_message(ANYWHERE & filters.TEXT & ~filters.COMMAND, receive_text),
            _on_message(PRIVATE & ~filters.StatusUpdate.ALL, help_.no_text),
        ]
        # Telegram sends these about the bot itself, so they do not pass the gate.
        changes = [
            ext.ChatMemberHandler(_on("my_chat_member", membership.update), ext.ChatMemberHandler.MY_CHAT_MEMBER),
            _on_message(filters.StatusUpdate.MIGRATE, membership.migrate),
        ]
        self._application.add_handlers({-2: changes, -1: [ext.TypeHandler(Update, gate.admit)], 0: handlers})
        self._application.add_error_handler(Errors(replies).report)

    async def serve(self) -> None:
        """Answer until cancelled; stored updates without an answer are answered after the next start.

        Raises:
            InvalidToken: Telegram refuses the token.
        """
        application, connection = self._application, Connection(self._application)
        bot, queue, settings = self._bot_api, self._queue, self._settings
        source: Poller | Webhook = Poller(bot, connection, queue)
        if settings.webhook_url:
            source = Webhook(bot, connection, queue, settings)
        try:
            await connection.open()
            if link := self._access.pairing_link(application.bot.username):
                self._show_pairing(link)
            await application.start()
            tasks = self._start_tasks(source)
            try:
                logger.info("Answering as @%s.", application.bot.username)
                await keep_running("What receives messages", source.run, ends_with=(SettingsError,))
            finally:
                for task in tasks:
                    task.cancel()
                await source.stop()
                await self._stop()
        finally:
            self._reporter.close()
            self._pairing_file.unlink(missing_ok=True)
            await application.shutdown()
            await application.bot.shutdown()
            self._background.close()
            self._receipts_thread.close()
            self._receipts.close()
            self._state.close()

    def _start_tasks(self, source: Poller | Webhook) -> list[asyncio.Task[None]]:
        """Start what is to run as long as the bot."""
        bot, state = self._application.bot, self._state
        endless: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "What hands messages to their handlers": self._processor.run,
            "What takes over work that is left": self._keep_polling,
            "What tells the monitor of the bot": partial(self._keep_telling, source),
            "What forgets old questions": partial(
                keep_forgetting, state.conversations, self._receipts, self._receipts_thread
            ),
            "What drops undecided files": partial(keep_dropping, self._reporter, state.uploads),
        }
        works = [keep_running(name, work) for name, work in endless.items()]
        introducing = partial(introduce, bot, self._access, state.facts)
        works.append(keep_running("What tells Telegram of the commands", introducing, is_endless=False))
        return [asyncio.create_task(work) for work in works]

    def _show_pairing(self, link: str) -> None:
        """Show the pairing link to the owner alone: others may read the log, which is kept."""
        if self._show:
            self._show("Nobody owns this bot yet. Whoever opens this link in Telegram first does from then on:")
            self._show(link)
            return
        self._pairing_file.unlink(missing_ok=True)
        self._pairing_file.touch(mode=0o600, exist_ok=False)
        self._pairing_file.write_text(f"{link}\n", "utf-8")
        logger.warning(
            "Nobody owns this bot yet. Whoever opens the link in %s in Telegram first does from then on.",
            self._pairing_file,
        )

    async def _keep_polling(self) -> None:
        """Take over the work that is left from before a restart, or by a replica that was killed."""
        while True:
            await self._queue.poll()
            self._reporter.poll()
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _keep_telling(self, source: Poller | Webhook) -> None:
        """Tell the monitor that the bot works. While the database does not answer, nothing is told, so it does not."""
        while True:
            with suppress(StoreError):  # logged by the queue
                backlog = self._state.updates.backlog()
                self._monitor.beat(Pulse(source.is_alive, self._background.waiting, *backlog))
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _stop(self) -> None:
        try:
            await asyncio.wait_for(self._application.stop(), STOP_TIMEOUT_S)
        except TimeoutError:
            logger.warning("Questions without an answer will be answered after the next start.")


def _build_application(bot: BotApi) -> AnyApplication:
    """Build the application without handlers. It has no updater, and an empty queue: `PerChatProcessor` calls it."""
    application: AnyApplication = Application.builder().bot(bot).updater(None).build()
    return application


def _bot_api(settings: Settings, sender: ReliableSender) -> BotApi:
    server = _server(settings)
    return BotApi(
        bot_token(settings),
        f"{server}/bot",
        f"{server}/file/bot",
        request=ApiRequest(),
        get_updates_request=ApiRequest(max_connections=1),
        defaults=_DEFAULTS,
        rate_limiter=sender,
    )


def run_bot(settings: Settings, library: Library, show: Callable[[str], None] | None, monitor: Monitor) -> None:
    """Answer in Telegram until SIGTERM or SIGINT; the arguments are those of `TelegramBot`.

    Raises:
        SettingsError: there is no token, or Telegram refuses it.
        StoreError: the data folder cannot be used.
    """
    bot = TelegramBot(settings, library, show, monitor)
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
    """Get the token from the settings.

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


_DEFAULTS = ext.Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True), allow_sending_without_reply=True)


def _on(part: str, handle: Handle) -> Callable[[Update, ext.ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    """Make a callback that passes on one part of an update, such as its message; without that, it does nothing."""

    async def callback(update: Update, _: ext.ContextTypes.DEFAULT_TYPE) -> None:
        if value := getattr(update, part):
            await handle(value)

    return callback


def _on_button(data: str, handle: Handle) -> Handler:
    return ext.CallbackQueryHandler(_on("callback_query", handle), data)


def _on_command(name: str, handle: Handle, where: Filter = ANYWHERE) -> Handler:
    names = [name, *(alias for alias, command in ALIASES.items() if command == name)]
    return ext.CommandHandler(names, _on("message", handle), where)


def _on_message(which: Filter, handle: Handle) -> Handler:
    return ext.MessageHandler(which, _on("message", handle))


def _on_edit(which: Filter, handle: Handle) -> Handler:
    return ext.MessageHandler(filters.UpdateType.EDITED_MESSAGE & which, _on("edited_message", handle))


def _server(settings: Settings) -> str:
    return str(settings.telegram_api_url).rstrip("/")


async def _serve_until_signal(bot: TelegramBot) -> None:
    task = asyncio.current_task()
    if task is not None:
        with suppress(NotImplementedError):  # on Windows, where SIGINT still works
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await bot.serve()
