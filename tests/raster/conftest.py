"""What the tests of the primitives share."""

import pytest
import torch
from meshes import Scene, random_scene


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return request.param


@pytest.fixture
def scene() -> Scene:
    return random_scene(seed=3, triangles=6)
