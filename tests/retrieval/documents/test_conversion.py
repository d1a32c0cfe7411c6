"""Old office files are converted by LibreOffice, here by a double that is found in its place."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from support.made_files import PAGE, saved, slides, word, workbook

from retrieval.documents import conversion, readers
from retrieval.documents.conversion import _SETTINGS
from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.readers.legacy import OLE
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError, DocumentFault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="The double is a script with a shebang.")

DOUBLE = """#!{python}
import os, pathlib, shutil, subprocess, sys, time
folder = pathlib.Path({folder!r})
arguments = sys.argv[1:]
source, out = pathlib.Path(arguments[-1]), pathlib.Path(arguments[arguments.index("--outdir") + 1])
suffix = arguments[arguments.index("--convert-to") + 1]
(folder / "arguments").write_text("\\n".join(arguments))
(folder / "variables").write_text("\\n".join(f"{{name}}={{value}}" for name, value in os.environ.items()))
profile = pathlib.Path(arguments[0].removeprefix("-env:UserInstallation=file://"))
shutil.copy(profile / "user" / "registrymodifications.xcu", folder / "profile")
out.mkdir()
made = out / f"source.{{suffix}}"
{body}
"""
LAUNCH = """
from retrieval.documents import conversion
conversion.contain_conversion = lambda *_: None
conversion.launch(*sys.argv[1:])
"""
"""The double needs Python, and leaves traces outside of the folder."""
CONTAINED = """#!/bin/sh
for last; do :; done
folder=${{last%/*}}
mkdir "$folder/converted"
tell() {{ echo "$1" >> "$folder/told"; }}
cat "{secret}" > "$folder/copy" 2>/dev/null && tell "It can read documents."
ls "{secret}/.." > /dev/null 2>&1 && tell "It can list documents."
(echo more >> "{secret}") 2>/dev/null && tell "It can change documents."
(echo new > "{secret}.new") 2>/dev/null && tell "It can make files."
(echo new > /tmp/quoth-escaped) 2>/dev/null && tell "It can make temporary files."
chmod 777 "{secret}" 2>/dev/null && tell "It can change rights."
kill -0 {process} 2>/dev/null && tell "It can end the bot."
cat /proc/{process}/environ > /dev/null 2>&1 && tell "It can read variables."
[ -e "$folder/told" ] || cp "{made}" "$folder/converted/source.docx"
"""
COPY = 'shutil.copy(folder / f"made.{suffix}", made)'


@pytest.fixture
def reader():
    reader = IsolatedReader(Limits(seconds=20))
    yield reader
    reader.close()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a double of LibreOffice on the PATH."""
    monkeypatch.setattr(conversion, "_LAUNCH", LAUNCH)
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))

    def install(body=COPY):
        program = programs / "soffice"
        program.write_text(DOUBLE.format(python=sys.executable, folder=str(tmp_path), body=body))
        program.chmod(0o755)

    return install


@pytest.mark.parametrize(
    ("name", "new", "made", "family", "place"),
    [
        ("a.doc", "docx", word(), "doc", None),
        ("a.XLS", "xlsx", saved(workbook(People=[["Name", "Age"], ["Ada", 36]])), "xls", "row"),
        ("a.ppt", "pptx", slides(), "ppt", "slide"),
        ("a.pps", "pptx", slides(), "ppt", "slide"),
    ],
)
def test_an_old_file_is_read_as_what_it_becomes(reader, install, tmp_path, name, new, made, family, place):
    install()
    (tmp_path / f"made.{new}").write_bytes(made)
    data = OLE + b"The rest is for LibreOffice."
    document, new_one = reader.read(name, data), reader.read(f"a.{new}", made)
    assert (document.text, document.title, document.blocks) == (new_one.text, new_one.title, new_one.blocks)
    assert (document.path, document.sha256) == (name, readers.fingerprint(data))
    assert document.reader.startswith(f"{family} ")
    assert document.reader.endswith("LibreOffice")
    assert (document.blocks[0].place and document.blocks[0].place.unit) == place


def test_libreoffice_runs_apart(reader, install, tmp_path, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:secret")
    install()
    (tmp_path / "made.docx").write_bytes(word())
    reader.read("-env:hostile/../name.doc", OLE)
    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert "--headless" in arguments
    assert arguments[-1].endswith("/source.doc")
    variables = dict(line.split("=", 1) for line in (tmp_path / "variables").read_text().split("\n"))
    assert [name for name in variables if name.startswith(("TELEGRAM", "QUOTH"))] == []
    assert variables["https_proxy"] == "http://127.0.0.1:9"
    assert not Path(variables["HOME"]).exists()
    profile = (tmp_path / "profile").read_text()
    assert all(f'oor:name="{name}"' in profile for _, name, _ in _SETTINGS)
    assert '<prop oor:name="DisableMacrosExecution" oor:op="fuse" oor:type="xs:boolean"><value>true</value>' in profile


def test_a_conversion_that_hangs_is_ended_with_its_children(reader, install, tmp_path):
    install(
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "(folder / 'child').write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    with pytest.raises(DocumentError, match=r"longer than 2 s\. .*QUOTH_MAX_SECONDS"):
        IsolatedReader(Limits(seconds=2)).read("a.doc", OLE)
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        pass
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("body", ["pass", "os.symlink('/etc/passwd', made)", "made.mkdir()", "os.abort()"])
def test_a_file_that_cannot_be_converted_is_refused(reader, install, body):
    install(body)
    with pytest.raises(DocumentError, match=r"cannot convert the file: .*password.*save it as \.docx") as error:
        reader.read("a.doc", OLE)
    assert error.value.fault is DocumentFault.DAMAGED


def test_a_result_that_is_too_large_is_refused(install, tmp_path):
    install()
    (tmp_path / "made.docx").write_bytes(b"PK" + bytes(2 << 20))
    reader = IsolatedReader(Limits(unpacked_mib=1, seconds=20))
    with pytest.raises(DocumentError):
        reader.read("a.doc", OLE)
    reader.close()


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("export.xls", PAGE.encode(), "Cats\n\nThe cat & kitten play."),
        ("export.xls", b"Name\tAge\nAda\t36\n", "Name: Ada; Age: 36"),
        ("a.xls", saved(workbook(People=[["Name", "Age"], ["Ada", 36]])), "Name: Ada; Age: 36"),
    ],
)
def test_a_misnamed_file_is_read_as_what_it_is(reader, install, name, data, text):
    assert reader.read(name, data).text == text


def test_without_libreoffice_the_remedy_is_named(reader, install):
    assert not readers.reads("a.doc")
    for path, package in (("a.doc", "writer"), ("b/a.XLS", "calc"), ("a.ppt", "impress")):
        refusal = readers.explain_refusal(path)
        assert f"apt install libreoffice-{package}-nogui" in str(refusal)
        assert refusal.fault is DocumentFault.UNKNOWN_KIND
        with pytest.raises(DocumentError, match="LibreOffice, which is not installed"):
            reader.read(path, OLE)
    install()
    assert readers.reads("a.doc")


def test_an_old_file_of_nothing_known_is_refused(reader, install):
    install()
    for data in (b"\0\1\2", b"Just text."):
        with pytest.raises(DocumentError, match=r"not what its name says.*\.docx"):
            reader.read("a.doc", data)
    with pytest.raises(DocumentError, match="QUOTH_MAX_FILE_MIB"):
        IsolatedReader(Limits(file_mib=1)).read("a.doc", OLE + bytes(1 << 20))


@pytest.mark.skipif(sys.platform != "linux", reason="Processes are contained on Linux only.")
def test_a_hostile_conversion_reaches_nothing_else(reader, tmp_path, monkeypatch):
    assert reader.describe_containment().left == {}
    program, made, secret = (
        tmp_path / "office" / "program" / "soffice",
        tmp_path / "office" / "made",
        tmp_path / "a.txt",
    )
    program.parent.mkdir(parents=True)
    made.write_bytes(word())
    secret.write_text("Secret.")
    program.write_text(CONTAINED.format(secret=secret, made=made, process=os.getpid()))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert reader.read("a.doc", OLE).text == reader.read("a.docx", word()).text
    assert secret.read_text() == "Secret."
