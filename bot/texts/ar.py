"""Arabic. A left-to-right mark stands in front of each command, or its slash would be shown behind it."""

from bot.texts.catalogue import Texts
from retrieval import QuestionFault, State, Unit, Verdict

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
\u200e/help – هذا النص
\u200e/settings – في مجموعة: ما أفعله فيها""",
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
        "new": "ابدأ موضوعاً جديداً",
        "sources": "اعرض الوثائق",
        "help": "كيف تسأل",
        "allow": "اسمح لشخص",
        "deny": "امنع شخصاً",
        "members": "من يمكنه السؤال",
        "documents": "اعرض الوثائق واحذفها",
        "add": "أضف ملفاً إلى الوثائق",
        "uploads": "من يمكنه إضافة وثائق",
        "settings": "إعدادات المجموعة",
    },
    description="""\
اطرح سؤالاً واحصل على المقطع الذي يجيب عنه، كلمة بكلمة، مع مصدره.

أقتبس من الوثائق ولا أكتب أبداً إجابة من عندي.""",
    short_description="يجيب عن الأسئلة باقتباسات دقيقة من الوثائق، مع المصدر.",
    help_with_answers="""\
<b>المتابعة</b>
بعد الإجابة اسأل «وكم …؟»، أو ردّ عليها: آخذ ما ينقص من سؤالك السابق وأعرض ما بحثت عنه. \
أحتفظ بذلك السؤال ساعة واحدة؛ و\u200e/new ينساه فوراً.
الأزرار تحت الإجابة تعرض مقاطع أخرى والنص المحيط بالاقتباس ومصدره؛ وبـ 👍 و👎 تقول هل أفادتك.""",
    searched_for="بحثت عن: {question}",
    begun_anew="نسيته. سؤالك التالي يبدأ موضوعاً جديداً.",
    more_button="المزيد",
    context_button="السياق",
    back_button="‹ رجوع",
    further_passages="مقاطع أخرى:",
    further_are_gone="لم تعد المقاطع الأخرى موجودة في الوثائق.",
    answer_is_gone="لم يعد المقطع المقتبس هنا موجوداً في الوثائق. من فضلك اسأل مجدداً.",
    rated="شكراً، تم التسجيل.",
    receipt_button="الإيصال",
    given_time="صدر في {time}.",
    states={
        State.UNCHANGED: "ما زالت هذه الكلمات في مكانها.",
        State.MOVED: "هذه الكلمات موجودة الآن في مكان آخر.",
        State.CHANGED: "لم يعد المستند يتضمن هذه الكلمات.",
        State.GONE: "لم يعد المستند موجوداً.",
        State.UNCHECKED: "لا يمكن التحقق من ذلك الآن.",
        State.FALSE: "لم تكن هذه الكلمات هناك قط.",
    },
    receipt_altered="جرى تغيير هذا الإيصال. لا تثق به.",
    inline_hint="اكتب سؤالاً للبحث في الوثائق",
    inline_nothing="لم يُعثر على شيء. اسأل البوت نفسه",
    inline_stranger="لم يُسمح لك بعد",
    web_receipt="إيصال",
    web_in_document="في المستند",
    web_words_then="الكلمات المقتبسة",
    web_words_now="ما يوجد هناك الآن",
    web_removed="محذوف:",
    web_added="مضاف:",
    web_words_lost="لم تُحفظ الكلمات المقتبسة.",
    web_nothing_alike="لم يعد هناك ما يشبهها.",
    web_quote_begins="بداية الاقتباس:",
    web_quote_ends="نهاية الاقتباس.",
    web_picture="الصفحة صورةً",
    web_picture_alt="الصفحة صورةً. الكلمات المقتبسة واردة أعلاه نصاً.",
    web_source="المصدر",
    web_section="القسم",
    web_place="الموضع",
    web_file="الملف",
    web_now_in="الآن في",
    web_file_hash="بصمة الملف (SHA-256)",
    web_quote_hash="بصمة الاقتباس (SHA-256)",
    web_verdict="قالت الإجابة: {verdict}",
    web_check="تحقق بنفسك",
    web_check_file="إذا كان الملف لديك، فقارن قيمة SHA-256 له بالقيمة أعلاه:",
    web_check_here="إذا كنت تدير Quoth هذا، فاجعله يقرأ الملف من جديد:",
    web_further="مقاطع أخرى وُجدت",
    web_listed="مقاطع للاختيار",
    web_no_quotes="لم يُقتبس أي مقطع.",
    web_about="يجيب Quoth باقتباسات حرفية من المستندات، ويصدر إيصالاً لكل إجابة. لا يظهر السؤال هنا.",
    web_not_found="لا يوجد إيصال هنا",
    web_not_found_why="الرابط ناقص، أو سُحب الإيصال.",
    web_busy="يجري الآن التحقق من إيصالات كثيرة. حاول مرة أخرى بعد بضع ثوانٍ.",
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
    settings="ما أفعله في هذه المجموعة. يمكن لمشرفيها تغييره:",
    settings_mentions="الرد عند الإشارة إليّ",
    settings_sure="اقتباس ما أنا واثق منه فقط",
    settings_each_language="لغة من يسأل",
    settings_in_groups="اكتب \u200e/settings في مجموعة لترى ما أفعله فيها.",
    only_sure="في هذه المجموعة لا أقتبس إلا ما أنا واثق منه.",
    administrators_only="هذا لمشرفي المجموعة ومالكي البوت فقط.",
)
