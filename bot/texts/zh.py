"""Chinese, in simplified characters."""

from bot.texts.catalogue import Texts
from retrieval import DocumentFault, FetchFault, QuestionFault, QuoteStatus, Unit, Verdict

CHINESE = Texts(
    language="zh",
    start="""\
<b>Quoth</b> 用文档的原话回答问题。

请向我提问。我会找到能回答它的段落，一字不差地给你看，并注明出处。\
我从不自己编写答案，你读到的就是文档里写的。

/sources 列出文档，/help 查看更多说明。""",
    help="""\
<b>如何提问</b>
在这里：直接写下你的问题。
在群组里：/ask 加上你的问题；也可以用 /ask 回复一条消息，或用问题回复我的答案。
如果你修改问题，我也会修改答案。

<b>命令</b>
/ask – 向文档提问
/sources – 列出文档
/help – 本说明
/settings – 在群组里：我在那里做什么""",
    help_button="答案的含义",
    help_on_verdicts="""\
<b>你会得到什么</b>
最能回答问题的原文：回答问题的句子以粗体显示，下面是出处；其他也可能回答问题的段落随后同样列出。“上下文”显示整个段落，“更多”显示其余段落。\
第一行说明这很可能回答了问题、不一定能回答，还是文档似乎没有回答。如果似乎没有，会有一个按钮显示最接近的段落。\
你的问题中有、而段落中没有的名称和数字，会列在段落下面。""",
    help_for_owners="""\
<b>所有者专用</b>
/allow – 允许某人提问：回复其消息，或写上其 Telegram ID 或 @用户名；在群组里单独使用则允许该群组
/deny – 用法相同，用于取消许可
/members – 谁可以提问
/unanswered – 未解答的问题：没有找到，或答案评价不佳。在答案下面按 👎 之后，你可以置顶能回答问题的段落
/stats – 有多少提问，有多少得到回答""",
    ask_needs_a_question="""\
请把问题写在命令后面，例如：
/ask 谁可以打开档案？""",
    unknown_command="我不认识这个命令。直接写下你的问题，或查看 /help。",
    only_text="我在这里只能读文字。请把问题写成消息，或写在图片下面。",
    wait="现在等待的问题很多。你的问题排在第 {place} 位，我会回答的。",
    busy="等待的问题太多了。请过一分钟再问。",
    unreachable="现在无法访问文档。请过一分钟再问。",
    slow_down="一下子太多了。一分钟后我会继续，请到时再问。",
    failed="抱歉，这里出了点问题。请稍后再试。",
    faults={
        QuestionFault.EMPTY: "问题是空的。请用几个词或一句话提问。",
        QuestionFault.TOO_LONG: "问题太长了。请用不超过 {limit} 个字符提问。",
        QuestionFault.NO_WORDS: "你想知道什么？请用几个词或一句话提问。",
        QuestionFault.NOT_TEXT: "问题里有不是文字的字符。请重新输入纯文本。",
        QuestionFault.GREETING: "你好！请向我提问，我会引用能回答问题的段落。",
        QuestionFault.THANKS: "不客气！",
        QuestionFault.FAREWELL: "再见！欢迎随时再来提问。",
        QuestionFault.REMARK: "好的。想知道什么，随时问我。",
        QuestionFault.LINK: "我不打开链接。可以添加文档的人请直接把文件发给我。",
    },
    verdicts={
        Verdict.STRONG: "这很可能回答了你的问题。",
        Verdict.WEAK: "这是最接近的段落，但不一定能回答你的问题。",
        Verdict.NONE: "文档似乎没有回答这个问题。",
    },
    show_closest="最接近的段落",
    closest_passages="最接近的段落，供你参考：",
    closest_are_gone="最接近的段落已经不在文档里了。",
    button_is_old="这个按钮已失效。请重新提问。",
    no_documents="还没有文档。",
    also_in_place="也见于 {place}",
    fetched_on="网页获取于 {day}",
    fetched_then_gone="网页获取于 {day}，此后已被删除",
    missing_words="此段落中没有：{words}",
    comma="、",
    parts={
        Unit.LINE: ("第 {first} 行", "第 {first}–{last} 行"),
        Unit.PAGE: ("第 {first} 页", "第 {first}–{last} 页"),
        Unit.SLIDE: ("第 {first} 张幻灯片", "第 {first}–{last} 张幻灯片"),
        Unit.ROW: ("第 {first} 行", "第 {first}–{last} 行"),
        Unit.CHAPTER: ("第 {first} 章", "第 {first}–{last} 章"),
        Unit.CELL: ("第 {first} 个单元格", "第 {first}–{last} 个单元格"),
        Unit.MESSAGE: ("第 {first} 条消息", "第 {first}–{last} 条消息"),
        Unit.SECOND: ("{first} 处", "{first}–{last}"),
    },
    part_of_sheet="{sheet}，{part}",
    documents_by_number={"other": "{count} 个文档："},
    more_documents_by_number={"other": "……还有 {count} 个。"},
    stranger="这是一个私人机器人。要获得许可，请把你的 Telegram ID 发给它的所有者：{number}",
    strange_group="这个群组还不能向我提问。机器人的所有者在这里发送 /allow 即可允许。",
    new_owner="现在你是这个机器人的所有者。经你允许，其他人才能提问：用法见 /help。",
    owners_only="只有机器人的所有者才能这样做。",
    whom="请用这个命令回复对方的消息，或在后面写上对方的 Telegram ID 或 @用户名。",
    unknown_person="我不认识 {who}。请对方先给我发一条消息，或把 Telegram ID 告诉你。",
    anonymous_administrator="匿名管理员以整个群组的名义发言。请单独发送命令，以允许或取消整个群组的许可。",
    name_is_old="{who} 已有一天多没有给我发过消息，{name} 现在可能属于别人。如果确实是这个人，请发送 /allow {number}",
    allowed="{who} 现在可以提问了。",
    denied="{who} 不能再提问了。",
    stays_owner="{who} 是所有者，不会改变。",
    owners_by_number={"other": "所有者："},
    members_by_number={"other": "可以提问："},
    shut_out_by_number={"other": "不能提问："},
    knocked_by_number={"other": "希望提问："},
    everybody="所有人都可以提问。",
    group_request="{who} 把我加入了群组 {group}。在你允许之前，那里没有人能向我提问。",
    let_in_button="允许该群组",
    help_in_group=(
        "我用文档中的准确引文回答。请发送 /ask 加上你的问题，用 /ask 回复一条消息，或直接回复我的答案。/receipt 核"
        "对答案，/settings 说明我在这里做什么。"
    ),
    commands={
        "ask": "向文档提问",
        "new": "开始新话题",
        "sources": "列出文档",
        "help": "如何提问",
        "allow": "允许某人提问",
        "deny": "取消许可",
        "members": "谁可以提问",
        "documents": "列出和删除文档",
        "collections": "谁能看到哪个文档集",
        "add": "把文件加入文档",
        "uploads": "谁可以添加文档",
        "settings": "群组设置",
        "receipt": "核对答案的凭据",
        "forget_me": "我保存的你的信息，以及如何删除",
        "unanswered": "未解答的问题",
        "stats": "提问与回答的统计",
    },
    description="""\
提出问题，得到能回答它的段落：一字不差，并注明出处。

我只引用文档，从不自己编写答案。""",
    short_description="用文档中的准确引文回答问题，并注明出处。",
    help_with_answers="""\
<b>继续提问</b>
得到答案后，可以接着问“那……呢？”，或直接回复答案：缺少的内容我会从你上一个问题中补上，并说明搜索了什么。\
上一个问题我只保留一小时，/new 会立即忘掉它。
答案下方的按钮显示更多段落、引文的上下文和凭据；用 👍 和 👎 告诉我答案是否有帮助。""",
    searched_for="搜索内容：{question}",
    begun_anew="已忘记。你的下一个问题将开始新话题。",
    more_button="更多",
    context_button="上下文",
    back_button="‹ 返回",
    further_passages="更多段落：",
    further_are_gone="其他段落已经不在文档里了。",
    answer_is_gone="这里引用的段落已经不在文档里了。请重新提问。",
    rated="谢谢，已记下。",
    receipt_button="凭据",
    given_time="出具时间：{time}。",
    states={
        QuoteStatus.UNCHANGED: "这些文字仍在原处。",
        QuoteStatus.MOVED: "这些文字现在在别处。",
        QuoteStatus.CHANGED: "文档中已不再有这些文字。",
        QuoteStatus.GONE: "文档已不存在。",
        QuoteStatus.UNCHECKED: "目前无法核对。",
        QuoteStatus.MISQUOTED: "那里从未有过这些文字。",
    },
    receipt_altered="此凭据已被改动，请勿采信。",
    file_changed="文件此后有改动，但这些文字仍在其中。",
    listed_only="供选择的段落，未作判断。",
    receipt_link="链接",
    browser_button="在浏览器中查看",
    no_receipt="没有这张凭据，或其中没有可在此聊天中显示的内容。",
    which_receipt="请在 /receipt 后面写上凭据代码，或用 /receipt 回复我的答案。",
    help_on_receipts="""\
<b>凭据</b>
每个答案都会留下凭据，随时可以核对：引用了什么、出自哪个文档、文字是否仍在。\
答案下方的按钮会显示凭据，/receipt 加代码也可以。
/forget_me – 我保存的你的信息，以及如何删除""",
    help_in_any_chat="""\
<b>在任何聊天中</b>
输入 {bot} 和你的问题，选择一个段落，它就会连同出处发到那个聊天中。""",
    kept="我保存的你的信息：",
    kept_receipts="给你的答案的凭据：{count}",
    kept_questions="与之对应的你的问题：{count}",
    kept_turns="最近一小时的问题（用于继续提问）：{count}",
    kept_ratings="你评价过的答案：{count}",
    kept_told="{time} 曾告知你此机器人是私人的。",
    kept_nothing="我没有保存你的任何信息。",
    kept_after=(
        "删除后，凭据本身会保留，但无法再由它们找到你。所有者给你的权限也会保留，但只记你的 Telegram ID；你发送的"
        "文档同样保留。"
    ),
    all_is_kept="一切保持原样。",
    erased="已删除。所有者给你的权限会保留，但只记你的 Telegram ID。",
    forget_in_private="请私下给我发送 /forget_me，不要在群组中发送。",
    inline_hint="写下问题，在文档中查找",
    inline_nothing="没有找到。直接问机器人",
    inline_stranger="你还没有得到许可",
    web_receipt="凭据",
    web_in_document="在文档中",
    web_words_then="所引用的文字",
    web_words_now="那里现在的文字",
    web_removed="已删除：",
    web_added="已添加：",
    web_words_lost="所引用的文字没有保存下来。",
    web_nothing_alike="那里已没有类似的文字。",
    web_quote_begins="引文开始：",
    web_quote_ends="引文结束。",
    web_picture="页面图像",
    web_picture_alt="页面图像。所引用的文字见上方文本。",
    web_source="来源",
    web_section="章节",
    web_place="位置",
    web_file="文件",
    web_page="网页",
    web_now_in="现在位于",
    web_file_hash="文件的 SHA-256",
    web_quote_hash="引文的 SHA-256",
    web_verdict="当时的回答：{verdict}",
    web_check="自行核对",
    web_check_file="如果你有该文件，请将它的 SHA-256 与上面的值比较：",
    web_check_here="如果你运行这个 Quoth，可以让它重新读取文件：",
    web_further="找到的其他段落",
    web_listed="可供选择的段落",
    web_no_quotes="没有引用任何段落。",
    web_about="Quoth 用文档的原文回答，并为每个回答出具凭据。这里不显示所提的问题。",
    web_not_found="这里没有凭据",
    web_not_found_why="链接不完整，或者凭据已被撤回。",
    web_no_page="这里没有页面",
    web_no_page_why="请检查地址，或重新打开你收到的链接。",
    web_busy="现在正在核对很多凭据。请过几秒再试。",
    help_on_documents="""\
<b>文档</b>
把文件或网页链接发给我，所有可以提问的人就都能向它提问；写在文件下面的文字会成为它的标题。
在群组里：用 /add 回复一个文件，仅供该群组使用。用 /uploads on 之后，群组管理员也可以这样做。
/documents – 列出和删除文档""",
    upload_reading="正在阅读 {name}……",
    upload_progress="正在阅读 {name}……{percent}%",
    upload_done="{name} 已加入文档：{passages}。",
    upload_faults={
        DocumentFault.EMPTY: "{name} 里没有文字。请添加文字后重新发送。",
        DocumentFault.NOT_TEXT: "我无法识别 {name} 的文字编码。请另存为 UTF-8 后重新发送。",
        DocumentFault.SCAN: "{name} 是扫描件，里面只有文字的图片。请先识别文字（OCR），再重新发送。",
        DocumentFault.PROTECTED: "{name} 受到保护，或者实际格式比文件名所示的更旧。请去掉保护后另存，再重新发送。",
        DocumentFault.DAMAGED: "{name} 已损坏，或者内容与文件名不符。请在生成它的程序中另存，再重新发送。",
        DocumentFault.TOO_LARGE: "{name} 太大了。我最多接受 {megabytes} MB 的文件。",
        DocumentFault.TOO_LONG: (
            "{name} 太长了。我最多能读 {characters} 个字符、{pages} 页或 {rows} 行。请拆分后分别发给我。"
        ),
        DocumentFault.TOO_HEAVY: "阅读 {name} 需要太多时间或内存。请拆分后分别发给我。",
        DocumentFault.UNKNOWN_KIND: "我读不了这种文件。我能读：{formats}",
        DocumentFault.NO_ACCESS: "{name} 已经打不开了。请重新发送。",
    },
    upload_old_version="目前我仍引用它最后一个可读的版本。",
    uploads_full=("{name} 没有保存：存放所发文档的空间（{megabytes} MB）已满。请用 /documents 删除不再需要的文档。"),
    upload_known="{name} 已经在文档里了。",
    upload_taken="已经有一个 {name} 了。",
    upload_undecided="在你选择之前，我引用旧文件。一天内没有选择，我就丢弃新文件。",
    upload_dropped="新的 {name} 已不再保留。如仍需要，请重新发送。",
    upload_replaced="{name} 已被替换：{passages}。",
    upload_restored="{name} 已恢复原样：{passages}。",
    upload_removed="{name} 已移除。",
    passages_by_number={"other": "{count} 个段落"},
    page_question="要添加这个网页吗？\n{name}",
    page_button="这个网页",
    page_below_button="以及其下的网页，最多 {count} 个",
    page_no_button="不用",
    page_declined="没有添加 {name}。",
    pages_done="{name} 及其下的网页已加入文档：{pages}，{passages}。",
    pages_by_number={"other": "{count} 个网页"},
    page_empty="{name} 里没有我能阅读的文字。请在浏览器中打开并保存，再把文件发给我。",
    page_faults={
        FetchFault.ADDRESS: "{name} 不是网页地址，或者里面有密码。请按浏览器显示的样子发送。",
        FetchFault.PRIVATE: "{name} 指向私有网络。除非我所在电脑的主人允许，否则我不获取这样的网页。",
        FetchFault.ROBOTS: "{name} 不供程序读取：网站在 robots.txt 中这样要求。请在浏览器中保存网页，再把文件发给我。",
        FetchFault.FORBIDDEN: "{name} 只对部分人开放，例如需要登录。请在浏览器中保存网页，再把文件发给我。",
        FetchFault.TOO_LARGE: "{name} 太大了。我最多获取 {megabytes} MB 的网页。",
        FetchFault.GONE: "找不到 {name}：网站上没有这个网页。请检查链接后重新发送。",
        FetchFault.FAILED: "无法获取 {name}：网站没有正常响应。请稍后再发送链接。",
    },
    undo="撤销",
    replace_button="替换",
    keep_both_button="两个都保留",
    add_needs_a_file="请用 /add 回复要我阅读的文件。",
    no_uploads_here="你不能在这里添加文档。机器人的所有者可以用 /uploads on 允许群组管理员这样做。",
    uploads_on="现在这个群组的管理员可以为它添加文档：用 /add 回复文件。",
    uploads_off="现在只有机器人的所有者才能在这里添加文档。",
    uploads_usage="在群组里写 /uploads on 允许其管理员添加文档，写 /uploads off 则取消。",
    delete_question="要删除 {name} 吗？",
    delete_yes="删除",
    delete_no="保留",
    settings="我在这个群组里的做法。群组管理员可以更改：",
    settings_mentions="有人提到我时回答",
    settings_sure="只引用有把握的内容",
    settings_common="也在公共文档中查找",
    settings_each_language="提问者的语言",
    settings_in_groups="在群组里写 /settings，查看我在那里的做法。",
    settings_privacy=(
        "我处于 Telegram 的隐私模式：提到我的消息可能收不到，但 /ask 和对我消息的回复总能收到。要更改，请我的所有"
        "者向 @BotFather 发送 /setprivacy，然后把我移出群组再重新加入。"
    ),
    collections_for_all="已命名的文档集。点一下即可让所有可以提问的人看到，再点一下则隐藏：",
    collections_for_group="已命名的文档集。点一下即可让这个群组看到，再点一下则隐藏：",
    collections_none="没有已命名的文档集。在运行我的电脑上，用这个命令创建：quoth index FOLDER --collection NAME",
    only_sure="没有找到足够有把握的内容；在这个群组里，我不引用其他内容。",
    administrators_only="只有群组管理员和机器人的所有者才能这样做。",
    unanswered="未解答的问题：没有找到，或答案评价不佳；问的人最多的排在最前：",
    unanswered_nothing="在我还记得的问题里，没有未解答的。",
    unanswered_in_private="请私下给我发送 /unanswered：在别处问过的内容不适合在这个群组里显示。",
    people_by_number={"other": "{count} 人"},
    unanswered_not_found="没有找到：{count}",
    unanswered_disliked="评价不佳：{count}",
    unanswered_newest="最近一次：{date}",
    unanswered_pinned="此后已置顶一个答案，来自",
    stats_questions="提问",
    stats_week="7 天内：{count}，平均每天 {average}",
    stats_month="30 天内：{count}，平均每天 {average}",
    stats_answers="30 天内的回答",
    stats_verdicts={
        Verdict.STRONG: "很可能已回答",
        Verdict.WEAK: "或许已回答",
        Verdict.NONE: "没有回答",
    },
    stats_quoted="30 天内引用最多的文档",
    stats_unreadable="无法读取的文件",
    stats_doctor="在运行我的电脑上，用这个命令查看原因：quoth doctor",
    stats_nothing="最近 30 天没有人提问。",
    stats_in_private="请私下给我发送 /stats：它会列出所有地方的文档。",
    pin_button="置顶一个段落……",
    pin_which="哪个段落回答了这个问题？",
    pin_nothing="找到的段落都无法置顶：它们已不在文档里，或者当时没有找到任何段落。",
    pin_done="已置顶。用同样的词提问的人会首先看到这个段落：",
    pin_forgotten="我已不记得这个问题，因此无法为它置顶任何内容。请重新提问。",
    pinned="已置顶",
    web_pinned="一位所有者指出，这个段落回答了该问题。",
)
