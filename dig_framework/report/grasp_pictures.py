"""Pictures of the best grasps, the hand standing in the scene."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.report.input_pictures import srgb_image
from dig_framework.report.picture import Picture
from dig_framework.report.scene_pictures import rendered
from dig_framework.scene import Scene, SceneObject

_MOST = 4
_HELD, _FAILED = (0.05, 0.35, 0.15), (0.5, 0.06, 0.05)
# Corners as `HandBox.corners` has them: the bits of a corner's number are its x, y and z.
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def grasp_pictures(scene: Scene, trials: tuple[Trial, ...], hand: ParallelJaw) -> list[Picture]:
    """Return the best grasp of each object, the best objects first, seen from the side."""
    best: dict[int, tuple[int, Trial]] = {}
    for rank, trial in enumerate(trials):
        best.setdefault(trial.grasp.object_index, (rank, trial))
    labels = {item.index: item.label for item in scene.objects}
    return [
        _picture(scene, rank, trial, hand, labels.get(index, str(index)))
        for index, (rank, trial) in list(best.items())[:_MOST]
    ]


def hand_mesh(hand: ParallelJaw, width: float) -> Mesh:
    """Return both fingers and the palm in the hand's frame [m], the pads `width` [m] apart."""
    corners = [torch.from_numpy(box.corners()).float() for box in hand.boxes(width)]
    box = torch.tensor([[a, b, c, a, c, d] for a, b, c, d in _QUADS]).reshape(-1, 3)
    return Mesh(torch.cat(corners), torch.cat([box + 8 * number for number in range(len(corners))]))


def side_camera(
    scene: Scene, target: Float[Tensor, "3"], distance: float = 0.55, turn: float = 0.9, slope: float = 0.4
) -> Camera:
    """Return a camera that looks at a point [m] from a side of the observing camera.

    Args:
        scene: Its plane says what is up.
        target: What is in the middle of the picture [m].
        distance: From the camera to it [m].
        turn: About the vertical, from the observing camera [rad].
        slope: Downwards [rad].
    """
    up = scene.plane.normal.double() if scene.plane is not None else torch.tensor([0.0, -1.0, 0.0]).double()
    ahead = torch.tensor([0.0, 0.0, 1.0]).double()
    ahead = torch.nn.functional.normalize(ahead - (ahead @ up) * up, dim=0)
    aside = torch.linalg.cross(up, ahead)
    level = math.cos(turn) * ahead + math.sin(turn) * aside
    forward = math.cos(slope) * level - math.sin(slope) * up
    right = torch.nn.functional.normalize(torch.linalg.cross(forward, up), dim=0)
    rotation = torch.stack([right, torch.linalg.cross(forward, right), forward])
    pose = torch.eye(4).double()
    pose[:3, :3], pose[:3, 3] = rotation, -rotation @ (target.double() - distance * forward)
    width, height, focal = 560, 420, 560.0
    camera = Camera.from_focal(focal, focal, (width - 1) / 2, (height - 1) / 2, width, height)
    return camera.replace(camera_from_scene=pose.float())


def _picture(scene: Scene, rank: int, trial: Trial, hand: ParallelJaw, label: str) -> Picture:
    color = torch.tensor(_HELD if trial.success else _FAILED)
    gripper = SceneObject(
        "hand",
        -1,
        hand_mesh(hand, trial.grasp.width),
        Pose.from_matrix(trial.grasp.scene_from_hand),
        Material.matte(color),
    )
    center = trial.grasp.scene_from_hand[:3, 3]
    camera = side_camera(scene, center)
    lights = (*scene.lights, _lamp(scene, center)) if not scene.lights else scene.lights
    shown = scene.replace(objects=(*scene.objects, gripper), lights=lights)
    outcome = "held" if trial.success else trial.reason
    title = f"{rank + 1}: {label}, score {trial.score:.2f}, {outcome}"
    return Picture(
        f"grasp/{rank + 1:03d}", srgb_image(rendered(shown, camera).color), title, f"The hand at grasp {title}."
    )


def _lamp(scene: Scene, center: Float[Tensor, "3"]) -> Light:
    up = scene.plane.normal.float() if scene.plane is not None else torch.tensor([0.0, -1.0, 0.0])
    return Light(center + up, torch.ones(3))
