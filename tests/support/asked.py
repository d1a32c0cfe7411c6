"""Runs commands from standard input on an index with Milvus; over_a_milvus_server.py starts it."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

from retrieval import Index, MilvusStore, QuothError
from support.doubles import ReaderHere, WordEncoder


def answer(index: Index, what: str, words: str) -> object:
    try:
        if what == "sync":
            return {file.path: file.state for file in index.sync(Path(words)).files}
        return sorted(hit.passage.text for hit in index.search(words, 10))
    except QuothError as error:
        return {type(error).__name__: str(error)}


if __name__ == "__main__":
    encoder = WordEncoder("cat kitten feline", "whale", "ships vessels")
    with closing(
        Index(Path(sys.argv[1]), encoder, reader=ReaderHere(), vector_store=MilvusStore(sys.argv[2]))
    ) as opened:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(answer(opened, *json.loads(line))) + "\n")
            sys.stdout.flush()
