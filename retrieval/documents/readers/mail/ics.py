"""ICS: the events and tasks of a calendar: what, when, where, and the description; recurrences as the file has them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.text import decode
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content, Location
    from retrieval.documents.readers.limits import Limits

_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]")
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[^=;:]+=(?:"[^"]*"|[^;:"]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([^=;:]+)=(?:"([^"]*)"|([^;:"]*))')
_ESCAPE = re.compile(r"\\([nN;,\\])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_COMPONENTS = {"VEVENT", "VTODO", "VJOURNAL"}
_LABELS = {
    "LOCATION": "Location", "RRULE": "Repeats", "RDATE": "Also on", "EXDATE": "Not on", "STATUS": "Status",
    "ORGANIZER": "Organizer", "ATTENDEE": "Attendees", "URL": "URL",
}  # fmt: skip
"""Property → what stands before its value."""
_USUAL = {"CONFIRMED", "NEEDS-ACTION"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a calendar; its title is its name."""
    text = decode(data)
    if "BEGIN:V" not in text.upper():
        message = "The file is damaged: it is not a calendar. Export it anew."
        raise DocumentError(message, DocumentFault.DAMAGED)
    builder = Builder(limits)
    return builder.build(choose_title(write(text, builder)))


def write(text: str, builder: Builder, place: Location | None = None) -> str | None:
    """Add each event of a calendar as a block, and give the calendar's name."""
    event: dict[str, list[str]] | None = None
    inside, name = "", None
    for key, parameters, value in _list_properties(text):
        if key == "X-WR-CALNAME":
            name = name or value
        elif key == "BEGIN" and value.upper() in _COMPONENTS:
            builder.add_block(_write_event(event or {}), place)  # one without an end
            event, inside = {}, ""
        elif key == "BEGIN" and event is not None:
            inside = inside or value.upper()  # an alarm
        elif key == "END" and inside:
            inside = "" if value.upper() == inside else inside
        elif key == "END" and event is not None and value.upper() in _COMPONENTS:
            builder.add_block(_write_event(event), place)
            event = None
        elif event is not None and not inside:
            shown = _write_value(key, parameters, value)
            if shown:
                event.setdefault(key, []).append(shown)
    builder.add_block(_write_event(event or {}), place)
    return name


def _list_properties(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    for line in re.split(r"\r\n|\r|\n", _FOLD.sub("", text)):
        match = _LINE.fullmatch(line)
        if match:
            parameters = {key.upper(): quoted or plain for key, quoted, plain in _PARAMETER.findall(match[2])}
            yield match[1].upper(), parameters, match[3]


def _write_value(key: str, parameters: dict[str, str], value: str) -> str:
    if key in {"DTSTART", "DTEND", "DUE", "RDATE", "EXDATE"}:
        times = (_write_time(each, parameters.get("TZID", ""), is_end=key == "DTEND") for each in value.split(","))
        return ", ".join(times)
    if key in {"ORGANIZER", "ATTENDEE"}:
        address = value.partition(":")[2] if value.lower().startswith("mailto:") else value
        name = parameters.get("CN", "")
        return f"{name} <{address}>" if name and name != address else address
    text = _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], value).strip()
    return "" if key == "STATUS" and text.upper() in _USUAL else text


def _write_time(value: str, zone: str, *, is_end: bool) -> str:
    match = _TIME.fullmatch(value.strip())
    if match is None:
        return value
    year, month, day, hour, minute, _, utc = match.groups()
    if hour is None:
        try:
            # A day at the end is the first that the event is not on.
            date = datetime(int(year), int(month), int(day)) - timedelta(days=int(is_end))  # noqa: DTZ001 - has no zone
        except (ValueError, OverflowError):
            return value
        return date.date().isoformat()
    return f"{year}-{month}-{day} {hour}:{minute}" + (" UTC" if utc else f" {zone}" if zone else "")


def _write_event(event: dict[str, list[str]]) -> str:
    first = {key: values[0] for key, values in event.items()}
    start, end = first.get("DTSTART", ""), first.get("DTEND", "")
    if end and end != start:
        day, _, zone = start.partition(" ")[0], "", start.partition(" ")[2].partition(" ")[2]
        same_zone = zone and end.endswith(f" {zone}")
        start = start.removesuffix(f" {zone}") if same_zone else start
        end = end.removeprefix(f"{day} ")
    when = f"{start} – {end}" if end and end != start else start
    lines = [
        first.get("SUMMARY", ""),
        when + (f" ({first['DURATION']})" if when and "DURATION" in first else ""),
        f"Due: {first['DUE']}" if "DUE" in first else "",
        *(f"{label}: {', '.join(event[key])}" for key, label in _LABELS.items() if key in event),
        "\n".join(event.get("DESCRIPTION", [])),
        "\n".join(event.get("COMMENT", [])),
    ]
    return "\n".join(filter(None, lines))
