"""`quoth read`: the text that Quoth has of a file."""

from __future__ import annotations

import json

TOWER = "Heights\n\nThe tower is 96 metres high.\n"


def test_the_text_is_printed(quoth, tmp_path):
    (tmp_path / "tower.txt").write_text(TOWER)
    assert quoth("read", "tower.txt") == (0, f"{TOWER}\n", "")


def test_json_has_blocks_with_places(quoth, tmp_path):
    (tmp_path / "prices.csv").write_text("Thing,Price\nKey,20\n")
    status, out, _ = quoth("read", "prices.csv", "--json")
    assert status == 0
    read = json.loads(out)
    assert read["blocks"] == [
        {
            "start": 0,
            "end": 21,
            "text": "Thing: Key; Price: 20",
            "heading": None,
            "place": {"unit": "row", "first": 2, "last": 2, "name": None, "url": None},
        }
    ]
    assert (read["path"], read["title"], read["left_out"]) == ("prices.csv", None, {})


def test_a_link_to_a_file_is_followed(quoth, tmp_path):
    (tmp_path / "tower.txt").write_text(TOWER)
    (tmp_path / "link.txt").symlink_to(tmp_path / "tower.txt")
    assert quoth("read", "link.txt")[1] == f"{TOWER}\n"


def test_a_refused_file_is_status_1_with_the_reason(quoth, tmp_path):
    (tmp_path / "empty.txt").write_text(" ")
    assert quoth("read", "empty.txt") == (1, "", "Error: The file holds no text. Remove it, or fill it.\n")


def test_a_missing_file_is_status_1_with_the_reason(quoth):
    status, out, err = quoth("read", "none.txt")
    assert (status, out) == (1, "")
    assert err.startswith("Error: Cannot open the file: No such file or directory.")


def test_the_limits_are_those_of_the_index(quoth, tmp_path, monkeypatch):
    monkeypatch.setenv("QUOTH_MAX_CHARACTERS", "10")
    (tmp_path / "tower.txt").write_text(TOWER)
    assert quoth("read", "tower.txt")[2].endswith("raise QUOTH_MAX_CHARACTERS.\n")


def test_control_characters_are_shown_as_pictures(quoth, tmp_path):
    # As `quoth ask` shows them: they could take over a terminal.
    (tmp_path / "colours.csv").write_text("A \x1b[31mred tower,2\n\n")
    assert "\x1b" not in quoth("read", "colours.csv")[1]
