"""Small talk: what people say to a bot that is no question, such as "Thanks!"; pure functions.

A text counts only if all of it is made of these phrases: "Hello, when does the library open?" is a question.
"""

from __future__ import annotations

import re
import unicodedata

from retrieval.errors import QuestionFault

_ADDRESSED = """
    bot; quoth; there; all; everyone; everybody; again; à tous; tout le monde; zusammen; todos; a todos; всем; 大家;
    各位; يا بوت"""
"""Whom it is said to; alone, it says nothing."""

# What is said of several kinds counts as the first: "Ok, thanks, bye!" as thanks.
_PHRASES = {
    QuestionFault.THANKS: """
        thanks; thank you; thank u; thx; cheers; much appreciated; many thanks; thanks a lot; thank you very much;
        thank you so much; thanks so much; thanks for your help; thank you for your help;
        merci; merci beaucoup; merci bien; un grand merci; mille mercis; merci infiniment; merci pour votre aide;
        merci pour ton aide; je te remercie; je vous remercie;
        danke; danke schön; danke dir; danke ihnen; danke sehr; dankeschön; vielen dank; vielen lieben dank;
        besten dank; herzlichen dank; tausend dank; ich danke dir; ich danke ihnen; danke für die hilfe;
        gracias; muchas gracias; muchísimas gracias; mil gracias; te lo agradezco; gracias por tu ayuda;
        gracias por su ayuda;
        спасибо; большое спасибо; спасибо большое; спасибо огромное; огромное спасибо; благодарю; благодарю вас; спс;
        спасибо за помощь;
        شكرا; شكرا لك; شكرا جزيلا; شكرا جزيلا لك; شكرا كثيرا; الف شكر; مشكور; جزاك الله خيرا; تسلم;
        谢谢; 谢谢你; 谢谢您; 多谢; 感谢; 非常感谢; 谢谢了; 谢了; 十分感谢; 謝謝; 多謝""",
    QuestionFault.FAREWELL: """
        bye; bye bye; goodbye; good bye; good night; see you; see you later; see you soon; see ya; have a nice day;
        have a good day;
        au revoir; à bientôt; à plus; à plus tard; à demain; bonne nuit; bonne journée; bonne soirée; adieu;
        tschüss; tschüs; auf wiedersehen; bis bald; bis später; bis dann; bis morgen; gute nacht; schönen tag noch;
        schönen tag; schönen abend;
        adiós; hasta luego; hasta pronto; hasta mañana; hasta la vista; nos vemos; chao; chau; que tengas un buen día;
        пока; пока пока; до свидания; до встречи; до завтра; спокойной ночи; всего доброго; хорошего дня;
        مع السلامة; الى اللقاء; وداعا; تصبح على خير; باي;
        再见; 拜拜; 晚安; 回头见; 明天见; 再見""",
    QuestionFault.GREETING: """
        hello; hi; hey; hiya; howdy; greetings; good morning; good afternoon; good evening; good day; how are you;
        how are you doing; how is it going; how's it going; what's up; nice to meet you;
        bonjour; bonsoir; salut; coucou; ça va; comment ça va; comment vas tu; comment allez vous; enchanté;
        hallo; hi; guten morgen; guten tag; guten abend; grüß gott; grüezi; servus; moin; moin moin; wie geht's;
        wie geht es dir; wie geht es ihnen;
        hola; buenos días; buenas tardes; buenas noches; buenas; qué tal; cómo estás; cómo está; cómo está usted;
        привет; здравствуйте; здравствуй; добрый день; доброе утро; добрый вечер; приветствую; как дела; как ты;
        مرحبا; مرحبا بك; اهلا; اهلا وسهلا; السلام عليكم; وعليكم السلام; صباح الخير; صباح النور; مساء الخير;
        مساء النور; كيف حالك; كيف الحال; هلا;
        你好; 您好; 嗨; 哈喽; 早上好; 早安; 下午好; 晚上好; 你好吗; 您好吗; 大家好; 妳好""",
    QuestionFault.REMARK: """
        ok; okay; kk; alright; all right; great; good; very good; cool; super; perfect; awesome;
        excellent; wonderful; well done; good job; good bot; got it; i see; i understand; understood; sure; yes; yeah;
        yep; yup; no; nope; no thanks; no problem; sorry; wow; oh; ah; aha; hm; hmm; haha; hahaha; lol; never mind;
        you're welcome; that helps; that helped; very helpful; that's all; makes sense;
        d'accord; d'acc; très bien; bien; parfait; génial; oui; non; ouais; entendu; compris; j'ai compris; je vois;
        ça marche; pas de problème; désolé; désolée; c'est bon; c'est tout; de rien; bravo; nickel; mdr;
        sehr gut; alles klar; in ordnung; klar; prima; perfekt; ja; nein; nee; jo; verstanden; verstehe;
        ich verstehe; passt; genau; stimmt; kein problem; entschuldigung; bitte; gerne; ach so; achso; aha; schön;
        vale; de acuerdo; bien; muy bien; perfecto; genial; sí; entendido; entiendo; ya veo; claro; estupendo; listo;
        de nada; lo siento; perdón; bueno; jaja; jajaja;
        ок; окей; хорошо; ладно; понятно; понял; поняла; ясно; отлично; супер; здорово; да; нет; ага; угу;
        извините; прости; пожалуйста; не за что; круто; хаха;
        حسنا; تمام; طيب; ممتاز; رائع; نعم; لا; ايوه; فهمت; جيد; جيد جدا; اوكي; عفوا; اسف; ماشي; هههه;
        好; 好的; 好吧; 可以; 明白; 明白了; 知道了; 懂了; 是; 是的; 不; 不是; 对; 嗯; 嗯嗯; 没问题; 太好了; 很好;
        不错; 不客气; 对不起; 抱歉; 没事; 哈哈; 哈哈哈; 了解; 收到""",
}
_MAX_CHARACTERS = 120
_URL = re.compile(r"(?:https?://|www\.|t\.me/)\S+", re.IGNORECASE)
_LETTERS = str.maketrans({"ё": "е", "ß": "ss", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": ""})


def detect_small_talk(text: str) -> QuestionFault | None:
    """Say what a text is, if it is no question; None if it may be one."""
    if _URL.search(text) and not any(map(str.isalnum, _URL.sub("", text))):
        return QuestionFault.LINK
    kinds = _find_kinds(_fold_words(text)) if len(text) <= _MAX_CHARACTERS else set()
    return next((kind for kind in _PHRASES if kind in kinds), None)


def _find_kinds(said: str) -> set[QuestionFault | None]:
    """Find the kinds of phrases that a text is made of; none if it is made of something else."""
    kinds, at = set[QuestionFault | None](), 0
    while at < len(said):
        phrase = _PHRASE.match(said, at)
        if not phrase:
            return set()
        kinds.add(_KINDS[phrase[1]])
        at = phrase.end()
    return kinds


def _fold_words(text: str) -> str:
    """Write the words of a text without accents, in lower case, with a space between two."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return " ".join(re.findall(r"\w+", letters))


_KINDS: dict[str, QuestionFault | None] = {
    **dict.fromkeys(map(_fold_words, _ADDRESSED.split(";"))),
    **{_fold_words(phrase): kind for kind, phrases in _PHRASES.items() for phrase in phrases.split(";")},
}
# The longer ones first, as several begin with a shorter one.
_PHRASE = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _KINDS), key=len, reverse=True))})(?:\s+|\Z|(?<=[\u4e00-\u9fff]))"
)
