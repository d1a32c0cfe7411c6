"""German."""

from bot.texts.catalogue import Texts
from retrieval import DocumentFault, FetchFault, QuestionFault, QuoteStatus, Unit, Verdict

GERMAN = Texts(
    language="de",
    start="""\
<b>Quoth</b> antwortet mit dem genauen Wortlaut seiner Dokumente.

Stell mir eine Frage. Ich suche die Stelle, die sie beantwortet, und zeige sie dir Wort für Wort, mit ihrer Quelle. \
Ich schreibe nie selbst eine Antwort: Was du liest, steht so im Dokument.

/sources listet die Dokumente auf, /help sagt mehr.""",
    help="""\
<b>Wie du fragst</b>
Hier: Schreib einfach deine Frage.
In einer Gruppe: /ask und deine Frage; oder antworte auf eine Nachricht mit /ask, auf eine Antwort von mir \
mit einer Frage.
Bearbeitest du deine Frage, so bearbeite ich meine Antwort.

<b>Befehle</b>
/ask – die Dokumente befragen
/sources – die Dokumente auflisten
/help – dieser Text
/settings – in einer Gruppe: was ich dort tue""",
    help_button="Was die Antworten bedeuten",
    help_on_verdicts="""\
<b>Was du bekommst</b>
Die Worte, die am besten antworten: die antwortenden Sätze in Fettschrift, ihre Quelle darunter, dann dasselbe von \
weiteren Stellen, falls auch sie antworten könnten. „Kontext“ zeigt die ganze Stelle, „Mehr“ die übrigen. Die erste \
Zeile sagt, ob das wahrscheinlich antwortet, vielleicht nicht antwortet, oder ob die Dokumente wohl nicht antworten. \
Im letzten Fall zeigt ein Knopf die ähnlichsten Stellen. Namen und Zahlen deiner Frage, die nicht in einer Stelle \
stehen, werden darunter genannt.""",
    help_for_owners="""\
<b>Für Besitzer</b>
/allow – jemanden zulassen: als Antwort auf eine Nachricht, oder mit Telegram-ID oder @Name; \
allein in einer Gruppe lässt es die Gruppe zu
/deny – ebenso, um auszuschließen
/members – wer fragen darf
/unanswered – unbeantwortete Fragen: nicht gefunden, oder die Antwort gefiel nicht. Nach deinem 👎 unter einer Antwort \
kannst du die Stelle anheften, die antwortet
/stats – wie viel gefragt und beantwortet wird""",
    ask_needs_a_question="""\
Schreib deine Frage hinter den Befehl, zum Beispiel:
/ask Wer darf das Archiv öffnen?""",
    unknown_command="Diesen Befehl kenne ich nicht. Schreib einfach deine Frage, oder sieh dir /help an.",
    only_text="Hier kann ich nur Worte lesen. Schreib deine Frage als Nachricht, oder unter das Bild.",
    wait="Viele Fragen warten. Deine ist Nummer {place}; ich beantworte sie.",
    busy="Zu viele Fragen warten. Bitte frag in einer Minute noch einmal.",
    unreachable="Die Dokumente sind gerade nicht erreichbar. Bitte frag in einer Minute noch einmal.",
    slow_down="Das war viel auf einmal. In einer Minute lese ich weiter; bitte frag dann noch einmal.",
    failed="Entschuldige, hier ist etwas schiefgegangen. Bitte versuch es gleich noch einmal.",
    faults={
        QuestionFault.EMPTY: "Die Frage ist leer. Frag in ein paar Worten oder einem Satz.",
        QuestionFault.TOO_LONG: "Die Frage ist zu lang. Frag in höchstens {limit} Zeichen.",
        QuestionFault.NO_WORDS: "Was möchtest du wissen? Frag in ein paar Worten oder einem Satz.",
        QuestionFault.NOT_TEXT: (
            "Die Frage enthält Zeichen, die kein Text sind. Bitte tipp sie noch einmal als einfachen Text."
        ),
        QuestionFault.GREETING: "Hallo! Stell mir eine Frage, und ich zitiere die Stelle, die sie beantwortet.",
        QuestionFault.THANKS: "Gern geschehen!",
        QuestionFault.FAREWELL: "Tschüss! Frag mich jederzeit wieder.",
        QuestionFault.REMARK: "Alles klar. Frag mich, wann immer du etwas wissen möchtest.",
        QuestionFault.LINK: "Links öffne ich nicht. Wer Dokumente hinzufügen darf, schickt mir die Datei selbst.",
    },
    verdicts={
        Verdict.STRONG: "Das beantwortet deine Frage wahrscheinlich.",
        Verdict.WEAK: "Das ist die ähnlichste Stelle; vielleicht beantwortet sie deine Frage nicht.",
        Verdict.NONE: "Die Dokumente scheinen das nicht zu beantworten.",
    },
    show_closest="Ähnlichste Stellen",
    closest_passages="Die ähnlichsten Stellen, falls sie helfen:",
    closest_are_gone="Die ähnlichsten Stellen stehen nicht mehr in den Dokumenten.",
    button_is_old="Dieser Knopf geht nicht mehr. Bitte frag noch einmal.",
    no_documents="Es gibt noch keine Dokumente.",
    also_in_place="auch in {place}",
    fetched_on="Stand: {day}",
    fetched_then_gone="Stand: {day}, seither entfernt",
    missing_words="Nicht in dieser Stelle: {words}",
    parts={
        Unit.LINE: ("Zeile {first}", "Zeilen {first}–{last}"),
        Unit.PAGE: ("Seite {first}", "Seiten {first}–{last}"),
        Unit.SLIDE: ("Folie {first}", "Folien {first}–{last}"),
        Unit.ROW: ("Zeile {first}", "Zeilen {first}–{last}"),
        Unit.CHAPTER: ("Kapitel {first}", "Kapitel {first}–{last}"),
        Unit.CELL: ("Zelle {first}", "Zellen {first}–{last}"),
        Unit.MESSAGE: ("Nachricht {first}", "Nachrichten {first}–{last}"),
        Unit.SECOND: ("bei {first}", "{first}–{last}"),
    },
    part_of_sheet="{sheet}, {part}",
    documents_by_number={"one": "{count} Dokument:", "other": "{count} Dokumente:"},
    more_documents_by_number={"one": "… und {count} weiteres.", "other": "… und {count} weitere."},
    stranger="Dieser Bot ist privat. Um zugelassen zu werden, schick seinem Besitzer deine Telegram-ID: {number}",
    strange_group=(
        "Diese Gruppe darf mich noch nicht fragen. Ein Besitzer des Bots lässt sie zu, indem er hier /allow schreibt."
    ),
    new_owner="Dieser Bot gehört jetzt dir. Andere können fragen, sobald du sie zulässt: /help sagt, wie.",
    owners_only="Das können nur Besitzer des Bots.",
    whom="Antworte mit dem Befehl auf eine Nachricht, oder schreib eine Telegram-ID oder einen @Namen dahinter.",
    unknown_person="{who} kenne ich nicht. Die Person soll mir erst schreiben oder dir ihre Telegram-ID sagen.",
    anonymous_administrator=(
        "Ein anonymer Administrator schreibt im Namen der ganzen Gruppe. Schick den Befehl allein, um die Gruppe "
        "zuzulassen oder auszuschließen."
    ),
    name_is_old=(
        "Von {who} habe ich seit über einem Tag nichts gehört; {name} kann inzwischen jemand anderem gehören. Ist "
        "diese Person gemeint, schreib /allow {number}"
    ),
    allowed="{who} darf jetzt fragen.",
    denied="{who} darf nicht mehr fragen.",
    stays_owner="{who} ist Besitzer und bleibt es.",
    owners_by_number={"one": "Besitzer:", "other": "Besitzer:"},
    members_by_number={"one": "Darf fragen:", "other": "Dürfen fragen:"},
    shut_out_by_number={"one": "Ausgeschlossen:", "other": "Ausgeschlossen:"},
    knocked_by_number={"one": "Möchte fragen:", "other": "Möchten fragen:"},
    everybody="Alle dürfen fragen.",
    group_request=(
        "{who} hat mich zur Gruppe {group} hinzugefügt. Dort kann mich niemand fragen, bis du die Gruppe zulässt."
    ),
    let_in_button="Gruppe zulassen",
    help_in_group=(
        "Ich antworte mit genauen Zitaten aus Dokumenten. Schreib /ask und deine Frage, antworte mit /ask auf "
        "eine Nachricht, oder antworte auf eine Antwort von mir. /receipt prüft eine Antwort, /settings sagt, was "
        "ich hier tue."
    ),
    commands={
        "ask": "Die Dokumente befragen",
        "new": "Etwas Neues anfangen",
        "sources": "Die Dokumente auflisten",
        "help": "Wie man fragt",
        "allow": "Jemanden zulassen",
        "deny": "Jemanden ausschließen",
        "members": "Wer fragen darf",
        "documents": "Dokumente auflisten und löschen",
        "collections": "Wer welche Sammlung sieht",
        "add": "Eine Datei zu den Dokumenten hinzufügen",
        "uploads": "Wer Dokumente hinzufügen darf",
        "settings": "Einstellungen der Gruppe",
        "receipt": "Den Beleg einer Antwort prüfen",
        "forget_me": "Was ich über dich speichere, und wie du es löschst",
        "unanswered": "Unbeantwortete Fragen",
        "stats": "Wie viel gefragt und beantwortet wird",
    },
    description="""\
Stell eine Frage und bekomm die Stelle, die sie beantwortet, Wort für Wort, mit ihrer Quelle.

Ich zitiere Dokumente und schreibe nie selbst eine Antwort.""",
    short_description="Beantwortet Fragen mit genauen Zitaten aus Dokumenten, mit Quelle.",
    help_with_answers="""\
<b>Wie es weitergeht</b>
Frag nach einer Antwort „Und wie viele …?“, oder antworte auf sie: Ich übernehme, was deine letzte Frage sagte, und \
zeige, wonach ich gesucht habe. Diese Frage behalte ich eine Stunde lang; /new vergisst sie sofort.
Die Knöpfe unter einer Antwort zeigen weitere Stellen, den Text um das Zitat und den Beleg; mit 👍 und 👎 \
sagst du, ob sie geholfen hat.""",
    searched_for="Gesucht: {question}",
    begun_anew="Vergessen. Mit deiner nächsten Frage fängt etwas Neues an.",
    more_button="Mehr",
    context_button="Kontext",
    back_button="‹ Zurück",
    further_passages="Weitere Stellen:",
    further_are_gone="Die weiteren Stellen stehen nicht mehr in den Dokumenten.",
    answer_is_gone="Die Stelle, die hier zitiert war, steht nicht mehr in den Dokumenten. Bitte frag noch einmal.",
    rated="Danke, ist notiert.",
    receipt_button="Beleg",
    given_time="Ausgestellt am {time}.",
    states={
        QuoteStatus.UNCHANGED: "Diese Worte stehen noch dort.",
        QuoteStatus.MOVED: "Diese Worte stehen jetzt an anderer Stelle.",
        QuoteStatus.CHANGED: "Das Dokument enthält diese Worte nicht mehr.",
        QuoteStatus.GONE: "Das Dokument gibt es nicht mehr.",
        QuoteStatus.UNCHECKED: "Das lässt sich gerade nicht prüfen.",
        QuoteStatus.MISQUOTED: "Diese Worte haben dort nie gestanden.",
    },
    receipt_altered="Dieser Beleg wurde verändert. Trau ihm nicht.",
    file_changed="Die Datei hat sich seither geändert, aber diese Worte stehen noch dort.",
    listed_only="Stellen zur Auswahl, ohne Urteil.",
    receipt_link="Link",
    browser_button="Im Browser",
    no_receipt="Diesen Beleg gibt es nicht, oder nichts darin ist für diesen Chat.",
    which_receipt=(
        "Schreib den Code eines Belegs hinter /receipt, oder antworte mit /receipt auf eine Antwort von mir."
    ),
    help_on_receipts="""\
<b>Belege</b>
Jede Antwort hinterlässt einen Beleg, der sich jederzeit prüfen lässt: was ich aus welchem Dokument zitiert \
habe, und ob es noch dort steht. Der Knopf unter der Antwort zeigt ihn, ebenso /receipt mit seinem Code.
/forget_me – was ich über dich speichere, und wie du es löschst""",
    help_in_any_chat="""\
<b>In jedem Chat</b>
Schreib {bot} und deine Frage, und wähl eine Stelle aus: Sie steht dann mit ihrer Quelle in diesem Chat.""",
    kept="Was ich über dich speichere:",
    kept_receipts="Belege von Antworten an dich: {count}",
    kept_questions="Deine Fragen, die dazu gehören: {count}",
    kept_turns="Fragen der letzten Stunde, um daran anzuknüpfen: {count}",
    kept_ratings="Antworten, die du bewertet hast: {count}",
    kept_told="Am {time} wurde dir gesagt, dass dieser Bot privat ist.",
    kept_nothing="Ich speichere nichts über dich.",
    kept_after=(
        "Löschst du das, so bleiben die Belege selbst, aber nichts führt mehr von ihnen zu dir. Auch "
        "was dir ein Besitzer erlaubt hat, bleibt, nur mit deiner Telegram-ID, und ebenso Dokumente, die du "
        "geschickt hast."
    ),
    all_is_kept="Alles bleibt, wie es war.",
    erased="Gelöscht. Was dir ein Besitzer erlaubt hat, bleibt, nur mit deiner Telegram-ID.",
    forget_in_private="Schreib mir /forget_me im privaten Chat, nicht in einer Gruppe.",
    inline_hint="Frage schreiben, um die Dokumente zu durchsuchen",
    inline_nothing="Nichts gefunden. Den Bot selbst fragen",
    inline_stranger="Du bist noch nicht zugelassen",
    web_receipt="Beleg",
    web_in_document="Im Dokument",
    web_words_then="Die zitierten Worte",
    web_words_now="Was jetzt dort steht",
    web_removed="entfernt:",
    web_added="hinzugefügt:",
    web_words_lost="Die zitierten Worte sind nicht mehr vorhanden.",
    web_nothing_alike="Nichts dort ist ihnen noch ähnlich.",
    web_quote_begins="Zitat beginnt:",
    web_quote_ends="Zitat endet.",
    web_picture="Die Seite als Bild",
    web_picture_alt="Die Seite als Bild. Die zitierten Worte stehen darüber als Text.",
    web_source="Quelle",
    web_section="Abschnitt",
    web_place="Stelle",
    web_file="Datei",
    web_page="Webseite",
    web_now_in="Jetzt in",
    web_file_hash="SHA-256 der Datei",
    web_quote_hash="SHA-256 des Zitats",
    web_verdict="Die Antwort sagte: {verdict}",
    web_check="Selbst nachprüfen",
    web_check_file="Wer die Datei hat, kann ihre SHA-256 mit der obigen vergleichen:",
    web_check_here="Wer dieses Quoth betreibt, kann die Datei neu lesen lassen:",
    web_further="Weitere gefundene Stellen",
    web_listed="Stellen zur Auswahl",
    web_no_quotes="Es wurde keine Stelle zitiert.",
    web_about=(
        "Quoth antwortet mit genauen Zitaten aus Dokumenten und stellt zu jeder Antwort einen Beleg "
        "aus. Die Frage wird hier nicht gezeigt."
    ),
    web_not_found="Hier ist kein Beleg",
    web_not_found_why="Der Link ist unvollständig, oder der Beleg wurde zurückgezogen.",
    web_no_page="Hier ist keine Seite",
    web_no_page_why="Prüfe die Adresse, oder öffne noch einmal den Link, den du bekommen hast.",
    web_busy="Gerade werden viele Belege geprüft. Bitte in ein paar Sekunden noch einmal versuchen.",
    help_on_documents="""\
<b>Dokumente</b>
Schick mir eine Datei oder den Link einer Webseite, und alle, die fragen dürfen, können sie befragen; was du unter \
eine Datei schreibst, wird ihr Titel.
In einer Gruppe: /add als Antwort auf eine Datei, nur für diese Gruppe. Mit /uploads on dürfen das auch ihre \
Administratoren.
/documents – Dokumente auflisten und löschen""",
    upload_reading="{name} wird gelesen …",
    upload_progress="{name} wird gelesen … {percent} %",
    upload_done="{name} gehört jetzt zu den Dokumenten: {passages}.",
    upload_faults={
        DocumentFault.EMPTY: "{name} enthält keinen Text. Schreib etwas hinein und schick die Datei noch einmal.",
        DocumentFault.NOT_TEXT: (
            "Die Zeichenkodierung von {name} kenne ich nicht. Speichere die Datei als UTF-8 und schick sie noch einmal."
        ),
        DocumentFault.SCAN: (
            "{name} ist ein Scan, ein Bild von Text. Lass den Text erkennen (OCR) und schick die Datei noch einmal."
        ),
        DocumentFault.PROTECTED: (
            "{name} ist geschützt oder hat ein älteres Format, als der Name sagt. Speichere die Datei neu, "
            "ohne Schutz, und schick sie noch einmal."
        ),
        DocumentFault.DAMAGED: (
            "{name} ist beschädigt oder nicht das, was der Name sagt. Speichere die Datei in dem Programm neu, "
            "aus dem sie stammt, und schick sie noch einmal."
        ),
        DocumentFault.TOO_LARGE: "{name} ist zu groß. Ich nehme Dateien bis {megabytes} MB.",
        DocumentFault.TOO_LONG: (
            "{name} ist zu lang. Ich lese bis zu {characters} Zeichen, {pages} Seiten oder {rows} Zeilen. "
            "Teil die Datei auf und schick mir die Teile."
        ),
        DocumentFault.TOO_HEAVY: (
            "{name} zu lesen kostet zu viel Zeit oder Speicher. Teil die Datei auf und schick mir die Teile."
        ),
        DocumentFault.UNKNOWN_KIND: "Solche Dateien kann ich nicht lesen. Lesen kann ich: {formats}",
        DocumentFault.NO_ACCESS: "{name} lässt sich nicht mehr öffnen. Bitte schick die Datei noch einmal.",
    },
    upload_old_version="Bis dahin zitiere ich weiter die letzte lesbare Fassung.",
    uploads_full=(
        "{name} passt nicht mehr: Der Platz für geschickte Dokumente, {megabytes} MB, ist voll. "
        "Lösch welche, die niemand mehr braucht: /documents."
    ),
    upload_known="{name} ist schon unter den Dokumenten.",
    upload_taken="Es gibt schon eine Datei {name}.",
    upload_undecided=(
        "Bis du dich entscheidest, zitiere ich die alte. Nach einem Tag ohne Entscheidung verwerfe ich die neue."
    ),
    upload_dropped="Die neue Datei {name} habe ich nicht mehr. Schick sie noch einmal, wenn du sie noch brauchst.",
    upload_replaced="{name} ist ersetzt: {passages}.",
    upload_restored="{name} ist wieder wie vorher: {passages}.",
    upload_removed="{name} ist entfernt.",
    passages_by_number={"one": "{count} Stelle", "other": "{count} Stellen"},
    page_question="Diese Seite aufnehmen?\n{name}",
    page_button="Diese Seite",
    page_below_button="Auch Seiten darunter, höchstens {count}",
    page_no_button="Nein",
    page_declined="{name} wurde nicht aufgenommen.",
    pages_done="{name} und Seiten darunter gehören jetzt zu den Dokumenten: {pages}, {passages}.",
    pages_by_number={"one": "{count} Seite", "other": "{count} Seiten"},
    page_empty=(
        "{name} enthält keinen Text, den ich lesen kann. Öffne die Seite im Browser, speichere sie und "
        "schick mir die Datei."
    ),
    page_faults={
        FetchFault.ADDRESS: (
            "{name} ist keine Adresse einer Webseite oder enthält ein Passwort. Schick sie so, wie ein Browser "
            "sie zeigt."
        ),
        FetchFault.PRIVATE: (
            "{name} führt in ein privates Netz. Solche Seiten rufe ich nicht ab, außer der Besitzer meines "
            "Rechners erlaubt es."
        ),
        FetchFault.ROBOTS: (
            "{name} ist nicht für Programme gedacht: Darum bittet die Website in ihrer robots.txt. Speichere die "
            "Seite im Browser und schick mir die Datei."
        ),
        FetchFault.FORBIDDEN: (
            "{name} wird nur manchen gezeigt, etwa nach einer Anmeldung. Speichere die Seite im Browser und "
            "schick mir die Datei."
        ),
        FetchFault.TOO_LARGE: "{name} ist zu groß. Ich rufe Seiten bis {megabytes} MB ab.",
        FetchFault.GONE: (
            "{name} gibt es nicht: Die Website kennt diese Seite nicht. Prüf den Link und schick ihn noch einmal."
        ),
        FetchFault.FAILED: (
            "{name} lässt sich nicht abrufen: Die Website antwortet nicht, wie sie sollte. Schick den Link "
            "später noch einmal."
        ),
    },
    undo="Rückgängig",
    replace_button="Ersetzen",
    keep_both_button="Beide behalten",
    add_needs_a_file="Schreib /add als Antwort auf die Datei, die ich lesen soll.",
    no_uploads_here=(
        "Du kannst hier keine Dokumente hinzufügen. Ein Besitzer des Bots kann es den Administratoren "
        "mit /uploads on erlauben."
    ),
    uploads_on=(
        "Die Administratoren dieser Gruppe dürfen ihr jetzt Dokumente hinzufügen: /add als Antwort auf eine Datei."
    ),
    uploads_off="Jetzt dürfen hier nur noch Besitzer des Bots Dokumente hinzufügen.",
    uploads_usage=(
        "Schreib in einer Gruppe /uploads on, damit ihre Administratoren Dokumente hinzufügen dürfen, "
        "und /uploads off, damit sie es nicht mehr dürfen."
    ),
    delete_question="{name} löschen?",
    delete_yes="Löschen",
    delete_no="Behalten",
    settings="Was ich in dieser Gruppe tue. Administratoren können es ändern:",
    settings_mentions="Antworten, wenn ich erwähnt werde",
    settings_sure="Nur zitieren, wo ich sicher bin",
    settings_common="Auch die gemeinsamen Dokumente befragen",
    settings_each_language="Sprache der fragenden Person",
    settings_in_groups="Schreib /settings in eine Gruppe, um zu sehen, was ich dort tue.",
    settings_privacy=(
        "Für mich gilt Telegrams Privatsphäre-Modus: Eine Erwähnung erreicht mich vielleicht nicht, /ask und "
        "Antworten auf meine Nachrichten immer. Mein Besitzer kann es ändern: /setprivacy an @BotFather, mich "
        "danach aus der Gruppe entfernen und neu hinzufügen."
    ),
    collections_for_all=(
        "Benannte Sammlungen. Tippe eine an, um sie allen zu zeigen, die fragen dürfen, oder sie wieder zu verbergen:"
    ),
    collections_for_group=(
        "Benannte Sammlungen. Tippe eine an, um sie dieser Gruppe zu zeigen oder wieder zu verbergen:"
    ),
    collections_none=(
        "Es gibt keine benannten Sammlungen. Auf dem Rechner, auf dem ich laufe, legt das eine an: quoth index "
        "FOLDER --collection NAME"
    ),
    only_sure="Ich habe nichts gefunden, das sicher genug ist, und anderes zitiere ich in dieser Gruppe nicht.",
    administrators_only="Das können nur Administratoren der Gruppe und Besitzer des Bots.",
    unanswered="Unbeantwortete Fragen: nicht gefunden, oder es gefiel nicht; zuerst, was die meisten gefragt haben:",
    unanswered_nothing="Unter den Fragen, die ich noch kenne, ist keine unbeantwortet.",
    unanswered_in_private="Schreib mir /unanswered im Privatchat: Fragen von anderswo sind nicht für diese Gruppe.",
    people_by_number={"one": "{count} Person", "other": "{count} Personen"},
    unanswered_not_found="nicht gefunden: {count}",
    unanswered_disliked="hat nicht gefallen: {count}",
    unanswered_newest="zuletzt am {date}",
    unanswered_pinned="inzwischen ist eine Antwort angeheftet, aus",
    stats_questions="Fragen",
    stats_week="In 7 Tagen: {count}, {average} am Tag",
    stats_month="In 30 Tagen: {count}, {average} am Tag",
    stats_answers="Antworten in 30 Tagen",
    stats_verdicts={
        Verdict.STRONG: "wahrscheinlich beantwortet",
        Verdict.WEAK: "vielleicht beantwortet",
        Verdict.NONE: "nicht beantwortet",
    },
    stats_quoted="Am häufigsten zitiert in 30 Tagen",
    stats_unreadable="Dateien, die sich nicht lesen lassen",
    stats_doctor="Auf dem Rechner, auf dem ich laufe, sagt das, warum: quoth doctor",
    stats_nothing="In den letzten 30 Tagen hat niemand etwas gefragt.",
    stats_in_private="Schreib mir /stats im Privatchat: Es nennt Dokumente von überall.",
    pin_button="Eine Stelle anheften …",
    pin_which="Welche Stelle beantwortet das?",
    pin_nothing=(
        "Von den gefundenen Stellen lässt sich keine anheften: Sie stehen nicht mehr in den Dokumenten, "
        "oder es gab keine."
    ),
    pin_done="Angeheftet. Wer das mit denselben Worten fragt, bekommt diese Stelle zuerst:",
    pin_forgotten=(
        "Ich kenne diese Frage nicht mehr, also lässt sich nichts an sie heften. Bitte stell sie noch einmal."
    ),
    pinned="angeheftet",
    web_pinned="Ein Besitzer hat gesagt, dass diese Stelle die Frage beantwortet.",
)
