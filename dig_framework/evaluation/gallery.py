"""Pictures of one object, found and true, so that a person sees what went wrong."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from dig_framework.camera import Camera
from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.records import ObjectRecord
from dig_framework.ground_truth import Sample
from dig_framework.light import AmbientLight, DirectionalLight
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.metrics.depth_image import depth_image
from dig_framework.metrics.surface import surface_of
from dig_framework.pose import Pose
from dig_framework.report.input_pictures import srgb_image
from dig_framework.report.marks import outlined, tinted
from dig_framework.report.picture import Picture
from dig_framework.report.scene_pictures import rendered
from dig_framework.scene import Scene, SceneObject

_TRUE, _FOUND = (70, 160, 95), (230, 111, 28)
_SIZE = 240
_MARGIN = 0.2


@dataclasses.dataclass(frozen=True)
class Crop:
    """The square part of an image around an object, enlarged or reduced to 240 pixels."""

    left: int
    top: int
    side: int

    def camera(self, camera: Camera) -> Camera:
        """Return the camera that sees just this part."""
        return camera.cropped(self.left, self.top, self.side, self.side).scaled(_SIZE / self.side)

    def image(self, image: np.ndarray) -> np.ndarray:
        """Return the part of an image; white beyond its edges."""
        import cv2

        pad = self.side
        padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), constant_values=255)
        part = padded[self.top + pad : self.top + 2 * pad, self.left + pad : self.left + 2 * pad]
        return cv2.resize(part, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA if self.side > _SIZE else cv2.INTER_CUBIC)


def object_pictures(record: ObjectRecord, sample: Sample, found: Reconstruction) -> list[Picture]:
    """Return the input, the true mask, both outlines, and both meshes from the camera and from behind."""
    truth = next(item for item in sample.truth.objects if item.index == record.index).posed()
    guess = next((item.posed() for item in found.scene.objects if item.index == record.index), None)
    crop = _crop(sample, record.index)
    camera = crop.camera(sample.observation.camera)
    image = crop.image(srgb_image(sample.observation.color))
    where = f"{record.label} in {record.scene}"
    behind = _behind(camera, truth)
    pictures = [
        Picture("input", image, "input", f"The input around {where}."),
        Picture("mask", _masked(image, crop, sample, record.index), "true mask", f"The true mask of {where}."),
        Picture("outline", _outlines(image, camera, truth, guess), "outlines", f"True and found outline of {where}."),
    ]
    for name, view in (("camera", camera), ("behind", behind)):
        for title, mesh, color in (("found", guess, _FOUND), ("true", truth, _TRUE)):
            text = f"{title}, from the camera" if name == "camera" else f"{title}, from {name}"
            pictures.append(Picture(f"{name}-{title}", _drawn(mesh, view, color), text, f"{where}: mesh {text}."))
    return pictures


def _crop(sample: Sample, index: int) -> Crop:
    x0, y0, x1, y1 = sample.observation.boxes[index].xyxy
    side = max(8, round((1 + 2 * _MARGIN) * max(x1 - x0, y1 - y0)))
    return Crop(round((x0 + x1 - side) / 2), round((y0 + y1 - side) / 2), side)


def _masked(image: np.ndarray, crop: Crop, sample: Sample, index: int) -> np.ndarray:
    masks = sample.truth.masks
    if masks is None or index >= len(masks):
        return image
    shown = np.where(masks[index].cpu().numpy()[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2)
    inside = crop.image(shown)[..., 0] < 128
    return outlined(tinted(image, inside, _TRUE), inside, _TRUE)


def _outlines(image: np.ndarray, camera: Camera, truth: Mesh, guess: Mesh | None) -> np.ndarray:
    for mesh, color in ((truth, _TRUE), (guess, _FOUND)):
        if mesh is not None:
            intrinsics = camera.intrinsics.double().numpy()
            image = outlined(image, depth_image(surface_of(mesh), intrinsics, _SIZE, _SIZE) > 0, color)
    return image


def _behind(camera: Camera, truth: Mesh) -> Camera:
    """Return the camera turned half around the object, about the image's upright."""
    center = truth.vertices.double().mean(0)
    turn = torch.eye(4, dtype=torch.float64)
    turn[0, 0], turn[2, 2] = -1.0, -1.0
    turn[:3, 3] = center - turn[:3, :3] @ center
    return camera.replace(camera_from_scene=turn.to(camera.camera_from_scene))


def _drawn(mesh: Mesh | None, camera: Camera, color: tuple[int, int, int]) -> np.ndarray:
    """Return a mesh in one colour under a light beside the camera; a blank picture of nothing."""
    if mesh is None:
        return np.full((_SIZE, _SIZE, 3), 235, np.uint8)
    tint = (torch.tensor(color, dtype=torch.float32) / 255) ** 2.2
    towards = camera.camera_from_scene[:3, :3].float().T @ torch.tensor([-0.5, -0.6, -1.0])
    lights = (DirectionalLight(towards, 1.2 * torch.ones(3)), AmbientLight.uniform(0.35 * torch.ones(3)))
    plain = Mesh(mesh.vertices.float(), mesh.faces)
    item = SceneObject("mesh", 0, plain, Pose.identity(), Material.matte(tint))
    return srgb_image(rendered(Scene((item,), lights), camera).color.clamp(0, 1))
