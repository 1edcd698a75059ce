"""The scene as physics sees it."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.light import LightSource
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.shape_posterior import ShapePosterior
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class SceneObject(TensorRecord):
    """One reconstructed thing: a mesh in its own frame, where it is, and how it looks."""

    label: str
    """Name from the box that asked for it."""
    index: int
    """Position of that box in the input; stays with the object when others fail."""
    mesh: Mesh
    """Surface in the object's own frame [m]."""
    pose: Pose
    """Where the object's frame is in the scene's frame."""
    material: Material
    """Reflectance; vertex colours of the mesh multiply its colour."""
    scale: Float[Tensor, "3"] = dataclasses.field(default_factory=lambda: torch.ones(3))
    """Stretch along the object's axes, applied before the pose. A fitting variable: saved scenes have ones."""
    mass: float | None = None
    """Mass [kg]; None leaves it to the simulator's density."""
    friction: float | None = None
    """Coulomb friction coefficient; None leaves it to the simulator."""
    converged: bool = True
    """Whether the fit ended by its own criterion."""
    uncertainty: float | None = None
    """Standard deviation of the surface [m], where it is known."""
    posterior: ShapePosterior | None = None
    """What else the mesh may be, where it was asked for."""

    def posed(self) -> Mesh:
        """Return the mesh in the scene's frame [m], scale and pose applied; differentiable."""
        vertices = self.pose.transform(self.mesh.vertices * self.scale)
        return self.mesh.replace(vertices=vertices)

    def baked(self) -> SceneObject:
        """Return the same object with its scale moved into the mesh."""
        mesh = self.mesh.replace(vertices=self.mesh.vertices * self.scale)
        posterior = None if self.posterior is None else self.posterior.scaled(self.scale)
        return self.replace(mesh=mesh, scale=torch.ones_like(self.scale), posterior=posterior)


@dataclasses.dataclass(frozen=True)
class Failure:
    """An object that could not be recovered, and why."""

    label: str
    """Name from the box."""
    index: int
    """Position of the box in the input."""
    stage: str
    """Stage that gave it up."""
    reason: str
    """One sentence."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scene(TensorRecord):
    """Objects, lights and a support plane, in the frame of the camera that saw them (OpenCV axes) [m]."""

    objects: tuple[SceneObject, ...] = ()
    lights: tuple[LightSource, ...] = ()
    plane: Plane | None = None
    failures: tuple[Failure, ...] = ()
    """Boxes without an object."""

    def baked(self) -> Scene:
        """Return the same scene with every object's scale moved into its mesh."""
        return self.replace(objects=tuple(item.baked() for item in self.objects))
