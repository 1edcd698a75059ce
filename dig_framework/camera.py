"""The pinhole camera, in OpenCV's frame and pixel convention."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Camera(TensorRecord):
    """A pinhole camera: x right, y down, z forward; pixel (row v, column u) has its centre at the integers (u, v).

    The scene's frame is the frame of the camera that observed it, so `camera_from_scene` is the identity except for
    novel views.
    """

    intrinsics: Float[Tensor, "3 3"]
    """K = [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] [px]."""
    width: int
    """Image width [px]."""
    height: int
    """Image height [px]."""
    camera_from_scene: Float[Tensor, "4 4"] = dataclasses.field(default_factory=lambda: torch.eye(4))
    """Rigid transform from the scene's frame [m]."""

    @classmethod
    def from_focal(
        cls, fx: float, fy: float, cx: float, cy: float, width: int, height: int, dtype: torch.dtype = torch.float32
    ) -> Camera:
        """Return a camera at the scene's origin from focal lengths and principal point [px]."""
        matrix = torch.tensor([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]], dtype=dtype)
        return cls(matrix, width, height, torch.eye(4, dtype=dtype))

    def rays(self) -> Float[Tensor, "height width 3"]:
        """Return the camera-frame point at depth 1 m behind every pixel centre: K^-1 (u, v, 1)."""
        k = self.intrinsics
        u = torch.arange(self.width, dtype=k.dtype, device=k.device)
        v = torch.arange(self.height, dtype=k.dtype, device=k.device)
        y = ((v - k[1, 2]) / k[1, 1])[:, None].expand(self.height, self.width)
        x = (u[None, :] - k[0, 2] - k[0, 1] * y) / k[0, 0]
        return torch.stack([x, y, torch.ones_like(x)], -1)

    def unproject(self, depth: Float[Tensor, "height width"]) -> Float[Tensor, "height width 3"]:
        """Return the scene-frame point [m] of every pixel of a depth map [m]; zero depth gives the camera's centre."""
        points = self.rays().to(depth) * depth[..., None]
        pose = self.camera_from_scene.to(depth)
        return (points - pose[:3, 3]) @ pose[:3, :3]

    def project(self, points: Float[Tensor, "*batch 3"]) -> tuple[Float[Tensor, "*batch 2"], Float[Tensor, "*batch"]]:
        """Return pixel coordinates (u, v) and depth [m] of scene-frame points [m]."""
        pose, k = self.camera_from_scene.to(points), self.intrinsics.to(points)
        local = points @ pose[:3, :3].mT + pose[:3, 3]
        pixels = local @ k.mT
        return pixels[..., :2] / pixels[..., 2:], local[..., 2]

    def scaled(self, factor: float) -> Camera:
        """Return the camera of the image resized by `factor`, keeping the pixel grid's outer border."""
        width, height = max(1, round(self.width * factor)), max(1, round(self.height * factor))
        sx, sy = width / self.width, height / self.height
        scale = self.intrinsics.new_tensor([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
        return self.replace(intrinsics=scale @ self.intrinsics, width=width, height=height)

    def cropped(self, left: int, top: int, width: int, height: int) -> Camera:
        """Return the camera of a window whose upper left pixel is (left, top)."""
        shift = self.intrinsics.new_tensor([[0, 0, left], [0, 0, top], [0, 0, 0]])
        return self.replace(intrinsics=self.intrinsics - shift, width=width, height=height)
