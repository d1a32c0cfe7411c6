"""Quoth's library: a folder of documents → exact quotes that answer a question.

>>> from pathlib import Path
>>> from retrieval import Index, ask, load_encoder, resolve_model
>>> index = Index(Path(".quoth"), load_encoder(resolve_model()))  # doctest: +SKIP
>>> index.sync(Path("seeds"))  # doctest: +SKIP
>>> ask(index, "How many British police officers will work in Coquelles?")  # doctest: +SKIP
"""

from retrieval.answers import evaluation
from retrieval.answers.answer import (
    MAX_KEPT,
    Answer,
    Highlight,
    Listing,
    Quote,
    Source,
    ask,
    find,
    mark_shown,
    read_context,
    read_quotes,
)
from retrieval.answers.context import Context
from retrieval.answers.missing import MissingWord, read_missing_words
from retrieval.answers.pinned import ListedPin, PinState, pin, pin_words, pins, unpin
from retrieval.answers.source_text import SourceText, read_source
from retrieval.answers.unanswered import (
    Cases,
    UnansweredGroup,
    UnansweredQuestion,
    cases,
    prepare_unanswered,
    unanswered_questions,
)
from retrieval.documents.document import Document, Location, Omission, Unit
from retrieval.documents.folder import load as load_file
from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.language import prepare as prepare_languages
from retrieval.documents.readers import FORMATS, reads
from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB, Limits
from retrieval.encoding.compiler import unused as unused_model_folders
from retrieval.encoding.encoder import Encoder, load_encoder
from retrieval.encoding.weights.models import Model, resolve_model
from retrieval.errors import (
    BackupError,
    DocumentError,
    DocumentFault,
    ModelError,
    PinError,
    QuestionError,
    QuestionFault,
    QuothError,
    SettingsError,
    StoreError,
    UnreachableError,
)
from retrieval.files import atomic_write, make_all_private, remove_leftovers, rename
from retrieval.index import Index, title_of
from retrieval.indexing.faiss_store import FaissStore
from retrieval.indexing.milvus_client import MilvusAddress
from retrieval.indexing.milvus_store import MilvusStore
from retrieval.indexing.restore import restore_backup
from retrieval.indexing.sync import UNCONFIRMED, FileReport, FileState, Progress, Removals, SyncReport
from retrieval.indexing.vector_store import VectorStore
from retrieval.indexing.withheld import Withheld, WithheldCause
from retrieval.receipts.ledger import FILE as RECEIPTS_FILE
from retrieval.receipts.ledger import QUESTION_DAYS, Ledger
from retrieval.receipts.ledger import SCHEMA as RECEIPTS_SCHEMA
from retrieval.receipts.receipt import Asker, PersonalData, Ratings, Receipt
from retrieval.receipts.statement import Channel, Citation, Statement
from retrieval.receipts.text_matching import DiffPart, word_diff
from retrieval.receipts.verification import Check, CurrentPlace, QuoteCheck, QuoteStatus, Verifier
from retrieval.search.confidence import Verdict
from retrieval.search.follow_up import follow_up
from retrieval.search.hits import Hit
from retrieval.search.questions import MAX_QUESTION_LENGTH, Question
from retrieval.search.reranker import CrossEncoderReranker, Reranker
from retrieval.storage.backup import Storage, write_backup
from retrieval.storage.database import Database, Repository, Schema, Transaction, upsert
from retrieval.storage.opening import open_database
from retrieval.storage.records import DEFAULT_COLLECTION, Collection, StoredDocument
from retrieval.storage.store import INDEX_FILE, INDEX_SCHEMA

__all__ = [
    "DEFAULT_COLLECTION",
    "DEFAULT_LIMITS",
    "FORMATS",
    "INDEX_FILE",
    "INDEX_SCHEMA",
    "MAX_KEPT",
    "MAX_QUESTION_LENGTH",
    "MIB",
    "QUESTION_DAYS",
    "RECEIPTS_FILE",
    "RECEIPTS_SCHEMA",
    "UNCONFIRMED",
    "Answer",
    "Asker",
    "BackupError",
    "Cases",
    "Channel",
    "Check",
    "Citation",
    "Collection",
    "Context",
    "CrossEncoderReranker",
    "CurrentPlace",
    "Database",
    "DiffPart",
    "Document",
    "DocumentError",
    "DocumentFault",
    "Encoder",
    "FaissStore",
    "FileReport",
    "FileState",
    "Highlight",
    "Hit",
    "Index",
    "IsolatedReader",
    "Ledger",
    "Limits",
    "ListedPin",
    "Listing",
    "Location",
    "MilvusAddress",
    "MilvusStore",
    "MissingWord",
    "Model",
    "ModelError",
    "Omission",
    "PersonalData",
    "PinError",
    "PinState",
    "Progress",
    "Question",
    "QuestionError",
    "QuestionFault",
    "Quote",
    "QuoteCheck",
    "QuoteStatus",
    "QuothError",
    "Ratings",
    "Receipt",
    "Removals",
    "Repository",
    "Reranker",
    "Schema",
    "SettingsError",
    "Source",
    "SourceText",
    "Statement",
    "Storage",
    "StoreError",
    "StoredDocument",
    "SyncReport",
    "Transaction",
    "UnansweredGroup",
    "UnansweredQuestion",
    "Unit",
    "UnreachableError",
    "VectorStore",
    "Verdict",
    "Verifier",
    "Withheld",
    "WithheldCause",
    "ask",
    "atomic_write",
    "cases",
    "evaluation",
    "find",
    "follow_up",
    "load_encoder",
    "load_file",
    "make_all_private",
    "mark_shown",
    "open_database",
    "pin",
    "pin_words",
    "pins",
    "prepare_languages",
    "prepare_unanswered",
    "read_context",
    "read_missing_words",
    "read_quotes",
    "read_source",
    "reads",
    "remove_leftovers",
    "rename",
    "resolve_model",
    "restore_backup",
    "title_of",
    "unanswered_questions",
    "unpin",
    "unused_model_folders",
    "upsert",
    "word_diff",
    "write_backup",
]
