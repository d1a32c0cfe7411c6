"""French."""

from bot.texts.catalogue import Texts
from retrieval import DocumentFault, FetchFault, QuestionFault, QuoteStatus, Unit, Verdict

FRENCH = Texts(
    language="fr",
    start="""\
<b>Quoth</b> répond avec les mots exacts de ses documents.

Posez-moi une question. Je cherche le passage qui y répond et je vous le montre mot pour mot, avec sa source. \
Je n’écris jamais de réponse moi-même : ce que vous lisez est ce que dit le document.

/sources montre la liste des documents, /help en dit plus.""",
    help="""\
<b>Comment poser une question</b>
Ici : écrivez simplement votre question.
Dans un groupe : /ask et votre question ; ou répondez à un message par /ask, ou à l’une de mes réponses par \
une question.
Si vous modifiez votre question, je modifie ma réponse.

<b>Commandes</b>
/ask – interroger les documents
/sources – lister les documents
/help – ce texte
/settings – dans un groupe : ce que j’y fais""",
    help_button="Comprendre les réponses",
    help_on_verdicts="""\
<b>Ce que vous recevez</b>
Les mots qui répondent le mieux : les phrases qui répondent en gras, leur source en dessous, puis de même pour \
d’autres passages, s’ils peuvent répondre aussi. « Contexte » montre tout le passage, « Plus » les autres. La première \
ligne dit si cela répond probablement, peut-être pas, ou si les documents ne semblent pas répondre. Dans ce dernier \
cas, un bouton montre les passages les plus proches. Les noms et les nombres de votre question qu’un passage ne \
contient pas sont indiqués en dessous.""",
    help_for_owners="""\
<b>Pour les propriétaires</b>
/allow – donner accès à quelqu’un : en réponse à son message, ou avec son numéro ou son @nom ; \
seule, dans un groupe, elle donne accès au groupe
/deny – de même, pour retirer l’accès
/members – qui peut poser des questions
/unanswered – questions sans réponse : non trouvées, ou dont la réponse a déplu. Après votre 👎 sous une réponse, vous \
pouvez épingler le passage qui répond
/stats – combien de questions et de réponses""",
    ask_needs_a_question="""\
Écrivez votre question après la commande, par exemple :
/ask Qui peut ouvrir les archives ?""",
    unknown_command="Je ne connais pas cette commande. Écrivez simplement votre question, ou voyez /help.",
    only_text="Ici, je ne lis que des mots. Écrivez votre question dans un message, ou sous l’image.",
    wait="Beaucoup de questions attendent. La vôtre est la numéro {place} ; j’y répondrai.",
    busy="Trop de questions attendent. Reposez la vôtre dans une minute, s’il vous plaît.",
    unreachable="Les documents ne sont pas accessibles pour le moment. Réessayez dans une minute, s’il vous plaît.",
    slow_down=(
        "Cela fait beaucoup d’un coup. Je reprends dans une minute ; réessayez à ce moment-là, s’il vous plaît."
    ),
    failed="Désolé, quelque chose s’est mal passé de mon côté. Réessayez dans un instant.",
    faults={
        QuestionFault.EMPTY: "La question est vide. Écrivez quelques mots ou une phrase.",
        QuestionFault.TOO_LONG: "La question est trop longue. Posez-la en {limit} caractères au plus.",
        QuestionFault.NO_WORDS: "Que voulez-vous savoir ? Écrivez quelques mots ou une phrase.",
        QuestionFault.NOT_TEXT: (
            "La question contient des caractères qui ne sont pas du texte. Récrivez-la en texte simple."
        ),
        QuestionFault.GREETING: "Bonjour ! Posez-moi une question, et je cite le passage qui y répond.",
        QuestionFault.THANKS: "Avec plaisir !",
        QuestionFault.FAREWELL: "Au revoir ! Je reste là pour vos questions.",
        QuestionFault.REMARK: "Très bien. Posez-moi une question quand vous voulez.",
        QuestionFault.LINK: "Je n’ouvre pas les liens. Qui peut ajouter des documents m’envoie le fichier lui-même.",
    },
    verdicts={
        Verdict.STRONG: "Ceci répond probablement à votre question.",
        Verdict.WEAK: "Voici le passage le plus proche ; il ne répond peut-être pas à votre question.",
        Verdict.NONE: "Les documents ne semblent pas y répondre.",
    },
    show_closest="Passages les plus proches",
    closest_passages="Les passages les plus proches, au cas où ils aideraient :",
    closest_are_gone="Les passages les plus proches ne sont plus dans les documents.",
    button_is_old="Ce bouton ne marche plus. Posez la question à nouveau, s’il vous plaît.",
    no_documents="Il n’y a pas encore de documents.",
    also_in_place="aussi dans {place}",
    fetched_on="page du {day}",
    fetched_then_gone="page du {day}, disparue depuis",
    missing_words="Pas dans ce passage : {words}",
    parts={
        Unit.LINE: ("ligne {first}", "lignes {first}–{last}"),
        Unit.PAGE: ("page {first}", "pages {first}–{last}"),
        Unit.SLIDE: ("diapositive {first}", "diapositives {first}–{last}"),
        Unit.ROW: ("ligne {first}", "lignes {first}–{last}"),
        Unit.CHAPTER: ("chapitre {first}", "chapitres {first}–{last}"),
        Unit.CELL: ("cellule {first}", "cellules {first}–{last}"),
        Unit.MESSAGE: ("message {first}", "messages {first}–{last}"),
        Unit.SECOND: ("à {first}", "{first}–{last}"),
    },
    part_of_sheet="{sheet}, {part}",
    documents_by_number={
        "one": "{count} document :",
        "many": "{count} de documents :",
        "other": "{count} documents :",
    },
    more_documents_by_number={
        "one": "… et {count} autre.",
        "many": "… et {count} d’autres.",
        "other": "… et {count} autres.",
    },
    stranger="Ce bot est privé. Pour y avoir accès, envoyez votre identifiant Telegram à son propriétaire : {number}",
    strange_group=(
        "Ce groupe ne peut pas encore m’interroger. Un propriétaire du bot lui donne accès en écrivant ici /allow."
    ),
    new_owner="Ce bot est maintenant à vous. Les autres y auront accès quand vous le voudrez : voyez /help.",
    owners_only="Seuls les propriétaires du bot peuvent faire cela.",
    whom="Répondez par cette commande au message de la personne, ou ajoutez-y son identifiant Telegram ou son @nom.",
    unknown_person=(
        "Je ne connais pas {who}. Cette personne doit d’abord m’écrire, ou vous donner son identifiant Telegram."
    ),
    anonymous_administrator=(
        "Un administrateur anonyme écrit au nom de tout le groupe. Envoyez la commande seule pour donner accès au "
        "groupe ou le lui retirer."
    ),
    name_is_old=(
        "Je n’ai plus de nouvelles de {who} depuis plus d’un jour, et {name} est peut-être à quelqu’un d’autre. "
        "Si c’est bien cette personne, écrivez /allow {number}"
    ),
    allowed="{who} peut maintenant poser des questions.",
    denied="{who} ne peut plus poser de questions.",
    stays_owner="{who} est propriétaire et le reste.",
    owners_by_number={"one": "Propriétaire :", "many": "Propriétaires :", "other": "Propriétaires :"},
    members_by_number={
        "one": "Peut poser des questions :",
        "many": "Peuvent poser des questions :",
        "other": "Peuvent poser des questions :",
    },
    shut_out_by_number={"one": "Sans accès :", "many": "Sans accès :", "other": "Sans accès :"},
    knocked_by_number={
        "one": "Voudrait poser des questions :",
        "many": "Voudraient poser des questions :",
        "other": "Voudraient poser des questions :",
    },
    everybody="Tout le monde peut poser des questions.",
    group_request=(
        "{who} m’a ajouté au groupe {group}. Personne ne peut m’y interroger tant que vous n’avez pas donné accès "
        "au groupe."
    ),
    let_in_button="Donner accès au groupe",
    help_in_group=(
        "Je réponds par des citations exactes de documents. Écrivez /ask et votre question, répondez par /ask à "
        "un message, ou répondez à l’une de mes réponses. /receipt vérifie une réponse, /settings dit ce que je "
        "fais ici."
    ),
    commands={
        "ask": "Interroger les documents",
        "new": "Changer de sujet",
        "sources": "Lister les documents",
        "help": "Comment poser une question",
        "allow": "Donner accès",
        "deny": "Retirer l’accès",
        "members": "Qui a accès",
        "documents": "Lister et supprimer des documents",
        "collections": "Qui voit quelle collection",
        "add": "Ajouter un fichier aux documents",
        "uploads": "Qui peut ajouter des documents",
        "settings": "Réglages du groupe",
        "receipt": "Vérifier l’attestation d’une réponse",
        "forget_me": "Ce que je garde sur vous, et comment l’effacer",
        "unanswered": "Questions sans réponse",
        "stats": "Combien de questions et de réponses",
    },
    description="""\
Posez une question et recevez le passage qui y répond, mot pour mot, avec sa source.

Je cite des documents et n’écris jamais de réponse moi-même.""",
    short_description="Répond aux questions par des citations exactes de documents, avec leur source.",
    help_with_answers="""\
<b>Pour continuer</b>
Après une réponse, demandez « Et combien de … ? », ou répondez-y : je reprends ce que disait votre dernière question \
et je montre ce que j’ai cherché. Je garde cette question une heure ; /new l’oublie aussitôt.
Les boutons sous une réponse montrent d’autres passages, le texte autour de la citation et son attestation ; \
avec 👍 et 👎, vous dites si elle a aidé.""",
    searched_for="Recherche : {question}",
    begun_anew="C’est oublié. Votre prochaine question ouvrira un nouveau sujet.",
    more_button="Plus",
    context_button="Contexte",
    back_button="‹ Retour",
    further_passages="Autres passages :",
    further_are_gone="Les autres passages ne sont plus dans les documents.",
    answer_is_gone="Le passage cité ici n’est plus dans les documents. Posez la question à nouveau, s’il vous plaît.",
    rated="Merci, c’est noté.",
    receipt_button="Attestation",
    given_time="Délivrée le {time}.",
    states={
        QuoteStatus.UNCHANGED: "Ces mots y figurent toujours.",
        QuoteStatus.MOVED: "Ces mots figurent maintenant ailleurs.",
        QuoteStatus.CHANGED: "Le document ne contient plus ces mots.",
        QuoteStatus.GONE: "Le document n’existe plus.",
        QuoteStatus.UNCHECKED: "Cela ne peut pas être vérifié pour l’instant.",
        QuoteStatus.MISQUOTED: "Ces mots n’y ont jamais figuré.",
    },
    receipt_altered="Cette attestation a été modifiée. Ne vous y fiez pas.",
    file_changed="Le fichier a changé depuis, mais ces mots y figurent encore.",
    listed_only="Passages au choix, sans verdict.",
    receipt_link="Lien",
    browser_button="Dans le navigateur",
    no_receipt="Cette attestation n’existe pas, ou ne contient rien pour cette discussion.",
    which_receipt=(
        "Écrivez le code d’une attestation après /receipt, ou répondez par /receipt à l’une de mes réponses."
    ),
    help_on_receipts="""\
<b>Attestations</b>
Chaque réponse laisse une attestation que l’on peut vérifier à tout moment : ce que j’ai cité, de quel document, et \
si cela y figure encore. Le bouton sous la réponse la montre, tout comme /receipt avec son code.
/forget_me – ce que je garde sur vous, et comment l’effacer""",
    help_in_any_chat="""\
<b>Dans n’importe quelle discussion</b>
Écrivez {bot} et votre question, puis choisissez un passage : il s’affiche dans cette discussion avec sa \
source.""",
    kept="Ce que je garde sur vous :",
    kept_receipts="Attestations de réponses à vos questions : {count}",
    kept_questions="Vos questions qui s’y rattachent : {count}",
    kept_turns="Questions de la dernière heure, pour continuer : {count}",
    kept_ratings="Réponses que vous avez évaluées : {count}",
    kept_told="Le {time}, vous avez appris que ce bot est privé.",
    kept_nothing="Je ne garde rien sur vous.",
    kept_after=(
        "Si vous effacez cela, les attestations elles-mêmes restent, mais rien ne mène plus d’elles à vous. Ce "
        "qu’un propriétaire vous permet reste aussi, avec votre seul identifiant Telegram, de même que les documents "
        "que vous avez envoyés."
    ),
    all_is_kept="Tout reste comme avant.",
    erased="C’est effacé. Ce qu’un propriétaire vous permet reste, avec votre seul identifiant Telegram.",
    forget_in_private="Écrivez-moi /forget_me en privé, pas dans un groupe.",
    inline_hint="Écrivez une question pour chercher dans les documents",
    inline_nothing="Rien trouvé. Demander directement au bot",
    inline_stranger="Vous n’avez pas encore accès",
    web_receipt="Attestation",
    web_in_document="Dans le document",
    web_words_then="Les mots cités",
    web_words_now="Ce qui s’y trouve maintenant",
    web_removed="supprimé :",
    web_added="ajouté :",
    web_words_lost="Les mots cités n’ont pas été conservés.",
    web_nothing_alike="Plus rien n’y ressemble.",
    web_quote_begins="Début de la citation :",
    web_quote_ends="Fin de la citation.",
    web_picture="La page en image",
    web_picture_alt="La page en image. Les mots cités figurent ci-dessus sous forme de texte.",
    web_source="Source",
    web_section="Section",
    web_place="Endroit",
    web_file="Fichier",
    web_page="Page web",
    web_now_in="Maintenant dans",
    web_file_hash="SHA-256 du fichier",
    web_quote_hash="SHA-256 de la citation",
    web_verdict="La réponse disait : {verdict}",
    web_check="Vérifier soi-même",
    web_check_file="Si vous avez le fichier, comparez son SHA-256 à celui ci-dessus :",
    web_check_here="Si vous gérez ce Quoth, faites-lui relire le fichier :",
    web_further="Autres passages trouvés",
    web_listed="Passages au choix",
    web_no_quotes="Aucun passage n’a été cité.",
    web_about=(
        "Quoth répond par des citations exactes de documents et délivre une attestation pour chaque réponse. La "
        "question n’est pas montrée ici."
    ),
    web_not_found="Il n’y a pas d’attestation ici",
    web_not_found_why="Le lien est incomplet, ou l’attestation a été retirée.",
    web_no_page="Il n’y a pas de page ici",
    web_no_page_why="Vérifiez l’adresse, ou ouvrez à nouveau le lien que vous avez reçu.",
    web_busy="Beaucoup d’attestations sont en cours de vérification. Réessayez dans quelques secondes.",
    help_on_documents="""\
<b>Documents</b>
Envoyez-moi un fichier ou le lien d’une page web : tous ceux qui ont accès pourront l’interroger ; ce que vous \
écrivez sous un fichier devient son titre.
Dans un groupe : /add en réponse à un fichier, pour ce groupe seul. Avec /uploads on, ses administrateurs le \
peuvent aussi.
/documents – lister et supprimer des documents""",
    upload_reading="Lecture de {name}…",
    upload_progress="Lecture de {name}… {percent} %",
    upload_done="{name} fait maintenant partie des documents : {passages}.",
    upload_faults={
        DocumentFault.EMPTY: "{name} ne contient pas de texte. Ajoutez-en, puis renvoyez le fichier.",
        DocumentFault.NOT_TEXT: (
            "Je ne reconnais pas l’encodage de {name}. Enregistrez le fichier en UTF-8, puis renvoyez-le."
        ),
        DocumentFault.SCAN: (
            "{name} est un scan : du texte en image. Appliquez-lui une reconnaissance de texte (OCR), puis renvoyez-le."
        ),
        DocumentFault.PROTECTED: (
            "{name} est protégé, ou son format est plus ancien que son nom ne l’indique. Réenregistrez-le "
            "sans protection, puis renvoyez-le."
        ),
        DocumentFault.DAMAGED: (
            "{name} est endommagé, ou n’est pas ce que son nom indique. Réenregistrez-le dans le "
            "programme qui l’a créé, puis renvoyez-le."
        ),
        DocumentFault.TOO_LARGE: "{name} est trop volumineux. Je prends les fichiers jusqu’à {megabytes} Mo.",
        DocumentFault.TOO_LONG: (
            "{name} est trop long. Je lis jusqu’à {characters} caractères, {pages} pages ou {rows} "
            "lignes. Divisez-le, puis envoyez-m’en les parties."
        ),
        DocumentFault.TOO_HEAVY: (
            "Lire {name} demande trop de temps ou de mémoire. Divisez-le, puis envoyez-m’en les parties."
        ),
        DocumentFault.UNKNOWN_KIND: "Je ne sais pas lire ce type de fichier. Je lis : {formats}",
        DocumentFault.NO_ACCESS: "{name} ne peut plus être ouvert. Renvoyez-le, s’il vous plaît.",
    },
    upload_old_version="En attendant, je continue de citer sa dernière version lisible.",
    uploads_full=(
        "{name} n’a pas été gardé\xa0: tout l’espace prévu pour les documents envoyés, {megabytes} Mo, est occupé. "
        "Supprimez ceux dont personne n’a plus besoin\xa0: /documents."
    ),
    upload_known="{name} fait déjà partie des documents.",
    upload_taken="Il existe déjà un fichier {name}.",
    upload_undecided=(
        "Tant que vous n’avez pas choisi, je cite l’ancien. Sans choix au bout d’un jour, je supprime le nouveau."
    ),
    upload_dropped="Je n’ai plus le nouveau fichier {name}. Renvoyez-le si vous en avez encore besoin.",
    upload_replaced="{name} a été remplacé : {passages}.",
    upload_restored="{name} est de nouveau comme avant : {passages}.",
    upload_removed="{name} a été retiré.",
    passages_by_number={"one": "{count} passage", "many": "{count} de passages", "other": "{count} passages"},
    page_question="Ajouter cette page\xa0?\n{name}",
    page_button="Cette page",
    page_below_button="Et les pages en dessous, {count} au plus",
    page_no_button="Non",
    page_declined="{name} n’a pas été ajoutée.",
    pages_done="{name} et des pages en dessous font maintenant partie des documents\xa0: {pages}, {passages}.",
    pages_by_number={"one": "{count} page", "many": "{count} de pages", "other": "{count} pages"},
    page_empty=(
        "{name} ne contient pas de texte que je puisse lire. Ouvrez-la dans un navigateur, enregistrez-la, "
        "puis envoyez-moi le fichier."
    ),
    page_faults={
        FetchFault.ADDRESS: (
            "{name} n’est pas l’adresse d’une page web, ou contient un mot de passe. Envoyez-la comme un "
            "navigateur l’affiche."
        ),
        FetchFault.PRIVATE: (
            "{name} mène dans un réseau privé. Je ne consulte pas ces pages, sauf si le propriétaire de ma "
            "machine le permet."
        ),
        FetchFault.ROBOTS: (
            "{name} n’est pas destinée aux programmes\xa0: le site le demande dans son robots.txt. Enregistrez "
            "la page dans un navigateur, puis envoyez-moi le fichier."
        ),
        FetchFault.FORBIDDEN: (
            "{name} n’est montrée qu’à certains, par exemple après une connexion. Enregistrez la page dans un "
            "navigateur, puis envoyez-moi le fichier."
        ),
        FetchFault.TOO_LARGE: "{name} est trop volumineuse. Je prends les pages jusqu’à {megabytes} Mo.",
        FetchFault.GONE: "{name} est introuvable\xa0: le site n’a pas cette page. Vérifiez le lien, puis renvoyez-le.",
        FetchFault.FAILED: (
            "{name} ne peut pas être lue\xa0: le site ne répond pas comme il devrait. Renvoyez le lien plus tard."
        ),
    },
    undo="Annuler",
    replace_button="Remplacer",
    keep_both_button="Garder les deux",
    add_needs_a_file="Écrivez /add en réponse au fichier que je dois lire.",
    no_uploads_here=(
        "Vous ne pouvez pas ajouter de documents ici. Un propriétaire du bot peut le permettre aux "
        "administrateurs avec /uploads on."
    ),
    uploads_on=(
        "Les administrateurs de ce groupe peuvent maintenant y ajouter des documents : /add en réponse à un fichier."
    ),
    uploads_off="Seuls les propriétaires du bot peuvent maintenant ajouter des documents ici.",
    uploads_usage=(
        "Dans un groupe, écrivez /uploads on pour que ses administrateurs puissent ajouter des "
        "documents, et /uploads off pour y mettre fin."
    ),
    delete_question="Supprimer {name} ?",
    delete_yes="Supprimer",
    delete_no="Garder",
    settings="Ce que je fais dans ce groupe. Ses administrateurs peuvent le changer :",
    settings_mentions="Répondre quand on me mentionne",
    settings_sure="Ne citer que ce dont je suis sûr",
    settings_common="Chercher aussi dans les documents communs",
    settings_each_language="La langue de la personne qui pose la question",
    settings_in_groups="Écrivez /settings dans un groupe pour voir ce que j’y fais.",
    settings_privacy=(
        "Le mode confidentialité de Telegram est activé pour moi : une mention peut ne pas me parvenir ; /ask et "
        "les réponses à mes messages me parviennent toujours. Pour changer cela, mon propriétaire envoie "
        "/setprivacy à @BotFather, puis me retire du groupe et m’y ajoute à nouveau."
    ),
    collections_for_all=(
        "Collections nommées. Touchez-en une pour la montrer à tous ceux qui ont accès, ou pour la cacher à nouveau :"
    ),
    collections_for_group=(
        "Collections nommées. Touchez-en une pour la montrer à ce groupe, ou pour la cacher à nouveau :"
    ),
    collections_none=(
        "Il n’y a pas de collection nommée. Sur l’ordinateur où je tourne, ceci en crée une : quoth index FOLDER "
        "--collection NAME"
    ),
    only_sure="Je n’ai rien trouvé d’assez sûr et, dans ce groupe, je ne cite rien d’autre.",
    administrators_only="Seuls les administrateurs du groupe et les propriétaires du bot peuvent faire cela.",
    unanswered="Questions sans réponse : non trouvées, ou dont la réponse a déplu ; les plus posées d’abord :",
    unanswered_nothing="Parmi les questions que je connais encore, aucune n’est sans réponse.",
    unanswered_in_private=(
        "Écrivez-moi /unanswered en privé : ce qui a été demandé ailleurs n’est pas pour ce groupe."
    ),
    people_by_number={
        "one": "{count} personne",
        "many": "{count} de personnes",
        "other": "{count} personnes",
    },
    unanswered_not_found="non trouvé : {count}",
    unanswered_disliked="a déplu : {count}",
    unanswered_newest="la dernière fois le {date}",
    unanswered_pinned="une réponse a été épinglée depuis, tirée de",
    stats_questions="Questions",
    stats_week="En 7 jours : {count}, soit {average} par jour",
    stats_month="En 30 jours : {count}, soit {average} par jour",
    stats_answers="Réponses en 30 jours",
    stats_verdicts={
        Verdict.STRONG: "probablement répondu",
        Verdict.WEAK: "peut-être répondu",
        Verdict.NONE: "sans réponse",
    },
    stats_quoted="Les plus cités en 30 jours",
    stats_unreadable="Fichiers illisibles",
    stats_doctor="Sur l’ordinateur où je tourne, ceci dit pourquoi : quoth doctor",
    stats_nothing="Personne n’a rien demandé ces 30 derniers jours.",
    stats_in_private="Écrivez-moi /stats en privé : les documents de partout y sont nommés.",
    pin_button="Épingler un passage…",
    pin_which="Quel passage répond à ceci ?",
    pin_nothing=(
        "Aucun des passages trouvés ne peut être épinglé : ils ne sont plus dans les documents, ou il n’y en avait pas."
    ),
    pin_done="Épinglé. Quiconque pose cette question avec les mêmes mots reçoit d’abord ce passage :",
    pin_forgotten=(
        "Je ne connais plus cette question, rien ne peut donc y être épinglé. Posez-la à nouveau, s’il vous plaît."
    ),
    pinned="épinglé",
    web_pinned="Un propriétaire a dit que ce passage répond à la question.",
)
