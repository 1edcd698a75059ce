"""Scenes as binary glTF 2.0 (Khronos Group), one file for any viewer."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.scene import Scene
from dig_framework.texture_files import texture_to_png

_FLOAT, _UNSIGNED = 5126, 5125
_VERTICES, _INDICES = 34962, 34963
_HALF_TURN_ABOUT_X = [1.0, 0.0, 0.0, 0.0]
"""From OpenCV's axes (y down, z forward) to glTF's (y up, z backward), as a quaternion x y z w."""


def scene_to_glb(scene: Scene) -> bytes:
    """Return the posed, scaled and coloured scene as a .glb file, in metres and in float32.

    A root node turns the camera's frame into glTF's; each object is a node below it, called `INDEX-LABEL`, and the
    support plane a finite square around what stands on it. Colours are linear, as glTF wants them. Lights are left out:
    viewers bring their own.
    """
    writer = _Writer()
    children = []
    for item in scene.baked().objects:
        matrix = item.pose.to(dtype=torch.float64).matrix().mT.flatten().tolist()
        name = f"{item.index}-{item.label}"
        children.append(writer.node(name, {"mesh": writer.mesh(name, item.mesh, item.material), "matrix": matrix}))
    if scene.plane is not None:
        quad = plane_square(scene.plane, scene)
        material = scene.plane.material or Material.matte(quad.vertices.new_full((3,), 0.5))
        children.append(writer.node("plane", {"mesh": writer.mesh("plane", quad, material)}))
    root = writer.node("camera_frame", {"rotation": _HALF_TURN_ABOUT_X, **({"children": children} if children else {})})
    return writer.file(root)


def plane_square(plane: Plane, scene: Scene) -> Mesh:
    """Return a square of the plane in the scene's frame [m], around the objects' footprint and twice as wide.

    Without objects it lies where the optical axis meets the plane, or below the camera.
    """
    normal = plane.normal.detach()
    objects = [item.posed().vertices.detach().to(normal) for item in scene.objects if len(item.mesh.vertices)]
    points = torch.cat(objects) if objects else _axis_point(plane)
    feet = points - plane.height(points)[:, None] * normal
    seed = torch.eye(3).to(normal)[int(normal.abs().argmin())]
    right = torch.linalg.cross(seed, normal)
    right = right / right.norm()
    along = torch.stack([right, torch.linalg.cross(normal, right)])
    low, high = (feet @ along.mT).aminmax(dim=0)
    middle = (low + high) / 2 @ along - plane.offset * normal
    half = float((high - low).max().clamp_min(0.3))
    signs = along.new_tensor([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return Mesh(middle + half * signs @ along, torch.tensor([[0, 1, 2], [0, 2, 3]]))


def _axis_point(plane: Plane) -> Float[Tensor, "1 3"]:
    toward = -float(plane.normal[2])
    distance = float(plane.offset) / toward if toward > 0.1 else 0.0
    return plane.normal.new_tensor([[0.0, 0.0, distance]])


class _Writer:
    """Collects the parts of one glTF file."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("nodes", "meshes", "materials", "textures", "images", "accessors", "bufferViews")
        }

    def add(self, kind: str, entry: dict[str, Any]) -> int:
        """Append to one of the file's lists and return the position."""
        self.lists[kind].append(entry)
        return len(self.lists[kind]) - 1

    def node(self, name: str, fields: dict[str, Any]) -> int:
        """Add a node of the scene graph."""
        return self.add("nodes", {"name": name, **fields})

    def mesh(self, name: str, mesh: Mesh, material: Material) -> int:
        """Add a mesh with one primitive and its own material."""
        attributes = {"POSITION": self.accessor(mesh.vertices.detach().float().cpu().numpy(), _VERTICES)}
        if mesh.colors is not None:
            attributes["COLOR_0"] = self.accessor(mesh.colors.detach().clamp(0, 1).float().cpu().numpy(), _VERTICES)
        look = _material(name, material)
        if mesh.uv is not None and mesh.texture is not None:
            attributes["TEXCOORD_0"] = self.accessor(mesh.uv.detach().float().cpu().numpy(), _VERTICES)
            look["pbrMetallicRoughness"]["baseColorTexture"] = {"index": self.texture(mesh.texture)}
        indices = self.accessor(mesh.faces.cpu().numpy().astype(np.uint32).reshape(-1), _INDICES)
        look = self.add("materials", look)
        primitive = {"attributes": attributes, "indices": indices, "material": look}
        return self.add("meshes", {"name": name, "primitives": [primitive]})

    def texture(self, texture: Float[Tensor, "rows columns 3"]) -> int:
        """Add an image that repeats."""
        png = texture_to_png(texture)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(png)}
        self.data += png + b"\0" * (-len(png) % 4)
        image = {"bufferView": self.add("bufferViews", view), "mimeType": "image/png"}
        return self.add("textures", {"source": self.add("images", image)})

    def accessor(self, values: np.ndarray, target: int) -> int:
        """Add an array to the binary part."""
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": values.nbytes, "target": target}
        self.data += values.tobytes()
        of_rows = {"type": f"VEC{values.shape[-1]}"}
        kind = {"type": "SCALAR", "componentType": _UNSIGNED} if values.ndim == 1 else of_rows
        bounds = {} if values.ndim == 1 else {"min": values.min(0).tolist(), "max": values.max(0).tolist()}
        entry = {"componentType": _FLOAT, **kind, **bounds, "count": len(values)}
        return self.add("accessors", {"bufferView": self.add("bufferViews", view), **entry})

    def file(self, root: int) -> bytes:
        """Return header, JSON chunk and binary chunk."""
        content: dict[str, Any] = {"asset": {"version": "2.0", "generator": "dig_framework"}, "scene": 0}
        content["scenes"] = [{"nodes": [root]}]
        content.update({name: entries for name, entries in self.lists.items() if entries})
        if self.data:
            content["buffers"] = [{"byteLength": len(self.data)}]
        text = json.dumps(content, allow_nan=False).encode()
        chunks = _chunk(b"JSON", text + b" " * (-len(text) % 4))
        if self.data:
            chunks += _chunk(b"BIN\0", bytes(self.data) + b"\0" * (-len(self.data) % 4))
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("<I4s", len(data), kind) + data


def _material(name: str, material: Material) -> dict[str, Any]:
    """Return the metallic-roughness material nearest to Phong's: roughness^4 = 2 / (shininess + 2)."""
    roughness = (2 / (max(float(material.shininess), 0.0) + 2)) ** 0.25 if float(material.specular) > 0 else 1.0
    color = [*material.color.detach().clamp(0, 1).tolist(), 1.0]
    pbr = {"baseColorFactor": color, "metallicFactor": 0.0, "roughnessFactor": roughness}
    return {"name": name, "pbrMetallicRoughness": pbr, "doubleSided": True}
