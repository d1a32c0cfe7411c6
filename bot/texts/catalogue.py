"""Texts: all messages of the bot in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from retrieval import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from retrieval import DocumentFault, FetchFault, Location, QuestionFault, QuoteStatus, Verdict

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
RIGHT_TO_LEFT_MARK = "\N{RIGHT-TO-LEFT MARK}"


@dataclass(frozen=True, kw_only=True)
class Texts:
    """One name a meaning. What is in braces is filled in; the ones marked HTML are sent as they stand."""

    language: str
    """The language's code in CLDR."""

    start: str
    """HTML."""
    help: str
    """HTML."""
    help_button: str
    """Shows `help_on_verdicts` and the texts that follow it."""
    help_on_verdicts: str
    """HTML."""
    help_for_owners: str
    """HTML; above `help`, as is `help_on_documents`."""
    ask_needs_a_question: str
    unknown_command: str
    only_text: str

    wait: str
    busy: str
    unreachable: str
    """The database or the engine does not answer."""
    slow_down: str
    failed: str
    faults: Mapping[QuestionFault, str]

    verdicts: Mapping[Verdict, str]
    show_closest: str
    closest_passages: str
    closest_are_gone: str
    button_is_old: str
    no_documents: str
    also_in_place: str
    fetched_on: str
    """Below a quote of a web page."""
    fetched_then_gone: str
    """The same, if the site says that the page is gone."""
    missing_words: str
    """What a question names and a passage does not."""
    comma: str = ", "
    parts: Mapping[Unit, tuple[str, str]]
    """One part of a document, and several."""
    part_of_sheet: str
    documents_by_number: Mapping[str, str]
    """Category of CLDR (`one`, `few`, …) → text."""
    more_documents_by_number: Mapping[str, str]

    stranger: str
    strange_group: str
    new_owner: str
    owners_only: str
    whom: str
    unknown_person: str
    allowed: str
    denied: str
    stays_owner: str
    anonymous_administrator: str
    name_is_old: str
    """The person whom `/allow @name` seems to mean has not written for a day."""
    owners_by_number: Mapping[str, str]
    """Headings of lists of people, as are the next ones."""
    members_by_number: Mapping[str, str]
    shut_out_by_number: Mapping[str, str]
    knocked_by_number: Mapping[str, str]
    everybody: str
    group_request: str
    """HTML; to the owners, above `let_in_button`."""
    let_in_button: str
    help_in_group: str
    """HTML."""

    commands: Mapping[str, str]
    """Command → what the menu says of it."""
    description: str
    short_description: str

    help_with_answers: str
    """HTML; below `help_on_verdicts`."""
    searched_for: str
    begun_anew: str
    more_button: str
    context_button: str
    back_button: str
    further_passages: str
    further_are_gone: str
    answer_is_gone: str
    rated: str
    receipt_button: str
    given_time: str
    states: Mapping[QuoteStatus, str]
    """What became of a quote."""
    receipt_altered: str
    file_changed: str
    listed_only: str
    receipt_link: str
    browser_button: str
    no_receipt: str
    which_receipt: str
    help_on_receipts: str
    """HTML, as is the next one; below `help_with_answers`."""
    help_in_any_chat: str
    kept: str
    """What is kept of a person, as are the next ones up to `kept_after`."""
    kept_receipts: str
    kept_questions: str
    kept_turns: str
    kept_ratings: str
    kept_told: str
    kept_nothing: str
    kept_after: str
    all_is_kept: str
    erased: str
    forget_in_private: str
    inline_hint: str
    inline_nothing: str
    inline_stranger: str
    web_receipt: str
    web_in_document: str
    web_words_then: str
    web_words_now: str
    web_removed: str
    web_added: str
    web_words_lost: str
    web_nothing_alike: str
    web_quote_begins: str
    web_quote_ends: str
    web_picture: str
    web_picture_alt: str
    web_source: str
    web_section: str
    web_place: str
    web_file: str
    web_page: str
    web_now_in: str
    web_file_hash: str
    web_quote_hash: str
    web_verdict: str
    web_check: str
    web_check_file: str
    web_check_here: str
    web_further: str
    web_listed: str
    web_no_quotes: str
    web_about: str
    web_not_found: str
    web_not_found_why: str
    web_no_page: str
    web_no_page_why: str
    web_busy: str
    help_on_documents: str
    """HTML; below `help_for_owners`."""
    upload_reading: str
    """HTML, as are the next ones up to `upload_removed`."""
    upload_progress: str
    upload_done: str
    upload_faults: Mapping[DocumentFault, str]
    upload_old_version: str
    """Below one of these, if an earlier version can be quoted."""
    uploads_full: str
    upload_known: str
    upload_taken: str
    upload_undecided: str
    """Below one or several of these."""
    upload_dropped: str
    upload_replaced: str
    upload_restored: str
    upload_removed: str
    passages_by_number: Mapping[str, str]
    page_question: str
    """HTML, as are the next ones up to `page_faults`, except for the labels of buttons."""
    page_button: str
    page_below_button: str
    page_no_button: str
    page_declined: str
    pages_done: str
    pages_by_number: Mapping[str, str]
    page_empty: str
    page_faults: Mapping[FetchFault, str]
    undo: str
    replace_button: str
    keep_both_button: str
    add_needs_a_file: str
    no_uploads_here: str
    uploads_on: str
    uploads_off: str
    uploads_usage: str
    delete_question: str
    """HTML."""
    delete_yes: str
    delete_no: str

    settings: str
    settings_mentions: str
    settings_sure: str
    settings_common: str
    settings_each_language: str
    settings_in_groups: str
    settings_privacy: str
    """Telegram may keep mentions from the bot."""
    collections_for_all: str
    """Above the named collections, in the private chat of an owner."""
    collections_for_group: str
    collections_none: str
    only_sure: str
    administrators_only: str

    unanswered: str
    unanswered_nothing: str
    unanswered_in_private: str
    people_by_number: Mapping[str, str]
    unanswered_not_found: str
    unanswered_disliked: str
    unanswered_newest: str
    unanswered_pinned: str
    """A document's name follows."""
    stats_questions: str
    """A heading, as are `stats_answers`, `stats_quoted` and `stats_unreadable`."""
    stats_week: str
    stats_month: str
    stats_answers: str
    stats_verdicts: Mapping[Verdict, str]
    """A share stands before it, and a number after it."""
    stats_quoted: str
    stats_unreadable: str
    stats_doctor: str
    stats_nothing: str
    stats_in_private: str
    pin_button: str
    pin_which: str
    """The question follows, as after `pin_done`."""
    pin_nothing: str
    pin_done: str
    pin_forgotten: str
    pinned: str
    """Behind a quote's source."""
    web_pinned: str

    def documents(self, count: int) -> str:
        """Write the heading of the list of documents."""
        return self.count(self.documents_by_number, count)

    def more_documents(self, count: int) -> str:
        """Write the last line of a list that shows only the first documents."""
        return self.count(self.more_documents_by_number, count)

    def passages(self, count: int) -> str:
        """Count passages."""
        return self.count(self.passages_by_number, count)

    def count(self, forms: Mapping[str, str], count: int) -> str:
        """Fill in the form that the language has for this number, of those of one of the texts `…_by_number`."""
        return forms[Locale.parse(self.language).plural_form(count)].format(count=count)

    def number(self, count: float) -> str:
        """Write a number, with its digits in groups."""
        return format_decimal(count, locale=Locale.parse(self.language))

    def percent(self, share: float) -> str:
        """Write a share as a percentage."""
        return format_percent(share, locale=Locale.parse(self.language))

    def weekday(self, day: date) -> str:
        """Name the day of the week, abbreviated."""
        return format_date(day, "EEE", locale=Locale.parse(self.language))

    def also_in(self, place: str) -> str:
        """Name another document with the same words, below a quote's source."""
        return self.also_in_place.format(place=place)

    def fetched(self, fetched_at: str, *, is_gone: bool = False) -> str:
        """Say which day a web page was fetched on, given in ISO 8601, and whether it is gone by now."""
        text = self.fetched_then_gone if is_gone else self.fetched_on
        return text.format(day=self._date(datetime.fromisoformat(fetched_at)))

    def not_in_passage(self, words: Iterable[str]) -> str:
        """Name the words of the question that a passage does not hold, below its source."""
        return self.missing_words.format(words=self.comma.join(map(self.isolated, dict.fromkeys(words))))

    def place(self, where: Location) -> str:
        """Name the place of a quote: "lines 3–5", "page 2", "Prices, row 7", "at 0:12:05"."""
        one, several = self.parts[where.unit]
        text = one if where.first == where.last else several
        first, last = where.first, where.last
        if where.unit is Unit.SECOND:
            part = text.format(first=timedelta(seconds=first), last=timedelta(seconds=last))
        else:
            part = text.format(first=first, last=last)
        return self.part_of_sheet.format(sheet=self.isolated(where.name), part=part) if where.name else part

    def given_at(self, moment: datetime) -> str:
        """Say when an answer was given."""
        return self.given_time.format(time=self._time(moment))

    def newest(self, moment: datetime) -> str:
        """Say when an unanswered question was asked for the last time."""
        return self.unanswered_newest.format(date=self._date(moment, "medium"))

    def told_at(self, moment: datetime) -> str:
        """Say when a stranger was told that the bot is private."""
        return self.kept_told.format(time=self._time(moment))

    def isolated(self, text: str) -> str:
        """Isolate a name or title that may run in the other direction, so that it does not turn the text around it."""
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if self._is_right_to_left else text

    @property
    def own_name(self) -> str:
        """Give the name of the language in the language itself."""
        name = Locale.parse(self.language).language_name or self.language
        return name[:1].upper() + name[1:]

    @property
    def line_start(self) -> str:
        """Get the mark in front of a line whose first letters may run in the other direction."""
        return RIGHT_TO_LEFT_MARK if self._is_right_to_left else ""

    @property
    def direction(self) -> str:
        """Name the direction as HTML does."""
        return "rtl" if self._is_right_to_left else "ltr"

    @property
    def _is_right_to_left(self) -> bool:
        """Check whether the language is written from right to left."""
        return Locale.parse(self.language).text_direction == "rtl"

    def _time(self, moment: datetime) -> str:
        """Write a time in UTC, as nobody tells the bot where a person is."""
        return f"{self._date(moment)}, {moment:%H:%M} UTC"

    def _date(self, moment: datetime, length: str = "long") -> str:
        return format_date(moment, length, locale=Locale.parse(self.language))
