"""OpenVINO, imported so that it reports nothing, and in half the time."""

import sys

# `import openvino` reports itself to Google Analytics and leaves an identity in the home folder, unless the
# package that does so is missing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
# Its converter takes half the time to import, and only models other than the bundled one need it, once.
_CONVERTER = "openvino.tools.ovc"
sys.modules.setdefault(_CONVERTER, None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402
from openvino._offline_transformations import compress_model_transformation  # noqa: E402

if sys.modules[_CONVERTER] is None:
    del sys.modules[_CONVERTER]

__all__ = ["compress_model_transformation", "ov"]
