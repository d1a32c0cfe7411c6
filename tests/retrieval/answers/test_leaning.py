"""Which sentences are understood only with the one before."""

from __future__ import annotations

import pytest

from retrieval.answers.leaning import is_leaning


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "It was built in 1871."), ("en", "In 1989 he left."), ("en", "This costs six pounds."), ("en",
        "Yes, on Sundays."),
        ("fr", "Elle ferme en août."), ("fr", "C’est gratuit."), ("fr", "Oui, le mardi."), ("de",
        "Sie kostet zehn Euro."),
        ("de", "Dafür braucht man einen Ausweis."), ("es", "Ella lo fundó."), ("es", "Esto cuesta siete euros."),
        ("ru", "Он построен в 1871 году."), ("ru", "В этом зале тихо."), ("ar", "وهو مفتوح يوم الجمعة."), ("ar",
        "هذا مجاني."),
        ("zh", "它建于1871年。"), ("zh", "每年这里很热闹。"),
    ],
)  # fmt: skip
def test_a_sentence_with_a_pronoun_at_its_beginning_leans(language: str, sentence: str) -> None:
    assert is_leaning(sentence, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The lighthouse was built in 1871."), ("en", "A ticket costs six pounds, and it is valid for a day."),
        ("fr", "La boulangerie ferme en août."), ("de", "Wenn Sie den Schlüssel verlieren, kostet das zehn Euro."),
        ("es", "El frasco cuesta siete euros."), ("ru", "Маяк построен в 1871 году."), ("ar",
        "المدرسة مفتوحة يوم الجمعة."),
        ("zh", "茶馆有三层楼，它可以容纳一百五十位客人。"), ("tr", "Bu müze büyük."), ("en", ""), ("zh", ""), ("en",
        "1871."),
    ],
)  # fmt: skip
def test_a_sentence_that_names_its_subject_does_not(language: str, sentence: str) -> None:
    assert not is_leaning(sentence, language)
