"""The errors of Quoth, a tree under `QuothError`; each message says what is wrong and what to do."""

from enum import StrEnum


class QuothError(Exception):
    """Base of all errors that Quoth raises for a person to read."""


class SettingsError(QuothError):
    """A setting is missing or wrong."""


class QuestionFault(StrEnum):
    """The reason of a `QuestionError`, for messages in other languages."""

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

    def __init__(self, message: str, fault: QuestionFault, *, max_length: int = 0) -> None:
        super().__init__(message)
        self.fault = fault
        self.max_length = max_length
        """Characters that a question may have which is too long."""


class PinError(QuothError):
    """The passage to pin does not exist, or is ambiguous."""


class DocumentFault(StrEnum):
    """The reason of a `DocumentError`, for messages in other languages."""

    EMPTY = "empty"
    """It holds no text."""
    NOT_TEXT = "not text"
    """Its bytes are no characters in any known encoding."""
    SCAN = "scan"
    """Its pages are pictures, and nothing here recognises text."""
    PROTECTED = "protected"
    """By a password or against copying, or it has an older format, which looks the same."""
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


class FetchFault(StrEnum):
    """The reason of a `FetchError`."""

    ADDRESS = "address"
    """It is none of a web page, or holds a password."""
    PRIVATE = "private"
    """It is one of a private network, or of this machine."""
    ROBOTS = "robots"
    """The site's robots.txt asks programs not to fetch it."""
    FORBIDDEN = "forbidden"
    """The site shows it only to some, such as after a login."""
    TOO_LARGE = "too large"
    GONE = "gone"
    """The site says that there is no such page."""
    FAILED = "failed"
    """The site cannot be reached, or does not answer as it should; that may pass."""


class FetchError(QuothError):
    """A web page cannot be fetched."""

    def __init__(self, message: str, fault: FetchFault = FetchFault.FAILED) -> None:
        super().__init__(message)
        self.fault = fault


class ModelError(QuothError):
    """The encoder's weights are missing, damaged or of an unknown kind."""


class StoreError(QuothError):
    """The data folder or the database cannot be read or written."""


class UnreachableError(StoreError):
    """The database or the vector store is on another machine, and does not answer now."""


class BusyError(StoreError):
    """Another process does now what only one may do at a time."""


class BackupError(QuothError):
    """A backup is damaged or of a newer Quoth, or it would overwrite something."""
