"""Tiny datasets of single objects: MOPED and FewSOL."""

from __future__ import annotations

from pathlib import Path

import torch

from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.ground_truth import Sample
from dig_framework.image_files import write_color, write_depth, write_mask
from dig_framework.testing.miniature_views import pose_matrix, single_sample, wavefront_text, without_extras


def write_moped(folder: Path) -> tuple[Sample, ...]:
    """Write one object of MOPED with a video of four frames, of which numbers 1 and 3 have a mask."""
    names = [f"ball-evaluation-00-{number:06d}" for number in (1, 3)]
    samples = tuple(without_extras(single_sample(name, seed)) for seed, name in enumerate(names))
    samples = tuple(_labelled(sample, "ball") for sample in samples)
    video = folder / "ball" / "evaluation" / "00"
    view, item = samples[0].observation, samples[0].truth.objects[0]
    # Column by column, as Open3D writes it.
    k = {"width": 320, "height": 240, "intrinsic_matrix": view.camera.intrinsics.mT.flatten().tolist()}
    write_json(video / "intrinsics.json", k)
    reference_from_world = torch.eye(4, dtype=torch.float64)
    reference_from_world[:3, 3] = torch.tensor([0.3, -0.1, 0.2])
    write_json(video / "registration" / "registration.json", {"transform": reference_from_world.tolist()})
    world_from_camera = torch.linalg.inv(pose_matrix(item) @ reference_from_world)
    # Frames without a mask are elsewhere, so that whoever counts wrongly is found out.
    poses = [world_from_camera if number in (1, 3) else torch.linalg.inv(world_from_camera) for number in range(4)]
    entries = [f"{number} {number} 4\n{_rows(pose)}" for number, pose in enumerate(poses)]
    write_atomic(video / "scene" / "trajectory.log", "".join(entries))
    write_atomic(folder / "ball" / "reference" / "integrated_raw.obj", wavefront_text(item.mesh))
    for number in range(4):
        sample = samples[number // 2]
        write_color(video / "color" / f"{number:06d}.jpg", sample.observation.color)
        write_depth(video / "depth" / f"{number:06d}.png", sample.observation.depth, 1.0)
    for number, sample in zip((1, 3), samples, strict=True):
        assert sample.observation.masks is not None
        write_mask(video / "mask" / f"{number:06d}.png", sample.observation.masks[0])
    return samples


def write_fewsol(folder: Path, part: str = "real_objects") -> tuple[Sample, ...]:
    """Write one object of FewSOL with two views; of `synthetic_objects`, with its mesh."""
    real = part == "real_objects"
    name = "0320T173759" if real else "Ball_Toy"
    samples = tuple(
        _labelled(without_extras(single_sample(f"{name}-{view:06d}", seed=view)), "ball") for view in (0, 1)
    )
    place = folder / part / name
    write_atomic(place / "name.txt", "ball\n")
    write_atomic(place / "questionnaire.txt", "a round thing\n")
    if not real:
        mesh = samples[0].truth.objects[0].mesh
        write_atomic(folder / "google_scan_selected" / name / "meshes" / "model.obj", wavefront_text(mesh))
    for number, sample in enumerate(samples):
        _write_view(place, f"{number:06d}", sample, real)
    if not real:
        return samples
    return tuple(Sample(item.name, item.observation, item.truth.replace(objects=())) for item in samples)


def _write_view(place: Path, stem: str, sample: Sample, real: bool) -> None:
    from scipy.io import savemat

    view = sample.observation
    assert view.masks is not None
    write_color(place / f"{stem}-color.jpg", view.color)
    write_depth(place / f"{stem}-depth.png", view.depth, 1.0)
    write_mask(place / f"{stem}-label-binary.png", view.masks[0])
    meta = {"intrinsic_matrix": view.camera.intrinsics.double().numpy()}
    pose = pose_matrix(sample.truth.objects[0]).numpy()
    if real:
        meta |= {"ar_marker_00": [[0.0, 0.0, 0.7, 1.0, 0.0, 0.0, 0.0]], "joint_position": [0.0] * 7}
    else:
        meta |= {"object_poses": pose[..., None], "objects_in_camera": pose[..., None]}
    savemat(place / f"{stem}-meta.mat", meta, do_compression=True)


def _labelled(sample: Sample, label: str) -> Sample:
    """Return a sample whose only box and object are called otherwise."""
    from dig_framework.observation import Box

    boxes = tuple(Box(label, box.xyxy) for box in sample.observation.boxes)
    objects = tuple(item.replace(label=label, visible_fraction=None) for item in sample.truth.objects)
    return Sample(sample.name, sample.observation.replace(boxes=boxes), sample.truth.replace(objects=objects))


def _rows(matrix: torch.Tensor) -> str:
    return "".join(" ".join(f"{value:.9f}" for value in row) + "\n" for row in matrix.tolist())
