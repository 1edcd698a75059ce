"""A mesh that is known beforehand: a CAD model, or what another program made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, final

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose

if TYPE_CHECKING:
    from dig_framework.fitting.mesh_placement import Placement, Samples
    from dig_framework.fitting.sighting import Sighting

_AXES = {"x": 0, "y": 1, "z": 2}


@final
class GivenMesh(Shape):
    """Take a mesh from a file for each box, and find where it is near the pose that comes with it, or anywhere.

    A given pose is improved from itself and from turns about it. Without one the mesh stands on the table under the
    measured points, at several yaws. The best is kept: by the distance of measured points to the mesh, by what of it is
    outside the outline or in front of measured depth, and by what is below the table. A given pose is never made worse
    by that measure. Meshes are in metres; their colours and textures are not used.
    """

    concurrent: ClassVar[bool] = True
    respects_evidence: ClassVar[bool] = False

    path: Path = Field(
        default=Path("meshes"),
        description="A mesh file for every box, or a folder with `poses.json`, `gt.json` or files named by label",
    )
    scaled: bool = Field(default=False, description="Whether meshes have the right form but an unknown size")
    pose: Literal["find", "keep"] = Field(default="find", description="Whether given poses are improved")
    up: Literal["x", "y", "z", "-x", "-y", "-z", "any"] = Field(
        default="z", description="Direction of meshes without a pose that points up; `any` tries all six"
    )
    yaws: int = Field(default=24, ge=1, description="Turns about the vertical that are tried")
    turn: float = Field(default=0.26, ge=0, le=1.6, description="Turns that are tried about a given pose [rad]")
    samples: int = Field(default=3000, ge=100, description="Points that stand for the mesh")

    def external_files(self) -> tuple[Path, ...]:
        """Return the files that meshes and poses are read from."""
        from dig_framework.fitting.known_meshes import files_of

        return tuple(files_of(self.path))

    def initialize(self, evidence: Evidence, seed: int) -> tuple[Hypothesis, ...]:
        """Return the mesh where it explains the evidence best.

        Raises:
            InputError: If there is no mesh for the box, it cannot be read, or fewer than 30 points were measured.
        """
        from dig_framework.fitting.known_meshes import known_mesh
        from dig_framework.fitting.sighting import sighting
        from dig_framework.mesh_files import read_mesh

        known = known_mesh(self.path, evidence.index, evidence.observation.boxes)
        mesh = _welded(read_mesh(known.path))
        given = None if known.camera_from_mesh is None else known.camera_from_mesh.numpy()
        if given is not None and self.pose == "keep":
            return (_hypothesis(mesh, given, 1.0, evidence),)
        samples = _samples(mesh, self.samples, seed)
        best = self._found(samples, sighting(evidence, seed), given)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = best.rotation, best.translation
        return (_hypothesis(mesh, pose, best.scale, evidence),)

    def mesh(self, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh of `vertices` [m] and `faces`."""
        return Mesh(parameters["vertices"], parameters["faces"])

    def _found(self, samples: Samples, seen: Sighting, given: np.ndarray | None) -> Placement:
        from dig_framework.fitting.mesh_placement import Placement, around, mismatch, refined, upright

        if given is not None:
            start = Placement(given[:3, :3], given[:3, 3])
            tried = around(start, samples.points.mean(0), self.turn)
        else:
            tried = upright(samples, seen, self._ups(), self.yaws, self.scaled)
        coarse, few = samples.thinned(600), seen.thinned(250)
        rough = [refined(item, coarse, few, False, 8, 0.01) for item in tried]
        rough.sort(key=lambda item: mismatch(item, coarse, few))
        fine = [refined(item, samples, seen, self.scaled) for item in rough[:4]]
        if given is not None:
            fine.append(tried[0])
        return min(fine, key=lambda item: mismatch(item, samples, seen))

    def _ups(self) -> list[np.ndarray]:
        names = ["x", "y", "z", "-x", "-y", "-z"] if self.up == "any" else [self.up]
        return [np.eye(3)[_AXES[name[-1]]] * (-1 if name[0] == "-" else 1) for name in names]


def _welded(mesh: Mesh) -> Mesh:
    """Return a mesh whose vertices at one place are one, so that seams of textures do not tear."""
    places, index = np.unique(mesh.vertices.double().numpy(), axis=0, return_inverse=True)
    faces = torch.from_numpy(np.asarray(index).reshape(-1))[mesh.faces]
    proper = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return Mesh(torch.from_numpy(places).float(), faces[proper])


def _samples(mesh: Mesh, count: int, seed: int) -> Samples:
    from dig_framework.fitting.mesh_placement import Samples

    corners = mesh.vertices.double().numpy()[mesh.faces.numpy()]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    random = np.random.default_rng(seed)
    chosen = random.choice(len(areas), count, p=areas / areas.sum())
    first, second = np.sqrt(random.random((count, 1))), random.random((count, 1))
    a, b, c = corners[chosen].swapaxes(0, 1)
    points = (1 - first) * a + first * (1 - second) * b + first * second * c
    return Samples(points, normals[chosen] / areas[chosen, None])


def _hypothesis(mesh: Mesh, camera_from_mesh: np.ndarray, scale: float, evidence: Evidence) -> Hypothesis:
    """Return the mesh about the middle of its bounds, so that it turns and grows in place."""
    like = evidence.observation.depth
    vertices = mesh.vertices.double() * scale
    middle = (vertices.amin(0) + vertices.amax(0)) / 2
    centred = torch.eye(4, dtype=torch.float64)
    centred[:3, 3] = middle
    scene_from_camera = torch.linalg.inv(evidence.observation.camera.camera_from_scene.double().cpu())
    pose = Pose.from_matrix(scene_from_camera @ torch.from_numpy(camera_from_mesh) @ centred)
    parameters = {"vertices": (vertices - middle).to(like), "faces": mesh.faces.to(like.device)}
    if not math.isfinite(scale):
        raise InputError("the mesh's size cannot be told from the measured points; give it in metres.")
    return Hypothesis(parameters, pose.to(dtype=like.dtype))
