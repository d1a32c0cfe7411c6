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
    Highlight,
    Listing,
    Quote,
    Source,
    ask,
    context_of,
    find,
    quotes_of,
)
from retrieval.confidence import Verdict
from retrieval.documents import Document, Place, Unit
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
from retrieval.receipts import QUESTION_DAYS, Asker, Channel, Citation, Receipt, Receipts, Statement
from retrieval.reranker import CrossEncoderReranker, Reranker
from retrieval.search import Hit
from retrieval.store import DEFAULT_COLLECTION, Collection, StoredDocument
from retrieval.sync import FileReport, FileState, Progress, SyncReport
from retrieval.verification import Change, Check, Finding, Now, State, Verifier, changes

__all__ = [
    "DEFAULT_COLLECTION",
    "DEFAULT_LIMITS",
    "FORMATS",
    "MIB",
    "MOST_KEPT",
    "QUESTION_DAYS",
    "QUESTION_LIMIT",
    "Answer",
    "Asker",
    "Change",
    "Channel",
    "Check",
    "Citation",
    "Collection",
    "Context",
    "CrossEncoderReranker",
    "Document",
    "DocumentError",
    "Encoder",
    "FileReport",
    "FileState",
    "Finding",
    "Highlight",
    "Hit",
    "Index",
    "IsolatedReader",
    "Limits",
    "Listing",
    "Model",
    "ModelError",
    "Now",
    "Place",
    "Progress",
    "QuestionError",
    "QuestionFault",
    "Quote",
    "QuothError",
    "Receipt",
    "Receipts",
    "Reranker",
    "SettingsError",
    "Source",
    "State",
    "Statement",
    "StoreError",
    "StoredDocument",
    "SyncReport",
    "Unit",
    "Verdict",
    "Verifier",
    "ask",
    "changes",
    "context_of",
    "find",
    "follow_up",
    "keep_title",
    "load_encoder",
    "quotes_of",
    "reads",
    "resolve_model",
    "write_whole",
]
