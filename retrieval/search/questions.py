"""Questions: what may be asked, and which two are the same question in other dress; pure functions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from retrieval.documents.language import load_stop_words
from retrieval.errors import QuestionError, QuestionFault
from retrieval.indexing.bm25 import UNSPACED
from retrieval.search.small_talk import detect_small_talk

MAX_QUESTION_LENGTH = 2_000
"""Characters."""

_REPLIES = {
    QuestionFault.GREETING: "Hello! Ask a question, and the passage that answers it is quoted.",
    QuestionFault.THANKS: "You are welcome!",
    QuestionFault.FAREWELL: "Goodbye, until the next question.",
    QuestionFault.REMARK: "All right. Ask whenever there is something to know.",
    QuestionFault.LINK: "Links are not opened: documents are added as files. Ask in a few words or a sentence.",
}
_REMEMBERED = 4_096
_MAX_TURNED = 60
"""Words; in a longer question, they must stand in the same order."""

_TOKEN = re.compile(
    rf"""
      (?:(?<!\w)[-−–])?\d+(?:[.,]\d+)*   # a number with its sign
    | ['’][sS](?!\w) | [^\W\d_]{{1,2}}['’](?=\w)   # what's, l'école
    | [{UNSPACED}] | [^\W\d_{UNSPACED}]+ | [^\w\s]
    """,
    re.VERBOSE,
)
_MEANT = frozenset("#%&@*°")
"""Punctuation that is a part of what it stands beside, like all mathematical signs and currencies."""
_FILLERS = {
    "en": "the an is are ’s there of please",
    "fr": "le la les l’ un une de d’ du des est sont svp",
    "de": "der die das den dem des ein eine einen einem einer eines ist sind bitte",
    "es": "el la los las un una unos unas de del es son",
    "ru": "пожалуйста",
    "zh": "的 吗 呢 请",
}
"""Language → words that may be there or not, in lower case. "A" is none of them: it is also a vitamin."""
_DROPPED = {language: frozenset(words.split()) for language, words in _FILLERS.items()}
_SAME_SIGN = str.maketrans("−–'", "--’")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. A follow-up has the question that it leans on as its context."""

    text: str
    context: str = ""
    """The earlier question; empty if the text says enough by itself."""

    @classmethod
    def of(cls, asked: Question | str) -> Question:
        """Check that a question can be asked, and remove the white space around it.

        Raises:
            QuestionError: it is blank, too long, not text, or no question, such as "Thanks!".
        """
        question = asked if isinstance(asked, Question) else cls(asked)
        check_question(question.whole)
        if fault := detect_small_talk(question.text):
            raise QuestionError(_REPLIES[fault], fault)
        return cls(question.text.strip(), question.context.strip())

    @property
    def whole(self) -> str:
        """The text that is searched for: the context, then what is asked."""
        return f"{self.context} {self.text}" if self.context else self.text


def check_question(question: str) -> str:
    """Check that a question can be asked, and remove the white space around it.

    Raises:
        QuestionError: it is blank, too long, or not text.
    """
    question = question.strip()
    if not question:
        raise QuestionError("The question is empty. Ask in a few words or a sentence.", QuestionFault.EMPTY)
    if len(question) > MAX_QUESTION_LENGTH:
        message = f"The question has {len(question):,} characters. Ask in at most {MAX_QUESTION_LENGTH:,}."
        raise QuestionError(message, QuestionFault.TOO_LONG, max_length=MAX_QUESTION_LENGTH)
    if not any(map(str.isalnum, question)):
        message = "What would you like to know? Ask in a few words or a sentence."
        raise QuestionError(message, QuestionFault.NO_WORDS)
    if not question.isprintable() and any(_is_control(character) for character in question):
        message = "The question holds characters that are not text. Type it again as plain text."
        raise QuestionError(message, QuestionFault.NOT_TEXT)
    return question


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} and character not in "\t\n\r"


@dataclass(frozen=True, slots=True)
class NormalizedQuestion:
    """What a question says, without its dress."""

    words: tuple[str, ...]
    """In lower case, without accents; the same whichever half of the question comes first."""
    accented: tuple[str, ...] | None
    """The same with accents; None if the question has none, so that they may have been left out."""

    def matches(self, other: NormalizedQuestion) -> bool:
        """Check whether both are the same question."""
        are_typed = self.accented is not None and other.accented is not None
        return self.words == other.words and (not are_typed or self.accented == other.accented)


@lru_cache(_REMEMBERED)
def normalize(question: str) -> NormalizedQuestion:
    """Reduce a question to what it shares with others that differ only in dress.

    They may differ in case, punctuation, articles and the like (`_FILLERS`), which half comes first ("In Calais,
    how many …?"), and in accents if one has none at all. Every other word, name, number, sign and negation must be
    in both, in the same form and order: "from Paris to London" is not "from London to Paris".
    """
    plain = unicodedata.normalize("NFKC", question)
    tokens = [token.translate(_SAME_SIGN) for token in _TOKEN.findall(plain) if _says_something(token)]
    words = [token.lower() for token in tokens]
    fillers = _find_fillers(words) - _find_shouted(tokens)
    kept = [word for word in words if word not in fillers] or words
    bare = [_strip_accents(word) for word in kept]
    turns = range(len(bare)) if len(bare) <= _MAX_TURNED else range(1)
    at = min(turns, key=lambda turn: bare[turn:] + bare[:turn], default=0)
    accented = (*kept[at:], *kept[:at]) if bare != kept else None
    return NormalizedQuestion((*bare[at:], *bare[:at]), accented)


def _find_fillers(words: list[str]) -> frozenset[str]:
    """Take the fillers of the language that most of the stop words are of."""
    counts = {language: sum(word in load_stop_words(language) for word in words) for language in _DROPPED}
    return _DROPPED[max(counts, key=lambda language: counts[language])]


def _find_shouted(tokens: list[str]) -> set[str]:
    """Find the words in capitals, in lower case, unless all are: "IS" may be something else than "is"."""
    shouted = {token.lower() for token in tokens if len(token) > 1 and token.isupper()}
    return shouted if any(map(str.islower, tokens)) else set()


def _strip_accents(word: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))


def _says_something(token: str) -> bool:
    is_one = len(token) == 1 and not token.isalnum()
    return not is_one or token in _MEANT or unicodedata.category(token) in {"Sm", "Sc"}
