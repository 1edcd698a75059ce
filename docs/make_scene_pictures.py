"""Draw the pictures of the page on synthetic scenes: `python docs/make_scene_pictures.py SET [SET ...]`.

SET are folders that `dig-framework scenes make` has made; their first images are shown beside their measured depth.
Needs the plugin `dig-embree`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dig_framework import plugins
from dig_framework.camera import Camera
from dig_framework.color_space import srgb_from_linear
from dig_framework.light import Light
from dig_framework.mesh import Mesh
from dig_framework.synthesis.catalogue import VARIANTS, Household
from dig_framework.synthesis.draft import finished
from dig_framework.synthesis.photograph import drawable
from dig_framework.synthesis.placed import Placed
from dig_framework.synthesis.room import Furniture, Room
from dig_framework.synthesis.viewpoint import looking_at

PICTURES = Path(__file__).parent / "pictures"
_SIDE = 112
_THUMB = (160, 120)


def object_sheet() -> np.ndarray:
    """Return one of each kind of household object on a grey floor."""
    corners = 2.0 * torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    grey = Mesh(corners, torch.tensor([[0, 1, 2], [0, 2, 3]]), colors=torch.full((4, 3), 0.45))
    lamps = (
        Light(torch.tensor([0.8, -0.9, 1.2]), 0.9 * torch.ones(3)),
        Light(torch.tensor([-1.0, -0.3, 0.8]), 0.35 * torch.ones(3)),
    )
    room, catalogue = Room((Furniture("floor", grey, finished("clay")),), lamps), Household(0)
    numbers = range(1, catalogue.count() + 1, VARIANTS)
    cells = [_object_picture(Placed(n, catalogue.model(n), np.eye(4)).lifted(0.0), room) for n in numbers]
    return _grid(cells, 8)


def _object_picture(thing: Placed, room: Room) -> np.ndarray:
    middle = (_SIDE - 1) / 2
    camera = Camera.from_focal(1.75 * _SIDE, 1.75 * _SIDE, middle, middle, _SIDE, _SIDE)
    points = thing.points()
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    view = looking_at((points.min(0) + points.max(0)) / 2, 1.75 * size + 0.05, 0.6, -1.1, camera)
    settings = {"samples": 16, "shadows": True, "light_radius": 0.1, "ambient_reach": 0.35}
    renderer = plugins.load("renderer", "embree").model_validate(settings)
    return (srgb_from_linear(renderer.render(drawable([thing], room, view), camera).color) * 255).byte().numpy()


def frame_sheet(sets: list[Path]) -> np.ndarray:
    """Return the first image of every scene beside its measured depth; black is lost."""
    scenes = [scene for folder in sets for scene in sorted((folder / "test").glob("0*"))]
    return _grid([_frame(scene) for scene in scenes[:20]], 4)


def _frame(scene: Path) -> np.ndarray:
    color = np.array(Image.open(scene / "rgb" / "000000.png").resize(_THUMB, Image.Resampling.LANCZOS))
    depth = np.array(Image.open(scene / "depth" / "000000.png")).astype(float) / 1e4
    share = np.clip((depth - 0.35) / 1.0, 0, 1)
    shown = np.stack([share, 0.9 - 0.6 * np.abs(2 * share - 1), 1 - share], -1) * 255
    shown[depth == 0] = 0
    small = Image.fromarray(shown.astype(np.uint8)).resize(_THUMB, Image.Resampling.BOX)
    return np.concatenate([color, np.array(small)], 1)


def _grid(cells: list[np.ndarray], columns: int) -> np.ndarray:
    blank = np.full_like(cells[0], 255)
    cells = cells + [blank] * (-len(cells) % columns)
    rows = [np.concatenate(cells[start : start + columns], 1) for start in range(0, len(cells), columns)]
    return np.concatenate(rows)


def save(name: str, image: np.ndarray) -> None:
    """Write a picture, small."""
    Image.fromarray(image).save(PICTURES / name, quality=80, optimize=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    save("objects.jpg", object_sheet())
    if sys.argv[1:]:
        save("scenes.jpg", frame_sheet([Path(word) for word in sys.argv[1:]]))
