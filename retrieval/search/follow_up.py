"""Follow-ups: a question that says too little by itself takes the rest from the one before; pure functions.

There is no model of language here, so only what shows by itself counts: how a question begins, how few words it has
that say what it is about, and whether a pronoun stands for what it asks about.
"""

from __future__ import annotations

import re

from retrieval.indexing.bm25 import content_words
from retrieval.search.questions import Question

MAX_FOLLOW_UP = 400
"""Characters of both questions together; what is longer says enough by itself, or might not fit the encoder."""
MAX_CONTENT_IF_OPENED = 3
MAX_CONTENT_WITH_A_PRONOUN = 1
MAX_CONTENT_IN_A_REPLY = 2
"""Words that are no stop words."""
_MAX_CHINESE = 12
"""Characters, as Chinese has no spaces between its words."""

_OPENERS = re.compile(
    r"""[\W_]*(?:
    (?:and | or | what \s about | how \s about
    | et | qu['’]en \s est-il | qu['’]en \s est
    | und | oder | was \s ist \s mit | wie \s (?:ist | steht | sieht) \s es \s (?:mit | bei)
    | y | e | qué \s hay \s de | qué \s pasa \s con
    | и | а | или | (?:а \s)? (?:что | как) \s насч[её]т
    | و | ماذا \s عن | وماذا | وكم | ومتى | وأين | ومن | وهل | وكيف | ولماذا
    )(?![\w-])
    | 那么 | 那 | 还有 | 而
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CHINESE_END = re.compile(r"呢[\W_]*\Z")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PRONOUNS = frozenset({
    "he", "she", "him", "her", "his", "hers", "they", "them", "their", "theirs", "elle", "ils", "elles", "er", "ihn",
    "ihm", "él", "ella", "ellos", "ellas", "он", "она", "оно", "они", "его", "её", "ее", "их", "ему", "ей", "им",
    "ними", "هو", "هي", "هم",
})  # fmt: skip
"""Of the third person; those that often stand for nothing, as in "is it true", are left out."""

_ASKING = frozenset({
    "qué", "cuándo", "dónde", "adónde", "quién", "quiénes", "cómo", "cuánto", "cuántos", "cuánta", "cuántas",
})  # fmt: skip
"""The list of Spanish stop words knows them only without their accents."""


def follow_up(previous: str, question: str, *, is_reply: bool = False) -> Question | None:
    """Give a question the previous one as its context if it leaves out what that said; None if it says enough.

    Args:
        previous: the question of the turn before, which says enough by itself.
        question: the question now.
        is_reply: whether it replies to the answer of the previous one, so that a few words less are enough.
    """
    joined = Question(question.strip(), context=previous.strip())
    if len(joined.whole) > MAX_FOLLOW_UP or not _is_elliptical(question, is_reply=is_reply):
        return None
    return joined


def _is_elliptical(question: str, *, is_reply: bool) -> bool:
    opener = _OPENERS.match(question)
    if _CHINESE.search(question):
        is_short = len(question.strip()) <= _MAX_CHINESE
        return is_short and bool(opener or _CHINESE_END.search(question) or is_reply)
    words = content_words(question[opener.end() :] if opener else question)
    content = sum(word not in _ASKING for word in words)
    if opener:
        return content <= MAX_CONTENT_IF_OPENED
    if content == 0 or (is_reply and content <= MAX_CONTENT_IN_A_REPLY):
        return True
    return content <= MAX_CONTENT_WITH_A_PRONOUN and not _PRONOUNS.isdisjoint(re.findall(r"\w+", question.lower()))
