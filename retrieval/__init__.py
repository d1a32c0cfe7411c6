"""Quoth's library: a folder of documents → exact quotes that answer a question.

>>> from pathlib import Path
>>> from retrieval import Index, ask, load_encoder, resolve_model
>>> index = Index(Path(".quoth"), load_encoder(resolve_model()))  # doctest: +SKIP
>>> index.sync(Path("seeds"))  # doctest: +SKIP
>>> ask(index, "How many British police officers will work in Coquelles?")  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

from retrieval.answers import evaluation
from retrieval.answers.answer import (
    MAX_KEPT,
    Answer,
    Listing,
    ask,
    find,
    mark_shown,
    read_context,
    read_quotes,
)
from retrieval.answers.context import Context
from retrieval.answers.missing import MissingWord, read_missing_words
from retrieval.answers.pinned import ListedPin, PinState, pin, pin_words, pins, unpin
from retrieval.answers.quote import Highlight, Quote, Source
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
from retrieval.documents.readers import FORMATS, is_page, reads
from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB, Limits
from retrieval.encoding.compiler import unused as unused_model_folders
from retrieval.encoding.encoder import Encoder, load_encoder
from retrieval.encoding.weights.models import Model, resolve_model
from retrieval.errors import (
    BackupError,
    BusyError,
    DocumentError,
    DocumentFault,
    FetchError,
    FetchFault,
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
from retrieval.index import Index, has_due_pages, pages_of, title_of
from retrieval.indexing.faiss_store import FaissStore
from retrieval.indexing.milvus_client import MilvusAddress
from retrieval.indexing.milvus_store import MilvusStore
from retrieval.indexing.restore import restore_backup
from retrieval.indexing.sync import UNCONFIRMED, FileReport, FileState, Progress, Removals, SyncReport
from retrieval.indexing.updater import list_failures
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
from retrieval.sources.listing import DEFAULT_MAX_PAGES
from retrieval.sources.text_fragment import link_to_text
from retrieval.storage.backup import Storage, write_backup
from retrieval.storage.database import Database, Repository, Schema, Transaction, upsert
from retrieval.storage.opening import open_database
from retrieval.storage.pages import Page, PageState, SourceKind, WebSource
from retrieval.storage.records import DEFAULT_COLLECTION, Collection, StoredDocument
from retrieval.storage.store import INDEX_FILE, INDEX_SCHEMA

if TYPE_CHECKING:
    from retrieval.sources.fetching.addresses import normalize as normalize_address
    from retrieval.sources.fetching.fetcher import Fetcher, FetchSettings
    from retrieval.sources.refresh import PageChange, PageReport
    from retrieval.sources.web_sources import KEEP_GONE_DAYS, ListedSource, WebSources, fetch_record

__all__ = [
    "DEFAULT_COLLECTION",
    "DEFAULT_LIMITS",
    "DEFAULT_MAX_PAGES",
    "FORMATS",
    "INDEX_FILE",
    "INDEX_SCHEMA",
    "KEEP_GONE_DAYS",
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
    "BusyError",
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
    "FetchError",
    "FetchFault",
    "FetchSettings",
    "Fetcher",
    "FileReport",
    "FileState",
    "Highlight",
    "Hit",
    "Index",
    "IsolatedReader",
    "Ledger",
    "Limits",
    "ListedPin",
    "ListedSource",
    "Listing",
    "Location",
    "MilvusAddress",
    "MilvusStore",
    "MissingWord",
    "Model",
    "ModelError",
    "Omission",
    "Page",
    "PageChange",
    "PageReport",
    "PageState",
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
    "SourceKind",
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
    "WebSource",
    "WebSources",
    "Withheld",
    "WithheldCause",
    "ask",
    "atomic_write",
    "cases",
    "evaluation",
    "fetch_record",
    "find",
    "follow_up",
    "has_due_pages",
    "is_page",
    "link_to_text",
    "list_failures",
    "load_encoder",
    "load_file",
    "make_all_private",
    "mark_shown",
    "normalize_address",
    "open_database",
    "pages_of",
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

# What fetches web pages takes 0.2 s to import, and a question needs none of it.
_LATER = {
    "FetchSettings": "fetching.fetcher",
    "Fetcher": "fetching.fetcher",
    "KEEP_GONE_DAYS": "web_sources",
    "ListedSource": "web_sources",
    "PageChange": "refresh",
    "PageReport": "refresh",
    "WebSources": "web_sources",
    "fetch_record": "web_sources",
    "normalize_address": "fetching.addresses",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        message = f"module {__name__} has no attribute {name}"
        raise AttributeError(message)
    module = import_module(f"{__name__}.sources.{_LATER[name]}")
    return getattr(module, name.removesuffix("_address"))
