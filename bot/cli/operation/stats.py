"""`quoth stats`: how much is asked and answered."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.text import Text

from bot import texts
from bot.cli import output
from bot.cli.options import Data
from bot.monitoring.statistics import DAYS, WEEK, collect_statistics
from bot.services.receipts import open_ledger
from bot.settings import load_settings
from bot.texts import ENGLISH
from retrieval import list_failures

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bot.monitoring.statistics import Statistics

_PERIODS = {ENGLISH.stats_week: WEEK, ENGLISH.stats_month: DAYS}


def stats(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: Data = None) -> None:
    """Count questions, answers and quoted documents.

    It counts the last 30 days, in UTC, from everywhere: the terminal, Telegram and others. It names no person and no
    question, but the documents that are quoted most, and the files that cannot be read. /stats shows owners the same.
    """
    settings = load_settings(None, data)
    with closing(open_ledger(settings)) as ledger:
        statistics = collect_statistics(ledger, list_failures(settings.data, settings.database_url))
    counts = asdict(statistics) | {"questions": {str(day): count for day, count in statistics.questions.items()}}
    output.show(_render(statistics), counts, as_json=as_json)


def _render(statistics: Statistics) -> RenderableType:
    total = statistics.count_questions(DAYS)
    if not total:
        parts = [Text(ENGLISH.stats_nothing)]
    else:
        days = [*statistics.questions.items()][-WEEK:]
        parts = [
            Text(ENGLISH.stats_questions, "bold"),
            Text(" · ".join(f"{ENGLISH.weekday(day)} {count:,}" for day, count in days)),
            *(_render_count(text, statistics, days) for text, days in _PERIODS.items()),
            Text(f"\n{ENGLISH.stats_answers}", "bold"),
        ]
        for verdict, count in statistics.verdicts.items():
            parts.append(Text(f"{count / total:>4.0%} {ENGLISH.stats_verdicts[verdict]} ({count:,})"))
        parts.append(Text(f"liked: {statistics.ratings.good:,}, disliked: {statistics.ratings.bad:,}"))
    if statistics.quoted:
        parts.append(Text(f"\n{ENGLISH.stats_quoted}", "bold"))
        parts += [Text(f"{one.answers:>5,}  {_name(one.collection, one.path)}") for one in statistics.quoted]
    if statistics.unreadable:
        parts.append(Text(f"\n{ENGLISH.stats_unreadable}", "bold"))
        parts += [
            Text(f"{_name(one.collection, one.path)}: {output.one_line(one.reason)}") for one in statistics.unreadable
        ]
    return Group(*parts)


def _render_count(text: str, statistics: Statistics, days: int) -> Text:
    count = statistics.count_questions(days)
    return Text(text.format(count=f"{count:,}", average=f"{count / days:,.1f}"))


def _name(collection: str, path: str) -> str:
    return output.one_line(texts.path(collection, path))
