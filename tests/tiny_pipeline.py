"""A pipeline whose stages take no time, to test what runs stages."""

import time
from pathlib import Path

import torch
from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.grasp import Grasp, Trial
from dig_framework.interfaces import Detector, Fit, FitStep, Policy, Renderer, Schedule, Segmenter, Shape, Simulator
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.stage import Stage
from dig_framework.stages.grasping import Grasping
from dig_framework.stages.segmentation import Segmentation


class TinyDetector(Detector):
    """Believes the input."""

    def detect(self, observation, noise, seed):
        return observation.boxes


class TinySegmenter(Segmenter):
    """Everything is the object."""

    grow: int = Field(0, ge=0, le=5, description="Nothing [px]")

    def segment(self, observation, noise, seed):
        return torch.ones((len(observation.boxes), *observation.depth.shape), dtype=torch.bool)


class TinyShape(Shape):
    """A tetrahedron."""

    size: float = Field(0.05, gt=0, description="Length of its edges [m]")
    flaw: str = Field("", description="Raise this")

    def initialize(self, evidence, seed):
        return ()

    def mesh(self, parameters):
        vertices = self.size * torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
        return Mesh(vertices, torch.tensor([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]))


class TinyRenderer(Renderer):
    """Draws nothing and differentiates everything."""

    differentiable = frozenset({"color", "depth", "masks"})

    def render(self, scene, camera):
        raise NotImplementedError


class BlindRenderer(Renderer):
    """Draws nothing and differentiates nothing."""

    def render(self, scene, camera):
        raise NotImplementedError


class TinySchedule(Schedule):
    """Takes some steps on the spot."""

    steps: int = Field(3, ge=1, description="How many")
    rates: tuple[float, ...] = Field((1e-3, 2e-3), description="Step sizes")

    def fit(self, objective, parameters, report):
        for step in range(1, self.steps + 1):
            report(FitStep("only", step, self.steps, 1 / step, {"depth": 2 / step}))
        return Fit(dict(parameters), converged=True)


class TinyPolicy(Policy):
    """One grasp at the camera."""

    def propose(self, scene, hand, seed):
        return tuple(Grasp(item.index, torch.eye(4), 0.04) for item in scene.objects)


class TinySimulator(Simulator):
    """Everything holds."""

    score: float = Field(0.5, description="Of every grasp")

    def settle(self, scene, duration, gravity=None):
        return scene

    def attempt(self, scene, grasps, hand, seed):
        return tuple(Trial(grasp, True, self.score, "held", {"seed": float(seed)}) for grasp in grasps)


def segment(observation, segmenter, noise, seed):
    normal, offset = torch.tensor([0.0, -0.6, -0.8]), torch.tensor(0.7)
    masks = segmenter.segment(observation, noise, seed)
    return Segmentation(masks, Plane(normal, offset, Material.matte(torch.full((3,), 0.3))))


def initialize(observation, segmentation, shape, noise):
    if shape.flaw == "wait":
        Path("waiting").touch()
        while not Path("go-on").exists():
            time.sleep(0.01)
    elif shape.flaw == "interrupt":
        raise KeyboardInterrupt
    elif shape.flaw == "nothing":
        return Scene(failures=(Failure("box", 0, "initialize", "it is not there."),))
    elif shape.flaw:
        raise RuntimeError(shape.flaw)
    pose = Pose(torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.01, 0.02, 0.7]))
    material = Material.matte(torch.tensor([0.1, 0.2, 0.3]))
    items = tuple(SceneObject(box.label, i, shape.mesh({}), pose, material) for i, box in enumerate(observation.boxes))
    return Scene(items, (Light(torch.tensor([0.0, -1.0, 0.0]), torch.ones(3)),), segmentation.plane)


def fit(scene, schedule, report):
    schedule.fit(lambda *_: {}, {}, report)
    return scene


def grasp(scene, policy, hand, simulator, seed):
    return Grasping(simulator.attempt(scene, policy.propose(scene, hand, seed), hand, seed))


STAGES = (
    Stage("segment", "tiny_pipeline:segment", ("observation",), "segmentation",
          {"segmenter": "segmenter", "noise": "noise", "seed": "seed"}),
    Stage("initialize", "tiny_pipeline:initialize", ("observation", "segmentation"), "scene",
          {"shape": "shape", "noise": "noise"}),
    Stage("fit", "tiny_pipeline:fit", ("scene",), "scene", {"schedule": "fit_schedule"}, reports=True),
    Stage("grasp", "tiny_pipeline:grasp", ("scene",), "grasping",
          {"policy": "policy", "hand": "hand", "simulator": "simulator", "seed": "seed"}),
)  # fmt: skip

SETTINGS = {
    "name": "tiny",
    "detector": "tiny_pipeline:TinyDetector",
    "segmenter": "tiny_pipeline:TinySegmenter",
    "shape": "tiny_pipeline:TinyShape",
    "renderer": "tiny_pipeline:TinyRenderer",
    "fit_schedule": "tiny_pipeline:TinySchedule",
    "deformation": None,
    "deform_schedule": None,
    "policy": "tiny_pipeline:TinyPolicy",
    "simulator": "tiny_pipeline:TinySimulator",
    "robot": None,
}


def observation(boxes=1) -> Observation:
    color = torch.linspace(0, 1, 16 * 12 * 3).reshape(12, 16, 3)
    prompts = tuple(Box(f"thing {i}", (1.0, 2.0, 12.0, 10.0)) for i in range(boxes))
    return Observation(color, torch.full((12, 16), 0.6), Camera.from_focal(20.0, 20.0, 8.0, 6.0, 16, 12), prompts)
