"""Connections to the pages: those that send nothing, send rubbish, or read nothing do no harm."""

from __future__ import annotations

import http.client
import logging
import resource
import socket
from contextlib import ExitStack

import pytest
from support.receipt_pages import Archive, Site

from bot.web import connections
from bot.web.connections import BACKLOG, MAX_CONNECTIONS, count_allowed

TIMEOUT_S = 20
PAGE = b"GET /r/style.css HTTP/1.1\r\nHost: quoth\r\n\r\n"


@pytest.fixture
def site(tmp_path):
    with Site(Archive(tmp_path)) as made:
        yield made


@pytest.fixture
def connect(site):
    host, _, port = site.address.removeprefix("http://").partition(":")
    with ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection((host, int(port)), TIMEOUT_S))


def ends(connection):
    """Wait until the server has closed it, and give what it sent before."""
    received = b""
    try:
        while part := connection.recv(1 << 16):
            received += part
    except ConnectionResetError:
        pass
    return received


def get_status(connection):
    """Ask for a page, and read all of the response."""
    connection.sendall(PAGE)
    response = http.client.HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status


def test_idle_connections_keep_nobody_from_a_page(site, connect, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 20)
    idle = [connect() for _ in range(60)]
    assert site.get("/r/style.css").status_code == 200
    assert [ends(connection) for connection in idle[:40]] == [b""] * 40


def test_the_oldest_idle_connection_makes_room_not_a_busy_one(connect, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    first, second = connect(), connect()
    # Each answer says that the server has the connection, and from then on it waits.
    assert [get_status(second), get_status(first)] == [200, 200]
    connect()
    assert ends(second) == b""
    assert get_status(first) == 200


@pytest.mark.parametrize("sent", [b"", b"GET /r/style.css HTTP/1.1\r\nHost: quoth\r\nX-Slow: "])
def test_a_request_that_takes_too_long_is_cut_off(connect, monkeypatch, sent):
    monkeypatch.setattr(connections, "REQUEST_S", 0.2)
    connection = connect()
    connection.sendall(sent)
    assert ends(connection) == b""


def test_rubbish_is_refused_without_a_line_in_the_log(site, connect, caplog):
    with caplog.at_level(logging.INFO):
        connection = connect()
        connection.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        assert ends(connection).startswith(b"HTTP/1.1 400")
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


@pytest.mark.parametrize(
    ("descriptors", "allowed"),
    [(1024, MAX_CONNECTIONS), (256, 128 - BACKLOG), (64, 1), (resource.RLIM_INFINITY, MAX_CONNECTIONS)],
)
def test_half_of_the_file_descriptors_are_kept_back(monkeypatch, descriptors, allowed):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert count_allowed() == allowed
