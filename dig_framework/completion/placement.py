"""From vertices in the upright frame of a view to a hypothesis."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dig_framework.completion.frame import UprightFrame
from dig_framework.evidence import Hypothesis
from dig_framework.pose import Pose

Array = NDArray[np.floating]


def free_mesh(
    vertices: Array, faces: NDArray[np.integer], frame: UprightFrame, uncertainty: float, like: Tensor
) -> Hypothesis:
    """Return the hypothesis of a mesh whose vertices are its parameters, about the middle of its bounds.

    Args:
        vertices: In the upright frame [m], shape (n, 3).
        faces: Outward, shape (m, 3).
        frame: The upright frame.
        uncertainty: Standard deviation of the surface [m].
        like: A tensor of the device and dtype of the result.
    """
    centre = (vertices.min(0) + vertices.max(0)) / 2
    parameters = {
        "vertices": torch.as_tensor(vertices - centre).to(like),
        "faces": torch.as_tensor(np.ascontiguousarray(faces, np.int64)),
    }
    return Hypothesis(parameters, placed(frame.shifted(centre), like), uncertainty=uncertainty)


def placed(frame: UprightFrame, like: Tensor) -> Pose:
    """Return where a frame is in the scene, in the dtype of a tensor."""
    return Pose.from_matrix(torch.as_tensor(frame.scene_from_upright)).to(dtype=like.dtype)
