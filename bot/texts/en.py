"""English."""

from bot.texts.catalogue import Texts
from retrieval import DocumentFault, FetchFault, QuestionFault, QuoteStatus, Unit, Verdict

ENGLISH = Texts(
    language="en",
    start="""\
<b>Quoth</b> answers with the exact words of its documents.

Ask me a question. I look for the passage that answers it and show it to you word for word, with its source. \
I never write an answer of my own, so what you read is what the document says.

/sources lists the documents, /help says more.""",
    help="""\
<b>How to ask</b>
Here: just write your question.
In a group: /ask and your question; or reply to a message with /ask, or to an answer of mine with a question.
If you edit your question, I edit my answer.

<b>Commands</b>
/ask – ask the documents
/sources – list the documents
/help – this text
/settings – in a group: what I do there""",
    help_button="What the answers mean",
    help_on_verdicts="""\
<b>What you get</b>
The words that answer best: the answering sentences in bold, their source below, then the same of further passages, \
if they may answer, too. “Context” shows the whole passage, “More” the other ones. The first line says whether this \
probably answers, whether it may not, or that the documents do not seem to answer. In that last case, a button shows \
the closest passages. Names and numbers of your question that a passage does not hold are listed below it.""",
    help_for_owners="""\
<b>For owners</b>
/allow – let somebody in: in reply to their message, or with their Telegram ID or @name; \
alone in a group, it lets in the group
/deny – the same, to shut them out
/members – who may ask
/unanswered – unanswered questions: not found, or disliked. After your 👎 below an answer, you can pin the \
passage that answers
/stats – how much is asked and answered""",
    ask_needs_a_question="""\
Write your question after the command, for example:
/ask Who may open the archive?""",
    unknown_command="I do not know this command. Just write your question, or see /help.",
    only_text="I can only read words here. Write your question as a message, or below the picture.",
    wait="Many questions are waiting. Yours is number {place}; I will answer it.",
    busy="Too many questions are waiting. Please ask again in a minute.",
    unreachable="The documents cannot be reached at the moment. Please ask again in a minute.",
    slow_down="That was a lot at once. I will read on in a minute; please ask again then.",
    failed="Sorry, something went wrong here. Please try again in a moment.",
    faults={
        QuestionFault.EMPTY: "The question is empty. Ask in a few words or a sentence.",
        QuestionFault.TOO_LONG: "The question is too long. Ask in at most {limit} characters.",
        QuestionFault.NO_WORDS: "What would you like to know? Ask in a few words or a sentence.",
        QuestionFault.NOT_TEXT: "The question holds characters that are not text. Type it again as plain text.",
        QuestionFault.GREETING: "Hello! Ask me a question, and I quote the passage that answers it.",
        QuestionFault.THANKS: "You are welcome!",
        QuestionFault.FAREWELL: "Goodbye! Ask me again at any time.",
        QuestionFault.REMARK: "All right. Ask me whenever you want to know something.",
        QuestionFault.LINK: "I do not open links. Those who may add documents send me the file itself.",
    },
    verdicts={
        Verdict.STRONG: "This probably answers your question.",
        Verdict.WEAK: "This is the closest passage; it may not answer your question.",
        Verdict.NONE: "The documents do not seem to answer this.",
    },
    show_closest="Closest passages",
    closest_passages="The closest passages, in case they help:",
    closest_are_gone="The passages that came closest are not in the documents any more.",
    button_is_old="This button does not work any more. Please ask again.",
    no_documents="There are no documents yet.",
    also_in_place="also in {place}",
    fetched_on="fetched {day}",
    fetched_then_gone="fetched {day}, gone since",
    missing_words="Not in this passage: {words}",
    parts={
        Unit.LINE: ("line {first}", "lines {first}–{last}"),
        Unit.PAGE: ("page {first}", "pages {first}–{last}"),
        Unit.SLIDE: ("slide {first}", "slides {first}–{last}"),
        Unit.ROW: ("row {first}", "rows {first}–{last}"),
        Unit.CHAPTER: ("chapter {first}", "chapters {first}–{last}"),
        Unit.CELL: ("cell {first}", "cells {first}–{last}"),
        Unit.MESSAGE: ("message {first}", "messages {first}–{last}"),
        Unit.SECOND: ("at {first}", "{first}–{last}"),
    },
    part_of_sheet="{sheet}, {part}",
    documents_by_number={"one": "{count} document:", "other": "{count} documents:"},
    more_documents_by_number={"one": "… and {count} more.", "other": "… and {count} more."},
    stranger="This bot is private. To be let in, send its owner your Telegram ID: {number}",
    strange_group="This group may not ask me yet. An owner of the bot lets it in by writing /allow here.",
    new_owner="You own this bot now, and others can ask it once you let them in: /help says how.",
    owners_only="Only owners of the bot can do that.",
    whom="Reply to somebody’s message with the command, or write their Telegram ID or @name after it.",
    unknown_person="I have not met {who}. They should write to me first, or tell you their Telegram ID.",
    anonymous_administrator=(
        "An anonymous administrator writes in the name of the whole group. Send the command alone to let the "
        "group in or shut it out."
    ),
    name_is_old=(
        "I last heard from {who} more than a day ago, and somebody else may have {name} by now. If you mean this "
        "person, write /allow {number}"
    ),
    allowed="{who} may ask now.",
    denied="{who} may not ask any more.",
    stays_owner="{who} is an owner and stays one.",
    owners_by_number={"one": "Owner:", "other": "Owners:"},
    members_by_number={"one": "May ask:", "other": "May ask:"},
    shut_out_by_number={"one": "Shut out:", "other": "Shut out:"},
    knocked_by_number={"one": "Would like to ask:", "other": "Would like to ask:"},
    everybody="Everybody may ask.",
    group_request="{who} has added me to the group {group}. Nobody there can ask me until you let the group in.",
    let_in_button="Let the group in",
    help_in_group=(
        "I answer with exact quotes from documents. Write /ask and your question, reply to a message with /ask, "
        "or reply to an answer of mine. /receipt checks an answer, /settings says what I do here."
    ),
    commands={
        "ask": "Ask the documents",
        "new": "Begin something new",
        "sources": "List the documents",
        "help": "How to ask",
        "allow": "Let somebody in",
        "deny": "Shut somebody out",
        "members": "Who may ask",
        "documents": "List and delete documents",
        "collections": "Who sees which collection",
        "add": "Add a file to the documents",
        "uploads": "Who may add documents",
        "settings": "Settings of the group",
        "receipt": "Check the receipt of an answer",
        "forget_me": "What I keep about you, and how to erase it",
        "unanswered": "Unanswered questions",
        "stats": "How much is asked and answered",
    },
    description="""\
Ask a question and get the passage that answers it, word for word, with its source.

I quote documents and never write an answer of my own.""",
    short_description="Answers questions with exact, sourced quotes from documents.",
    help_with_answers="""\
<b>Going on</b>
After an answer, ask “And how many …?”, or reply to it: I take over what your last question said, and show what I \
searched for. I keep that question for an hour; /new forgets it at once.
The buttons below an answer show further passages, the text around the quote, and its receipt; with 👍 and 👎 \
you say whether it helped.""",
    searched_for="Searched for: {question}",
    begun_anew="Forgotten. Your next question begins something new.",
    more_button="More",
    context_button="Context",
    back_button="‹ Back",
    further_passages="Further passages:",
    further_are_gone="The further passages are not in the documents any more.",
    answer_is_gone="The passage that was quoted here is not in the documents any more. Please ask again.",
    rated="Thank you, noted.",
    receipt_button="Receipt",
    given_time="Given on {time}.",
    states={
        QuoteStatus.UNCHANGED: "These words still stand there.",
        QuoteStatus.MOVED: "These words stand elsewhere now.",
        QuoteStatus.CHANGED: "The document does not say these words any more.",
        QuoteStatus.GONE: "The document is not there any more.",
        QuoteStatus.UNCHECKED: "This cannot be checked now.",
        QuoteStatus.MISQUOTED: "These words never stood there.",
    },
    receipt_altered="This receipt was altered. Do not trust it.",
    file_changed="The file has changed since, but these words still stand there.",
    listed_only="Passages to choose from, without a verdict.",
    receipt_link="Link",
    browser_button="In the browser",
    no_receipt="There is no such receipt, or nothing in it is for this chat.",
    which_receipt="Write the code of a receipt after /receipt, or reply with /receipt to an answer of mine.",
    help_on_receipts="""\
<b>Receipts</b>
Every answer leaves a receipt that can be checked at any time: what I quoted, from which document, and \
whether it still stands there. The button below the answer shows it, and so does /receipt with its code.
/forget_me – what I keep about you, and how to erase it""",
    help_in_any_chat="""\
<b>In any chat</b>
Write {bot} and your question, and choose a passage: it goes into that chat with its source.""",
    kept="What I keep about you:",
    kept_receipts="Receipts of answers to you: {count}",
    kept_questions="Questions of yours that belong to them: {count}",
    kept_turns="Questions from the last hour, for follow-ups: {count}",
    kept_ratings="Answers that you have rated: {count}",
    kept_told="You were told on {time} that this bot is private.",
    kept_nothing="I keep nothing about you.",
    kept_after=(
        "If you delete this, the receipts themselves stay, but nothing leads from them to you. What an "
        "owner lets you do stays too, with your Telegram ID alone, and so do documents that you sent."
    ),
    all_is_kept="Everything stays as it was.",
    erased="Deleted. What an owner lets you do stays, with your Telegram ID alone.",
    forget_in_private="Write /forget_me to me alone, not in a group.",
    inline_hint="Write a question to search the documents",
    inline_nothing="Nothing was found. Ask the bot itself",
    inline_stranger="You have not been let in yet",
    web_receipt="Receipt",
    web_in_document="In the document",
    web_words_then="The words that were quoted",
    web_words_now="What stands there now",
    web_removed="removed:",
    web_added="added:",
    web_words_lost="The quoted words were not kept.",
    web_nothing_alike="Nothing there is like them any more.",
    web_quote_begins="Quote begins:",
    web_quote_ends="Quote ends.",
    web_picture="The page as a picture",
    web_picture_alt="The page as a picture. The quoted words stand above as text.",
    web_source="Source",
    web_section="Section",
    web_place="Place",
    web_file="File",
    web_page="Web page",
    web_now_in="Now in",
    web_file_hash="SHA-256 of the file",
    web_quote_hash="SHA-256 of the quote",
    web_verdict="The answer said: {verdict}",
    web_check="Check it yourself",
    web_check_file="If you have the file, compare its SHA-256 with the one above:",
    web_check_here="If you run this Quoth, let it read the file again:",
    web_further="Further passages that were found",
    web_listed="Passages to choose from",
    web_no_quotes="No passage was quoted.",
    web_about=(
        "Quoth answers with exact quotes of documents, and gives a receipt for each answer. What was "
        "asked is not shown here."
    ),
    web_not_found="There is no receipt here",
    web_not_found_why="The link is incomplete, or the receipt was withdrawn.",
    web_no_page="There is no page here",
    web_no_page_why="Check the address, or open the link that you were given again.",
    web_busy="Many receipts are being checked just now. Please try again in a few seconds.",
    help_on_documents="""\
<b>Documents</b>
Send me a file, or a link to a web page, and everybody who may ask can ask it; what you write below a file \
becomes its title.
In a group: /add in reply to a file, for that group alone. With /uploads on, its administrators may do so too.
/documents – list and delete documents""",
    upload_reading="Reading {name}…",
    upload_progress="Reading {name}… {percent}%",
    upload_done="{name} is among the documents now: {passages}.",
    upload_faults={
        DocumentFault.EMPTY: "{name} holds no text. Put some in, and send it again.",
        DocumentFault.NOT_TEXT: "{name} is not text that I can decode. Save it as UTF-8, and send it again.",
        DocumentFault.SCAN: "{name} is a scan, a picture of text. Have its text recognised (OCR), and send it again.",
        DocumentFault.PROTECTED: (
            "{name} is protected, or in an older format than its name says. Save it anew without "
            "protection, and send it again."
        ),
        DocumentFault.DAMAGED: (
            "{name} is damaged, or not what its name says. Save it anew in the program that made it, and send it again."
        ),
        DocumentFault.TOO_LARGE: "{name} is too large. I can take files of up to {megabytes} MB.",
        DocumentFault.TOO_LONG: (
            "{name} is too long. I can read up to {characters} characters, {pages} pages or {rows} rows. "
            "Split it, and send me the parts."
        ),
        DocumentFault.TOO_HEAVY: "{name} takes too much time or memory to read. Split it, and send me the parts.",
        DocumentFault.UNKNOWN_KIND: "I cannot read files of this kind. I can read: {formats}",
        DocumentFault.NO_ACCESS: "{name} cannot be opened any more. Please send it again.",
    },
    upload_old_version="For now, I go on quoting its last good version.",
    uploads_full=(
        "{name} was not kept: all the space for documents people send, {megabytes} MB, is taken. "
        "Delete some that nobody needs any more: /documents."
    ),
    upload_known="{name} is among the documents already.",
    upload_taken="There is a {name} already.",
    upload_undecided="Until you choose, I quote the old one. After a day without a choice, I drop the new one.",
    upload_dropped="The new {name} is not kept any more. Send it again if you still need it.",
    upload_replaced="{name} has been replaced: {passages}.",
    upload_restored="{name} is again as it was before: {passages}.",
    upload_removed="{name} has been removed.",
    passages_by_number={"one": "{count} passage", "other": "{count} passages"},
    page_question="Add this page?\n{name}",
    page_button="This page",
    page_below_button="And pages below it, at most {count}",
    page_no_button="No",
    page_declined="{name} was not added.",
    pages_done="{name} and pages below it are among the documents now: {pages}, {passages}.",
    pages_by_number={"one": "{count} page", "other": "{count} pages"},
    page_empty="{name} holds no text that I can read. Open it in a browser, save it, and send me the file.",
    page_faults={
        FetchFault.ADDRESS: "{name} is no address of a web page, or holds a password. Send it as a browser shows it.",
        FetchFault.PRIVATE: (
            "{name} leads into a private network. I do not fetch such pages, unless the owner of my computer allows it."
        ),
        FetchFault.ROBOTS: (
            "{name} is not for programs: the site asks for that in its robots.txt. Save the page in a browser, "
            "and send me the file."
        ),
        FetchFault.FORBIDDEN: (
            "{name} is shown only to some, such as after a login. Save the page in a browser, and send me the file."
        ),
        FetchFault.TOO_LARGE: "{name} is too large. I can fetch pages of up to {megabytes} MB.",
        FetchFault.GONE: "{name} was not found: the site has no such page. Check the link, and send it again.",
        FetchFault.FAILED: (
            "{name} cannot be fetched: the site does not answer as it should. Send the link again later."
        ),
    },
    undo="Undo",
    replace_button="Replace",
    keep_both_button="Keep both",
    add_needs_a_file="Write /add in reply to the file that I should read.",
    no_uploads_here=(
        "You cannot add documents here. An owner of the bot can let the group’s administrators do so with /uploads on."
    ),
    uploads_on="The administrators of this group may now add documents for it: /add in reply to a file.",
    uploads_off="Only owners of the bot may add documents here now.",
    uploads_usage=(
        "In a group, write /uploads on to let its administrators add documents, and /uploads off to stop that."
    ),
    delete_question="Delete {name}?",
    delete_yes="Delete",
    delete_no="Keep",
    settings="What I do in this group. Its administrators can change it:",
    settings_mentions="Answer when I am mentioned",
    settings_sure="Quote only what I am sure of",
    settings_common="Ask the common documents, too",
    settings_each_language="The language of whoever asks",
    settings_in_groups="Write /settings in a group, to see what I do there.",
    settings_privacy=(
        "Telegram’s privacy mode is on for me: a mention may not reach me. /ask and replies to my messages always "
        "do. To change that, my owner sends /setprivacy to @BotFather, then removes me from the group and adds me "
        "again."
    ),
    collections_for_all="Named collections. Tap one to show it to everybody who may ask, or to hide it again:",
    collections_for_group="Named collections. Tap one to show it to this group, or to hide it again:",
    collections_none=(
        "There are no named collections. On the computer where I run, this makes one: quoth index FOLDER "
        "--collection NAME"
    ),
    only_sure="I found nothing that is sure enough, and in this group I quote nothing else.",
    administrators_only="Only administrators of the group and owners of the bot can do that.",
    unanswered="Unanswered questions: not found, or disliked; most asked first:",
    unanswered_nothing="Among the questions that I still know, none is unanswered.",
    unanswered_in_private="Write /unanswered to me alone: questions from elsewhere are not for this group.",
    people_by_number={"one": "{count} person", "other": "{count} people"},
    unanswered_not_found="not found: {count}",
    unanswered_disliked="disliked: {count}",
    unanswered_newest="last on {date}",
    unanswered_pinned="an answer has been pinned since, from",
    stats_questions="Questions",
    stats_week="In 7 days: {count}, {average} a day",
    stats_month="In 30 days: {count}, {average} a day",
    stats_answers="Answers in 30 days",
    stats_verdicts={
        Verdict.STRONG: "probably answered",
        Verdict.WEAK: "perhaps answered",
        Verdict.NONE: "not answered",
    },
    stats_quoted="Most quoted in 30 days",
    stats_unreadable="Files that cannot be read",
    stats_doctor="On the computer where I run, this says why: quoth doctor",
    stats_nothing="Nobody has asked anything in the last 30 days.",
    stats_in_private="Write /stats to me alone: it names documents from everywhere.",
    pin_button="Pin a passage…",
    pin_which="Which passage answers this?",
    pin_nothing=(
        "None of the passages that were found can be pinned: they are not in the documents any more, or "
        "there were none."
    ),
    pin_done="Pinned. Whoever asks this in the same words gets this passage first:",
    pin_forgotten="I do not know this question any more, so nothing can be pinned to it. Please ask it again.",
    pinned="pinned",
    web_pinned="An owner said that this passage answers the question.",
)
