"""Make the demo scene that ships with the package: three household objects on a table, seen by a robot's camera.

The colour image is path-traced by Mitsuba 3 with area lights, soft shadows, glossy plastics and a wooden table, so that
nothing in it is made by the renderers that later fit it. Depth and masks come from one exact ray per pixel centre;
`sensor.py` then adds what a stereo camera loses. Same seed, same machine, same files::

    pip install mitsuba manifold3d
    python examples/make_demo_scene/make_demo_scene.py dig_framework/demo
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import mitsuba as mi
import numpy as np
import sensor as depth_camera
import solids
import textures

Array = np.ndarray
DEPTH_UNIT = 0.001
"""Metres per count of depth.png."""


def bottle_profile() -> Array:
    """Return the profile of a squeeze bottle, 190 mm high, 64 mm wide."""
    corner = [(0.0, 0.0), (0.026, 0.0), (0.0295, 0.0012), (0.0312, 0.004)]
    body = [(0.0315 - 0.0022 * np.sin(np.pi * t) ** 2, 0.008 + 0.112 * t) for t in np.linspace(0, 1, 16)]
    shoulder = [(0.0125 + 0.0190 * np.cos(t), 0.120 + 0.034 * np.sin(t)) for t in np.linspace(0, np.pi / 2, 12)[1:]]
    cap = [
        (0.0150, 0.1545),
        (0.0150, 0.172),
        (0.0142, 0.1735),
        (0.0060, 0.1755),
        (0.0042, 0.188),
        (0.0030, 0.190),
        (0, 0.190),
    ]
    return np.array(corner + body + shoulder + cap)


def placed(x: float, y: float, turn: float) -> Array:
    """Return world_from_object of a thing that stands at (x, y) [m], turned about the vertical [deg]."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def things() -> list[tuple[str, solids.Solid, Array, dict[str, Any]]]:
    """Return label, solid, world_from_object and surface of every object, in the order of the boxes."""
    import stage

    glaze = {"type": "rgb", "value": [0.035, 0.10, 0.27]}
    return [
        (
            "bottle",
            solids.turned(bottle_profile()),
            placed(0.120, 0.000, 215),
            stage.coated(stage.bitmap(textures.bottle_label()), 0.12),
        ),
        (
            "carton",
            solids.rounded_box((0.120, 0.058, 0.150), 0.002),
            placed(-0.005, 0.080, -18),
            stage.coated(stage.bitmap(textures.box_print()), 0.22),
        ),
        ("mug", solids.mug(0.041, 0.092, 0.004), placed(-0.060, -0.025, -160), stage.coated(glaze, 0.08)),
    ]


def traced(scene: Any, view: Array) -> tuple[Array, Array]:
    """Return exact depth [m] and the name of the shape behind every pixel centre."""
    import stage

    world_from_camera = np.linalg.inv(view)
    v, u = np.mgrid[0 : stage.HEIGHT, 0 : stage.WIDTH]
    rays = np.stack(
        [(u - (stage.WIDTH - 1) / 2) / stage.FOCAL, (v - (stage.HEIGHT - 1) / 2) / stage.FOCAL, np.ones(u.shape)], -1
    )
    directions = (rays @ world_from_camera[:3, :3].T).reshape(-1, 3)
    origin = mi.Point3f(*world_from_camera[:3, 3].tolist())
    depth, names = np.zeros(len(directions)), np.full(len(directions), "", object)
    for index, direction in enumerate(directions.tolist()):
        hit = scene.ray_intersect_preliminary(mi.Ray3f(origin, mi.Vector3f(*direction)))
        if hit.is_valid():
            depth[index], names[index] = hit.t, hit.shape.id()
    return depth.reshape(u.shape), names.reshape(u.shape)


def srgb(linear: Array) -> Array:
    """Encode linear light in sRGB as 8-bit values."""
    value = linear.clip(0, 1)
    encoded = np.where(value > 0.0031308, 1.055 * value ** (1 / 2.4) - 0.055, value * 12.92)
    return np.round(255 * encoded).astype(np.uint8)


def main() -> None:
    """Render the scene and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=400, help="paths per pixel")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    mi.set_variant("scalar_rgb")
    make(options.folder, options.samples, options.seed)


def make(folder: Path, samples: int, seed: int) -> None:
    """Write rgb.png, depth.png, camera.json, boxes.json, masks and the ground truth into the folder."""
    import stage

    rng = np.random.default_rng(seed)
    view, items = stage.camera_from_world(), things()
    shapes = {label: stage.shape(solid, pose, surface) for label, solid, pose, surface in items}
    content = {"type": "scene", **stage.surroundings(textures.wood(rng)), **shapes}
    content |= {"integrator": {"type": "path", "max_depth": 8}, "sensor": stage.sensor(view, samples, seed)}
    scene = mi.load_dict(content)
    linear = np.array(mi.render(scene, spp=samples, seed=seed), np.float64)
    depth, names = traced(scene, view)
    visible = {label: names == label for label in shapes}
    alone = {
        label: (traced(mi.load_dict({"type": "scene", label: item}), view)[0] > 0).sum()
        for label, item in shapes.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_images(folder, linear, depth_camera.measured_depth(depth, stage.FOCAL, rng), list(visible.values()), rng)
    write_camera(folder)
    write_boxes(folder, visible)
    write_truth(folder, view, items, {label: float(visible[label].sum() / alone[label]) for label in shapes})


def write_images(folder: Path, linear: Array, depth: Array, masks: list[Array], rng: np.random.Generator) -> None:
    """Write colour with a camera's shot noise, 16-bit depth and 8-bit masks."""
    shot = linear + np.sqrt(2e-5 * linear.clip(0) + 1e-6) * rng.standard_normal(linear.shape)
    cv2.imwrite(str(folder / "rgb.png"), srgb(shot)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    cv2.imwrite(
        str(folder / "depth.png"), np.round(depth / DEPTH_UNIT).astype(np.uint16), [cv2.IMWRITE_PNG_COMPRESSION, 9]
    )
    (folder / "masks").mkdir(exist_ok=True)
    for index, mask in enumerate(masks):
        cv2.imwrite(str(folder / "masks" / f"{index:06d}.png"), mask.astype(np.uint8) * 255)


def write_camera(folder: Path) -> None:
    """Write camera.json."""
    import stage

    matrix = [stage.FOCAL, 0.0, (stage.WIDTH - 1) / 2, 0.0, stage.FOCAL, (stage.HEIGHT - 1) / 2, 0.0, 0.0, 1.0]
    camera = {"cam_K": matrix, "depth_scale": 1000 * DEPTH_UNIT, "width": stage.WIDTH, "height": stage.HEIGHT}
    (folder / "camera.json").write_text(json.dumps(camera, indent=1) + "\n")


def write_boxes(folder: Path, visible: dict[str, Array], margin: int = 4) -> None:
    """Write the boxes of what is visible, a few pixels wide as a person would draw them."""
    boxes = []
    for label, mask in visible.items():
        rows, columns = np.nonzero(mask)
        box = [columns.min() - margin, rows.min() - margin, columns.max() + 1 + margin, rows.max() + 1 + margin]
        boxes.append({"label": label, "xyxy": [int(value) for value in box]})
    (folder / "boxes.json").write_text(json.dumps(boxes, indent=1) + "\n")


def write_truth(folder: Path, view: Array, items: list[Any], visible: dict[str, float]) -> None:
    """Write gt.json and the meshes it names."""
    (folder / "meshes").mkdir(exist_ok=True)
    objects = []
    for index, (label, solid, world_from_object, _) in enumerate(items):
        solid.closed.export(folder / "meshes" / f"{label}.ply", vertex_normal=False)
        pose = (view @ world_from_object).round(9).tolist()
        entry = {"label": label, "index": index, "mesh": f"meshes/{label}.ply", "camera_from_object": pose}
        objects.append(entry | {"visible_fraction": round(visible[label], 4)})
    (folder / "gt.json").write_text(json.dumps({"objects": objects}, indent=1) + "\n")


if __name__ == "__main__":
    main()
