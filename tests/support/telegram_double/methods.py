"""The Bot API's methods, one function each, named as in the Bot API but in snake case.

A function takes the double and then the method's parameters as keywords. pydantic converts and checks the
parameters by their annotations; a parameter that is not named here is refused. The result goes into `result`.
"""

import re
import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, model_validator, validate_call
from pydantic.alias_generators import to_camel

from support.telegram_double.chats import GENERAL, Chat, InlineAnswer, Message, Result
from support.telegram_double.markup import MarkupError, parse_html, units

METHODS: dict[str, Any] = {}
POLLING_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
MAY = dict.fromkeys(
    (
        *(
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
        ),
        *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
        *("can_post_stories", "can_edit_stories", "can_delete_stories"),
    ),
    False,
)
"""What the Bot API always says of an administrator."""
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
MAX_BYTES_OF_A_FILE = 20_000_000
QUERY_IS_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


class ApiError(Exception):
    """The server refuses a request."""

    is_a_fault = True
    """Whether a bot that asks for this does something wrong."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


class NoEditError(ApiError):
    """A bot cannot know beforehand whether a message is still there, and says something else."""

    is_a_fault = False


class NotMetError(ApiError):
    """A bot cannot know beforehand whether somebody whom it knows by number has ever written."""

    is_a_fault = False


class ChatMovedError(ApiError):
    """A bot cannot know beforehand that a group has become a supergroup."""

    is_a_fault = False


class Strict(BaseModel):
    """An object among the parameters; fields that are not named are refused."""

    model_config = ConfigDict(extra="forbid")


class ReplyParameters(Strict):
    message_id: int
    allow_sending_without_reply: bool = False


class LinkPreviewOptions(Strict):
    is_disabled: bool = False


class BotCommand(Strict):
    command: str = Field(pattern=r"^[a-z0-9_]{1,32}$")
    description: str = Field(min_length=1, max_length=256)


class BotCommandScope(Strict):
    type: Literal["default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"]
    chat_id: int | None = None


def _button_data(data: str) -> str:
    if not 1 <= len(data.encode()) <= 64:
        raise ValueError("BUTTON_DATA_INVALID")
    return data


def _within_64_bytes(name: str) -> str:
    if not 1 <= len(name.encode()) <= 64:
        raise ValueError("RESULT_ID_INVALID")
    return name


class InlineKeyboardButton(Strict):
    text: str = Field(pattern=r"\S")
    callback_data: Annotated[str, AfterValidator(_button_data)] | None = None
    url: str | None = Field(None, pattern=r"^https?://[^/\s]+\.[^/\s]+(/\S*)?$")

    @model_validator(mode="after")
    def _does_one_thing(self):
        if (self.callback_data is None) == (self.url is None):
            raise ValueError("BUTTON_TYPE_INVALID")
        return self


class InlineKeyboardMarkup(Strict):
    inline_keyboard: Annotated[list[Annotated[list[InlineKeyboardButton], Field(max_length=8)]], Field(max_length=100)]


class InputTextMessageContent(Strict):
    message_text: str
    parse_mode: Literal["HTML"] | None = None
    link_preview_options: LinkPreviewOptions | None = None


class InlineQueryResultArticle(Strict):
    type: Literal["article"]
    id: Annotated[str, AfterValidator(_within_64_bytes)]
    title: str = Field(pattern=r"\S")
    description: str = ""
    input_message_content: InputTextMessageContent


class InlineQueryResultsButton(Strict):
    text: str = Field(pattern=r"\S")
    start_parameter: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")


def method(function):
    """Make a function answer to its name in camel case."""
    METHODS[to_camel(function.__name__)] = validate_call(function)
    return function


@method
def get_me(telegram) -> Any:
    return telegram.world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": telegram.has_inline_mode,
    }


@method
def delete_webhook(telegram, *, drop_pending_updates: bool = False) -> Any:
    if drop_pending_updates:
        telegram.world.updates.clear()
    return True


@method
def set_webhook(
    telegram,
    *,
    url: str,
    secret_token: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,256}$"),
    allowed_updates: Json[list[str]] | None = None,
    max_connections: int = Field(40, ge=1, le=100),
    drop_pending_updates: bool = False,
) -> Any:
    telegram.webhook = {"url": url, "secret_token": secret_token, "allowed_updates": allowed_updates}
    return True


@method
def get_updates(
    telegram,
    *,
    offset: int = 0,
    limit: int = Field(100, ge=1, le=100),
    timeout: int = Field(0, ge=0, le=50),
    allowed_updates: Json[list[str]] | None = None,
) -> Any:
    """An update is forgotten once the bot asks for the ones behind it; a second poller ends the first one."""
    world, deadline = telegram.world, time.monotonic() + timeout
    with world.changed:
        telegram.polls += 1
        poll = telegram.polls
        world.changed.notify_all()
        world.updates[:] = [update for update in world.updates if update["update_id"] >= offset]
        while not telegram.closing:
            if telegram.polls != poll:
                raise ApiError(409, POLLING_CONFLICT)
            waiting = world.repeats + world.updates
            wanted = [u for u in waiting if allowed_updates is None or u.keys() & set(allowed_updates)]
            left = deadline - time.monotonic()
            if wanted or left <= 0:
                world.repeats.clear()
                return wanted[:limit]
            world.changed.wait(left)
    return []


@method
def set_my_commands(
    telegram,
    *,
    commands: Json[Annotated[list[BotCommand], Field(max_length=100)]],
    scope: Json[BotCommandScope] | None = None,
    language_code: str = "",
) -> Any:
    where = (scope.chat_id or scope.type) if scope else "default"
    if isinstance(where, int) and where not in telegram.world.chats:
        raise NotMetError(400, "Bad Request: chat not found")
    with telegram.world.changed:
        telegram.commands[where, language_code] = [c.command for c in commands]
        telegram.world.changed.notify_all()
    return True


@method
def set_my_description(telegram, *, description: str = Field("", max_length=512), language_code: str = "") -> Any:
    telegram.descriptions[language_code] = description
    return True


@method
def set_my_short_description(
    telegram, *, short_description: str = Field("", max_length=120), language_code: str = ""
) -> Any:
    with telegram.world.changed:
        telegram.short_descriptions[language_code] = short_description
        telegram.world.changed.notify_all()
    return True


@method
def send_chat_action(telegram, *, chat_id: int, action: Literal["typing"], message_thread_id: int | None = None) -> Any:
    _check_topic(_chat(telegram, chat_id), message_thread_id)
    return True


@method
def send_message(
    telegram,
    *,
    chat_id: int,
    text: str,
    parse_mode: Literal["HTML"] | None = None,
    message_thread_id: int | None = None,
    reply_parameters: Json[ReplyParameters] | None = None,
    link_preview_options: Json[LinkPreviewOptions] | None = None,
    reply_markup: Json[InlineKeyboardMarkup] | None = None,
) -> Any:
    world, chat = telegram.world, _chat(telegram, chat_id)
    _check_topic(chat, message_thread_id)
    shown, entities = _parse(text, parse_mode)
    replied = _replied(chat, reply_parameters)
    topic = message_thread_id or (replied.topic if replied else None)
    if replied and replied.topic != topic:
        raise ApiError(400, "Bad Request: message to be replied is in another topic")
    extra = {"link_preview_options": link_preview_options.model_dump()} if link_preview_options else {}
    message = Message(
        next(world.message_ids),
        chat,
        world.bot,
        shown,
        entities,
        replied,
        topic,
        extra=extra,
        keyboard=_keyboard(reply_markup),
    )
    return chat.add(message).to_json()


@method
def edit_message_text(
    telegram,
    *,
    chat_id: int,
    message_id: int,
    text: str,
    parse_mode: Literal["HTML"] | None = None,
    link_preview_options: Json[LinkPreviewOptions] | None = None,
    reply_markup: Json[InlineKeyboardMarkup] | None = None,
) -> Any:
    """Without a keyboard given, the message loses its buttons."""
    chat, message = _editable(telegram, chat_id, message_id)
    shown, entities = _parse(text, parse_mode, too_long="MESSAGE_TOO_LONG")
    keyboard = _keyboard(reply_markup)
    if (shown, entities, keyboard) == (message.text, message.entities, message.keyboard):
        raise NoEditError(400, NOT_MODIFIED)
    return chat.edit(message, shown, entities, keyboard).to_json()


@method
def edit_message_reply_markup(
    telegram, *, chat_id: int, message_id: int, reply_markup: Json[InlineKeyboardMarkup] | None = None
) -> Any:
    chat, message = _editable(telegram, chat_id, message_id)
    keyboard = _keyboard(reply_markup)
    if keyboard == message.keyboard:
        raise NoEditError(400, NOT_MODIFIED)
    return chat.edit(message, message.text, message.entities, keyboard).to_json()


@method
def get_file(telegram, *, file_id: str) -> Any:
    data = telegram.world.files.get(file_id)
    if data is None:
        raise ApiError(400, "Bad Request: invalid file_id")
    if len(data) > MAX_BYTES_OF_A_FILE:
        raise ApiError(400, "Bad Request: file is too big")
    file = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data)}
    return file | {"file_path": f"documents/{file_id}"}


@method
def get_chat_member(telegram, *, chat_id: int, user_id: int) -> Any:
    administrators = [person.user for person in _chat(telegram, chat_id).administrators]
    for user in administrators:
        if user["id"] == user_id:
            return {"user": user, "status": "administrator", **dict.fromkeys(MAY, True)}
    user = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
    return {"user": user, "status": "member"}


@method
def answer_callback_query(
    telegram, *, callback_query_id: str, text: str = Field("", max_length=200), show_alert: bool = False
) -> Any:
    """The real server takes one answer a press, and only soon after it."""
    with telegram.world.changed:
        press = telegram.world.presses.get(callback_query_id)
        if press is None or press.answer is not None:
            raise ApiError(400, QUERY_IS_OLD)
        press.answer = {"text": text, "show_alert": show_alert}
        telegram.world.changed.notify_all()
    return True


@method
def get_chat_administrators(telegram, *, chat_id: int) -> Any:
    chat = _chat(telegram, chat_id)
    if chat.kind == "private":
        raise ApiError(400, "Bad Request: there are no administrators in the private chat")
    return [{"status": "administrator", "user": each.user} | MAY for each in chat.administrators]


@method
def answer_inline_query(
    telegram,
    *,
    inline_query_id: str,
    results: Json[Annotated[list[InlineQueryResultArticle], Field(max_length=50)]],
    cache_time: int = Field(300, ge=0),
    is_personal: bool = False,
    next_offset: str = "",
    button: Json[InlineQueryResultsButton] | None = None,
) -> Any:
    """The real server takes one answer a query, and only soon after it."""
    if len({result.id for result in results}) < len(results):
        raise ApiError(400, "Bad Request: RESULT_ID_DUPLICATE")
    if len(next_offset.encode()) > 64:
        raise ApiError(400, "Bad Request: NEXT_OFFSET_INVALID")
    shown = [_result(result) for result in results]
    with telegram.world.changed:
        query = telegram.world.inline_queries.get(inline_query_id)
        if query is None or query.answer is not None:
            raise ApiError(400, QUERY_IS_OLD)
        pressed = button.model_dump() if button else None
        query.answer = InlineAnswer(shown, next_offset, is_personal, cache_time, pressed)
        telegram.world.changed.notify_all()
    return True


def _result(result: InlineQueryResultArticle) -> Result:
    content = result.input_message_content
    text, entities = _parse(content.message_text, content.parse_mode, too_long="MESSAGE_TOO_LONG")
    preview = content.link_preview_options
    extra = {"link_preview_options": preview.model_dump()} if preview else {}
    return Result(result.id, result.title, result.description, text, entities, extra)


def _keyboard(markup: InlineKeyboardMarkup | None) -> list[list[Any]]:
    return markup.model_dump(exclude_none=True)["inline_keyboard"] if markup else []


def _chat(telegram, chat_id: int) -> Chat:
    chat = telegram.world.chats.get(chat_id)
    if chat is None:
        raise ApiError(400, "Bad Request: chat not found")
    if chat.moved_to:
        description = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ChatMovedError(400, description, migrate_to_chat_id=chat.moved_to)
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def _editable(telegram, chat_id: int, message_id: int) -> tuple[Chat, Message]:
    chat = _chat(telegram, chat_id)
    message = chat.messages.get(message_id)
    if message is None:
        raise NoEditError(400, "Bad Request: message to edit not found")
    if message.sender["id"] != telegram.world.bot["id"]:
        raise NoEditError(400, "Bad Request: message can't be edited")
    return chat, message


def _check_topic(chat: Chat, topic: int | None) -> None:
    if topic is not None and (topic == GENERAL or topic not in chat.topics):
        raise ApiError(400, "Bad Request: message thread not found")


def _replied(chat: Chat, parameters: ReplyParameters | None) -> Message | None:
    if parameters is None:
        return None
    message = chat.messages.get(parameters.message_id)
    if message is None and not parameters.allow_sending_without_reply:
        raise ApiError(400, "Bad Request: message to be replied not found")
    return message


def _parse(text: str, parse_mode: str | None, too_long: str = "message is too long") -> tuple[str, list[Any]]:
    try:
        shown, entities = parse_html(text) if parse_mode else (text, [])
    except MarkupError as error:
        raise ApiError(400, f"Bad Request: can't parse entities: {error}") from error
    if not re.search(r"\S", shown):
        raise ApiError(400, "Bad Request: message text is empty")
    if units(shown) > 4096:
        raise ApiError(400, f"Bad Request: {too_long}")
    if len(entities) > 100:
        raise ApiError(400, "Bad Request: too many entities")
    return shown, entities
