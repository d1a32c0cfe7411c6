"""Titles: tells a document's title from what programs and templates put in its place."""

from __future__ import annotations

import re

_FILE_NAME = re.compile(
    r"\.(?:ai|cdr|csv|do[ct][xm]?|dvi|dwg|eps|epub|fm|html?|indd|jpe?g|key|md|od[pst]|p65|pages|pdf|pmd|png|pp[st][xm]?|"
    r"ps|pub|qxd|rtf|tex|tiff?|txt|vsdx?|wp[ds]|xls[xmb]?|xml)$|^(?:file|https?)://|^[a-z]:\\|^about:blank",
    re.IGNORECASE,
)
_PROGRAMS = re.compile(
    r"^(?:microsoft (?:office )?(?:word|excel|powerpoint|publisher|visio) ?(?:-|–|document|$)|"
    r"(?:adobe )?(?:photoshop|illustrator|indesign|pagemaker|acrobat)(?: pdf| document| \d[\d.]*)?$|"
    r"(?:new|neues|nouveau|nuevo|nuovo|novo|новый) microsoft )",
    re.IGNORECASE,
)
# "PowerPoint Presentation" in the languages of PowerPoint: no title has these words alone.
_PRESENTATION = re.compile(
    r"powerpoint|microsoft|programu|aplikace|standard|de|do|di|в|för|的|pr[eäéæ]?[sz]e?nt[aá]\w*|apresenta\w*|bemutató|"
    r"esitys|sunusu?|презентац\w*|演示文稿|簡報|プレゼンテーション|프레젠테이션|מצגת|של|عرض|تقديمي|في",
    re.IGNORECASE,
)
# With or without a number: what a program calls a new file, a page or a sheet.
_NUMBERED = re.compile(
    r"^(?:documento?|dokumente?|doc|document sans titre|документ|文档|文書|文件|문서|مستند|"
    r"presentation|präsentation|présentation|presentación|presentazione|apresentação|презентация|演示文稿|プレゼンテーション|"
    r"slide|folie|diapositiva|diapositive|lysbilde|dia|slajd|слайд|幻灯片|スライド|슬라이드|"
    r"book|workbook|mappe|arbeitsmappe|classeur|libro|cartel|pasta|книга|工作簿|ブック|통합 문서|"
    r"sheet|worksheet|tabelle|feuille?|hoja|foglio|planilha|лист|ark|工作表|シート|layout|page|seite|chart|image|scan)"
    r"[\s_-]*[(（]?\d*[)）]?$",
    re.IGNORECASE,
)
_UNTITLED = re.compile(
    r"^[(\[<]?(?:(?:untitled|unbenannte?s?|namenlos|ohne titel|sans titre|sin t[íi]tulo|"
    r"senza (?:titolo|nome)|sem t[íi]tulo|"
    r"naamloos|uten (?:tittel|navn)|namnlös|nimetön|unavngivet|bez (?:tytułu|názvu|nazwy)|adsız|başlıksız|"
    r"без (?:названия|имени)|"
    r"无标题|無標題|未命名|無題|名称未設定|제목 없음|بدون عنوان|ללא (?:שם|כותרת))"
    r"(?:[\s_-]+(?:document|dokument|documento|presentation|page|design|spreadsheet|文档))*[\s_-]*\d*|"
    r"anonymous|unspecified|unknown|no(?:ne| title)|null|n/a|title|titel|titre|t[íi]tulo|titolo|"
    r"название|заголовок|标题|タイトル|"
    r"template|vorlage|default|temp|test|lorem ipsum.*|(?:the |your |type (?:the |your )?)?"
    r"(?:document|presentation|report|page) (?:sub)?title(?: here)?|your title(?: here)?|"
    r"click (?:here )?to (?:add|edit|enter) .*|titel(?:masterformat)? durch klicken .*|cliquez pour .*|"
    r"haga clic para .*|"
    r"fare clic per .*|clique para .*|klik om .*|образец заголовка|单击此处.*|单击以.*|マスター タイトル.*)[)\]>]?$",
    re.IGNORECASE,
)
_RULES = (_FILE_NAME, _PROGRAMS, _NUMBERED, _UNTITLED)
_MAX_TITLE = 200


def is_title(text: str | None) -> bool:
    """Decide whether a text names a document: a file's name, `untitled` or `PowerPoint Presentation` does not."""
    line = " ".join((text or "")[:_MAX_TITLE].split())
    if not any(map(str.isalnum, line)) or any(rule.search(line) for rule in _RULES):
        return False
    return "powerpoint" not in line.lower() or not all(map(_PRESENTATION.fullmatch, re.findall(r"\w+", line)))


def choose_title(*candidates: str | None) -> str | None:
    """Choose the first that names the document."""
    return next(filter(is_title, candidates), None)
