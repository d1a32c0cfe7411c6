"""What a process announces of the pages that it shows, and what others find of it."""

from __future__ import annotations

from bot.web.announcement import announcing, find_announced

ADDRESS = "http://127.0.0.1:8080"


def test_an_address_is_found_while_it_is_announced(tmp_path):
    assert find_announced(tmp_path) is None
    with announcing(tmp_path, ADDRESS):
        assert find_announced(tmp_path) == ADDRESS
    assert find_announced(tmp_path) is None


def test_what_a_killed_process_has_left_behind_is_not_found(tmp_path):
    with announcing(tmp_path, ADDRESS):
        left_behind = (tmp_path / "serving.address").read_text()
    (tmp_path / "serving.address").write_text(left_behind)
    assert find_announced(tmp_path) is None
    with announcing(tmp_path, "http://127.0.0.1:9000"):
        assert find_announced(tmp_path) == "http://127.0.0.1:9000"


def test_of_two_processes_the_first_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.web.announcement._BRIEFLY_S", 0)
    with announcing(tmp_path, ADDRESS):
        with announcing(tmp_path, "http://127.0.0.1:9000"):
            assert find_announced(tmp_path) == ADDRESS
        assert find_announced(tmp_path) == ADDRESS
