"""Spanish."""

from bot.texts.catalogue import Texts
from retrieval import DocumentFault, FetchFault, QuestionFault, QuoteStatus, Unit, Verdict

SPANISH = Texts(
    language="es",
    start="""\
<b>Quoth</b> responde con las palabras exactas de sus documentos.

Hazme una pregunta. Busco el pasaje que la responde y te lo muestro palabra por palabra, con su fuente. \
Nunca escribo respuestas propias: lo que lees es lo que dice el documento.

/sources muestra los documentos, /help explica más.""",
    help="""\
<b>Cómo preguntar</b>
Aquí: simplemente escribe tu pregunta.
En un grupo: /ask y tu pregunta; o responde a un mensaje con /ask, o a una respuesta mía con una pregunta.
Si editas tu pregunta, edito mi respuesta.

<b>Comandos</b>
/ask – consultar los documentos
/sources – ver los documentos
/help – este texto
/settings – en un grupo: lo que hago allí""",
    help_button="Qué significan las respuestas",
    help_on_verdicts="""\
<b>Qué recibes</b>
Las palabras que mejor responden: las frases que responden en negrita, su fuente debajo, y luego lo mismo de otros \
pasajes, si también pueden responder. «Contexto» muestra el pasaje entero; «Más», los demás. La primera línea dice si \
esto probablemente responde, si puede que no, o si los documentos no parecen responder. En este último caso, un botón \
muestra los pasajes más cercanos. Los nombres y números de tu pregunta que no están en un pasaje se indican debajo.""",
    help_for_owners="""\
<b>Para los dueños</b>
/allow – dar acceso a alguien: en respuesta a su mensaje, o con su ID de Telegram o su @nombre; \
solo, en un grupo, da acceso al grupo
/deny – lo mismo, para quitar el acceso
/members – quién puede preguntar
/unanswered – preguntas sin respuesta: no se encontró, o no gustó. Tras tu 👎 bajo una respuesta, puedes fijar el \
pasaje que responde
/stats – cuánto se pregunta y se responde""",
    ask_needs_a_question="""\
Escribe tu pregunta después del comando, por ejemplo:
/ask ¿Quién puede abrir el archivo?""",
    unknown_command="No conozco este comando. Simplemente escribe tu pregunta, o mira /help.",
    only_text="Aquí solo puedo leer palabras. Escribe tu pregunta en un mensaje, o debajo de la imagen.",
    wait="Hay muchas preguntas en espera. La tuya es la número {place}; la responderé.",
    busy="Hay demasiadas preguntas en espera. Por favor, vuelve a preguntar en un minuto.",
    unreachable="En este momento no se puede acceder a los documentos. Por favor, vuelve a preguntar en un minuto.",
    slow_down="Han sido muchos mensajes a la vez. Sigo leyendo en un minuto; por favor, pregunta de nuevo entonces.",
    failed="Lo siento, algo ha fallado aquí. Por favor, inténtalo de nuevo en un momento.",
    faults={
        QuestionFault.EMPTY: "La pregunta está vacía. Escribe unas palabras o una frase.",
        QuestionFault.TOO_LONG: "La pregunta es demasiado larga. Pregunta en {limit} caracteres como máximo.",
        QuestionFault.NO_WORDS: "¿Qué quieres saber? Escribe unas palabras o una frase.",
        QuestionFault.NOT_TEXT: (
            "La pregunta contiene caracteres que no son texto. Escríbela de nuevo como texto sencillo."
        ),
        QuestionFault.GREETING: "¡Hola! Hazme una pregunta y cito el pasaje que la responde.",
        QuestionFault.THANKS: "¡De nada!",
        QuestionFault.FAREWELL: "¡Hasta luego! Pregúntame cuando quieras.",
        QuestionFault.REMARK: "De acuerdo. Pregúntame cuando quieras saber algo.",
        QuestionFault.LINK: "No abro enlaces. Quien puede añadir documentos me envía el archivo mismo.",
    },
    verdicts={
        Verdict.STRONG: "Esto probablemente responde a tu pregunta.",
        Verdict.WEAK: "Este es el pasaje más cercano; puede que no responda a tu pregunta.",
        Verdict.NONE: "Los documentos no parecen responder a esto.",
    },
    show_closest="Pasajes más cercanos",
    closest_passages="Los pasajes más cercanos, por si ayudan:",
    closest_are_gone="Los pasajes más cercanos ya no están en los documentos.",
    button_is_old="Este botón ya no funciona. Por favor, pregunta de nuevo.",
    no_documents="Todavía no hay documentos.",
    also_in_place="también en {place}",
    fetched_on="página del {day}",
    fetched_then_gone="página del {day}, ya no existe",
    missing_words="No está en este pasaje: {words}",
    parts={
        Unit.LINE: ("línea {first}", "líneas {first}–{last}"),
        Unit.PAGE: ("página {first}", "páginas {first}–{last}"),
        Unit.SLIDE: ("diapositiva {first}", "diapositivas {first}–{last}"),
        Unit.ROW: ("fila {first}", "filas {first}–{last}"),
        Unit.CHAPTER: ("capítulo {first}", "capítulos {first}–{last}"),
        Unit.CELL: ("celda {first}", "celdas {first}–{last}"),
        Unit.MESSAGE: ("mensaje {first}", "mensajes {first}–{last}"),
        Unit.SECOND: ("en {first}", "{first}–{last}"),
    },
    part_of_sheet="{sheet}, {part}",
    documents_by_number={
        "one": "{count} documento:",
        "many": "{count} de documentos:",
        "other": "{count} documentos:",
    },
    more_documents_by_number={
        "one": "… y {count} más.",
        "many": "… y {count} más.",
        "other": "… y {count} más.",
    },
    stranger="Este bot es privado. Para tener acceso, envía a su dueño tu ID de Telegram: {number}",
    strange_group="Este grupo aún no puede preguntarme. Un dueño del bot le da acceso escribiendo aquí /allow.",
    new_owner="Ahora este bot es tuyo. Los demás podrán preguntar cuando les des acceso: mira /help.",
    owners_only="Solo los dueños del bot pueden hacer eso.",
    whom="Responde al mensaje de esa persona con el comando, o escribe después su ID de Telegram o su @nombre.",
    unknown_person="No conozco a {who}. Tiene que escribirme antes, o decirte su ID de Telegram.",
    anonymous_administrator=(
        "Un administrador anónimo escribe en nombre de todo el grupo. Envía el comando solo para dar o quitar el "
        "acceso al grupo."
    ),
    name_is_old=(
        "Hace más de un día que no sé de {who}, y puede que {name} sea ya de otra persona. Si te refieres a esta "
        "persona, escribe /allow {number}"
    ),
    allowed="{who} ya puede preguntar.",
    denied="{who} ya no puede preguntar.",
    stays_owner="{who} es dueño y lo sigue siendo.",
    owners_by_number={"one": "Dueño:", "many": "Dueños:", "other": "Dueños:"},
    members_by_number={"one": "Puede preguntar:", "many": "Pueden preguntar:", "other": "Pueden preguntar:"},
    shut_out_by_number={"one": "Sin acceso:", "many": "Sin acceso:", "other": "Sin acceso:"},
    knocked_by_number={"one": "Quisiera preguntar:", "many": "Quisieran preguntar:", "other": "Quisieran preguntar:"},
    everybody="Todo el mundo puede preguntar.",
    group_request="{who} me ha añadido al grupo {group}. Nadie puede preguntarme allí hasta que des acceso al grupo.",
    let_in_button="Dar acceso al grupo",
    help_in_group=(
        "Respondo con citas exactas de documentos. Escribe /ask y tu pregunta, responde con /ask a un mensaje, o "
        "responde a una respuesta mía. /receipt comprueba una respuesta, /settings dice lo que hago aquí."
    ),
    commands={
        "ask": "Consultar los documentos",
        "new": "Empezar algo nuevo",
        "sources": "Ver los documentos",
        "help": "Cómo preguntar",
        "allow": "Dar acceso",
        "deny": "Quitar el acceso",
        "members": "Quién puede preguntar",
        "documents": "Ver y borrar documentos",
        "collections": "Quién ve qué colección",
        "add": "Añadir un archivo a los documentos",
        "uploads": "Quién puede añadir documentos",
        "settings": "Ajustes del grupo",
        "receipt": "Comprobar la constancia de una respuesta",
        "forget_me": "Qué guardo de ti, y cómo borrarlo",
        "unanswered": "Preguntas sin respuesta",
        "stats": "Cuánto se pregunta y se responde",
    },
    description="""\
Haz una pregunta y recibe el pasaje que la responde, palabra por palabra, con su fuente.

Cito documentos y nunca escribo respuestas propias.""",
    short_description="Responde preguntas con citas exactas de documentos, con su fuente.",
    help_with_answers="""\
<b>Para seguir</b>
Tras una respuesta, pregunta «¿Y cuántos…?», o responde a ella: retomo lo que decía tu última pregunta y muestro \
qué he buscado. Guardo esa pregunta una hora; /new la olvida enseguida.
Los botones debajo de una respuesta muestran más pasajes, el texto alrededor de la cita y su constancia; con 👍 y 👎 \
dices si ha servido.""",
    searched_for="Búsqueda: {question}",
    begun_anew="Olvidado. Tu próxima pregunta empieza algo nuevo.",
    more_button="Más",
    context_button="Contexto",
    back_button="‹ Volver",
    further_passages="Más pasajes:",
    further_are_gone="Los demás pasajes ya no están en los documentos.",
    answer_is_gone="El pasaje citado aquí ya no está en los documentos. Por favor, pregunta de nuevo.",
    rated="Gracias, anotado.",
    receipt_button="Constancia",
    given_time="Emitida el {time}.",
    states={
        QuoteStatus.UNCHANGED: "Estas palabras siguen ahí.",
        QuoteStatus.MOVED: "Estas palabras están ahora en otro lugar.",
        QuoteStatus.CHANGED: "El documento ya no dice estas palabras.",
        QuoteStatus.GONE: "El documento ya no existe.",
        QuoteStatus.UNCHECKED: "Esto no se puede comprobar ahora.",
        QuoteStatus.MISQUOTED: "Estas palabras nunca estuvieron ahí.",
    },
    receipt_altered="Esta constancia ha sido alterada. No te fíes de ella.",
    file_changed="El archivo ha cambiado desde entonces, pero estas palabras siguen ahí.",
    listed_only="Pasajes para elegir, sin veredicto.",
    receipt_link="Enlace",
    browser_button="En el navegador",
    no_receipt="No existe esa constancia, o no contiene nada para este chat.",
    which_receipt=(
        "Escribe el código de una constancia después de /receipt, o responde con /receipt a una respuesta mía."
    ),
    help_on_receipts="""\
<b>Constancias</b>
Cada respuesta deja una constancia que se puede comprobar en cualquier momento: qué cité, de qué documento, y si \
sigue ahí. La muestra el botón debajo de la respuesta, y también /receipt con su código.
/forget_me – qué guardo de ti, y cómo borrarlo""",
    help_in_any_chat="""\
<b>En cualquier chat</b>
Escribe {bot} y tu pregunta, y elige un pasaje: aparecerá en ese chat con su fuente.""",
    kept="Lo que guardo de ti:",
    kept_receipts="Constancias de respuestas que te di: {count}",
    kept_questions="Preguntas tuyas que les corresponden: {count}",
    kept_turns="Preguntas de la última hora, para seguir: {count}",
    kept_ratings="Respuestas que has valorado: {count}",
    kept_told="El {time} se te dijo que este bot es privado.",
    kept_nothing="No guardo nada de ti.",
    kept_after=(
        "Si lo borras, las constancias quedan, pero nada lleva de ellas a ti. También quedan lo que un dueño "
        "te permite, solo con tu ID de Telegram, y los documentos que enviaste."
    ),
    all_is_kept="Todo queda como estaba.",
    erased="Borrado. Lo que un dueño te permite queda, solo con tu ID de Telegram.",
    forget_in_private="Escríbeme /forget_me en privado, no en un grupo.",
    inline_hint="Escribe una pregunta para buscar en los documentos",
    inline_nothing="No se encontró nada. Pregunta al propio bot",
    inline_stranger="Todavía no tienes acceso",
    web_receipt="Constancia",
    web_in_document="En el documento",
    web_words_then="Las palabras citadas",
    web_words_now="Lo que hay ahí ahora",
    web_removed="eliminado:",
    web_added="añadido:",
    web_words_lost="Las palabras citadas no se han conservado.",
    web_nothing_alike="Ya no hay nada parecido.",
    web_quote_begins="Comienza la cita:",
    web_quote_ends="Termina la cita.",
    web_picture="La página como imagen",
    web_picture_alt="La página como imagen. Las palabras citadas están arriba como texto.",
    web_source="Fuente",
    web_section="Sección",
    web_place="Lugar",
    web_file="Archivo",
    web_page="Página web",
    web_now_in="Ahora en",
    web_file_hash="SHA-256 del archivo",
    web_quote_hash="SHA-256 de la cita",
    web_verdict="La respuesta decía: {verdict}",
    web_check="Compruébalo por tu cuenta",
    web_check_file="Si tienes el archivo, compara su SHA-256 con el de arriba:",
    web_check_here="Si administras este Quoth, haz que vuelva a leer el archivo:",
    web_further="Otros pasajes encontrados",
    web_listed="Pasajes para elegir",
    web_no_quotes="No se citó ningún pasaje.",
    web_about=(
        "Quoth responde con citas exactas de documentos y da una constancia de cada respuesta. Lo que se "
        "preguntó no se muestra aquí."
    ),
    web_not_found="Aquí no hay ninguna constancia",
    web_not_found_why="El enlace está incompleto, o la constancia fue retirada.",
    web_no_page="Aquí no hay ninguna página",
    web_no_page_why="Comprueba la dirección, o abre de nuevo el enlace que recibiste.",
    web_busy="Se están comprobando muchas constancias. Inténtalo de nuevo en unos segundos.",
    help_on_documents="""\
<b>Documentos</b>
Envíame un archivo o el enlace de una página web y podrán consultarlo todos los que tienen acceso; lo que escribas \
debajo de un archivo será su título.
En un grupo: /add en respuesta a un archivo, solo para ese grupo. Con /uploads on, también pueden sus administradores.
/documents – ver y borrar documentos""",
    upload_reading="Leyendo {name}…",
    upload_progress="Leyendo {name}… {percent} %",
    upload_done="{name} ya está entre los documentos: {passages}.",
    upload_faults={
        DocumentFault.EMPTY: "{name} no contiene texto. Añade alguno y envíalo de nuevo.",
        DocumentFault.NOT_TEXT: "No reconozco la codificación de {name}. Guárdalo como UTF-8 y envíalo de nuevo.",
        DocumentFault.SCAN: (
            "{name} es un escaneo: una imagen de texto. Aplícale un reconocimiento de texto (OCR) y envíalo de nuevo."
        ),
        DocumentFault.PROTECTED: (
            "{name} está protegido, o su formato es más antiguo de lo que dice su nombre. Guárdalo de "
            "nuevo sin protección y vuelve a enviarlo."
        ),
        DocumentFault.DAMAGED: (
            "{name} está dañado, o no es lo que dice su nombre. Guárdalo de nuevo en el programa que lo "
            "creó y vuelve a enviarlo."
        ),
        DocumentFault.TOO_LARGE: "{name} es demasiado grande. Acepto archivos de hasta {megabytes} MB.",
        DocumentFault.TOO_LONG: (
            "{name} es demasiado largo. Puedo leer hasta {characters} caracteres, {pages} páginas o "
            "{rows} filas. Divídelo y envíame las partes."
        ),
        DocumentFault.TOO_HEAVY: "Leer {name} requiere demasiado tiempo o memoria. Divídelo y envíame las partes.",
        DocumentFault.UNKNOWN_KIND: "No puedo leer archivos de este tipo. Puedo leer: {formats}",
        DocumentFault.NO_ACCESS: "{name} ya no se puede abrir. Por favor, envíalo de nuevo.",
    },
    upload_old_version="Por ahora sigo citando su última versión legible.",
    uploads_full=(
        "{name} no se ha guardado: todo el espacio para los documentos enviados, {megabytes} MB, está ocupado. "
        "Borra los que ya no hagan falta: /documents."
    ),
    upload_known="{name} ya está entre los documentos.",
    upload_taken="Ya hay un archivo {name}.",
    upload_undecided="Hasta que elijas, cito el anterior. Si nadie elige en un día, descarto el nuevo.",
    upload_dropped="Ya no conservo el nuevo {name}. Envíalo otra vez si aún lo necesitas.",
    upload_replaced="{name} se ha sustituido: {passages}.",
    upload_restored="{name} vuelve a estar como antes: {passages}.",
    upload_removed="{name} se ha retirado.",
    passages_by_number={"one": "{count} pasaje", "many": "{count} de pasajes", "other": "{count} pasajes"},
    page_question="¿Añadir esta página?\n{name}",
    page_button="Esta página",
    page_below_button="Y las que están debajo, {count} como máximo",
    page_no_button="No",
    page_declined="{name} no se ha añadido.",
    pages_done="{name} y páginas que están debajo ya están entre los documentos: {pages}, {passages}.",
    pages_by_number={"one": "{count} página", "many": "{count} de páginas", "other": "{count} páginas"},
    page_empty="{name} no contiene texto que yo pueda leer. Ábrela en un navegador, guárdala y envíame el archivo.",
    page_faults={
        FetchFault.ADDRESS: (
            "{name} no es la dirección de una página web, o contiene una contraseña. Envíala como la muestra un "
            "navegador."
        ),
        FetchFault.PRIVATE: (
            "{name} lleva a una red privada. No abro esas páginas, salvo que lo permita el dueño de mi ordenador."
        ),
        FetchFault.ROBOTS: (
            "{name} no es para programas: el sitio lo pide en su robots.txt. Guarda la página en un navegador y "
            "envíame el archivo."
        ),
        FetchFault.FORBIDDEN: (
            "{name} solo se muestra a algunos, por ejemplo tras iniciar sesión. Guarda la página en un navegador "
            "y envíame el archivo."
        ),
        FetchFault.TOO_LARGE: "{name} es demasiado grande. Acepto páginas de hasta {megabytes} MB.",
        FetchFault.GONE: (
            "{name} no se ha encontrado: el sitio no tiene esa página. Comprueba el enlace y envíalo de nuevo."
        ),
        FetchFault.FAILED: (
            "{name} no se puede leer: el sitio no responde como debería. Envía el enlace de nuevo más tarde."
        ),
    },
    undo="Deshacer",
    replace_button="Sustituir",
    keep_both_button="Conservar ambos",
    add_needs_a_file="Escribe /add en respuesta al archivo que debo leer.",
    no_uploads_here=(
        "Aquí no puedes añadir documentos. Un dueño del bot puede permitirlo a los administradores con /uploads on."
    ),
    uploads_on="Los administradores de este grupo ya pueden añadirle documentos: /add en respuesta a un archivo.",
    uploads_off="Ahora solo los dueños del bot pueden añadir documentos aquí.",
    uploads_usage=(
        "En un grupo, escribe /uploads on para que sus administradores puedan añadir documentos, y "
        "/uploads off para que no."
    ),
    delete_question="¿Borrar {name}?",
    delete_yes="Borrar",
    delete_no="Conservar",
    settings="Lo que hago en este grupo. Sus administradores pueden cambiarlo:",
    settings_mentions="Responder cuando me mencionan",
    settings_sure="Citar solo cuando estoy seguro",
    settings_common="Buscar también en los documentos comunes",
    settings_each_language="El idioma de quien pregunta",
    settings_in_groups="Escribe /settings en un grupo para ver lo que hago allí.",
    settings_privacy=(
        "Tengo activado el modo de privacidad de Telegram: puede que una mención no me llegue; /ask y las "
        "respuestas a mis mensajes llegan siempre. Para cambiarlo, mi dueño envía /setprivacy a @BotFather, luego "
        "me quita del grupo y me vuelve a añadir."
    ),
    collections_for_all=(
        "Colecciones con nombre. Toca una para mostrarla a todos los que pueden preguntar, o para ocultarla de nuevo:"
    ),
    collections_for_group="Colecciones con nombre. Toca una para mostrarla a este grupo, o para ocultarla de nuevo:",
    collections_none=(
        "No hay colecciones con nombre. En el ordenador donde funciono, esto crea una: quoth index FOLDER "
        "--collection NAME"
    ),
    only_sure="No he encontrado nada bastante seguro, y en este grupo no cito nada más.",
    administrators_only="Solo los administradores del grupo y los dueños del bot pueden hacer eso.",
    unanswered="Preguntas sin respuesta: no se encontró, o no gustó; primero, las de más personas:",
    unanswered_nothing="Entre las preguntas que aún conozco, ninguna quedó sin respuesta.",
    unanswered_in_private="Escríbeme /unanswered en privado: lo que se preguntó en otro lugar no es para este grupo.",
    people_by_number={"one": "{count} persona", "many": "{count} de personas", "other": "{count} personas"},
    unanswered_not_found="no encontrado: {count}",
    unanswered_disliked="no gustó: {count}",
    unanswered_newest="la última vez, el {date}",
    unanswered_pinned="desde entonces hay una respuesta fijada, de",
    stats_questions="Preguntas",
    stats_week="En 7 días: {count}, {average} al día",
    stats_month="En 30 días: {count}, {average} al día",
    stats_answers="Respuestas en 30 días",
    stats_verdicts={
        Verdict.STRONG: "probablemente respondidas",
        Verdict.WEAK: "quizá respondidas",
        Verdict.NONE: "sin respuesta",
    },
    stats_quoted="Lo más citado en 30 días",
    stats_unreadable="Archivos que no se pueden leer",
    stats_doctor="En el ordenador donde funciono, esto dice por qué: quoth doctor",
    stats_nothing="Nadie ha preguntado nada en los últimos 30 días.",
    stats_in_private="Escríbeme /stats en privado: nombra documentos de todas partes.",
    pin_button="Fijar un pasaje…",
    pin_which="¿Qué pasaje responde a esto?",
    pin_nothing=(
        "Ninguno de los pasajes encontrados se puede fijar: ya no están en los documentos, o no hubo ninguno."
    ),
    pin_done="Fijado. Quien pregunte esto con las mismas palabras recibe primero este pasaje:",
    pin_forgotten="Ya no conozco esta pregunta, así que no se le puede fijar nada. Por favor, hazla de nuevo.",
    pinned="fijado",
    web_pinned="Un dueño dijo que este pasaje responde a la pregunta.",
)
