"""What is no question, and what is one however much it looks like small talk."""

from __future__ import annotations

import pytest

from retrieval import Question, QuestionError
from retrieval.errors import QuestionFault
from retrieval.search.questions import check_question
from retrieval.search.small_talk import detect_small_talk

NO_QUESTIONS = {
    QuestionFault.GREETING: [
        "Hello", "hi!", "Good morning 👋", "Hello there", "Hi Quoth!", "How are you?", "Bonjour !", "Salut à tous",
        "Ça va ?", "Hallo zusammen", "Guten Tag.", "Grüß Gott", "Wie geht’s?", "¡Hola!", "Buenos dias", "¿Qué tal?",
        "Привет!", "Здравствуйте", "Добрый день.", "مرحباً", "السلام عليكم", "أهلا وسهلا", "你好", "您好！", "早上好",
    ],
    QuestionFault.THANKS: [
        "Thanks!", "THANK YOU", "Thanks a lot 🙏", "ok, thanks, bye", "Hello, thank you very much!", "Merci",
        "Merci beaucoup !",
        "D’accord, merci", "Danke schön!", "Vielen Dank", "Alles klar, danke!", "¡Muchas gracias!", "Vale, gracias",
        "Спасибо", "Большое спасибо!", "شكراً جزيلاً", "شكرا", "谢谢", "谢谢你！", "好的，谢谢",
    ],
    QuestionFault.FAREWELL: [
        "Bye", "See you later!", "Au revoir", "À bientôt !", "Tschüss", "Auf Wiedersehen!", "Adiós", "Hasta luego",
        "До свидания", "Пока!", "مع السلامة", "再见",
    ],
    QuestionFault.REMARK: [
        "ok", "OK.", "Okay 👍", "Great!", "Got it", "yes", "no", "haha", "D'accord", "Très bien", "oui", "Alles klar",
        "Verstanden.", "ja", "Vale", "De acuerdo", "Sí", "Хорошо", "Понятно.", "да", "حسناً", "نعم", "好的", "明白了",
        "嗯",
    ],
    QuestionFault.LINK: [
        "https://example.com", "http://example.com/a/b?c=d#e", "www.example.com", "<https://example.com>",
        "https://a.example https://b.example", "t.me/quoth",
    ],
}  # fmt: skip

QUESTIONS = [
    "Hello, when does the library open?", "OK Corral: when was the gunfight?", "OK Corral", "Merkel?", "Wifi password",
    "password", "Opening hours", "Fees?", "Nice", "Nice?", "Fine", "Toll", "K2", "Thanksgiving", "Who said hello?",
    "What does “merci” mean?", "Merci Train", "Bonjour tristesse", "No smoking?", "Yes Minister", "Danke Deutschland",
    "Gracias a la vida: ¿quién la escribió?", "Öffnungszeiten", "Bitte um Rückruf",
    "Guten Tag, was kostet ein Ausweis?",
    "¿Horario?", "Hola, ¿cuánto cuesta?", "Привет, когда открывается библиотека?", "Спасибо за что?", "Пароль",
    "مرحبا، متى تفتح المكتبة؟", "كلمة السر", "你好，图书馆几点开门？", "好吃吗", "密码", "谢谢的英文是什么", "早餐",
    "What is https://example.com about?", "example.com", "1+1", "112", "42", "'; DROP TABLE", "@ada", "C#",
    "ok " * 60,
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NO_QUESTIONS.items() for text in texts])
def test_what_people_say_to_a_bot_is_no_question(kind: QuestionFault, text: str) -> None:
    assert detect_small_talk(text) is kind
    with pytest.raises(QuestionError) as raised:
        Question.of(text)
    assert raised.value.fault is kind


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_never_swallowed(text: str) -> None:
    assert detect_small_talk(text) is None
    assert Question.of(text).text == text.strip()


def test_thanks_are_no_follow_up_of_the_question_before() -> None:
    with pytest.raises(QuestionError, match="welcome"):
        Question.of(Question("Thanks!", "When does the library open?"))


def test_the_text_of_a_pin_may_be_anything_with_words() -> None:
    assert check_question(" Hello ") == "Hello"


@pytest.mark.parametrize("text", ["不是" * 59 + "x", "ok" * 59, "ha " * 39 + "x"])
def test_what_nearly_is_small_talk_is_told_at_once(text: str) -> None:
    assert detect_small_talk(text) is None
