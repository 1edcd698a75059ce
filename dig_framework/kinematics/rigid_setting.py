"""Rigid transforms in settings."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator

_Row = tuple[float, float, float, float]
_Rows = tuple[_Row, _Row, _Row, _Row]


def _checked(rows: _Rows) -> _Rows:
    matrix = np.array(rows, dtype=float)
    rotation = matrix[:3, :3]
    if not np.isfinite(matrix).all() or not np.allclose(matrix[3], [0, 0, 0, 1]):
        raise ValueError(f"the last of four rows of a rigid transform is 0 0 0 1, not {matrix[3].tolist()}")
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6) or np.linalg.det(rotation) < 0:
        raise ValueError(f"the upper left 3 x 3 of a rigid transform is a rotation, not {rotation.tolist()}")
    return rows


Rigid = Annotated[_Rows, AfterValidator(_checked)]
"""Four rows of a 4 x 4 rigid transform, the translation in metres."""
