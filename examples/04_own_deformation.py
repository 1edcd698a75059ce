"""A component of your own, without packaging it.

A backend is one class: its fields are its settings, its methods are those of the slot. `Corners` deforms a mesh by the
eight corners of its box, with weights that are trilinear in the point (Sederberg and Parry, SIGGRAPH 1986, for degree
one). Any configuration can name it as `04_own_deformation:Corners`, as long as Python finds the file. At the end it
goes through the conformance suite of its slot, as ours do.
"""

from collections.abc import Mapping
from itertools import product
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from dig_framework import Mesh
from dig_framework.interfaces import Binding, Deformation
from dig_framework.testing.conformance_run import run_conformance
from dig_framework.testing.solids import box_mesh


class Corners(Deformation):
    """Move the corners of a box around the mesh; everything inside follows."""

    handles: ClassVar[str | None] = "corners"

    margin: float = Field(default=0.0, ge=0, description="Room between mesh and box, as a share of the mesh's size")

    def bind(self, mesh: Mesh) -> Binding:
        """Work out each vertex's weights once; no displacement leaves the mesh as it is."""
        rest = mesh.detach()
        low, high = rest.vertices.amin(0), rest.vertices.amax(0)
        room = self.margin * (high - low).norm()
        low, high = low - room, high + room
        choices = torch.tensor(list(product((0, 1), repeat=3))).to(low)
        share = ((rest.vertices - low) / (high - low))[:, None, :]
        weights = torch.where(choices > 0, share, 1 - share).prod(2)
        constants = {"weights": weights, "corners": low + choices * (high - low)}
        return Binding(rest, {"corners": torch.zeros_like(constants["corners"])}, constants)

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the mesh whose box has corners displaced by `corners` [m]; differentiable in them."""
        offsets = binding.constants["weights"] @ parameters["corners"]
        return binding.rest.replace(vertices=binding.rest.vertices + offsets)


def show() -> None:
    """Taper a box, differentiate its volume, and run the suite."""
    corners = Corners()
    rest = box_mesh(0.06, 0.06, 0.20, subdivisions=3)
    binding = corners.bind(rest)
    places = binding.constants["corners"]
    moved = torch.where(places[:, 2:] > 0, -0.3 * places, 0.0) * torch.tensor([1.0, 1.0, 0.0])
    moved.requires_grad_()
    tapered = corners.deform(binding, {"corners": moved})
    (slope,) = torch.autograd.grad(tapered.volume(), moved)
    print(f"volume {1e6 * rest.volume().item():.0f} ml -> {1e6 * tapered.volume().item():.0f} ml")
    print(f"raising an upper corner adds {1e3 * slope[:, 2].amax().item():.2f} ml/mm")

    outcomes = list(run_conformance(corners))
    for outcome in outcomes:
        print(f"{outcome.verdict:8} {outcome.check} {outcome.reason}".rstrip())
    if any(outcome.verdict == "failed" for outcome in outcomes):
        raise SystemExit("a check failed")


if __name__ == "__main__":
    show()
