"""JSON and JSON Lines: each value with its key, each record of a list as a row."""

from __future__ import annotations

import json

import pytest
from support.reading import parts, places, read, refused, texts

from retrieval.documents.readers.limits import Limits

HARBOUR = r"""{
 "title": "Harbour",
 "open": true, "closed": null, "size": 1.50,
 "fees": {"mooring": "450 kroner",
  "guest": {"day": 20, "week": 1e2}},
 "tags": ["a", "b"],
 "boats": [
  {"name": "Skarv", "owner": {"name": "Ida", "phones": ["1", "2"]},
   "trips": [{"to": "Oban", "price": 5}, {"to": "Skye", "price": 7}], "year": 1980},
  {"name": "T\u00e9rne", "note": "one\ntwo"}
 ]
}
"""


def test_a_value_stands_with_its_key_under_the_keys_above_it():
    document = read("a.json", HARBOUR.encode())
    assert parts(document) == [
        ("title: Harbour", None),
        ("open: true", None),
        ("size: 1.50", None),
        ("mooring: 450 kroner", "fees"),
        ("day: 20", "fees › guest"),
        ("week: 1e2", "fees › guest"),
        ("tags: a, b", None),
        ("name: Skarv; owner.name: Ida; owner.phones: 1, 2; year: 1980", "boats"),
        ("to: Oban; price: 5", "boats › name: Skarv › trips"),
        ("to: Skye; price: 7", "boats › name: Skarv › trips"),
        ("name: Térne\nnote: one\ntwo", "boats"),
    ]
    assert document.title == "Harbour"


def test_a_place_is_the_lines_in_the_file():
    assert places(read("a.json", HARBOUR.encode()))[-5:] == [(6, 6), (8, 9), (9, 9), (9, 9), (10, 10)]


def test_each_line_of_json_lines_is_a_record():
    document = read("a.jsonl", b'{"name": "Ada", "age": 36}\n\n{"name": "Alan", "pets": ["Tom"]}\n"text"\n')
    assert texts(document) == ["name: Ada; age: 36", "name: Alan; pets: Tom", "text"]
    assert places(document) == [(1, 1), (3, 3), (4, 4)]


def test_a_list_of_texts_has_a_block_for_each_long_one():
    paragraphs = ["It rains. " * 15, "It pours. " * 15]
    assert texts(read("a.json", json.dumps({"news": paragraphs}).encode())) == [text.strip() for text in paragraphs]


def test_rows_of_values_stay_rows():
    assert texts(read("a.json", b'[["Ada", 36], ["Alan", 41]]')) == ["Ada, 36", "Alan, 41"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ('{"a": [1, 2,]}', "line 1, column 13"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ('{"a": "never closed', "line 1, column 7"),
        ('{"a": 1', "line 1, column 8"),
        ('{"a": 1}\n}', "line 2, column 1"),
        ("[1] oops", "line 1, column 5"),
        ('{"a": "\\q"}', "line 1, column 7"),
    ],
)
def test_damaged_json_is_refused_with_the_position(source, place):
    refused("a.json", source.encode(), f"is damaged: its JSON cannot be read beyond {place}")


def test_deep_nesting_is_read():
    deep = b'[{"a":' * 20_000 + b'"text"' + b"}]" * 20_000
    assert texts(read("a.json", deep)) == ["a: text"]


def test_a_long_list_takes_a_time_that_grows_with_its_length():
    document = read("a.json", b"[" + b"7," * 100_000 + b"7]")
    assert len(document.blocks) == 1_516
    assert document.text.count("7") == 100_001


def test_json_is_read_within_the_limits():
    refused("a.json", b'{"a": "text text text"}', "QUOTH_MAX_CHARACTERS", Limits(characters=9))
    refused("a.jsonl", b'{"a": 1}\n{"a": 2}\n', "QUOTH_MAX_ROWS", Limits(rows=1))


@pytest.mark.parametrize("source", ["{}", "[]", "null", '{"a": [null, ""]}'])
def test_json_without_values_holds_no_text(source):
    refused("a.json", source.encode(), "holds no text")
