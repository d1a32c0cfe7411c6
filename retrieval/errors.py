"""Everything that can go wrong, as one tree; each message says what is wrong and what to do.

QuothError
├── SettingsError    a setting is missing or wrong
├── QuestionError    this question cannot be asked as it stands
├── PinError         this passage cannot be pinned
├── DocumentError    this one file cannot be read; the others go on
├── ModelError       the encoder's weights are missing, damaged or of an unknown kind
├── StoreError       the data folder or the database cannot be read or written
│   └── UnreachableError   the database or the vector engine does not answer; it may do so again in a moment
└── BackupError      a backup cannot be written there, or not be restored
"""

from enum import StrEnum


class QuothError(Exception):
    """Base of all errors that Quoth raises for a person to read."""


class SettingsError(QuothError):
    """A setting is missing or wrong."""


class QuestionFault(StrEnum):
    """Why a question cannot be asked, for those who say it in another language."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    NO_WORDS = "no words"
    NOT_TEXT = "not text"
    GREETING = "greeting"
    """It is no question, like the next ones: people say such things to a bot."""
    THANKS = "thanks"
    FAREWELL = "farewell"
    REMARK = "remark"
    """That something was read or liked: "ok", "great", "yes"."""
    LINK = "link"


class QuestionError(QuothError):
    """The question is empty, too long, or not text; or what was said is none."""

    def __init__(self, message: str, fault: QuestionFault) -> None:
        super().__init__(message)
        self.fault = fault


class PinError(QuothError):
    """There is no such passage to pin, or it cannot be told which one is meant."""


class DocumentFault(StrEnum):
    """Why a file cannot be read, for those who say it in another language."""

    EMPTY = "empty"
    """It holds no text."""
    NOT_TEXT = "not text"
    """Its bytes are no characters in any encoding that is known."""
    SCAN = "scan"
    """Its pages are pictures, and nothing here recognises text."""
    PROTECTED = "protected"
    """By a password or against copying, or it is of an older format, which looks the same."""
    DAMAGED = "damaged"
    """Or it is not what its name says."""
    TOO_LARGE = "too large"
    """It has too many bytes."""
    TOO_LONG = "too long"
    """It has too many characters, pages or rows."""
    TOO_HEAVY = "too heavy"
    """Reading it takes too much time or memory."""
    UNKNOWN_KIND = "unknown kind"
    """There is no reader for such files."""
    NO_ACCESS = "no access"
    """It is not there, or cannot be opened."""


class DocumentError(QuothError):
    """One file cannot be read, or holds no text."""

    def __init__(self, message: str, fault: DocumentFault) -> None:
        super().__init__(message)
        self.fault = fault


class ModelError(QuothError):
    """The encoder's weights are missing, damaged or of an unknown kind."""


class StoreError(QuothError):
    """The data folder or the database cannot be read or written."""


class UnreachableError(StoreError):
    """The database or the vector engine is on another machine, and does not answer now."""


class BackupError(QuothError):
    """A backup is not whole or of a newer Quoth, or something would be overwritten."""
