"""What the bot says to people, one name a meaning; the ones marked HTML are sent as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval import DEFAULT_COLLECTION, Verdict

if TYPE_CHECKING:
    from retrieval import Place

START = """\
<b>Quoth</b> answers with the exact words of its documents.

Ask me a question. I look for the passage that answers it and show it to you word for word, with its source. \
I never write an answer of my own, so what you read is what the document says.

/sources lists the documents, /help says more."""
"""HTML."""

HELP = """\
<b>How to ask</b>
Here: just write your question.
In a group: /ask and your question.

<b>What you get</b>
The passage that answers best, with the answering sentence in bold and its source below, then the next ones \
to unfold. The first line says whether the documents answer, may answer, or do not seem to answer. \
In that last case, a button shows the closest passages.

<b>Commands</b>
/ask – ask the documents
/sources – list the documents
/help – this text"""
"""HTML."""

ASK_NEEDS_A_QUESTION = """\
Write your question behind the command, for example:
/ask Who may open the archive?"""

UNKNOWN_COMMAND = "I do not know this command. Just write your question, or see /help."
BUSY = "Many questions are waiting. Please try again in a minute."
FAILED = "Sorry, something went wrong here. Please try again in a moment."

VERDICTS = {
    Verdict.STRONG: "The documents answer this.",
    Verdict.WEAK: "The documents may answer this.",
    Verdict.NONE: "The documents do not seem to answer this.",
}
SHOW_CLOSEST = "Closest passages"
CLOSEST_PASSAGES = "The closest passages, in case they help:"
CLOSEST_ARE_GONE = "The passages that came closest are not in the documents any more."
BUTTON_IS_OLD = "This button does not work any more. Please ask again."
NO_DOCUMENTS = "There are no documents yet."

PRIVATE_COMMANDS = {
    "ask": "Ask the documents",
    "sources": "List the documents",
    "help": "How to ask",
}
GROUP_COMMANDS = {"ask": "Ask the documents"}
DESCRIPTION = """\
Ask a question and get the passage that answers it, word for word, with its source.

I quote documents and never write an answer of my own."""
SHORT_DESCRIPTION = "Answers questions with exact, sourced quotes from documents."


def also_in(place: str) -> str:
    """Below a quote's source, for another document with the same words."""
    return f"also in {place}"


def path(collection: str, path: str) -> str:
    """Which file it is: only those who have several collections need to know which."""
    return path if collection == DEFAULT_COLLECTION else f"{collection}: {path}"


def place(where: Place) -> str:
    """Where a quote stands: "lines 3–5", "page 2", "Prices, row 7"."""
    unit = str(where.unit)
    numbers = f"{unit} {where.first}" if where.first == where.last else f"{unit}s {where.first}–{where.last}"
    return f"{where.name}, {numbers}" if where.name else numbers


def documents(count: int) -> str:
    """Above the list of documents."""
    return "1 document:" if count == 1 else f"{count} documents:"


def more_documents(count: int) -> str:
    """Below a list that shows only the first documents."""
    return f"… and {count} more."
