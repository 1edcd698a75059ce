"""Scenes and planes: scales, poses and heights."""

import pytest
import torch

from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.solids import box_mesh


def stretched():
    pose = Pose(torch.tensor([0.1, 0.2, 0.9]), torch.tensor([0.3, -0.2, 0.5]))
    scale = torch.tensor([1.0, 2.0, 0.5])
    return SceneObject("box", 0, box_mesh(0.1, 0.1, 0.1), pose, Material.matte(torch.ones(3)), scale)


def test_scale_acts_in_the_objects_frame():
    item = stretched()
    local = (item.posed().vertices - item.pose.translation) @ item.pose.matrix()[:3, :3]
    assert torch.allclose(local, item.mesh.vertices * item.scale, atol=1e-6)
    assert float(item.posed().volume()) == pytest.approx(1e-3, rel=1e-4)


def test_baking_moves_the_scale_into_the_mesh():
    scene = Scene((stretched(),))
    baked = scene.baked()
    assert torch.equal(baked.objects[0].scale, torch.ones(3))
    assert torch.equal(baked.objects[0].posed().vertices, scene.objects[0].posed().vertices)
    assert torch.equal(baked.baked().objects[0].mesh.vertices, baked.objects[0].mesh.vertices)


def test_height_above_a_plane():
    plane = Plane(torch.tensor([0.0, -0.6, -0.8]), torch.tensor(0.7))
    points = torch.tensor([[0.0, 0.0, 0.0], [3.0, 0.42, 0.56], [0.0, 0.6, 0.8]])
    assert torch.allclose(plane.height(points), torch.tensor([0.7, 0.0, -0.3]), atol=1e-6)


def test_matte_has_no_highlight():
    material = Material.matte(torch.tensor([0.2, 0.3, 0.4], dtype=torch.float64))
    assert float(material.specular) == 0
    assert float(material.ambient + material.diffuse) == pytest.approx(1.0)
    assert material.shininess.dtype == torch.float64


def test_the_nearest_possible_material():
    material = Material(torch.tensor([1.2, 0.5, -0.1]), *(torch.tensor(v) for v in (-0.1, 0.7, 0.2, 0.5)))
    possible = material.possible()
    assert possible.color.tolist() == [1.0, 0.5, 0.0]
    assert [float(v) for v in (possible.ambient, possible.specular, possible.shininess)] == pytest.approx([0, 0.2, 1])
    assert torch.equal(possible.diffuse, material.diffuse)
