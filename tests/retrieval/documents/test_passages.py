"""SplitDocument are exact spans of whole sentences, within the limits of people and of the encoder."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from support.doubles import WordEncoder
from support.made_files import EXPORT

from retrieval.documents import readers
from retrieval.documents.document import Block, Document, Location, Unit
from retrieval.documents.passages import LIMIT, SplitDocument, Splitter


def document(text: str, *, name: str = "a.txt") -> Document:
    return readers.read(name, text.encode())


def split(text: str, *, window: int = 1_000, name: str = "a.txt") -> SplitDocument:
    return Splitter(WordEncoder(window=window).count_tokens, window).split(document(text, name=name))


def texts(text: str, **options: object) -> list[str]:
    return [text[p.start : p.end] for p in split(text, **options).passages]  # type: ignore[arg-type]


def test_a_passage_knows_its_sentences_and_lines() -> None:
    text = "Dr. Ada came. She saw\nno 3.5 of it!\n\nGone."
    (passage,) = split(text).passages
    assert [text[s.start : s.end] for s in passage.sentences] == [
        "Dr. Ada came.",
        "She saw\nno 3.5 of it!",
        "Gone.",
    ]
    assert passage.place == Location(Unit.LINE, 1, 4)


def test_paragraphs_share_a_passage_only_while_they_fit_whole() -> None:
    short, long = "Short one.", f"{'Word ' * 196}end."  # 10 and 984 characters
    assert texts(f"{short}\n\n{long}\n\n{short}") == [f"{short}\n\n{long}", short]
    assert texts(f"{long}\n\n{long}") == [long, long]


def test_a_long_paragraph_is_in_passages_that_overlap() -> None:
    a, b, c = (f"{word} {'word ' * 79}end." for word in ("One", "Two", "Three"))  # about 400 characters each
    assert texts(f"{a} {b} {c}") == [f"{a} {b}", f"{b} {c}"]


def test_passages_of_a_long_paragraph_begin_evenly_apart() -> None:
    numbered = [f"Sentence number {number:02} is here." for number in range(100)]  # each 28 characters, with a space
    passages = split(" ".join(numbered)).passages
    # 35 fit, so the last begins with number 65, and two beginnings are 607 characters apart, or 21.67 sentences.
    assert [(p.start // 28, (p.end + 1) // 28) for p in passages] == [(0, 35), (22, 57), (44, 79), (65, 100)]


def test_a_paragraph_after_a_long_one_begins_anew() -> None:
    long = f"{'Word ' * 80}end. {'Word ' * 150}end."
    assert texts(f"Short.\n\n{long}\n\nShort.")[::3] == ["Short.", "Short."]


def test_a_passage_never_crosses_a_heading() -> None:
    text = "# One\n\nFirst.\n\n## Two\n\nSecond.\n"
    passages = split(text, name="a.md").passages
    assert [(text[p.start : p.end], p.heading) for p in passages] == [("First.", "One"), ("Second.", "Two")]


def test_a_passage_never_crosses_a_page() -> None:
    text = "First page. Second page."
    parsed = Document(
        "a.pdf",
        "",
        "1",
        "a",
        text,
        (Block(0, 11, place=Location(Unit.PAGE, 1, 1)), Block(12, 24, place=Location(Unit.PAGE, 2, 2))),
    )
    passages = Splitter(WordEncoder().count_tokens, 64).split(parsed).passages
    assert [(p.start, p.end, p.place) for p in passages] == [
        (0, 11, Location(Unit.PAGE, 1, 1)),
        (12, 24, Location(Unit.PAGE, 2, 2)),
    ]


def test_a_sentence_over_the_window_is_cut_at_a_clause() -> None:
    text = "One two three four, five six seven eight. Nine."
    result = split(text, window=4)
    sentences = [text[s.start : s.end] for p in result.passages for s in p.sentences]
    assert sentences == ["One two three four,", "five six seven eight.", "Nine."]
    assert result.cut == 1
    assert len(result.passages) == 3  # no two of them fit the window together


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    text = "x" * (3 * LIMIT)
    result = split(text)
    ends = [0, *(p.end for p in result.passages)]
    assert all(p.start <= end for p, end in zip(result.passages, ends, strict=False))
    assert ends[-1] == len(text)
    assert all(p.end - p.start <= LIMIT for p in result.passages)
    assert result.cut == 1


def test_the_language_is_that_of_each_passage() -> None:
    english = "The committee met in the town hall on a cold evening in spring. " * 15
    french = "Le comité s’est réuni à la mairie par une froide soirée de printemps. " * 14
    result = split(f"{english.strip()}\n\n{french.strip()}")
    assert [p.language for p in result.passages] == ["en", "fr"]


awkward = st.text(
    st.sampled_from("aé  .!?\n\r\t\u2028«»“”。文字\u0301\u200b\U0001f600؟ب") | st.characters(exclude_categories=["Cs"]),
    max_size=3_000,
)


@settings(deadline=None)
@given(awkward, st.integers(1, 50))
def test_every_character_but_white_space_is_in_a_sentence(text: str, window: int) -> None:
    parsed = Document("a.txt", "", "1", "a", text, readers.text.split_paragraphs(text))
    passages = Splitter(WordEncoder().count_tokens, window).split(parsed).passages
    spans = sorted({(s.start, s.end) for p in passages for s in p.sentences})
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    outside = [
        text[a:b] for a, b in zip([0, *(end for _, end in spans)], [*(s for s, _ in spans), len(text)], strict=True)
    ]
    assert "".join(outside).strip() == ""
    for passage in passages:
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert passage.end - passage.start <= LIMIT
        assert all(a.end <= b.start for a, b in pairwise(passage.sentences))
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(passages))


def test_messages_of_one_exchange_share_a_passage_with_the_link_of_the_first() -> None:
    later = {"id": 4, "type": "message", "date": "2024-05-02T08:00:00", "from": "Ida", "text": "Good morning."}
    chat = json.dumps(EXPORT | {"messages": [*EXPORT["messages"], later]})  # type: ignore[misc]
    text = document(chat, name="result.json").text
    first, second = split(chat, name="result.json").passages
    assert text[first.start : first.end] == (
        "Ida, 2024-05-01 10:00: The fee is 450 kroner.\n\n"
        "Tor, 2024-05-01 10:05, in reply to Ida: See https://example.org."
    )
    assert first.place == Location(Unit.MESSAGE, 2, 3, url="https://t.me/c/1234567890/2")
    assert (second.heading, second.place) == (
        "2024-05-02 08:00",
        Location(Unit.MESSAGE, 4, 4, url="https://t.me/c/1234567890/4"),
    )


def test_a_passage_of_a_film_has_its_first_and_last_second() -> None:
    cues = "1\n00:00:00,500 --> 00:00:04,000\nOne.\n\n2\n00:00:04,000 --> 00:01:06,900\nTwo.\n"
    (passage,) = split(cues, name="film.srt").passages
    assert passage.place == Location(Unit.SECOND, 0, 66)


def test_a_silence_ends_a_passage_of_a_film() -> None:
    cues = "1\n00:00:01,000 --> 00:00:04,000\nOne.\n\n2\n00:01:05,000 --> 00:01:06,000\nTwo.\n"
    assert len(split(cues, name="film.srt").passages) == 2
