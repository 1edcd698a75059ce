"""First guesses of lights, materials and vertex colours."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.observation import Observation
from dig_framework.plane import Plane


def start_light(
    observation: Observation, plane: Plane | None, seen: Bool[Tensor, "height width"], distance: float = 1.5
) -> Light:
    """Return a white light above the objects and a little towards the camera.

    Its intensity makes a reflectance of 0.7, fully lit, as bright as the brightest twentieth of the image or, if that
    is more, of the objects, so that materials can explain what is seen without exceeding one.

    Args:
        observation: The image.
        plane: Says where up is; without it, up in the image is up.
        seen: Pixels of all objects.
        distance: From the objects' middle [m].
    """
    centre = _middle(observation, seen)
    up = centre.new_tensor([0.0, -1.0, 0.0]) if plane is None else plane.normal.to(centre)
    direction = up - 0.5 * centre / centre.norm().clamp_min(1e-6)
    position = centre + distance * direction / direction.norm()
    strongest = observation.color.amax(-1)
    bright = torch.quantile(strongest.flatten()[::7], 0.95)
    if seen.any():
        bright = torch.maximum(bright, torch.quantile(strongest[seen][::3], 0.95))
    return Light(position, (bright / 0.7).clamp_min(0.05).expand(3).clone().to(centre))


def _middle(observation: Observation, seen: Bool[Tensor, "height width"]) -> Float[Tensor, "3"]:
    """Return the median of the objects' points, or a point half a metre ahead if there is none [m]."""
    measured = seen & (observation.depth > 0)
    if not measured.any():
        return observation.depth.new_tensor([0.0, 0.0, 0.5])
    return observation.points[measured].median(0).values


def shading(
    points: Float[Tensor, "points 3"], normals: Float[Tensor, "points 3"], light: Light, material: Material
) -> Float[Tensor, "points 3"]:
    """Return the light that white matte points send out, by Phong's ambient and diffuse terms."""
    towards = torch.nn.functional.normalize(light.position - points, dim=-1)
    cosine = (towards * normals).sum(-1, keepdim=True).clamp_min(0)
    return light.intensity * (material.ambient + material.diffuse * cosine)


def plane_material(
    observation: Observation, plane: Plane, masks: Bool[Tensor, "boxes height width"], light: Light, noise: SensorNoise
) -> Material:
    """Return a matte material with the mean colour of the plane's pixels that belong to no object."""
    points = observation.points
    flat = (observation.depth > 0) & (plane.height(points).abs() < 3 * noise.sigma(observation.depth)) & ~masks.any(0)
    white = Material.matte(torch.ones_like(plane.normal))
    if not flat.any():
        return Material.matte(0.5 * white.color)
    normals = plane.normal.expand(int(flat.sum()), 3)
    light_out = shading(points[flat], normals, light, white).mean(0)
    return Material.matte((observation.color[flat].mean(0) / light_out).clamp(0.01, 1))


def textured(
    mesh: Mesh, observation: Observation, mask: Bool[Tensor, "height width"], light: Light, noise: SensorNoise
) -> tuple[Mesh, Material]:
    """Return a mesh in the scene's frame with vertex colours, and the matte material that they multiply.

    Visible vertices take their reflectance from the image and the light; hidden ones vary smoothly between visible
    ones and far from them towards the mean. The material has the brightest hundredth's reflectance, because vertex
    colours only darken.
    """
    white = Material.matte(torch.ones(3, dtype=mesh.vertices.dtype))
    pixels, depth = observation.camera.project(mesh.vertices)
    column = pixels[:, 0].round().long().clamp(0, mask.shape[1] - 1)
    row = pixels[:, 1].round().long().clamp(0, mask.shape[0] - 1)
    normals = mesh.vertex_normals()
    near = (depth - observation.depth[row, column]).abs() < 0.005 + 3 * noise.sigma(depth)
    seen = near & mask[row, column] & ((normals * mesh.vertices).sum(-1) < 0)
    mean = observation.color[mask].mean(0)
    reflectance = observation.color[row, column] / shading(mesh.vertices, normals, light, white)
    average = reflectance[seen].mean(0) if seen.any() else mean / light.intensity
    brightest = torch.quantile(reflectance[seen], 0.99, dim=0) if seen.any() else average
    material = Material.matte(torch.maximum(brightest, average).clamp(0.02, 1))
    filled = _filled(mesh, reflectance, seen, average)
    return mesh.replace(colors=(filled / material.color).clamp(0, 1)), material


def untextured(mesh: Mesh, observation: Observation, mask: Bool[Tensor, "height width"], light: Light) -> Material:
    """Return the matte material whose mean colour under the light is the mean linear colour in the mask."""
    white = Material.matte(torch.ones(3, dtype=mesh.vertices.dtype))
    normals = mesh.vertex_normals()
    facing = (normals * mesh.vertices).sum(-1) < 0
    chosen = facing if facing.any() else ~facing
    light_out = shading(mesh.vertices[chosen], normals[chosen], light, white).mean(0)
    return Material.matte((observation.color[mask].mean(0) / light_out).clamp(0.02, 1))


def _filled(
    mesh: Mesh, values: Float[Tensor, "vertices 3"], known: Bool[Tensor, "vertices"], mean: Float[Tensor, "3"]
) -> Float[Tensor, "vertices 3"]:
    """Solve the graph's Poisson equation for unknown values, drawn weakly towards the mean."""
    import numpy as np
    from scipy.sparse import coo_matrix, diags_array
    from scipy.sparse.linalg import splu

    count, edges = len(mesh.vertices), mesh.edges().cpu().numpy()
    pairs = np.concatenate([edges, edges[:, ::-1]])
    adjacency = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsr()
    hold = np.where(known.cpu().numpy(), 10.0, 0.005)
    system = diags_array(np.asarray(adjacency.sum(1)).ravel() + hold) - adjacency
    target = torch.where(known[:, None], values, mean).detach().cpu().double().numpy()
    return torch.as_tensor(splu(system.tocsc()).solve(hold[:, None] * target)).to(values)
