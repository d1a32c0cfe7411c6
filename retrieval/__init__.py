"""Quoth's library: a folder of documents → exact quotes that answer a question.

>>> from pathlib import Path
>>> from retrieval import Index, ask, load_encoder, resolve_model
>>> index = Index(Path(".quoth"), load_encoder(resolve_model()))  # doctest: +SKIP
>>> index.sync(Path("seeds"))  # doctest: +SKIP
>>> ask(index, "How many British police officers will work in Coquelles?")  # doctest: +SKIP
"""

from retrieval.answer import (
    MOST_KEPT,
    QUESTION_LIMIT,
    Answer,
    Context,
    FileNow,
    Highlight,
    Origin,
    Quote,
    Source,
    Verdict,
    ask,
    context_of,
    find,
    origin_of,
    quotes_of,
)
from retrieval.documents import Place, Unit
from retrieval.encoder import Encoder, load_encoder
from retrieval.errors import (
    DocumentError,
    ModelError,
    QuestionError,
    QuestionFault,
    QuothError,
    SettingsError,
    StoreError,
)
from retrieval.folder import keep_title, write_whole
from retrieval.follow_up import follow_up
from retrieval.index import Index
from retrieval.isolation import IsolatedReader
from retrieval.models import Model, resolve_model
from retrieval.readers import FORMATS, reads
from retrieval.readers.limits import DEFAULT as DEFAULT_LIMITS
from retrieval.readers.limits import MIB, Limits
from retrieval.reranker import CrossEncoderReranker, Reranker
from retrieval.search import Hit
from retrieval.store import DEFAULT_COLLECTION, Collection, StoredDocument
from retrieval.sync import FileReport, FileState, Progress, SyncReport

__all__ = [
    "DEFAULT_COLLECTION",
    "DEFAULT_LIMITS",
    "FORMATS",
    "MIB",
    "MOST_KEPT",
    "QUESTION_LIMIT",
    "Answer",
    "Collection",
    "Context",
    "CrossEncoderReranker",
    "DocumentError",
    "Encoder",
    "FileNow",
    "FileReport",
    "FileState",
    "Highlight",
    "Hit",
    "Index",
    "IsolatedReader",
    "Limits",
    "Model",
    "ModelError",
    "Origin",
    "Place",
    "Progress",
    "QuestionError",
    "QuestionFault",
    "Quote",
    "QuothError",
    "Reranker",
    "SettingsError",
    "Source",
    "StoreError",
    "StoredDocument",
    "SyncReport",
    "Unit",
    "Verdict",
    "ask",
    "context_of",
    "find",
    "follow_up",
    "keep_title",
    "load_encoder",
    "origin_of",
    "quotes_of",
    "reads",
    "resolve_model",
    "write_whole",
]
