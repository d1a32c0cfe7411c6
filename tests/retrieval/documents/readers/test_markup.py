"""reStructuredText, AsciiDoc, Org, LaTeX and logs: the file's own lines, without what is no text in them."""

from __future__ import annotations

import pytest
from support.reading import parts, read, texts

from retrieval.documents.document import Location, Locator, Omission, Unit

RST = """.. A comment
   over two lines

=============
Harbour rules
=============

:Author: Ida

The mooring fee is 450 kroner
a season.

.. note:: Guests pay
   20 kroner.

.. image:: boat.png
   :width: 50

.. code-block:: python
   :linenos:

   fee = 450

Boats
-----

.. _target: https://example.org

- Skarv
- Terne

+------+-----+
| Name | Len |
+======+=====+
| Lom  | 6 m |
+------+-----+

=====  =====
A      B
=====  =====
1      2

3      4
=====  =====

Winter [1]_ is free.

.. [1] From November.
"""
ADOC = """= Harbour rules
:toc: left

// A comment
The mooring fee is 450 kroner
a season.

////
Hidden.
////

[NOTE]
====
Guests pay 20 kroner.
====

Boats
-----

.Sizes
* Skarv
* Terne
+
It leaks.

[source,python]
----
fee = 450

= no heading
----

|===
|Lom |6 m
|===

image::boat.png[]
"""
ORG = """#+TITLE: Harbour rules
# A comment
* TODO [#A] Fees :money:
  DEADLINE: <2024-05-01 Wed>
  :PROPERTIES:
  :ID: 5
  :END:
The mooring fee is 450 kroner
a season.
#+BEGIN_SRC python
fee = 450
#+END_SRC
** Boats
- Skarv
- Terne
  leaks
| Name | Len |
|------+-----|
| Lom  | 6 m |
"""
TEX = r"""\documentclass{article}
\usepackage{x}
\title{Harbour \emph{rules}}
\author{Ida \& Tor}
\begin{document}
\maketitle
\section{Fees} \label{fees}
The mooring fee is 450 kroner % was 400
a season, 100\% of it %
due in May.

% Hidden.
\begin{itemize}
\item Skarv
\item Terne
  leaks
\end{itemize}
\begin{tabular}{ll}
Lom & 6 m \\
\end{tabular}
\begin{verbatim}
100 % of x
\end{verbatim}
\subsection*{Long
name} It goes on.
\end{document}
Old text.
"""


def test_rst_is_split_into_blocks_under_headings():
    document = read("a.rst", RST.encode())
    rules, boats = "Harbour rules", "Boats"
    assert document.text == RST
    assert parts(document) == [
        (":Author: Ida", rules),
        ("The mooring fee is 450 kroner\na season.", rules),
        ("Guests pay\n   20 kroner.", rules),
        ("fee = 450", rules),
        ("- Skarv", boats),
        ("- Terne", boats),
        ("| Name | Len |", boats),
        ("| Lom  | 6 m |", boats),
        ("A      B", boats),
        ("1      2", boats),
        ("3      4", boats),
        ("Winter [1]_ is free.", boats),
        ("[1] From November.", boats),
    ]
    assert document.title == rules
    assert document.left_out == {Omission.HIDDEN: len("..Acommentovertwolines")}


def test_asciidoc_is_split_into_blocks_under_headings():
    document = read("a.adoc", ADOC.encode())
    rules, boats = "Harbour rules", "Boats"
    assert document.text == ADOC
    assert parts(document) == [
        ("The mooring fee is 450 kroner\na season.", rules),
        ("Guests pay 20 kroner.", rules),
        ("Sizes", boats),
        ("* Skarv", boats),
        ("* Terne", boats),
        ("It leaks.", boats),
        ("fee = 450", boats),
        ("= no heading", boats),
        ("|Lom |6 m", boats),
    ]
    assert document.title == rules
    assert document.left_out == {Omission.HIDDEN: len("//AcommentHidden.")}


def test_org_is_split_into_blocks_under_headings():
    document = read("a.org", ORG.encode())
    assert document.text == ORG
    assert parts(document) == [
        ("DEADLINE: <2024-05-01 Wed>", "Fees"),
        ("The mooring fee is 450 kroner\na season.", "Fees"),
        ("fee = 450", "Fees"),
        ("- Skarv", "Boats"),
        ("- Terne\n  leaks", "Boats"),
        ("| Name | Len |", "Boats"),
        ("| Lom  | 6 m |", "Boats"),
    ]
    assert document.title == "Harbour rules"


def test_latex_is_split_into_blocks_under_headings():
    document = read("a.tex", TEX.encode())
    assert document.text == TEX
    assert parts(document) == [
        ("Ida \\& Tor", None),
        ("The mooring fee is 450 kroner", "Fees"),
        ("a season, 100\\% of it %\ndue in May.", "Fees"),
        ("\\item Skarv", "Fees"),
        ("\\item Terne\n  leaks", "Fees"),
        ("Lom & 6 m \\\\", "Fees"),
        ("100 % of x", "Fees"),
        ("It goes on.", "Long name"),
    ]
    assert document.title == "Harbour rules"
    assert document.left_out[Omission.HIDDEN] > len("Oldtext.")


def test_a_part_of_a_latex_document_has_no_preamble():
    assert parts(read("a.tex", b"\\chapter{One}\nText.")) == [("Text.", "One")]


def test_each_line_of_a_log_is_a_block():
    document = read("a.log", b"12:00 started\n\n  by Ada\r\n12:05 stopped\n")
    assert texts(document) == ["12:00 started", "by Ada", "12:05 stopped"]
    assert Locator(document).locate(document.text.index("12:05"), len(document.text)) == Location(Unit.LINE, 4, 4)


def test_text_is_read_as_txt():
    assert texts(read("a.text", b"One.\n\nTwo.")) == ["One.", "Two."]


@pytest.mark.parametrize(("name", "source"), [("a.rst", "Cats\n====\n"), ("a.adoc", "= Cats\n"), ("a.org", "* Cats\n")])
def test_where_there_are_only_headings_they_are_the_blocks(name, source):
    assert parts(read(name, source.encode())) == [(source.strip().partition("\n")[0], None)]
