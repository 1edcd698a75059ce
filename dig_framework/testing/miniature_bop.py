"""A tiny dataset in the BOP format."""

from __future__ import annotations

from pathlib import Path

from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.ground_truth import Sample, TrueObject
from dig_framework.image_files import write_color, write_depth, write_mask
from dig_framework.scene_fields import plane_to_json
from dig_framework.testing.miniature_views import mesh_text, miniature_sample, pose_matrix


def write_bop_miniature(
    folder: Path, split: str = "test", models: str = "models", depth_scale: float = 0.1, suffix: str = ".png"
) -> tuple[Sample, ...]:
    """Write a dataset of two scenes of one image with two objects, and return what is in it, in order.

    Args:
        folder: The dataset.
        split: Name of the only split, such as `test_primesense`.
        models: Name of the folder of object models.
        depth_scale: Millimetres per unit of depth.
        suffix: Of the colour images.
    """
    samples = tuple(miniature_sample(f"{split}-{scene:06d}-{number:06d}", seed=scene) for scene, number in _IMAGES)
    for sample, (scene, number) in zip(samples, _IMAGES, strict=True):
        _write_scene(folder / split / f"{scene:06d}", number, sample, depth_scale, suffix)
    for identity, item in enumerate(samples[0].truth.objects, 1):
        write_atomic(folder / models / f"obj_{identity:06d}.ply", mesh_text(item.mesh, 1e3))
    write_json(folder / models / "models_info.json", {"1": {"diameter": 80.0}, "2": {"diameter": 129.0}})
    return samples


_IMAGES = ((1, 3), (2, 0))


def _write_scene(folder: Path, number: int, sample: Sample, depth_scale: float, suffix: str) -> None:
    view = sample.observation
    camera = {"cam_K": view.camera.intrinsics.flatten().tolist(), "depth_scale": depth_scale}
    write_json(folder / "scene_camera.json", {str(number): camera})
    truths = [_truth(identity, item) for identity, item in enumerate(sample.truth.objects, 1)]
    write_json(folder / "scene_gt.json", {str(number): truths})
    infos = [{"bbox_visib": _sides(box.xyxy), "visib_fract": 1.0} for box in view.boxes]
    write_json(folder / "scene_gt_info.json", {str(number): infos})
    write_json(folder / "dig_truth.json", {str(number): _extra(sample)})
    write_color(folder / "rgb" / f"{number:06d}{suffix}", view.color)
    for name in ("depth", "depth_true"):
        write_depth(folder / name / f"{number:06d}.png", view.depth, depth_scale)
    for place, mask in enumerate(() if view.masks is None else view.masks):
        for name in ("mask_visib", "mask_visib_true"):
            write_mask(folder / name / f"{number:06d}_{place:06d}.png", mask)


def _truth(identity: int, item: TrueObject) -> dict[str, object]:
    pose = pose_matrix(item)
    shift = (pose[:3, 3] * 1e3).tolist()
    return {"cam_R_m2c": pose[:3, :3].flatten().tolist(), "cam_t_m2c": shift, "obj_id": identity}


def _sides(xyxy: tuple[float, float, float, float]) -> list[float]:
    left, top, right, bottom = xyxy
    return [left, top, right - left, bottom - top]


def _extra(sample: Sample) -> dict[str, object]:
    objects = [{"name": item.label, "mass": 0.1, "friction": 0.5, "material": None} for item in sample.truth.objects]
    lights = [{"position": [0.0, -1.0, 0.0], "intensity": [1.0, 1.0, 1.0]}]
    return {
        "plane": plane_to_json(sample.truth.plane),
        "lights": lights,
        "objects": objects,
        "depth_true": "depth_true",
        "masks_true": "mask_visib_true",
    }
