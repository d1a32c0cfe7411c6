"""The double of the Bot API refuses what the real server refuses."""

from __future__ import annotations

import json

import httpx
import pytest

from support.telegram_double import Button, Entity, FloodLimits, MarkupError, TelegramDouble, parse_html


@pytest.fixture
def telegram():
    with TelegramDouble() as double:
        yield double


@pytest.fixture
def call(telegram):
    with httpx.Client(base_url=f"{telegram.url}/bot{telegram.token}/", trust_env=False) as client:
        yield lambda method, **parameters: client.post(method, data=parameters).json()


@pytest.fixture
def ann(telegram):
    return telegram.person("Ann")


def test_a_file_is_handed_over_only_after_it_was_asked_for(telegram, call, ann):
    message = ann.sends_file("a.txt", b"A cat.", "Look at /this")
    document = message.extra["document"]
    assert document["file_size"] == 6
    assert message.to_json()["caption_entities"] == [{"type": "bot_command", "offset": 8, "length": 5}]
    url = f"{telegram.url}/file/bot{telegram.token}/documents/{document['file_id']}"
    assert httpx.get(url, trust_env=False).status_code == 404
    path = call("getFile", file_id=document["file_id"])["result"]["file_path"]
    assert path == f"documents/{document['file_id']}"
    assert httpx.get(url, trust_env=False).content == b"A cat."
    assert httpx.get(url.replace(telegram.token, "42:other"), trust_env=False).status_code == 404


def test_files_that_are_not_there_or_too_big_are_refused(telegram, call, ann):
    big = ann.sends_file("a.txt", bytes(20_000_001)).extra["document"]["file_id"]
    assert call("getFile", file_id=big)["description"] == "Bad Request: file is too big"
    assert call("getFile", file_id="x")["description"] == "Bad Request: invalid file_id"
    assert len(telegram.complaints) == 2


def test_administrators_are_listed(telegram, call, ann):
    group = telegram.group("Readers")
    asked = {"chat_id": group.id, "user_id": ann.user["id"]}
    assert call("getChatMember", **asked)["result"]["status"] == "member"
    group.administrators.append(ann)
    assert call("getChatMember", **asked)["result"]["status"] == "administrator"


def test_html_becomes_text_and_entities_counted_in_utf_16():
    assert parse_html("🙂 <blockquote expandable>a &lt;<b>b</b></blockquote>") == (
        "🙂 a <b",
        [Entity("bold", 6, 1, "b"), Entity("expandable_blockquote", 3, 4, "a <b")],
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<b>never closed",
        "never opened</b>",
        "<b><i>crossed</b></i>",
        "<p>unknown</p>",
        "1 < 2",
        "2 > 1",
        '<b class="x">attribute</b>',
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "<b><code>code inside another</code></b>",
    ],
)
def test_html_that_telegram_does_not_take_is_refused(markup):
    with pytest.raises(MarkupError):
        parse_html(markup)


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({}, "Missing required keyword only argument"),
        ({"text": " \n"}, "message text is empty"),
        ({"text": "🙂" * 2049}, "message is too long"),
        ({"text": "<b>x</b>" * 101, "parse_mode": "HTML"}, "too many entities"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "x", "colour": "red"}, "Unexpected keyword argument"),
        ({"text": "x", "chat_id": "Ann"}, "should be a valid integer"),
        ({"text": "x", "chat_id": 1}, "chat not found"),
        ({"text": "x", "message_thread_id": 1}, "message thread not found"),
        ({"text": "x", "reply_parameters": '{"message_id": 1}'}, "message to be replied not found"),
        ({"text": "x", "reply_parameters": "{}"}, "message_id"),
    ],
)
def test_a_message_that_telegram_refuses_is_a_complaint(telegram, call, ann, parameters, description):
    refusal = call("sendMessage", **({"chat_id": ann.chat.id} | parameters))
    assert (refusal["ok"], refusal["error_code"]) == (False, 400)
    assert description in refusal["description"]
    assert len(telegram.complaints) == 1
    assert ann.chat.unread == 0


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
def test_a_button_with_too_little_or_too_much_data_is_refused(call, ann, data):
    refusal = call("sendMessage", chat_id=ann.chat.id, text="x", reply_markup=keyboard(data))
    assert "BUTTON_DATA_INVALID" in refusal["description"]


def test_an_edit_without_a_keyboard_removes_the_buttons(call, ann):
    sent = call("sendMessage", chat_id=ann.chat.id, text="x", reply_markup=keyboard("d" * 64))["result"]
    where = {"chat_id": ann.chat.id, "message_id": sent["message_id"]}
    message = ann.reads()
    assert message.buttons == [Button(message, "Press", "d" * 64)]
    assert call("editMessageText", **where, text="<b>y</b>", parse_mode="HTML")["ok"]
    assert ann.reads_edited() is message
    assert (message.text, message.marked("bold"), message.buttons) == ("y", ["y"], [])


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"text": "x"}, "message is not modified"),
        ({"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ({"text": "<b>y", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "y", "message_id": 1}, "message to edit not found"),
    ],
)
def test_an_edit_that_telegram_does_not_take_is_refused(call, ann, parameters, description):
    sent = call("sendMessage", chat_id=ann.chat.id, text="x")["result"]
    edit = {"chat_id": ann.chat.id, "message_id": sent["message_id"]} | parameters
    assert description in call("editMessageText", **edit)["description"]


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"results": [{"id": ""}]}, "RESULT_ID_INVALID"),
        ({"results": [{"id": "x" * 65}]}, "RESULT_ID_INVALID"),
        ({"results": [{}, {}]}, "RESULT_ID_DUPLICATE"),
        ({"results": [{"id": str(n)} for n in range(51)]}, "at most 50 items"),
        ({"results": [{"title": " "}]}, "title"),
        ({"results": [{"colour": "red"}]}, "Extra inputs are not permitted"),
        ({"results": [{"input_message_content": {"message_text": "x" * 4097}}]}, "MESSAGE_TOO_LONG"),
        ({"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"button": {"text": "x", "start_parameter": "a b"}}, "start_parameter"),
        ({"inline_query_id": "1"}, "query is too old"),
    ],
)
def test_an_invalid_answer_to_an_inline_query_is_refused(telegram, call, ann, parameters, description):
    article = {"type": "article", "id": "1", "title": "x", "input_message_content": {"message_text": "x"}}
    results = json.dumps([article | changes for changes in parameters.pop("results", [{}])])
    packed = {name: each if isinstance(each, str) else json.dumps(each) for name, each in parameters.items()}
    answer = {"inline_query_id": ann.types("x").id, "results": results} | packed
    assert description in call("answerInlineQuery", **answer)["description"]
    assert len(telegram.complaints) == 1


def test_an_inline_query_is_answered_once(call, ann):
    query = ann.types("x")
    assert call("answerInlineQuery", inline_query_id=query.id, results="[]")["ok"]
    assert query.reads().results == []
    assert not call("answerInlineQuery", inline_query_id=query.id, results="[]")["ok"]


def test_the_bot_can_edit_only_what_it_wrote_itself(call, ann):
    written = ann.writes("x")
    refusal = call("editMessageText", chat_id=ann.chat.id, message_id=written.id, text="y")
    assert refusal["description"] == "Bad Request: message can't be edited"


def test_a_press_is_delivered_and_can_be_answered_once(call, ann):
    call("sendMessage", chat_id=ann.chat.id, text="x", reply_markup=keyboard("data"))
    press = ann.presses(ann.reads().buttons[0])
    [update] = call("getUpdates")["result"]
    query = update["callback_query"]
    assert (query["id"], query["data"], query["from"]["first_name"]) == (press.id, "data", "Ann")
    assert query["message"]["reply_markup"] == json.loads(keyboard("data"))
    assert call("answerCallbackQuery", callback_query_id=press.id, text="Done.")["ok"]
    assert press.reads() == "Done."
    for unknown in (press.id, "1"):
        refusal = call("answerCallbackQuery", callback_query_id=unknown)
        assert "query is too old" in refusal["description"]


def keyboard(data):
    return json.dumps({"inline_keyboard": [[{"text": "Press", "callback_data": data}]]})


def test_the_longest_message_is_taken(call, ann):
    markup = "<b>" + "🙂" * 2048 + "</b>"
    assert call("sendMessage", chat_id=ann.chat.id, text=markup, parse_mode="HTML")["ok"]
    assert ann.reads().marked("bold") == ["🙂" * 2048]


def test_a_wrong_token_is_refused(telegram):
    for token, code in (("42:wrong", 401), ("malformed", 404)):
        assert httpx.get(f"{telegram.url}/bot{token}/getMe", trust_env=False).status_code == code


def test_updates_come_again_until_they_are_confirmed(call, ann):
    ann.writes("One")
    ann.writes("Two")
    first, second = call("getUpdates")["result"]
    assert call("getUpdates")["result"] == [first, second]
    assert call("getUpdates", offset=second["update_id"])["result"] == [second]
    assert call("getUpdates")["result"] == [second]


def test_updates_of_other_kinds_than_the_bot_wants_are_held_back(call, ann):
    ann.writes("One")
    assert call("getUpdates", allowed_updates=json.dumps(["callback_query"]))["result"] == []


def test_a_private_chat_takes_a_burst_and_then_one_a_second():
    limits = FloodLimits()
    taken = [limits.retry_after("sendMessage", 1, 0) for _ in range(5)]
    assert taken == [None, None, None, None, 1]
    assert limits.retry_after("sendMessage", 1, 1) is None


def test_a_group_takes_20_messages_a_minute():
    limits = FloodLimits()
    assert [limits.retry_after("sendMessage", -1, second) for second in range(21)] == [None] * 20 + [40]


def test_a_request_before_its_retry_after_is_a_complaint(telegram, call, ann):
    telegram.flood_limits = FloodLimits()
    for _ in range(5):
        answer = call("sendMessage", chat_id=ann.user["id"], text="A")
    assert answer["parameters"] == {"retry_after": 1}
    assert telegram.complaints == []
    call("sendChatAction", chat_id=ann.user["id"], action="typing")
    [complaint] = telegram.complaints
    assert complaint.startswith("sendChatAction to 1001 came ")


def test_a_method_that_the_double_does_not_have_is_a_complaint(telegram, call):
    assert call("sendDice")["error_code"] == 404
    assert telegram.complaints == ["sendDice: Not Found: the double has no such method"]
