"""OpenVINO, imported so that it reports nothing."""

import sys

# `import openvino` reports itself to Google Analytics and leaves an identity in the home folder, unless the
# package that does so is missing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402
from openvino._offline_transformations import compress_model_transformation  # noqa: E402

__all__ = ["compress_model_transformation", "ov"]
