"""The webhook: Telegram sends the updates itself, through a server that speaks HTTPS in front of the bot."""

from __future__ import annotations

import socket

import httpx
import pytest
from pydantic import AnyHttpUrl, SecretStr
from support.running_bot import ANSWER, RunningBot

from bot.telegram import app
from retrieval import SettingsError

SECRET = "a-secret-of-the-webhook"  # noqa: S105
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """What Telegram and the server in front do."""

    def __init__(self, telegram, service, log, data):
        self._log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._telegram, self._service, self._data = telegram, service, data
        self.start()

    def start(self):
        self.bot = RunningBot(
            self._telegram,
            self._service,
            self._data,
            webhook_url=AnyHttpUrl("https://bot.example.org/quoth/hook"),
            webhook_secret=SecretStr(SECRET),
            webhook_listen="127.0.0.1",
            webhook_port=self.port,
        )
        self._log.waits_for("Listening for what Telegram sends to https://bot.example.org/quoth/hook.")

    def stop(self):
        self._service.may_answer.set()
        self.bot.stop()
        self.bot.wait()

    def sends(self, update, path="/quoth/hook", **headers):
        """The status with which the bot takes an update."""
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = {"Content-Type": "application/json", HEADER: SECRET} | headers
        return httpx.post(url, json=update, headers=headers, trust_env=False).status_code

    def sends_all(self):
        """Send what is waiting, and forget what the bot has taken."""
        self._telegram.world.updates[:] = [
            update for update in self._telegram.world.updates if self.sends(update) != 200
        ]


@pytest.fixture
def webhook(telegram, service, log, tmp_path):
    made = Webhook(telegram, service, log, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def ann(telegram, webhook):
    return telegram.person("Ann")


def test_telegram_is_told_the_address_the_secret_and_what_to_send(telegram, webhook):
    assert telegram.webhook == {
        "url": "https://bot.example.org/quoth/hook",
        "secret_token": SECRET,
        "allowed_updates": [
            "message",
            "edited_message",
            "callback_query",
            "inline_query",
            "chosen_inline_result",
            "my_chat_member",
        ],
    }
    assert telegram.calls("getUpdates") == []


def test_a_question_that_is_sent_is_answered(ann, webhook):
    ann.writes("How many?")
    webhook.sends_all()
    assert ann.reads().text == ANSWER


@pytest.mark.parametrize("headers", [{HEADER: ""}, {HEADER: "a-secret-of-somebody"}])
def test_requests_without_the_secret_are_refused(telegram, ann, webhook, service, headers):
    ann.writes("How many?")
    assert webhook.sends(telegram.world.updates[0], **headers) == 403
    assert webhook.sends(telegram.world.updates[0], "/another/path") == 404
    ann.writes("Who came?")
    webhook.sends(telegram.world.updates[1])
    ann.reads()
    assert service.asked == ["Who came?"]


def test_an_update_that_is_sent_twice_is_answered_once(telegram, ann, webhook, service):
    ann.writes("How many?")
    for _ in range(2):
        assert webhook.sends(telegram.world.updates[0]) == 200
    ann.writes("Who came?")
    assert webhook.sends(telegram.world.updates[1]) == 200
    assert [ann.reads().text, ann.reads().text] == [ANSWER, ANSWER]
    assert service.asked == ["How many?", "Who came?"]


def test_a_confirmed_update_is_answered_after_a_restart(telegram, ann, webhook, monkeypatch):
    monkeypatch.setattr(app, "STOP_TIMEOUT_S", 0.01)
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    ann.writes("How many?")
    webhook.sends_all()
    telegram.waits_for_calls("sendMessage")
    webhook.stop()
    webhook.start()
    assert ann.reads().text == ANSWER


def test_an_update_that_cannot_be_stored_is_not_confirmed(telegram, ann, webhook, monkeypatch, service):
    def fail(*_):
        raise OSError("disk full")

    ann.writes("How many?")
    with monkeypatch.context() as broken:
        broken.setattr("bot.telegram.transport.update_queue.UpdateQueue.store", fail)
        assert webhook.sends(telegram.world.updates[0]) == 500
    webhook.sends_all()
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many?"]


def test_an_update_that_cannot_be_parsed_is_confirmed(telegram, ann, webhook, log):
    number = telegram.delivers(message={"message_id": 1, "date": 10**20, "chat": ann.chat.to_json()})
    ann.writes("How many?")
    webhook.sends_all()
    assert telegram.world.updates == []
    assert ann.reads().text == ANSWER
    assert f"WARNING Update {number} (message) is left out, as it cannot be parsed: " in log.text


@pytest.mark.parametrize("body", [b"{", b"[" * 10_000, b"null", b"[]", b'{"update_id": "x"}'])
def test_a_body_that_is_no_update_does_no_harm(ann, webhook, body):
    url, headers = f"http://127.0.0.1:{webhook.port}/quoth/hook", {HEADER: SECRET}
    assert httpx.post(url, content=body, headers=headers, trust_env=False).status_code in {200, 400}
    ann.writes("How many?")
    webhook.sends_all()
    assert ann.reads().text == ANSWER


def test_the_secret_is_checked_before_the_body_is_read(webhook):
    with socket.create_connection(("127.0.0.1", webhook.port)) as connection:
        connection.sendall(b"POST /quoth/hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_body_of_more_than_a_mebibyte_is_not_read(webhook):
    with socket.create_connection(("127.0.0.1", webhook.port)) as connection:
        headers = f"POST /quoth/hook HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 1048577\r\n\r\n"
        connection.sendall(headers.encode())
        assert b" 200 " not in connection.recv(100)


def test_a_webhook_that_telegram_knows_counts_as_polling(webhook):
    webhook.bot.monitor.waits_for(lambda health: health.is_well)


def test_a_port_that_is_taken_is_named(telegram, service, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        bot = RunningBot(
            telegram,
            service,
            tmp_path,
            fails_with=SettingsError,
            webhook_url=AnyHttpUrl("https://bot.example.org/hook"),
            webhook_secret=SecretStr(SECRET),
            webhook_port=port,
        )
        bot.wait()
    assert str(bot.error).startswith(f"Cannot listen on 127.0.0.1:{port}: ")
    assert "QUOTH_WEBHOOK_PORT" in str(bot.error)
