"""The words of the page to ask on, in all languages; the others that it shows are those of `Texts`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPageTexts:
    """One name a meaning."""

    title: str
    about: str
    label: str
    """Of the field for the question."""
    button: str
    answer_begins: str
    """For a screen reader, as is the next one."""
    answer_ends: str
    receipt: str
    sign_in: str
    token: str
    token_hint: str
    wrong_token: str
    sign_out: str
    here_only: str
    other_site: str
    """Another site made the browser send a question."""


ASK_PAGE = {
    "en": AskPageTexts(
        title="Ask the documents",
        about="Answers are the exact words of the documents, each with its source.",
        label="Your question",
        button="Ask",
        answer_begins="Answer begins:",
        answer_ends="Answer ends.",
        receipt="Receipt of this answer",
        sign_in="Sign in",
        token="Token",
        token_hint="You get it from the person who runs this Quoth.",
        wrong_token="This token is unknown. Check that you have copied all of it.",
        sign_out="Sign out",
        here_only="Only people at this machine can ask here. To let others ask, the owner sets QUOTH_API_TOKEN.",
        other_site="The question came from another site, so it was not asked. Ask it here.",
    ),
    "fr": AskPageTexts(
        title="Interroger les documents",
        about="Les réponses sont les mots exacts des documents, chacune avec sa source.",
        label="Votre question",
        button="Demander",
        answer_begins="Début de la réponse :",
        answer_ends="Fin de la réponse.",
        receipt="Attestation de cette réponse",
        sign_in="Se connecter",
        token="Jeton",
        token_hint="La personne qui gère ce Quoth vous le donne.",
        wrong_token="Ce jeton est inconnu. Vérifiez que vous l’avez copié en entier.",
        sign_out="Se déconnecter",
        here_only=(
            "Seules les personnes devant cette machine peuvent poser des questions ici. Pour que d’autres le "
            "puissent, le propriétaire définit QUOTH_API_TOKEN."
        ),
        other_site="La question venait d’un autre site et n’a donc pas été posée. Posez-la ici.",
    ),
    "es": AskPageTexts(
        title="Pregunta a los documentos",
        about="Las respuestas son las palabras exactas de los documentos, cada una con su fuente.",
        label="Tu pregunta",
        button="Preguntar",
        answer_begins="Comienza la respuesta:",
        answer_ends="Termina la respuesta.",
        receipt="Constancia de esta respuesta",
        sign_in="Entrar",
        token="Token",
        token_hint="Te lo da quien administra este Quoth.",
        wrong_token="Este token no se conoce. Comprueba que lo has copiado entero.",
        sign_out="Salir",
        here_only=(
            "Aquí solo pueden preguntar quienes están ante esta máquina. Para que puedan otros, su propietario define "
            "QUOTH_API_TOKEN."
        ),
        other_site="La pregunta venía de otro sitio y por eso no se hizo. Hazla aquí.",
    ),
    "de": AskPageTexts(
        title="Frag die Dokumente",
        about="Antworten sind die genauen Worte der Dokumente, jede mit ihrer Quelle.",
        label="Deine Frage",
        button="Fragen",
        answer_begins="Antwort beginnt:",
        answer_ends="Antwort endet.",
        receipt="Beleg dieser Antwort",
        sign_in="Anmelden",
        token="Token",
        token_hint="Du bekommst es von der Person, die dieses Quoth betreibt.",
        wrong_token="Dieses Token ist unbekannt. Prüfe, ob du es ganz kopiert hast.",
        sign_out="Abmelden",
        here_only=(
            "Hier kann nur fragen, wer an diesem Rechner sitzt. Damit auch andere fragen können, setzt die Besitzerin "
            "oder der Besitzer QUOTH_API_TOKEN."
        ),
        other_site="Die Frage kam von einer anderen Website und wurde deshalb nicht gestellt. Stell sie hier.",
    ),
    "ru": AskPageTexts(
        title="Спросите документы",
        about="Ответы — это точные слова документов, каждый с указанием источника.",
        label="Ваш вопрос",
        button="Спросить",
        answer_begins="Начало ответа:",
        answer_ends="Конец ответа.",
        receipt="Подтверждение этого ответа",
        sign_in="Войти",
        token="Токен",
        token_hint="Его даёт тот, кто управляет этим Quoth.",
        wrong_token="Такого токена нет. Проверьте, что он скопирован целиком.",
        sign_out="Выйти",
        here_only=(
            "Здесь могут спрашивать только те, кто сидит за этим компьютером. Чтобы могли спрашивать и другие, "
            "владелец задаёт QUOTH_API_TOKEN."
        ),
        other_site="Вопрос пришёл с другого сайта и поэтому не был задан. Задайте его здесь.",
    ),
    "ar": AskPageTexts(
        title="اسأل الوثائق",
        about="الإجابات هي كلمات الوثائق نفسها، ومع كل إجابة مصدرها.",
        label="سؤالك",
        button="اسأل",
        answer_begins="بداية الإجابة:",
        answer_ends="نهاية الإجابة.",
        receipt="إثبات هذه الإجابة",
        sign_in="تسجيل الدخول",
        token="الرمز",
        token_hint="تحصل عليه ممن يدير Quoth هذا.",
        wrong_token="هذا الرمز غير معروف. تأكد من أنك نسخته كاملاً.",
        sign_out="تسجيل الخروج",
        here_only=(
            "لا يستطيع أن يسأل هنا إلا من يجلس أمام هذا الجهاز. لكي يستطيع غيره أن يسأل، "
            "يحدد المالك \u2066QUOTH_API_TOKEN\u2069."
        ),
        other_site="جاء السؤال من موقع آخر فلم يُطرح. اطرحه هنا.",
    ),
    "zh": AskPageTexts(
        title="向文档提问",
        about="回答就是文档的原文，每个回答都注明出处。",
        label="你的问题",
        button="提问",
        answer_begins="回答开始：",
        answer_ends="回答结束。",
        receipt="这个回答的凭据",
        sign_in="登录",
        token="令牌",
        token_hint="向运行这个 Quoth 的人索取。",
        wrong_token="没有这个令牌。请检查是否复制完整。",
        sign_out="退出登录",
        here_only="只有在这台机器上才能在这里提问。要让其他人也能提问，请所有者设置 QUOTH_API_TOKEN。",
        other_site="这个问题来自另一个网站，所以没有提问。请在这里提问。",
    ),
}
