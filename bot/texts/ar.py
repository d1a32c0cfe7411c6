"""Arabic. A left-to-right mark stands in front of each command, or its slash would be shown behind it."""

from bot.texts.catalogue import Texts
from retrieval import QuestionFault, Unit, Verdict

ARABIC = Texts(
    language="ar",
    start="""\
<b>Quoth</b> يجيب بكلمات وثائقه كما هي.

اطرح عليّ سؤالاً. أبحث عن المقطع الذي يجيب عنه وأعرضه عليك كلمة بكلمة مع مصدره. \
لا أكتب أبداً إجابة من عندي، فما تقرؤه هو ما تقوله الوثيقة.

\u200e/sources لعرض الوثائق، \u200e/help لمعرفة المزيد.""",
    help="""\
<b>كيف تسأل</b>
هنا: اكتب سؤالك فقط.
في مجموعة: \u200e/ask ثم سؤالك؛ أو ردّ على رسالة بالأمر \u200e/ask، أو ردّ على إجابة مني بسؤال.
إذا عدّلت سؤالك عدّلت إجابتي.

<b>ما الذي تحصل عليه</b>
أفضل مقطع يجيب، والجملة المجيبة فيه بخط عريض ومصدره تحته، ثم المقاطع التالية ويمكنك فتحها. \
يقول السطر الأول هل تجيب الوثائق، أو ربما تجيب، أو لا يبدو أنها تجيب. \
وفي هذه الحالة الأخيرة يعرض زرّ أقرب المقاطع.

<b>الأوامر</b>
\u200e/ask – سؤال الوثائق
\u200e/sources – عرض الوثائق
\u200e/help – هذا النص""",
    help_for_owners="""\
<b>للمالكين</b>
\u200e/allow – السماح لشخص: رداً على رسالته، أو مع رقمه أو @اسمه؛ \
ووحده في مجموعة يسمح للمجموعة
\u200e/deny – بالطريقة نفسها، للمنع
\u200e/members – من يمكنه السؤال""",
    ask_needs_a_question="""\
اكتب سؤالك بعد الأمر، مثلاً:
\u200e/ask من يحق له فتح الأرشيف؟""",
    unknown_command="لا أعرف هذا الأمر. اكتب سؤالك فقط، أو انظر \u200e/help.",
    only_text="لا أقرأ إلا النصوص. من فضلك اكتب سؤالك بالكلمات.",
    wait="هناك أسئلة كثيرة في الانتظار. سؤالك رقم {place}، وسأجيب عنه.",
    busy="هناك أسئلة كثيرة جداً في الانتظار. من فضلك اسأل مجدداً بعد دقيقة.",
    slow_down="هذا كثير دفعة واحدة. سأتابع بعد دقيقة، فمن فضلك اسأل مجدداً حينها.",
    failed="عذراً، حدث خطأ ما هنا. من فضلك حاول مجدداً بعد قليل.",
    faults={
        QuestionFault.EMPTY: "السؤال فارغ. اسأل ببضع كلمات أو بجملة.",
        QuestionFault.TOO_LONG: "السؤال طويل جداً. اسأل باختصار.",
        QuestionFault.NO_WORDS: "لا كلمات في السؤال. اسأل ببضع كلمات أو بجملة.",
        QuestionFault.NOT_TEXT: "في السؤال رموز ليست نصاً. اكتبه من جديد نصاً عادياً.",
    },
    verdicts={
        Verdict.STRONG: "الوثائق تجيب عن هذا.",
        Verdict.WEAK: "ربما تجيب الوثائق عن هذا.",
        Verdict.NONE: "لا يبدو أن الوثائق تجيب عن هذا.",
    },
    show_closest="أقرب المقاطع",
    closest_passages="أقرب المقاطع، لعلها تفيد:",
    closest_are_gone="لم تعد أقرب المقاطع موجودة في الوثائق.",
    button_is_old="لم يعد هذا الزر يعمل. من فضلك اسأل مجدداً.",
    no_documents="لا توجد وثائق بعد.",
    also_in_place="أيضاً في {place}",
    parts={
        Unit.LINE: ("السطر {first}", "الأسطر {first}–{last}"),
        Unit.PAGE: ("الصفحة {first}", "الصفحات {first}–{last}"),
        Unit.SLIDE: ("الشريحة {first}", "الشرائح {first}–{last}"),
        Unit.ROW: ("الصف {first}", "الصفوف {first}–{last}"),
        Unit.CHAPTER: ("الفصل {first}", "الفصول {first}–{last}"),
    },
    part_of_sheet="{sheet}، {part}",
    documents_by_number={
        "zero": "{count} وثيقة:",
        "one": "وثيقة واحدة ({count}):",
        "two": "وثيقتان ({count}):",
        "few": "{count} وثائق:",
        "many": "{count} وثيقة:",
        "other": "{count} وثيقة:",
    },
    more_documents_by_number={
        "zero": "… و{count} أخرى.",
        "one": "… وواحدة أخرى ({count}).",
        "two": "… واثنتان أخريان ({count}).",
        "few": "… و{count} أخرى.",
        "many": "… و{count} أخرى.",
        "other": "… و{count} أخرى.",
    },
    stranger="هذا البوت خاص. يمكن لمالكه أن يسمح لك؛ رقمك هو {number}.",
    strange_group="لم يُسمح لهذه المجموعة بعد. يمكن لأحد مالكي البوت أن يسمح لها هنا بالأمر \u200e/allow.",
    new_owner="أنت الآن مالك هذا البوت. يمكن للآخرين السؤال متى سمحت لهم: انظر \u200e/help.",
    owners_only="هذا لمالكي البوت فقط.",
    whom="ردّ على رسالة الشخص بهذا الأمر، أو اكتب بعده رقمه أو @اسمه.",
    unknown_person="لا أعرف {who}. ليكتب إليّ أولاً، أو ليخبرك برقمه.",
    allowed="السؤال متاح الآن: {who}.",
    denied="لم يعد السؤال متاحاً: {who}.",
    stays_owner="{who} من المالكين ويبقى كذلك.",
    owners="المالكون:",
    members="يمكنهم السؤال:",
    shut_out="ممنوعون:",
    knocked="يودّون السؤال:",
    everybody="يمكن للجميع السؤال.",
    commands={
        "ask": "اسأل الوثائق",
        "sources": "اعرض الوثائق",
        "help": "كيف تسأل",
        "allow": "اسمح لشخص",
        "deny": "امنع شخصاً",
        "members": "من يمكنه السؤال",
        "documents": "اعرض الوثائق واحذفها",
        "add": "أضف ملفاً إلى الوثائق",
        "uploads": "من يمكنه إضافة وثائق",
    },
    description="""\
اطرح سؤالاً واحصل على المقطع الذي يجيب عنه، كلمة بكلمة، مع مصدره.

أقتبس من الوثائق ولا أكتب أبداً إجابة من عندي.""",
    short_description="يجيب عن الأسئلة باقتباسات دقيقة من الوثائق، مع المصدر.",
    help_on_documents="""\
<b>الوثائق</b>
أرسل إليّ ملفاً فيمكن لكل من يحق له السؤال أن يسأله؛ وما تكتبه تحته يصبح عنوانه.
في مجموعة: \u200e/add رداً على ملف، لتلك المجموعة وحدها. ومع \u200e/uploads on يمكن ذلك لمشرفيها أيضاً.
\u200e/documents – عرض الوثائق وحذفها""",
    upload_reading="تجري قراءة {name}…",
    upload_progress="تجري قراءة {name}… {percent} %",
    upload_done="يمكن الآن سؤال {name}: {passages}.",
    upload_failed="تعذّرت قراءة {name}. {reason}",
    upload_known="{name} موجود بين الوثائق.",
    upload_too_large="{name} كبير جداً. أقبل الملفات حتى {most} ميغابايت.",
    upload_removed="أُزيل {name}.",
    upload_wrong_type="لا أستطيع قراءة ملفات من هذا النوع. أستطيع قراءة: {formats}",
    passages_by_number={
        "zero": "{count} مقطع",
        "one": "مقطع واحد ({count})",
        "two": "مقطعان ({count})",
        "few": "{count} مقاطع",
        "many": "{count} مقطعاً",
        "other": "{count} مقطع",
    },
    undo="تراجع",
    add_needs_a_file="اكتب \u200e/add رداً على الملف الذي تريد أن أقرأه.",
    no_uploads_here="لا يمكنك إضافة وثائق هنا. يمكن لأحد مالكي البوت أن يسمح بذلك للمشرفين بالأمر \u200e/uploads on.",
    uploads_on="يمكن لمشرفي هذه المجموعة الآن إضافة وثائق لها: \u200e/add رداً على ملف.",
    uploads_off="لا يمكن الآن إلا لمالكي البوت إضافة وثائق هنا.",
    uploads_usage="اكتب في مجموعة \u200e/uploads on ليتمكن مشرفوها من إضافة وثائق، و\u200e/uploads off لإيقاف ذلك.",
    delete_question="حذف {name}؟",
    delete_yes="حذف",
    delete_no="إبقاء",
)
