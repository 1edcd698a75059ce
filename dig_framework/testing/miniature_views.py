"""What miniature datasets show: two views of a ball and a block on a table, with their truth."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.ground_truth import GroundTruth, Sample, TrueObject
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.table_views import ball_and_block, table_view
from dig_framework.testing.tabletop import scene_from_table


def miniature_sample(name: str, width: int = 160, height: int = 120, seed: int = 0) -> Sample:
    """Return a view of a ball and a block with all that is true of them; `seed` is that of the grain of its colours."""
    solids = ball_and_block()
    view = table_view(solids, width, height, seed=seed)
    ball, block = solids
    meshes = (sphere_mesh(ball.radius), box_mesh(*block.size))
    objects = tuple(
        TrueObject(box.label, index, mesh, _pose(solid.center), 1.0)
        for index, (box, mesh, solid) in enumerate(zip(view.boxes, meshes, solids, strict=True))
    )
    table = scene_from_table().float()
    plane = Plane(table[:3, 2], -(table[:3, 2] @ table[:3, 3]))
    return Sample(name, view, GroundTruth(objects, plane, depth=view.depth, masks=view.masks))


def single_sample(name: str, seed: int = 0) -> Sample:
    """Return the same with the ball as the only box and object."""
    both = miniature_sample(name, 320, 240, seed)
    view, truth = both.observation, both.truth
    masks = None if view.masks is None else view.masks[:1]
    objects = tuple(item.replace(symmetries=torch.eye(4)[None]) for item in truth.objects[:1])
    return Sample(name, view.replace(boxes=view.boxes[:1], masks=masks), truth.replace(objects=objects, masks=masks))


def pose_matrix(item: TrueObject) -> Float[Tensor, "4 4"]:
    """Return camera_from_object [m] in float64."""
    return item.pose.to(dtype=torch.float64).matrix()


def mesh_text(mesh: Mesh, scale: float = 1.0) -> str:
    """Return a mesh as a text PLY file, vertices multiplied by `scale`."""
    header = ["ply", "format ascii 1.0", f"element vertex {len(mesh.vertices)}"]
    header += [f"property float {axis}" for axis in "xyz"] + [f"element face {len(mesh.faces)}"]
    header += ["property list uchar int vertex_indices", "end_header"]
    vertices = [" ".join(f"{value:.6f}" for value in row) for row in (mesh.vertices.double() * scale).tolist()]
    faces = ["3 " + " ".join(str(corner) for corner in row) for row in mesh.faces.tolist()]
    return "\n".join([*header, *vertices, *faces, ""])


def wavefront_text(mesh: Mesh) -> str:
    """Return a mesh as an OBJ file."""
    vertices = ["v " + " ".join(f"{value:.7f}" for value in row) for row in mesh.vertices.tolist()]
    faces = ["f " + " ".join(str(corner + 1) for corner in row) for row in mesh.faces.tolist()]
    return "\n".join([*vertices, *faces, ""])


def without_extras(sample: Sample) -> Sample:
    """Return a sample as a format keeps it that knows neither table nor noise-free depth."""
    return Sample(sample.name, sample.observation, sample.truth.replace(plane=None, depth=None))


def _pose(center: tuple[float, float, float]) -> Pose:
    move = torch.eye(4, dtype=torch.float64)
    move[:3, 3] = torch.tensor(center, dtype=torch.float64)
    return Pose.from_matrix((scene_from_table() @ move).float())
