"""Tiny datasets on disk, each in its own format, for readers to read back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch

from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.ground_truth import GroundTruth, Sample
from dig_framework.image_files import write_color
from dig_framework.observation import Observation
from dig_framework.observation_files import save_observation
from dig_framework.testing.miniature_bop import write_bop_miniature
from dig_framework.testing.miniature_videos import write_fewsol, write_moped
from dig_framework.testing.miniature_views import mesh_text, miniature_sample, pose_matrix, without_extras

MINIATURES = ("scene folders", "bop", "fewsol", "clevr-pose", "moped")
"""The layouts that a dataset may claim to read."""


def write_miniature(layout: str, folder: Path) -> tuple[Sample, ...]:
    """Write a dataset of two images, and return them with their truth, in the order of their names.

    Raises:
        KeyError: If there is no such layout.
    """
    writers = {
        "scene folders": write_scene_folder_miniature,
        "bop": write_bop_miniature,
        "fewsol": write_fewsol,
        "clevr-pose": write_clevr_pose,
        "moped": write_moped,
    }
    return writers[layout](folder)


def write_scene_folder_miniature(folder: Path) -> tuple[Sample, ...]:
    """Write scene folders `a` and `b` with gt.json."""
    samples = tuple(without_extras(miniature_sample(name, seed=seed)) for seed, name in enumerate("ab"))
    for sample in samples:
        place = folder / sample.name
        save_observation(sample.observation, place)
        entries = []
        for item in sample.truth.objects:
            write_atomic(place / "meshes" / f"{item.label}.ply", mesh_text(item.mesh))
            known = {"label": item.label, "index": item.index, "visible_fraction": item.visible_fraction}
            pose = pose_matrix(item).tolist()
            entries.append({**known, "mesh": f"meshes/{item.label}.ply", "camera_from_object": pose})
        write_json(place / "gt.json", {"objects": entries})
    return samples


def write_clevr_pose(folder: Path) -> tuple[Sample, ...]:
    """Write two scenes of CLEVR-POSE; depth is infinite where rays meet nothing."""
    samples = []
    for seed, name in enumerate(("scene_000", "scene_001")):
        view = _as_clevr(miniature_sample(name, 640, 480, seed).observation)
        samples.append(Sample(name, view, GroundTruth(masks=view.masks)))
        place = folder / "scenes" / name
        write_color(place / "image.png", view.color)
        depth = torch.where(view.depth > 0, view.depth, torch.inf)
        write_atomic(place / "depth.npy", _numpy_file(depth.numpy()))
        _write_grey(place / "masks.png", view)
        write_atomic(place / "label.pkl", b"\x80\x04}\x94.")
    return tuple(samples)


def _as_clevr(view: Observation) -> Observation:
    """Return a view as CLEVR-POSE's camera would have it: the depth of the miniature under the camera's name."""
    from dig_framework.camera import Camera
    from dig_framework.observation import Box

    camera = Camera.from_focal(616.94434, 616.94434, 320.0, 240.0, 640, 480)
    boxes = tuple(Box(f"primitive-{number}", box.xyxy) for number, box in enumerate(view.boxes))
    return view.replace(camera=camera, boxes=boxes)


def _numpy_file(values: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, values)
    return content.getvalue()


def _write_grey(path: Path, view: Observation) -> None:
    from PIL import Image

    assert view.masks is not None
    levels = sum(20 * (number + 1) * mask.numpy().astype(np.uint8) for number, mask in enumerate(view.masks))
    content = io.BytesIO()
    Image.fromarray(np.asarray(levels, np.uint8)).save(content, "PNG")
    write_atomic(path, content.getvalue())
