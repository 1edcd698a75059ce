"""What layers of charge and of dipoles on triangles do elsewhere, in closed form.

D. R. Wilton et al.: Potential Integrals for Uniform and Linear Source Distributions on Polygonal and Polyhedral
Domains, IEEE Transactions on Antennas and Propagation 32(3), 1984. Let x see a triangle T of area A with unit normal
n, corners r_i = v_i - x, sides of length l_k opposite to corner k, outward in-plane side normals m_k, and solid angle
Omega; and let h = n . r_0 be the height of its plane, t_k = m_k . r_(k+1) the distance of side k from the foot of x,
and L_k = integral over side k of 1/r = log((a + b + l_k) / (a + b - l_k)), with a and b the distances of its ends.
Then

    integral over T of 1/r dA              = sum_k t_k L_k - h Omega
    integral over T of b_i h / r^3 dA      = l_i / (2 A) (t_i Omega + h sum_k m_i . m_k L_k)

where b_i is the barycentric coordinate of corner i: it has the value t_i l_i / (2 A) at the foot, changes along
-m_i l_i / (2 A), and (y - foot) / r^3 is minus the in-plane gradient of 1/r, which Gauss turns into the L_k.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def layer_potentials(
    points: Float[Tensor, "points 3"],
    vertices: Float[Tensor, "handles 3"],
    faces: Int[Tensor, "faces 3"],
    on_face: Bool[Tensor, "points faces"] | None = None,
) -> tuple[Float[Tensor, "points faces"], Float[Tensor, "points faces 3"]]:
    """Return the integrals of 1/r [m], and of each corner's hat function times n . (y - x) / r^3 [1], over every face.

    The second sum to the solid angle under which the face is seen, positive from behind. Not finite for points on
    sides, nor for faces without area. For those said to lie within a face, that face's solid angle is taken as zero,
    half-way between its limits on either side.
    """
    corners = vertices[faces]
    sides = corners.roll(-2, 1) - corners.roll(-1, 1)
    lengths = sides.norm(dim=2)
    cross = torch.linalg.cross(sides[:, 0], sides[:, 1])
    doubled = cross.norm(dim=1)
    normals = cross / doubled[:, None]
    outward = torch.linalg.cross(sides / lengths[..., None], normals[:, None].expand_as(sides))
    offsets = corners - points[:, None, None]
    distances = offsets.norm(dim=3)
    heights = (offsets[:, :, 0] * normals).sum(2)
    feet = (offsets.roll(-1, 2) * outward).sum(3)
    logs = 2 * torch.atanh(lengths / (distances.roll(-1, 2) + distances.roll(-2, 2)))
    angle = _solid_angle(offsets, distances)
    if on_face is not None:
        angle = angle.masked_fill(on_face, 0.0)
    single = (feet * logs).sum(2) - heights * angle
    turned = torch.einsum("fid,fkd,pfk->pfi", outward, outward, logs)
    double = lengths / doubled[:, None] * (feet * angle[..., None] + heights[..., None] * turned)
    return single, double


def _solid_angle(
    offsets: Float[Tensor, "points faces 3 3"], distances: Float[Tensor, "points faces 3"]
) -> Float[Tensor, "points faces"]:
    """Return the signed solid angle of each face [sr] (van Oosterom and Strackee 1983)."""
    a, b, c = offsets.unbind(2)
    la, lb, lc = distances.unbind(2)
    below = la * lb * lc + (a * b).sum(2) * lc + (b * c).sum(2) * la + (c * a).sum(2) * lb
    return 2 * torch.atan2((a * torch.linalg.cross(b, c)).sum(2), below)
