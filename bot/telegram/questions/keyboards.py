"""The buttons below an answer. Each names an action and the receipt, so that it works for as long as the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.messaging.callback_queries import keyboard
from bot.telegram.render.answer import PIN_SIGN
from bot.texts import Texts
from retrieval import Answer, Quote, Verdict

SEPARATOR = ":"


class Action(StrEnum):
    """The action of a button."""

    ANSWER = "answer"
    MORE = "more"
    CONTEXT = "context"
    RECEIPT = "receipt"
    NOTHING = "nothing"
    """Back to the message that nothing answers."""
    CLOSEST = "closest"
    GOOD = "good"
    BAD = "bad"
    CHOOSE = "passages"
    """Choose the passage to pin to the question: for owners, like the next two."""
    PIN = "pin"
    UNPIN = "unpin"


@dataclass(frozen=True, slots=True)
class Press:
    """The data of a button."""

    action: Action
    receipt_id: str
    rank: int = 1
    """Of the first passage to show, or of the one to pin; to unpin, the pin's number."""

    @classmethod
    def parse(cls, data: str) -> Press | None:
        """Parse a button's data; None if it is from another version of the bot."""
        action, _, rest = data.partition(SEPARATOR)
        receipt_id, _, rank = rest.partition(SEPARATOR)
        if action not in set(Action) or not receipt_id or not (rank or "1").isdecimal():
            return None
        return cls(Action(action), receipt_id, int(rank or 1))

    @property
    def data(self) -> str:
        """The data of the button."""
        rank = f"{SEPARATOR}{self.rank}" if self.rank > 1 else ""
        return f"{self.action}{SEPARATOR}{self.receipt_id}{rank}"

    def button(self, label: str) -> InlineKeyboardButton:
        """Make the button with this data."""
        return InlineKeyboardButton(label, callback_data=self.data)


def below_answer(answer: Answer, texts: Texts) -> InlineKeyboardMarkup:
    """Make the buttons below an answer."""
    if answer.verdict.found:
        return below_passages(answer.receipt_id, answer.quotes[1:], texts)
    return below_nothing(answer.receipt_id, texts, are_close=bool(answer.quotes))


def below_passages(receipt_id: str, further: Sequence[Quote], texts: Texts) -> InlineKeyboardMarkup:
    """Make the buttons below an answer that does not show the `further` passages, or not whole."""
    context = Press(Action.CONTEXT, receipt_id).button(texts.context_button)
    ratings = [Press(Action.GOOD, receipt_id).button("👍"), Press(Action.BAD, receipt_id).button("👎")]
    first_row = [*_more(Action.MORE, receipt_id, further, texts), context, _receipt(receipt_id, texts)]
    return InlineKeyboardMarkup([first_row, ratings])


def below_nothing(receipt_id: str, texts: Texts, *, are_close: bool) -> InlineKeyboardMarkup:
    """Make the buttons where nothing answers, with or without passages that come close."""
    closest = [Press(Action.CLOSEST, receipt_id).button(texts.show_closest)] if are_close else []
    return InlineKeyboardMarkup.from_row([*closest, _receipt(receipt_id, texts)])


def below_closest(receipt_id: str, texts: Texts) -> InlineKeyboardMarkup:
    """Make the buttons below the passages that come closest."""
    return InlineKeyboardMarkup.from_row([_back(receipt_id, texts, Action.NOTHING), _receipt(receipt_id, texts)])


def below_view(receipt_id: str, further: Sequence[Quote], texts: Texts) -> InlineKeyboardMarkup:
    """Make the buttons of a text in an answer's place: back to the answer, and on to the `further` passages."""
    more = _more(Action.MORE, receipt_id, further, texts)
    return InlineKeyboardMarkup.from_row([_back(receipt_id, texts), *more])


def below_receipt(
    receipt_id: str, verdict: Verdict | None, page: str | None, texts: Texts, *, way_back: bool
) -> InlineKeyboardMarkup | None:
    """Make the buttons below a receipt: back to the answer in whose place it is, and to its web page, if any."""
    answer = Action.NOTHING if verdict is Verdict.NONE else Action.ANSWER
    row = [_back(receipt_id, texts, answer)] if way_back else []
    return keyboard([row + ([InlineKeyboardButton(texts.browser_button, url=page)] if page else [])])


def below_choice(
    receipt_id: str, quotes: Sequence[Quote], shown: int, texts: Texts, *, way_back: bool
) -> InlineKeyboardMarkup | None:
    """Make the buttons that pin one of the passages, so many of which are shown."""
    pins = [Press(Action.PIN, receipt_id, quote.rank).button(f"{PIN_SIGN}{quote.rank}") for quote in quotes[:shown]]
    back = [_back(receipt_id, texts)] if way_back else []
    return keyboard([pins, [*back, *_more(Action.CHOOSE, receipt_id, quotes[shown:], texts)]])


def below_pinned(receipt_id: str, number: int, texts: Texts, *, way_back: bool) -> InlineKeyboardMarkup:
    """Make the buttons below a passage that was pinned."""
    undo = Press(Action.UNPIN, receipt_id, number).button(texts.undo)
    return InlineKeyboardMarkup.from_row([undo, *([_back(receipt_id, texts)] if way_back else [])])


def _back(receipt_id: str, texts: Texts, action: Action = Action.ANSWER) -> InlineKeyboardButton:
    return Press(action, receipt_id).button(texts.back_button)


def _receipt(receipt_id: str, texts: Texts) -> InlineKeyboardButton:
    return Press(Action.RECEIPT, receipt_id).button(texts.receipt_button)


def _more(action: Action, receipt_id: str, further: Sequence[Quote], texts: Texts) -> list[InlineKeyboardButton]:
    return [Press(action, receipt_id, quote.rank).button(texts.more_button) for quote in further[:1]]
