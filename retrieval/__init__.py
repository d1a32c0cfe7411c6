"""Quoth's library: a folder of documents → exact quotes that answer a question.

>>> from pathlib import Path
>>> from retrieval import Index, ask, load_encoder, resolve_model
>>> index = Index(Path(".quoth"), load_encoder(resolve_model()))  # doctest: +SKIP
>>> index.sync(Path("seeds"))  # doctest: +SKIP
>>> ask(index, "How many British police officers will work in Coquelles?")  # doctest: +SKIP
"""

from retrieval.answer import QUESTION_LIMIT, Answer, Highlight, Quote, Source, Verdict, ask, quotes_of
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
from retrieval.index import FileReport, FileState, Index, Progress, SyncReport
from retrieval.models import Model, resolve_model
from retrieval.reranker import CrossEncoderReranker, Reranker
from retrieval.search import Hit

__all__ = [
    "QUESTION_LIMIT",
    "Answer",
    "CrossEncoderReranker",
    "DocumentError",
    "Encoder",
    "FileReport",
    "FileState",
    "Highlight",
    "Hit",
    "Index",
    "Model",
    "ModelError",
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
    "SyncReport",
    "Unit",
    "Verdict",
    "ask",
    "load_encoder",
    "quotes_of",
    "resolve_model",
]
