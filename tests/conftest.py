"""The real model, loaded once for all tests that need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.encoder import load_encoder
from retrieval.models import resolve_model

if TYPE_CHECKING:
    from retrieval.encoder import Encoder
    from retrieval.models import Model


@pytest.fixture(scope="session")
def model() -> Model:
    """The bundled one, in the cache that Quoth itself would use."""
    return resolve_model()


@pytest.fixture(scope="session")
def encoder(model: Model) -> Encoder:
    return load_encoder(model, backend="openvino")
