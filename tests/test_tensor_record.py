"""Records of tensors as flat mappings."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.tensor_record import TensorRecord
from dig_framework.testing.solids import box_mesh


@dataclasses.dataclass(frozen=True, eq=False)
class Bag(TensorRecord):
    value: Tensor
    named: dict[str, Tensor]
    several: tuple[Tensor, ...] = ()
    note: str = ""


def scene():
    pose = Pose(torch.tensor([0.0, 0.0, 1.0]), torch.zeros(3))
    item = SceneObject("mug", 4, box_mesh(0.1, 0.1, 0.1), pose, Material.matte(torch.ones(3)))
    return Scene((item, item.replace(index=5)), (Light(torch.zeros(3), torch.ones(3)),))


def test_names_of_a_scene():
    names = list(scene().tensors())
    assert names[:5] == [
        "objects.0.mesh.vertices",
        "objects.0.mesh.faces",
        "objects.0.pose.translation",
        "objects.0.pose.rotation",
        "objects.0.material.color",
    ]
    assert names[-2:] == ["lights.0.position", "lights.0.intensity"]


@settings(max_examples=30, deadline=None)
@given(
    names=st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=3),
    count=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_flat_mapping_and_back(names, count, seed):
    generator = torch.Generator().manual_seed(seed)
    bag = Bag(
        torch.rand(2, generator=generator),
        {name: torch.rand(1, generator=generator) for name in names},
        tuple(torch.rand(3, generator=generator) for _ in range(count)),
        "kept",
    )
    values = {name: value + 1 for name, value in bag.tensors().items()}
    changed = bag.with_tensors(values)
    assert list(changed.tensors()) == list(bag.tensors())
    assert all(changed.tensors()[name] is value for name, value in values.items())
    assert changed.note == "kept"
    assert len(values) == 1 + len(names) + count


def test_replaces_only_what_is_named():
    before = scene()
    after = before.with_tensors({"objects.1.pose.translation": torch.ones(3)})
    assert after.objects[1].index == 5
    same = [name for name, value in after.tensors().items() if value is before.tensors()[name]]
    assert set(before.tensors()) - set(same) == {"objects.1.pose.translation"}


def test_unknown_name():
    with pytest.raises(KeyError, match=r"Scene has no tensor called 'objects\.2\.scale'"):
        scene().with_tensors({"objects.2.scale": torch.ones(3)})


def test_dtype_leaves_integers_alone():
    moved = scene().to(dtype=torch.float64)
    kinds = {name.rsplit(".", 1)[1]: value.dtype for name, value in moved.tensors().items()}
    assert kinds.pop("faces") == torch.int64
    assert set(kinds.values()) == {torch.float64}


def test_detach_cuts_gradients():
    weight = torch.ones(2, requires_grad=True)
    bag = Bag(2 * weight, {"a": 3 * weight})
    assert not any(value.requires_grad for value in bag.detach().tensors().values())
    assert bag.value.requires_grad


def test_gradients_flow_through_replacement():
    vertices = scene().objects[0].mesh.vertices.double()
    leaf = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    moved = scene().to(dtype=torch.float64).with_tensors({"objects.0.pose.translation": leaf})
    moved.objects[0].posed().vertices.sum().backward()
    assert torch.equal(leaf.grad, torch.full((3,), float(len(vertices)), dtype=torch.float64))


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        scene().lights = ()
