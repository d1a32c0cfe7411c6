"""`/healthz` and `/metrics` over HTTP, of a bot and of a server without one."""

from __future__ import annotations

import re
import socket

import httpx
import pytest
from pydantic import SecretStr
from support.asking import TOKEN, AskSite
from support.running_bot import ANSWER

from bot.monitoring import monitor as monitor_module
from bot.monitoring.monitor import Monitor, Pulse
from bot.settings import Settings
from bot.telegram import app
from bot.telegram.transport import polling
from bot.web.monitoring import monitoring
from retrieval import QuestionError, QuestionFault, SettingsError

WORDS = "Which mushrooms are Elvira's?"


class Watcher:
    """Who asks the process, as Docker or Prometheus does; a context manager."""

    def __init__(self, monitor):
        self._serving = monitoring(Settings.model_construct(metrics_port=0), monitor)

    def __enter__(self):
        self._client = httpx.Client(base_url=self._serving.__enter__(), trust_env=False)
        return self

    def health(self):
        """The status, and what it says."""
        response = self._client.get("/healthz")
        return response.status_code, response.json()

    @property
    def text(self):
        response = self._client.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        return response.text

    def metric(self, name):
        """The value of a metric, with its labels as they stand in the text; None without one."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.text, re.MULTILINE)
        return float(found[1]) if found else None

    def __exit__(self, *error):
        self._client.close()
        self._serving.__exit__(*error)


@pytest.fixture
def monitor():
    return Monitor()


@pytest.fixture
def watcher(monitor):
    with Watcher(monitor) as made:
        yield made


@pytest.fixture(autouse=True)
def short_interval(monkeypatch):
    monkeypatch.setattr(app, "POLL_INTERVAL_S", 0.2)


@pytest.fixture
def beside_bot(bot):
    """Watches the bot, which has begun to work."""
    bot.monitor.waits_for(lambda health: health.is_well)
    with Watcher(bot.monitor) as made:
        yield made


def test_before_it_can_answer_a_process_is_not_ready(watcher):
    assert watcher.health() == (503, {"ready": False, "polling": None, "last_sync": None, "queue": 0})
    assert watcher.metric("quoth_ready") == 0


def test_a_server_without_a_bot_is_well_without_polling(monitor, watcher):
    monitor.beat(Pulse())
    assert watcher.health() == (200, {"ready": True, "polling": None, "last_sync": None, "queue": 0})
    assert (watcher.metric("quoth_ready"), watcher.metric("quoth_polling")) == (1, 1)


def test_a_bot_that_does_not_hear_from_telegram_is_not_well(monitor, watcher):
    monitor.beat(Pulse(is_polling=False))
    status, said = watcher.health()
    assert (status, said["ready"], said["polling"]) == (503, True, False)
    assert watcher.metric("quoth_polling") == 0


def test_a_process_that_says_nothing_of_itself_is_not_ready(monitor, watcher, monkeypatch):
    monitor.beat(Pulse(is_polling=True))
    monkeypatch.setattr(monitor_module, "MAX_SILENCE_S", 0)
    status, said = watcher.health()
    assert (status, said["ready"], said["polling"]) == (503, False, False)


def test_what_waits_is_counted(monitor, watcher):
    monitor.beat(Pulse(is_polling=True, waiting_questions=2, waiting_updates=3, set_aside=4))
    names = ("quoth_waiting_questions", "quoth_waiting_updates", "quoth_set_aside_updates")
    assert [watcher.metric(name) for name in names] == [2, 3, 4]
    assert watcher.health()[1]["queue"] == 3


def test_a_sync_says_when_it_was_and_how_many_documents_there_are(monitor, watcher):
    monitor.note_sync(documents=12, unreadable=1)
    monitor.note_failed_sync()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", watcher.health()[1]["last_sync"])
    names = ("quoth_documents", "quoth_unreadable_files", "quoth_sync_failures_total")
    assert [watcher.metric(name) for name in names] == [12, 1, 1]
    assert watcher.metric("quoth_last_sync_timestamp_seconds") > 1_700_000_000


def test_questions_are_counted_by_their_outcome_and_timed(beside_bot, ann, service):
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    ann.writes("nothing")
    ann.reads()
    ann.types("How many?").reads()
    for error in (QuestionError("Too long.", QuestionFault.TOO_LONG), RuntimeError(WORDS)):
        service.error = error
        ann.writes("How many?")
        ann.reads()
    outcomes = [("telegram", "strong"), ("telegram", "none"), ("telegram", "refused"), ("telegram", "failed")]
    outcomes.append(("inline", "listed"))
    for channel, outcome in outcomes:
        assert beside_bot.metric(f'quoth_questions_total{{channel="{channel}",outcome="{outcome}"}}') == 1, outcome
    assert beside_bot.metric('quoth_question_seconds_count{channel="telegram"}') == 2
    assert beside_bot.metric('quoth_question_seconds_bucket{channel="telegram",le="+Inf"}') == 2


def test_questions_of_programs_and_of_the_page_are_counted(tmp_path, monitor, watcher):
    with AskSite(tmp_path, monitor, api_token=SecretStr(TOKEN)) as site:
        site.call("ask", question="rain", k=1)
        site.call("ask", question=" ")
        site.call("find", question="rain")
        session = dict(site.post("/sign-in", {"token": TOKEN}).cookies)
        site.post("/", {"question": "fog"}, cookies=session)
    counted = re.findall(r'^quoth_questions_total\{channel="(\w+)",outcome="(\w+)"\} (.+)$', watcher.text, re.MULTILINE)
    assert sorted(counted) == [
        ("http", "listed", "1.0"),
        ("http", "refused", "1.0"),
        ("http", "strong", "1.0"),
        ("web", "none", "1.0"),
    ]
    assert watcher.metric('quoth_question_seconds_count{channel="http"}') == 2


def test_a_bot_is_well_as_long_as_it_hears_from_telegram(beside_bot, bot, monkeypatch):
    assert beside_bot.health() == (200, {"ready": True, "polling": True, "last_sync": None, "queue": 0})
    monkeypatch.setattr(polling, "MAX_SILENCE_S", 0)
    bot.monitor.waits_for(lambda health: not health.polling)
    assert beside_bot.health()[0] == 503


def test_no_word_of_a_question_no_name_and_no_path_is_in_the_metrics(beside_bot, bot, telegram):
    elvira = telegram.person("Elvira")
    elvira.writes(WORDS)
    elvira.reads()
    elvira.types(WORDS).reads()
    # The digits of a measured time may be those of the id.
    names = re.sub(r"^([^#].*) \S+$", r"\1", beside_bot.text, flags=re.MULTILINE)
    text = names + str(beside_bot.health())
    for word in (*re.findall(r"\w{4,}", WORDS), "calais", "Calais", "officers", str(elvira.user["id"])):
        assert word not in text
    labels = set(re.findall(r'(\w+)="', text))
    assert labels == {"channel", "outcome", "le", "level"}


@pytest.mark.parametrize("path", ["/", "/metrics/", "/r/x"])
def test_nothing_else_is_served_there(watcher, path):
    assert watcher._client.get(path).status_code == 404


def test_without_a_port_nothing_is_served(monitor):
    with monitoring(Settings.model_construct(), monitor) as address:
        assert address is None


def test_a_port_that_is_taken_is_named(monitor):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"Cannot listen on 127\.0\.0\.1:{port}: .*QUOTH_METRICS_PORT"):
            monitoring(Settings.model_construct(metrics_port=port), monitor).__enter__()
