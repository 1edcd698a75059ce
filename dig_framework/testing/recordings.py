"""Tiny recordings on disk, for cameras that play them back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dig_framework.atomic_files import write_json
from dig_framework.image_files import write_color, write_depth, write_mask
from dig_framework.observation import Observation
from dig_framework.observation_files import save_observation
from dig_framework.testing.table_views import Ball, ball_and_block, table_view


def write_recording(kind: str, folder: Path) -> tuple[Observation, Observation]:
    """Write two images as 'scene folders' or 'bop', and return them in the order in which they are to be played.

    Raises:
        KeyError: If there is no such kind.
    """
    return {"scene folders": write_scene_folders, "bop": write_bop_dataset}[kind](folder)


def write_scene_folders(folder: Path) -> tuple[Observation, Observation]:
    """Write scene folders `a` and `b`, the second one first, each with a ball at another place."""
    first, second = (table_view([Ball((x, 0.0, 0.04), 0.04, (0.5, 0.1, 0.1))]) for x in (0.02, 0.0))
    save_observation(second, folder / "b")
    save_observation(first, folder / "a")
    return first, second


def write_bop_dataset(folder: Path) -> tuple[Observation, Observation]:
    """Write a split of two scenes of one image each, the second one first."""
    first, second = (table_view(ball_and_block(), seed=seed) for seed in (0, 1))
    write_bop_scene(folder / "test" / "000002", {5: second})
    write_bop_scene(folder / "test" / "000001", {3: first})
    return first, second


def write_bop_scene(folder: Path, views: dict[int, Observation]) -> None:
    """Write images by number, with the first object of each visible and another one of which nothing is seen."""
    entries = {str(number): _entries(view) for number, view in views.items()}
    names = ("scene_camera", "scene_gt", "scene_gt_info")
    for index, name in enumerate(names):
        write_json(folder / f"{name}.json", {number: entry[index] for number, entry in entries.items()})
    for number, view in views.items():
        assert view.masks is not None
        write_color(folder / "rgb" / f"{number:06d}.png", view.color)
        write_depth(folder / "depth" / f"{number:06d}.png", view.depth, 0.1)
        write_mask(folder / "mask_visib" / f"{number:06d}_000000.png", view.masks[0])


def _entries(view: Observation) -> tuple[dict[str, object], Sequence[object], Sequence[object]]:
    """Return what the three files say about one image."""
    x0, y0, x1, y1 = view.boxes[0].xyxy
    camera = {"cam_K": view.camera.intrinsics.flatten().tolist(), "depth_scale": 0.1}
    visible = {"bbox_visib": [x0, y0, x1 - x0, y1 - y0], "visib_fract": 0.9}
    hidden = {"bbox_visib": [-1, -1, -1, -1], "visib_fract": 0.0}
    return camera, [{"obj_id": 7}, {"obj_id": 8}], [visible, hidden]
