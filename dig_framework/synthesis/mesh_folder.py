"""Models from a folder of mesh files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dig_framework.atomic_files import read_json
from dig_framework.errors import InputError
from dig_framework.json_fields import list_of, mapping_of, text_of
from dig_framework.mesh import Mesh
from dig_framework.synthesis.draft import finished
from dig_framework.synthesis.model import Model

_KINDS = (".obj", ".ply", ".glb", ".stl", ".off")
_SMALLEST, _LARGEST = 0.01, 0.6
"""Of the longest side of a thing on a table [m]."""
_DENSITY = 500.0
"""Of things whose mass no index tells [kg/m^3]."""


def mesh_files(folder: Path) -> list[tuple[str, Path, float | None]]:
    """Return name, file and mass [kg] of every model, by name: those of `index.json` if there is one, else all meshes.

    Raises:
        InputError: If there is no folder, no mesh, or an index that names a file that is not there.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give one that holds {', '.join(_KINDS)} files in metres.")
    index = folder / "index.json"
    found = _indexed(index) if index.exists() else _listed(folder)
    if not found:
        raise InputError(f"{folder}: holds no mesh; put {', '.join(_KINDS)} files in metres there.")
    return found


def _listed(folder: Path) -> list[tuple[str, Path, float | None]]:
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _KINDS]
    return [(path.stem, path, None) for path in paths if not path.stem.endswith("_collision")]


def _indexed(index: Path) -> list[tuple[str, Path, float | None]]:
    found = []
    for number, item in enumerate(
        list_of(mapping_of(read_json(index), str(index)).get("objects"), f"{index}: objects")
    ):
        source = f"{index}: object {number}"
        entry = mapping_of(item, source)
        path = index.parent / text_of(entry, "obj", source)
        if not path.exists():
            raise InputError(
                f"{source}: names {path.name}, which is not in {index.parent}; add the file or drop the entry."
            )
        mass = entry.get("mass_kg")
        found.append((text_of(entry, "name", source), path, None if mass is None else float(mass)))
    return sorted(found)


def folder_model(name: str, path: Path, mass: float | None) -> Model:
    """Return the model of a mesh file, in metres, centred on its bounding box.

    Raises:
        InputError: If the file is no mesh, is not closed, or is not of the size of things on a table.
    """
    loaded = _loaded(path)
    vertices, faces = np.array(loaded.vertices, np.float64), np.array(loaded.faces, np.int64)
    _check_size(path, vertices)
    vertices -= (vertices.min(0) + vertices.max(0)) / 2
    looks = Mesh(torch.from_numpy(vertices).float(), torch.from_numpy(faces), **_looks(loaded))
    surface = _closed(path, loaded, vertices, faces, looks)
    volume = float(surface.volume())
    return Model(name, surface, looks, finished("satin"), round(mass or volume * _DENSITY, 4), 0.5)


def _loaded(path: Path) -> Any:
    import trimesh

    try:
        loaded: Any = trimesh.load(path, force="mesh", process=False)
    except Exception as error:  # Its readers raise whatever a broken file provokes in them.
        text = " ".join(str(error).split())
        raise InputError(
            f"{path}: cannot be read as a mesh ({type(error).__name__}: {text}); export it again."
        ) from error
    if len(getattr(loaded, "faces", ())) == 0 or not np.isfinite(loaded.vertices).all():
        raise InputError(f"{path}: has no faces, or vertices that are not finite; export it again.")
    return loaded


def _check_size(path: Path, vertices: np.ndarray) -> None:
    longest = float((vertices.max(0) - vertices.min(0)).max())
    if _SMALLEST <= longest <= _LARGEST:
        return
    guess = " It looks like millimetres: scale it by 0.001." if _SMALLEST <= longest / 1000 <= _LARGEST else ""
    raise InputError(
        f"{path}: its longest side is {longest:.4g} m; things on a table have {_SMALLEST} to {_LARGEST} m.{guess}"
    )


def _looks(loaded: Any) -> dict[str, torch.Tensor]:
    """Return uv and texture, or vertex colours, of a mesh that trimesh has loaded."""
    from dig_framework.color_space import linear_from_srgb

    visual = loaded.visual
    image = getattr(getattr(visual, "material", None), "image", None)
    if image is None:
        image = getattr(getattr(visual, "material", None), "baseColorTexture", None)
    if image is not None and getattr(visual, "uv", None) is not None:
        texels = torch.from_numpy(np.array(image.convert("RGB"))).float() / 255
        uv = torch.from_numpy(np.array(visual.uv, np.float64)[:, :2] * [1, -1] + [0, 1]).float()
        return {"uv": uv, "texture": linear_from_srgb(texels)}
    try:
        colors = np.array(visual.to_color().vertex_colors, np.float64)[:, :3] / 255
    except Exception:  # What has no colours is grey.
        colors = np.full((len(loaded.vertices), 3), 0.6)
    return {"colors": linear_from_srgb(torch.from_numpy(colors).float())}


def _closed(path: Path, loaded: Any, vertices: np.ndarray, faces: np.ndarray, looks: Mesh) -> Mesh:
    """Return the surface with equal vertices joined, outward, with the colours that the looks have there."""
    _, first, index = np.unique(np.round(vertices, 7), axis=0, return_index=True, return_inverse=True)
    joined = index.ravel()[faces]
    joined = joined[(joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 0] != joined[:, 2])]
    mesh = Mesh(torch.from_numpy(vertices[first]).float(), torch.from_numpy(joined))
    if not mesh.is_closed():
        raise InputError(f"{path}: is not closed, so that it has no inside; fill its holes and join its vertices.")
    if float(mesh.volume()) <= 0:
        raise InputError(f"{path}: is turned inside out, its volume is negative; reverse its faces.")
    return mesh.replace(colors=_colors(looks)[torch.from_numpy(first)])


def _colors(looks: Mesh) -> torch.Tensor:
    if looks.texture is None or looks.uv is None:
        return torch.full_like(looks.vertices, 0.6) if looks.colors is None else looks.colors
    rows, columns = looks.texture.shape[:2]
    column = (looks.uv[:, 0] * columns).long() % columns
    return looks.texture[(looks.uv[:, 1] * rows).long() % rows, column]


def mesh_folder_text(folder: Path) -> str:
    """Return what tells one content of a folder from another: names, sizes and masses."""
    return json.dumps([[name, path.stat().st_size, mass] for name, path, mass in mesh_files(folder)])
