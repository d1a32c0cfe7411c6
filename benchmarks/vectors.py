"""Compare FAISS in this process with a Milvus server on the same vectors: time to fill, time to search, recall.

    python -m benchmarks.vectors --data FILE... --milvus milvus://127.0.0.1:19530 --pid PID [--size N] [--json OUT]

PID is the server's process on this machine, for its memory. The PyPI package milvus==2.3.5 carries a real server; it
listens on all interfaces, so start it, and this, in a network of their own (`unshare --net`, loopback up).

The vectors grow from those of real sentences as in benchmarks/scale.py. A database holds them as after `quoth index`,
five sentences a passage. Quoth's own code fills each vector store from it, and each search asks for the same as a
question: the nearest 200 sentences, the nearest 50 passages, and the cosines of all candidates.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import questions
from benchmarks.measuring import machine, memory, percentile, timed, use_cores
from benchmarks.scale import GrowingEncoder, choose_questions, encode_real, in_new_process
from retrieval import Document, FaissStore, MilvusStore, load_encoder, resolve_model
from retrieval.documents.passages import Passage, Sentence
from retrieval.encoding.token_codes import compress
from retrieval.indexing.milvus_client import MilvusClient
from retrieval.search import search
from retrieval.storage.records import Manifest
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval import VectorStore
    from retrieval.indexing.vector_store import VectorSearcher

_SENTENCES_A_PASSAGE = 5
_PASSAGES_A_DOCUMENT = 200
_SETTLED_S = 3_600
"""How long Milvus may take to sort what it was given."""


def main() -> None:
    """Fill a database, and then one vector store after the other, each in a new process."""
    options = _options()
    use_cores(options.cores)
    with TemporaryDirectory(dir=options.folder) as folder:
        data = Path(folder)
        in_new_process(_fill_store, data, options.data, options.size, options.questions)
        exact = in_new_process(_exact, data)
        engines = (("FAISS", "", 0), ("Milvus", options.milvus, options.pid))
        # Both are filled before either is searched, so that both are searched on a machine as busy.
        filled = {name: in_new_process(_fill, data, url) for name, url, _ in engines}
        results = {name: filled[name] | in_new_process(_measure, data, url, pid, exact) for name, url, pid in engines}
    Console(width=100).print(_table(results))
    if options.json:
        output = {"machine": machine(), "sentences": options.size, "results": results}
        options.json.write_text(json.dumps(output, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="FAISS in the process beside a Milvus server.")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE", help="in SQuAD form")
    parser.add_argument("--milvus", required=True, metavar="URL", help="milvus://host:port")
    parser.add_argument("--pid", type=int, required=True, help="of the server")
    parser.add_argument("--size", type=int, default=1_000_000, help="in sentences [default: 1000000]")
    parser.add_argument("--questions", type=int, default=200, help="[default: 200]")
    parser.add_argument("--folder", type=Path, help="for the store: 3 GB for a million sentences")
    parser.add_argument("--cores", type=int, default=2, help="[default: 2]")
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep the results in this file, too")
    return parser.parse_args()


def _fill_store(data: Path, files: Sequence[Path], size: int, most: int) -> None:
    encoder = load_encoder(resolve_model())
    text = "\n".join(text for path in files for text in questions.read(path).documents)
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if 30 <= len(s) <= 300]  # noqa: PLR2004
    vectors = GrowingEncoder(encoder, *encode_real(data, encoder, sentences), seed=0)
    np.save(data / "asked.npy", [encoder.encode_query(question).vector for question in choose_questions(files, most)])
    each_document = _SENTENCES_A_PASSAGE * _PASSAGES_A_DOCUMENT
    passages = [_passage(number) for number in range(_PASSAGES_A_DOCUMENT)]
    # Each sentence is one character, so that all differ.
    document = "".join(chr(0x4E00 + number) for number in range(each_document))
    with closing(Store(data)) as store:
        store.clear(Manifest("grown", encoder.dimension, "grown"))
        collection = store.collections.save("default", data)
        for number in range(size // each_document):
            rows = vectors.encode_sentences([""] * each_document)
            grown = Document(f"{number}.txt", f"{number:064x}", "grown", None, document, blocks=())
            store.documents.put(collection, grown, passages, dict(zip(document, map(compress, rows), strict=True)))


def _passage(number: int) -> Passage:
    start = number * _SENTENCES_A_PASSAGE
    end = start + _SENTENCES_A_PASSAGE
    sentences = tuple(Sentence(offset, offset + 1) for offset in range(start, end))
    return Passage(start, end, None, None, "en", sentences)


def _exact(data: Path) -> list[list[int]]:
    """Find the ids of the ten sentences that are nearest to each question."""
    vectors = np.load(data / "asked.npy")
    ids = np.zeros((len(vectors), 0), np.int64)
    cosines = np.zeros((len(vectors), 0), np.float32)
    with closing(Store(data)) as store:
        (collection,) = store.collections.all()
        documents = iter(store.log.read_changes(0, collection).document_ids)
        while some := list(islice(documents, 20)):
            rows = store.vectors.read_rows("sentences", some)
            cosines = np.concatenate([cosines, vectors @ rows.vectors.T], axis=1)
            ids = np.concatenate([ids, np.broadcast_to(rows.ids, (len(vectors), len(rows.ids)))], axis=1)
            best = np.argsort(-cosines, axis=1)[:, :10]
            ids, cosines = np.take_along_axis(ids, best, 1), np.take_along_axis(cosines, best, 1)
    nearest: list[list[int]] = ids.tolist()
    return nearest


def _fill(data: Path, url: str) -> dict[str, float]:
    vectors: VectorStore = MilvusStore(url) if url else FaissStore(data)
    with closing(Store(data)) as store, closing(vectors):
        (collection,) = store.collections.all()
        counts = store.documents.count()
        _, filling = timed(lambda: vectors.catch_up(store, collection, 0.0))
        return {
            "vectors": counts.sentences + counts.passages,
            "vectors brought a second": (counts.sentences + counts.passages) / filling,
            "sorted after that, s": _settle(url, store.log.read_state().identity) if url else 0.0,
        }


def _measure(data: Path, url: str, pid: int, exact: Sequence[Sequence[int]]) -> dict[str, float]:
    questions_ = np.load(data / "asked.npy")
    vectors: VectorStore = MilvusStore(url) if url else FaissStore(data)
    with closing(Store(data)) as store, closing(vectors):
        (collection,) = store.collections.all()
        state = store.log.read_state()
        _ask(store, vectors.searcher(store, state, [collection]), questions_[0])
        seconds, found = [], []
        for vector in questions_:
            searcher = vectors.searcher(store, state, [collection])
            nearest, took = timed(lambda s=searcher, v=vector: _ask(store, s, v))  # type: ignore[misc]
            seconds.append(took)
            found.append(nearest)
        result = {
            "p50 ms": percentile(seconds, 50),
            "p95 ms": percentile(seconds, 95),
            "recall@10 of the sentences": float(
                np.mean([len({*got[:10]} & {*best}) / 10 for got, best in zip(found, exact, strict=True)])
            ),
            "MiB of this process": memory()[1],
            "MiB of the server": memory(pid)[1] if pid else 0,
        }
        vectors.delete_all(store)
    return result


def _ask(store: Store, searcher: VectorSearcher, vector: np.ndarray) -> list[int]:
    """Ask a vector store for all that a question needs, and return the nearest sentences."""
    nearest = searcher.nearest_sentences(vector, 4 * search.POOL)
    located = store.passages.locate([], nearest)
    list(searcher.read([*located.values()][: 2 * search.POOL]))
    return nearest


def _settle(url: str, identity: str) -> float:
    """Wait until Milvus has sorted all rows, as recall is lower before; return the seconds."""
    began = time.perf_counter()
    milvus = MilvusClient(url)
    names = [name for name in milvus.call("list_collections") if identity in name]
    for name in names:
        milvus.call("flush", name, timeout=_SETTLED_S)
    while any(_pending(milvus.call("describe_index", name, "vector")) for name in names):
        if time.perf_counter() - began > _SETTLED_S:
            raise TimeoutError("Milvus does not come to an end with its index")
        time.sleep(1)
    return time.perf_counter() - began


def _pending(state: dict[str, Any]) -> bool:
    return state["pending_index_rows"] > 0 or state["indexed_rows"] < state["total_rows"]


def _table(results: dict[str, dict[str, float]]) -> Table:
    table = Table("", *results)
    for row in next(iter(results.values())):
        values = [result[row] for result in results.values()]
        table.add_row(row, *(f"{value:,.3f}" if isinstance(value, float) else f"{value:,}" for value in values))
    return table


if __name__ == "__main__":
    main()
