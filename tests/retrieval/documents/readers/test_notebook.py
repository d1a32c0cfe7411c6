"""Notebooks: cells of text and code, and those outputs that are text."""

from __future__ import annotations

import json

from support.reading import parts, places, read, refused


def notebook(*cells, **fields):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | fields).encode()


def markdown(*source):
    return {"cell_type": "markdown", "metadata": {}, "source": list(source)}


def code(source, *outputs):
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs}


def test_cells_stand_under_the_headings_before_them():
    data = notebook(
        markdown("# The *fees*\n", "\n", "The fee is 450 kroner.\n", "\n", "- a\n", "- b"),
        code("fee = 450"),
        markdown("## End"),
    )
    document = read("a.ipynb", data)
    fees = "The fees"
    assert parts(document) == [("The fee is 450 kroner.", fees), ("- a", fees), ("- b", fees), ("fee = 450", fees)]
    assert places(document) == [(1, 1), (1, 1), (1, 1), (2, 2)]
    assert document.title == fees


def test_outputs_that_are_text_belong_to_their_cell():
    table = {"text/plain": ["   a\n", "0  1"], "text/html": "<table>", "image/png": "AAAA"}
    data = notebook(
        code(
            "run()",
            {"output_type": "stream", "name": "stdout", "text": ["\x1b[31m450\x1b[0m\n"]},
            {"output_type": "execute_result", "data": table, "metadata": {}},
            {"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": {}},
            {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["long"]},
        )
    )
    document = read("a.ipynb", data)
    assert [text for text, _ in parts(document)] == ["run()", "450", "a\n0  1", "KeyError: 'x'"]
    assert places(document) == [(1, 1)] * 4


def test_a_notebook_of_version_3_is_read():
    cells = [{"cell_type": "heading", "level": 1, "source": "Fees"}, {"cell_type": "code", "input": ["fee = 450"]}]
    document = read("a.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode())
    assert parts(document) == [("fee = 450", "Fees")]
    assert document.title == "Fees"


def test_json_that_is_no_notebook_is_refused():
    refused("a.ipynb", b'{"a": 1}', "is damaged: it is no notebook")
    refused("a.ipynb", b'{"cells": [', "beyond line 1, column 12")
    refused("a.ipynb", notebook(), "holds no text")
